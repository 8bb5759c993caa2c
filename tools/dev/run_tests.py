#!/usr/bin/env python3
"""run_tests: the tests of one build directory, and the line that says how it ended.

usage: tools/dev/run_tests.py [--build DIR] [--slow N] [--no-system] [filter]

Runs Meson's tests (unit, golden, conformance, corpora, tidy), then tests/system with pytest, and counts single
cases: the lines of TAP that a test printed, the tests of pytest. At the end stand the output of what failed, how
long each part and the slowest tests took, the names of what failed, and `N passed, N failed` as the last line, with
`, N skipped` when some were. No test at all is a failure.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

MESON_GOOD = ("OK", "EXPECTEDFAIL", "SKIP")
SLOWEST = 5
OUTPUT_LINES_MAX = 100
# A test of the real program mostly waits for it, so one processor serves three. Each has processes and connections to
# the one cluster: hence the bound.
PROCESSORS = len(os.sched_getaffinity(0))
WORKERS = min(3 * PROCESSORS, 8)


class Count:
    def __init__(self):
        self.passed, self.skipped = 0, 0
        self.failed = []  # names
        self.outputs = []  # (name, text) of programs that failed
        self.seconds = {}  # by part: (name, seconds) of each of its tests
        self.whole = {}  # by part: seconds

    def case(self, name, word):
        if word == "passed":
            self.passed += 1
        elif word == "skipped":
            self.skipped += 1
        else:
            self.failed.append(name)

    def line(self):
        text = f"{self.passed} passed, {len(self.failed)} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def tap_cases(text):
    """(name, word) of each line of TAP. cmocka writes `not ok N # SKIP name` for what was skipped."""
    for match in re.finditer(r"^(not )?ok\b[ \t]*\d*[ \t]*(?:- )?([^\n]*)$", text, flags=re.M):
        name = match[2].strip()
        if re.search(r"#\s*skip", name, flags=re.I):
            yield name, "skipped"
        else:
            yield name, "failed" if match[1] else "passed"


def count_program(test, count):
    """One program's cases count, and its end counts when no case shows it."""
    program = test["name"].split(" / ")[-1]  # Meson puts the project before it
    cases = list(tap_cases(test.get("stdout") or ""))
    for name, word in cases:
        count.case(f"{program}: {name}", word)
    count.seconds["meson"].append((program, test.get("duration") or 0))
    good = test["result"] in MESON_GOOD
    if not good:
        count.outputs.append((program, (test.get("stdout") or "") + (test.get("stderr") or "")))
    if test["result"] == "SKIP" and not cases:
        count.case(program, "skipped")
    elif not cases:
        count.case(program, "passed" if good else "failed")
    elif not good and not any(word == "failed" for _, word in cases):
        count.case(f"{program} ended as {test['result']}", "failed")


def count_meson_log(path, count):
    """Every row of the log is one program."""
    with open(path, encoding="utf-8", errors="replace") as file:
        programs = [json.loads(row) for row in file]
    for test in programs:
        count_program(test, count)
    return len(programs)


def run_meson(options, count):
    listed = subprocess.run(["meson", "introspect", options.build, "--tests"], stdout=subprocess.PIPE, check=True)
    names = [test["name"] for test in json.loads(listed.stdout)]
    if options.filter:
        names = [name for name in names if options.filter in name]
    if not names:
        return
    command = ["meson", "test", "-C", options.build, "--no-rebuild", "-t", str(options.slow)]
    command += ["--num-processes", str(PROCESSORS + 1)]  # one may wait for a deadline
    log = os.path.join(options.build, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    status = subprocess.run(command + (names if options.filter else []), stdin=subprocess.DEVNULL).returncode
    before = len(count.failed)
    programs = count_meson_log(log, count) if os.path.exists(log) else 0
    if programs < len(names):
        count.case(f"meson test: {len(names) - programs} of {len(names)} programs did not run", "failed")
    elif status != 0 and len(count.failed) == before:
        count.case(f"meson test ended with status {status}", "failed")


def count_junit(path, count):
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        word = "passed"
        for child in case:
            if child.tag in ("failure", "error"):
                word = "failed"
            elif child.tag == "skipped" and word == "passed":
                word = "skipped"
        name = f"{case.get('classname')}::{case.get('name')}"
        count.case(name, word)
        count.seconds["system"].append((name, float(case.get("time") or 0)))


def pytest_command(options, report):
    command = ["/usr/bin/python3", "-m", "pytest", "tests/system", "-rs", "--tb=short", "-p", "no:cacheprovider"]
    command += ["-n", str(WORKERS), "--dist", "loadgroup", f"--junit-xml={report}"]
    return command + (["-k", options.filter] if options.filter else [])


def run_pytest(options, count):
    report = os.path.join(options.build, "system.xml")
    if os.path.exists(report):
        os.unlink(report)
    environment = dict(os.environ)
    environment["COUNTERFOIL_BIN"] = os.path.abspath(os.path.join(options.build, "counterfoil"))
    environment["COUNTERFOIL_BUILD"] = os.path.abspath(options.build)
    environment["COUNTERFOIL_TEST_SLOW"] = str(options.slow)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.stdout.flush()
    status = subprocess.run(pytest_command(options, report), env=environment, stdin=subprocess.DEVNULL).returncode
    before = len(count.failed)
    if os.path.exists(report):
        count_junit(report, count)
    nothing_chosen = status == 5 and options.filter
    if status != 0 and not nothing_chosen and len(count.failed) == before:
        count.case(f"pytest ended with status {status}", "failed")


def run_part(name, run, options, count):
    begun = time.monotonic()
    count.seconds[name] = []
    run(options, count)
    count.whole[name] = time.monotonic() - begun


@contextlib.contextmanager
def fast_folder(build, count):
    """TMPDIR of all tests. It may lie in memory, so of a run that failed it is moved to a disk, in the place of the last."""
    kept = os.path.join(build, "failed-tests")
    parent = subprocess.run(["tests/fast_folder.sh"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    folder = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="counterfoil-tests-", dir=parent)
    os.chmod(folder, 0o755)  # some tests are another user's, too
    try:
        yield
    finally:
        if count.failed:
            shutil.rmtree(kept, ignore_errors=True)
            subprocess.run(["cp", "-r", folder, kept], stderr=subprocess.DEVNULL)
            count.outputs.append(("the folders of all tests", f"kept in {kept}"))
        shutil.rmtree(folder, ignore_errors=True)


def show(count):
    for name, text in count.outputs:
        lines = text.splitlines()
        print(f"\n--- {name}: the last lines of its output")
        print("\n".join(lines[-OUTPUT_LINES_MAX:]))
    for part, tests in count.seconds.items():
        if not tests:
            continue
        print(f"\n{part}: {count.whole[part]:.0f} s; the slowest:")
        for name, seconds in sorted(tests, key=lambda test: -test[1])[:SLOWEST]:
            print(f"  {seconds:5.1f} s  {name}")
    if count.failed:
        print("\nfailed:")
        for name in count.failed:
            print(f"  {name}")
    print(count.line(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--slow", type=int, default=1, help="how many times longer things may take")
    parser.add_argument("--no-system", action="store_true")
    parser.add_argument("filter", nargs="?", default="")
    options = parser.parse_args()
    count = Count()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that folders are removed
    with fast_folder(options.build, count):
        run_part("meson", run_meson, options, count)
        if not options.no_system:
            run_part("system", run_pytest, options, count)
    if not count.passed and not count.failed:
        count.case("no test was run" + (f": none is called '{options.filter}'" if options.filter else ""), "failed")
    show(count)
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main())
