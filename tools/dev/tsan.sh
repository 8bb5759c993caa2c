# shellcheck shell=bash
# ./dev tsan

verb_tsan() {
    # shellcheck source=tools/dev/test.sh
    . "${tools:?}/test.sh"
    sanitize tsan thread "$@"
}
