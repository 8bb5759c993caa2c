#!/usr/bin/env python3
"""Turns sql/<engine>/NNNN_name.sql into a C table of struct sql_migration, so that the program carries
its own schema: embed_sql.py OUTPUT TABLE FILE..."""

import hashlib
import pathlib
import re
import sys


def array(name, data):
    rows = [data[i : i + 20] for i in range(0, len(data), 20)]
    body = "".join("    " + ", ".join(str(byte) for byte in row) + ",\n" for row in rows)
    return f"static const char {name}[] = {{\n{body}    0}};\n"


def main(output, table, *paths):
    parts = ['#include "store/sql.h"\n', f"extern const struct sql_migration {table}[];\n"]
    rows = []
    for number, path in enumerate(sorted(map(pathlib.Path, paths)), start=1):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", path.name)
        if match is None or int(match.group(1)) != number:
            sys.exit(f"{path}: expected {number:04}_name.sql: migrations are numbered without gaps")
        data = path.read_bytes()
        if not data.isascii() or b"\0" in data:
            sys.exit(f"{path}: plain ASCII only")
        parts.append(array(f"text_{number}", data))
        digest = hashlib.sha256(data).hexdigest()
        rows.append(f'    {{{number}, "{match.group(2)}", text_{number}, "{digest}"}},\n')
    parts.append(f"const struct sql_migration {table}[] = {{\n{''.join(rows)}    {{0, NULL, NULL, NULL}},\n}};\n")
    pathlib.Path(output).write_text("\n".join(parts))


if __name__ == "__main__":
    main(*sys.argv[1:])
