# shellcheck shell=bash
# ./dev fuzz: each libFuzzer target for some seconds, on a copy of its corpus; what it finds stays in .dev/fuzz.

verb_fuzz() {
    local seconds=60 only='' target name found=0 failed=() made
    while [ $# -gt 0 ]; do
        case $1 in
        --seconds)
            seconds=$(option_value "$@")
            shift
            ;;
        -*) die "fuzz does not know '$1'" ;;
        *) only=$1 ;;
        esac
        shift
    done
    want_packages build fuzz
    CC=clang configure build-fuzz -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false -Dwerror=false \
        -Dc_args=-fsanitize=fuzzer-no-link
    for name in $(ninja -C build-fuzz -t targets all | sed -n 's|^tests/fuzz/fuzz_\([a-z0-9_]*\): .*|\1|p' | sort -u); do
        [ -z "$only" ] || [ "$name" = "$only" ] || continue
        target=build-fuzz/tests/fuzz/fuzz_$name
        compile build-fuzz "tests/fuzz/fuzz_$name"
        found=$((found + 1))
        made=.dev/fuzz/$name
        mkdir -p "$made/corpus" "$made/crashes" "tests/fuzz/corpus/$name"
        say "fuzzing $name for ${seconds}s"
        "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
            -artifact_prefix="$made/crashes/" "$made/corpus" "tests/fuzz/corpus/$name" || failed+=("$name")
    done
    [ "$found" -gt 0 ] || die "no such target"
    [ ${#failed[@]} -eq 0 ] || die "fuzz: findings of ${failed[*]} lie in .dev/fuzz/*/crashes"
    say "fuzz: $found targets, nothing found"
}
