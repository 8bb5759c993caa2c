# shellcheck shell=bash
# ./dev test, asan, tsan and coverage: the tests, in builds of different kinds.

# with_tests BUILD_DIR SLOW [--no-system] [filter]: one PostgreSQL cluster serves them all.
with_tests() {
    local dir=$1 slow=$2
    shift 2
    tests/with_postgres.sh /usr/bin/python3 tools/dev/run_tests.py --build "$dir" --slow "$slow" "$@"
}

verb_test() {
    local filter=()
    while [ $# -gt 0 ]; do
        case $1 in
        --kills)
            COUNTERFOIL_TEST_KILLS=$(option_value "$@")
            export COUNTERFOIL_TEST_KILLS
            shift
            ;;
        --lives)
            COUNTERFOIL_TEST_LIVES=$(option_value "$@")
            export COUNTERFOIL_TEST_LIVES
            shift
            ;;
        --month)
            COUNTERFOIL_TEST_MONTH=$(option_value "$@")
            export COUNTERFOIL_TEST_MONTH
            shift
            ;;
        --seed)
            COUNTERFOIL_SEED=$(option_value "$@")
            export COUNTERFOIL_SEED
            shift
            ;;
        -*) die "test does not know '$1'" ;;
        *)
            [ ${#filter[@]} -eq 0 ] || die "test takes one filter"
            filter=("$1")
            ;;
        esac
        shift
    done
    # What is asked for by number may be larger than memory.
    if [ -n "${COUNTERFOIL_TEST_LIVES-}${COUNTERFOIL_TEST_MONTH-}" ]; then
        export COUNTERFOIL_TEST_FOLDER=${COUNTERFOIL_TEST_FOLDER:-/tmp}
    fi
    want_packages build test
    build_in build -Dfaults=true
    with_tests build 1 "${filter[@]}"
}

# sanitize NAME MESON_VALUE [filter]
sanitize() {
    local name=$1 kind=$2
    shift 2
    [ $# -le 1 ] || die "$name takes one filter"
    want_packages build test
    # Instrumented code makes the compiler warn of what it does not warn of elsewhere.
    build_in "build-$name" -Db_sanitize="$kind" -Db_lundef=false -Dfaults=true -Dwerror=false
    export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
    with_tests "build-$name" 5 "$@"
}
