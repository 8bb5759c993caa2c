#!/usr/bin/env bash
# A PostgreSQL cluster for tests, in a directory of its own, on a Unix socket only.
#
#   tests/postgres.sh start [--fsync]   prints its URL; without --fsync nothing is synced, or even on a disk
#   tests/postgres.sh stop URL          stops it and removes everything
set -euo pipefail

die() {
    echo "postgres.sh: $*" >&2
    exit 1
}

usage() {
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

find_binaries() {
    local dir
    for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v initdb || echo /none/x)")"; do
        if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then
            echo "$dir"
            return
        fi
    done
    die "PostgreSQL is not installed (Debian: postgresql-15)"
}

# PostgreSQL refuses to run as root.
unprivileged() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
        return
    fi
    local user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    (cd / && setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@")
}

start() {
    local fsync=off place binaries dir
    case ${1-} in
    '') place=$("${0%/*}/fast_folder.sh") ;;
    --fsync) fsync=on place=/tmp ;;
    *) usage ;;
    esac
    binaries=$(find_binaries)
    # The directory's name is part of a socket's path, which has room for 107 bytes.
    dir=$(mktemp -d "$place/counterfoil-postgres.XXXXXX")
    chmod 755 "$dir"
    mkdir "$dir/socket" "$dir/data"
    if [ "$(id -u)" -eq 0 ]; then
        local user=postgres
        id "$user" >/dev/null 2>&1 || user=nobody
        chown -R "$user" "$dir"
    fi
    unprivileged "$binaries/initdb" --no-sync --auth=trust --username=counterfoil --encoding=UTF8 \
        --locale=C.UTF-8 --pgdata="$dir/data" >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2; die "initdb failed"; }
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir/socket'
fsync = $fsync
full_page_writes = $fsync
max_connections = 200
shared_buffers = 256MB
max_wal_size = 1GB
log_min_messages = warning
timezone = 'UTC'
CONF
    unprivileged "$binaries/pg_ctl" --pgdata="$dir/data" --log="$dir/data/server.log" --wait \
        --timeout=30 start >"$dir/start.log" 2>&1 ||
        { cat "$dir/start.log" "$dir/data/server.log" >&2; die "the server did not start"; }
    echo "postgresql://counterfoil@/postgres?host=$dir/socket"
}

stop() {
    local url=${1-} dir binaries
    dir=${url##*host=}
    dir=${dir%/socket}
    case ${dir##*/} in
    counterfoil-postgres.*) ;;
    *) die "that is none of ours: $url" ;;
    esac
    binaries=$(find_binaries)
    unprivileged "$binaries/pg_ctl" --pgdata="$dir/data" --mode=immediate --wait stop >/dev/null ||
        true # it may have died already
    rm -rf -- "$dir"
}

case ${1-} in
start | stop) "$@" ;;
*) usage ;;
esac
