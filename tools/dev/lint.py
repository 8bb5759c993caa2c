#!/usr/bin/env python3
"""lint: clang-tidy over every file of src/, two at a time, and only over those that changed.

usage: tools/dev/lint.py BUILD_DIR [JOBS]

A file is known to be clean when its own text, the text of everything it includes from src/, .clang-tidy and
its compile command hash to a name that lies in BUILD_DIR/lint-clean/.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys


def included(root, path, seen):
    """The files that `path` reads from src/, itself first, each once."""
    if path in seen or not os.path.isfile(path):
        return
    seen[path] = True
    with open(path, encoding="utf-8", errors="replace") as file:
        for name in re.findall(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', file.read(), flags=re.M):
            included(root, os.path.join(root, "src", name), seen)


def fingerprint(root, entry, settings):
    seen = {}
    path = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
    included(root, path, seen)
    digest = hashlib.sha256(settings + entry["command"].encode())
    for name in sorted(seen):
        with open(name, "rb") as file:
            digest.update(name.encode() + b"\0" + file.read() + b"\0")
    return path, digest.hexdigest()


def lint(build, path):
    done = subprocess.run(
        ["clang-tidy", "--quiet", "-p", build, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return path, done.returncode, done.stdout + ("" if done.returncode == 0 else done.stderr)


def main():
    build = os.path.abspath(sys.argv[1])
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count() or 1
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    clean = os.path.join(build, "lint-clean")
    os.makedirs(clean, exist_ok=True)
    with open(os.path.join(root, ".clang-tidy"), "rb") as file:
        settings = file.read()
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    todo, known = {}, 0
    for entry in entries:
        path, name = fingerprint(root, entry, settings)
        if not path.startswith(os.path.join(root, "src") + os.sep) or not path.endswith(".c"):
            continue
        if os.path.exists(os.path.join(clean, name)):
            known += 1
        else:
            todo[path] = name
    # The longest first, so that no processor waits for another at the end.
    in_order = sorted(todo, key=lambda path: (-os.path.getsize(path), path))
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for number, (path, status, said) in enumerate(pool.map(lambda p: lint(build, p), in_order), 1):
            if status == 0:
                open(os.path.join(clean, todo[path]), "w").close()
            else:
                bad += 1
                sys.stdout.write(said)
            print(f"[{number}/{len(todo)}] {os.path.relpath(path, root)}{'' if status == 0 else ': FAILED'}", flush=True)
    print(f"clang-tidy: {len(todo) - bad} clean, {known} clean before, {bad} with findings")
    return 1 if bad or not todo and not known else 0


if __name__ == "__main__":
    sys.exit(main())
