#!/usr/bin/env bash
# tests/fast_folder.sh: prints where files lie that nobody wants to keep: in memory where there is plenty, since most
# tests wait longer for the disk than for anything else, and none of them pulls the plug. Else /tmp.
# COUNTERFOIL_TEST_FOLDER is taken as it is: for what is larger than memory, and by PostgreSQL's own user reachable.
set -euo pipefail

if [ -n "${COUNTERFOIL_TEST_FOLDER-}" ]; then
    echo "$COUNTERFOIL_TEST_FOLDER"
    exit
fi
wanted_kib=$((4 * 1024 * 1024))
room_kib=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1) || room_kib=0
memory_kib=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
if [ -w /dev/shm ] && [ "$room_kib" -ge "$wanted_kib" ] && [ "$memory_kib" -ge "$wanted_kib" ]; then
    echo /dev/shm
else
    echo /tmp
fi
