#!/usr/bin/env bash
# tests/with_postgres.sh [--fsync] COMMAND...: runs the command with COUNTERFOIL_TEST_POSTGRES set to the URL of a
# cluster. One that is given already is used and left alone, so that many tests share one; each test makes
# databases of its own in it.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
options=()
if [ "${1-}" = --fsync ]; then
    options=(--fsync)
    shift
fi
[ $# -gt 0 ] || { echo "usage: $0 [--fsync] command..." >&2; exit 2; }

if [ -n "${COUNTERFOIL_TEST_POSTGRES-}" ] && [ ${#options[@]} -eq 0 ]; then
    exec "$@"
fi

url=$("$here/postgres.sh" start "${options[@]}")
child=
finish() {
    trap - EXIT INT TERM HUP
    [ -z "$child" ] || kill "$child" 2>/dev/null || true
    "$here/postgres.sh" stop "$url"
}
trap finish EXIT
trap 'finish; exit 130' INT
trap 'finish; exit 143' TERM HUP

# In the background, so that a signal to this script is not held up until the command ends.
COUNTERFOIL_TEST_POSTGRES=$url "$@" <&0 &
child=$!
code=0
wait "$child" || code=$?
child=
exit "$code"
