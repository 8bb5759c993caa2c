# shellcheck shell=bash
# ./dev asan

verb_asan() {
    # shellcheck source=tools/dev/test.sh
    . "${tools:?}/test.sh"
    sanitize asan address,undefined "$@"
}
