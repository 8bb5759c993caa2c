# shellcheck shell=bash
# ./dev run: the program at work on a store of its own, fed by the sandbox or by Stripe, until Ctrl-C or --for.

verb_run() {
    local for='' rate=20 seed=1 stripe='' address=127.0.0.1:0
    while [ $# -gt 0 ]; do
        case $1 in
        --for)
            for=$(option_value "$@")
            shift
            ;;
        --rate)
            rate=$(option_value "$@")
            shift
            ;;
        --seed)
            seed=$(option_value "$@")
            shift
            ;;
        --stripe) stripe=1 ;;
        *) die "run does not know '$1'" ;;
        esac
        shift
    done
    check_numbers
    if [ -n "$stripe" ]; then
        [ -n "${COUNTERFOIL_STRIPE_SECRET-}" ] ||
            die "--stripe wants the endpoint's signing secret (whsec_...) in COUNTERFOIL_STRIPE_SECRET"
        address=127.0.0.1:8420
    fi

    want_packages build
    configure build -Dfaults=true
    compile build src/cli/counterfoil
    program=${root:?}/build/counterfoil
    place=$(fresh_dir run)
    config=$place/counterfoil.ini
    serve='' sandbox='' watch='' stopping=''
    trap 'stopping=1' INT TERM HUP
    trap stop_all EXIT

    write_demo_config "$address"
    start_serve
    if [ -n "$stripe" ]; then
        say "Stripe's webhooks are taken at http://127.0.0.1:$public/webhooks/demo; to send test events there, type:"
        say "  stripe listen --forward-to http://127.0.0.1:$public/webhooks/demo"
    else
        start_sandbox
    fi
    say_what_to_try
    show_until_the_end
    finish_demo
}

# Judged before anything is built or started; leaves --for in seconds.
check_numbers() {
    if [ -n "$for" ]; then
        [[ $for =~ ^[0-9]{1,6}[smh]?$ ]] || die "--for wants whole seconds, minutes or hours, like 20, 20s, 5m or 2h"
        for=$(seconds_of "$for")
        [ "$for" -gt 0 ] || die "--for wants more than 0; without it, the run goes on until Ctrl-C"
    fi
    if ! [[ $rate =~ ^[0-9]{1,6}$ ]] || ((10#$rate < 1 || 10#$rate > 100000)); then
        die "--rate wants a whole number of events a second, from 1 to 100000"
    fi
}

# The account's secret is random, lies in a file of its own, and is readable by its owner only.
write_demo_config() {
    local source=file:demo.secret
    if [ -n "$stripe" ]; then
        source=env:COUNTERFOIL_STRIPE_SECRET
    else
        (
            umask 077
            printf 'whsec_%s\n' "$(od -An -N 24 -t x1 /dev/urandom | tr -d ' \n')" >"$place/demo.secret"
        )
    fi
    cat >"$config" <<CONFIG
[store]
url = sqlite://$root/$place/books.db

[listen]
public = $1
private = 127.0.0.1:0

[account demo]
provider = stripe
environment = test
webhook_secret = $source
CONFIG
    say "everything of this run lies in $place"
}

# Ports that were chosen at the start are written into the configuration, so that the other commands find them.
start_serve() {
    start_process "$place/serve.log" serve --port-file "$place/ports"
    serve=$!
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        [ ! -s "$place/ports" ] || break
        kill -0 "$serve" 2>/dev/null || break
        sleep 0.1
    done
    if ! [ -s "$place/ports" ] || ! read -r public private <"$place/ports"; then
        tail -5 "$place/serve.log" >&2
        die "serve did not start"
    fi
    sed -i -e "s|^public = .*|public = 127.0.0.1:$public|; s|^private = .*|private = 127.0.0.1:$private|" "$config"
}

start_sandbox() {
    start_process "$place/sandbox.log" sandbox --to "http://127.0.0.1:$public/webhooks/demo" \
        --secret "file:$place/demo.secret" --state "$place/sandbox.state" --log-acked "$place/sandbox.acked" \
        --seed "$seed" --rate "$rate" --duplicates 10 --reorder 20 --delay 2s ${for:+--for "${for}s"} \
        >"$place/sandbox.out"
    sandbox=$!
}

say_what_to_try() {
    local example='' tries
    if [ -z "$stripe" ]; then
        for ((tries = 0; tries < 50; tries++)); do
            example=$("$program" --config "$config" events --type payment.succeeded --limit 1 --json 2>/dev/null |
                sed -n 's/.*"aggregate_id":"\([^"]*\)".*/\1/p')
            if [ -n "$example$stopping" ] || ! kill -0 "$sandbox" 2>/dev/null; then
                break
            fi
            sleep 0.2
        done
    fi
    say "in another terminal, try:"
    say "  build/counterfoil --config $config events --follow"
    say "  build/counterfoil --config $config inbox stats"
    say "  build/counterfoil --config $config show payment ${example:-ID}"
}

# The view runs beside us, so that Ctrl-C comes here and everything ends in order.
show_until_the_end() {
    start_process "$place/watch.log" watch
    watch=$!
    local until=''
    [ -z "$for" ] || [ -z "$stripe" ] || until=$((SECONDS + for))
    while [ -z "$stopping" ]; do
        kill -0 "$serve" 2>/dev/null || break
        [ -z "$sandbox" ] || kill -0 "$sandbox" 2>/dev/null || break
        [ -z "$until" ] || [ "$SECONDS" -lt "$until" ] || break
        sleep 0.2 || true
    done
}

# start_process LOG SUBCOMMAND...: in a process group of its own, so that Ctrl-C reaches us alone and everything
# ends in order: the sandbox first, serve last. When we are killed and can trap nothing, the kernel asks it to end.
start_process() {
    local log=$1
    shift
    set -m
    setpriv --pdeathsig TERM "$program" --config "$config" "$@" 2>"$log" &
    set +m
}

seconds_of() {
    case $1 in
    *h) echo $((10#${1%h} * 3600)) ;;
    *m) echo $((10#${1%m} * 60)) ;;
    *) echo $((10#${1%s})) ;;
    esac
}

# end_process PID: asks it to end, waits, gives its exit code.
end_process() {
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null || true
    wait "$1"
}

# What the sandbox has told is compared with what the store has made of it.
finish_demo() {
    local status=0 tries open verdict=0
    if [ -n "$sandbox" ]; then
        end_process "$sandbox" || status=$?
        sandbox=''
        if [ "$status" -ne 0 ]; then
            cat "$place/sandbox.log" >&2
            die "the sandbox ended with $status"
        fi
    fi
    if ! kill -0 "$serve" 2>/dev/null; then
        tail -5 "$place/serve.log" >&2
        die "serve has ended by itself"
    fi
    for ((tries = 0; tries < 300; tries++)); do
        open=$("$program" --config "$config" inbox stats --json |
            sed 's/.*"new":\([0-9]*\),"claimed":\([0-9]*\),"waiting":\([0-9]*\).*/\1 \2 \3/')
        [ "$open" != '0 0 0' ] || break
        sleep 0.1
    done
    end_process "$watch" || true # it says goodbye with a summary
    watch=''
    if [ -f "$place/sandbox.state" ]; then
        echo
        echo "The sandbox says:"
        sed 's/^/  /' "$place/sandbox.out"
        echo
        echo "Compared with the store:"
        "$program" --config "$config" sandbox --verify --state "$place/sandbox.state" \
            --log-acked "$place/sandbox.acked" || verdict=$?
    fi
    end_process "$serve" || status=$?
    serve=''
    say "the store of this run is kept: $place"
    [ "$status" -eq 0 ] || die "serve ended with $status; its log is $place/serve.log"
    [ "$verdict" -eq 0 ] || die "the store differs from what the sandbox told"
}

stop_all() {
    local pid
    for pid in "$watch" "$sandbox" "$serve"; do
        end_process "$pid" || true
    done
}
