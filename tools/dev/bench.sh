# shellcheck shell=bash
# ./dev bench: intake, pipeline and reconcile on both stores, every sync real, the program optimised. All options but
# --only and --engine go to `counterfoil bench`; bench/README.md says what the figures mean.

# Uses what verb_bench has set: engine, place, cluster.
bench_once() {
    local url
    : "${root:?}"
    if [ "$engine" = sqlite ]; then
        build-release/counterfoil bench "$@" --dir "$root/$place" || die "bench $1 failed"
        return
    fi
    n=$((n + 1))
    url=${cluster/\/postgres\?/\/bench$n?}
    psql -X -q -d "$cluster" -c "CREATE DATABASE bench$n"
    build-release/counterfoil bench "$@" --dir "$root/$place" --store "$url" || die "bench $1 failed"
    psql -X -q -d "$cluster" -c "DROP DATABASE bench$n WITH (FORCE)"
}

verb_bench() {
    local pass=() tests=(intake pipeline reconcile) engines=(sqlite postgresql) what engine n=0
    case ${1-} in
    intake | pipeline | reconcile)
        tests=("$1")
        shift
        ;;
    esac
    while [ $# -gt 0 ]; do
        case $1 in
        --only)
            tests=("$(option_value "$@")")
            shift
            ;;
        --engine)
            engines=("$(option_value "$@")")
            shift
            ;;
        *) pass+=("$1") ;;
        esac
        shift
    done
    case ${tests[0]} in
    intake | pipeline | reconcile) ;;
    *) die "--only is followed by intake, pipeline or reconcile" ;;
    esac
    case ${engines[0]} in
    sqlite | postgresql) ;;
    postgres) engines=(postgresql) ;;
    *) die "--engine is followed by sqlite or postgresql" ;;
    esac
    want_packages build test
    build_release
    say "$(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(uname -sr), $(findmnt -no FSTYPE,SOURCE -T . | tr -s ' ')"
    place=$(fresh_dir bench)
    trap stop_cluster EXIT
    trap 'exit 130' INT TERM HUP
    cluster=$(tests/postgres.sh start --fsync)

    local shape shapes
    for what in "${tests[@]}"; do
        shapes=('')
        if [ "$what" = reconcile ] && [[ " ${pass[*]} " != *" --shape"* ]]; then
            shapes=(csv api)
        fi
        for engine in "${engines[@]}"; do
            for shape in "${shapes[@]}"; do
                say "bench $what on $engine${shape:+, lines as $shape}"
                bench_once "$what" ${shape:+--shape "$shape"} "${pass[@]}"
            done
        done
    done
    rmdir -- "$place" 2>/dev/null || say "kept: $place"
}

stop_cluster() {
    [ -z "${cluster-}" ] || tests/postgres.sh stop "$cluster"
    cluster=''
}
