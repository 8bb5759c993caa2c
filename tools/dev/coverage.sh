# shellcheck shell=bash
# ./dev coverage: the assertions compile to nothing, so that the branches counted are real ones.

verb_coverage() {
    # shellcheck source=tools/dev/test.sh
    . "${tools:?}/test.sh"
    [ $# -le 1 ] || die "coverage takes one filter"
    want_packages build test coverage
    build_in build-coverage -Db_coverage=true -Dcoverage_build=true --buildtype=debug -Dfaults=true -Dwerror=false
    find build-coverage -name '*.gcda' -delete
    local status=0
    with_tests build-coverage 3 "$@" || status=$?
    mkdir -p build-coverage/coverage
    gcovr --root . --filter 'src/' --exclude-unreachable-branches --object-directory build-coverage \
        --html-details build-coverage/coverage/index.html --txt build-coverage/coverage/summary.txt build-coverage
    cat build-coverage/coverage/summary.txt
    say "pages: build-coverage/coverage/index.html"
    return "$status"
}
