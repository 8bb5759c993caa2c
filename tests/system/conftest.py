"""Fixtures of the system tests: a workplace on each store, and what must hold after every test.

Several tests run at once. A folder, a database and ports that the kernel chose are a test's own; tests that share
anything else are one xdist_group.
"""

import os
import re
import shlex
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import harness  # noqa: E402
import stripe_bodies  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "empty_store: the test begins with a database without a schema")


def pytest_report_header():
    return f"counterfoil: {harness.PROGRAM}, seed {seed_of_run()}, deadlines x{harness.SLOW:g}"


def pytest_terminal_summary(terminalreporter):
    """What a test found that is worth reading when it passed too: record_property("told", text)."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "told":
                terminalreporter.write_line(text)


def seed_of_run():
    return int(os.environ.get("COUNTERFOIL_SEED", "20261122"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Files of SQLite are let go once nobody will look at them: all of a run's are more than memory should hold."""
    report = (yield).get_result()
    item.failed = getattr(item, "failed", False) or report.failed
    if call.when == "teardown" and not item.failed and "tmp_path" in item.funcargs:
        for path in item.funcargs["tmp_path"].rglob("books.db*"):
            path.unlink()


@pytest.fixture
def seed():
    """Printed with every failure; ./dev test --seed N repeats it."""
    print(f"seed {seed_of_run()}")
    return seed_of_run()


@pytest.fixture(scope="session")
def postgres():
    """The cluster of ./dev test, or one of our own when pytest was started by hand."""
    if os.environ.get("COUNTERFOIL_TEST_POSTGRES"):
        yield harness.PostgresServer(os.environ["COUNTERFOIL_TEST_POSTGRES"])
        return
    script = harness.ROOT / "tests" / "with_postgres.sh"
    tell = f"echo ready:$COUNTERFOIL_TEST_POSTGRES; read -r _ <&{{pipe}}"
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [str(script), "bash", "-c", tell.format(pipe=reader)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=(reader,),
        cwd=harness.ROOT,
    )
    os.close(reader)
    try:
        for line in process.stdout:
            if line.startswith("ready:"):
                yield harness.PostgresServer(line[len("ready:") :].strip())
                break
        else:
            raise RuntimeError(f"{shlex.quote(str(script))} did not start PostgreSQL")
    finally:
        os.close(writer)
        process.wait(timeout=60)


@pytest.fixture
def sqlite_store(tmp_path):
    folder = tmp_path / "store"
    folder.mkdir()
    return harness.Sqlite(folder)


@pytest.fixture(scope="session")
def postgres_template(postgres, tmp_path_factory):
    """The name of a database that was migrated: a copy of it costs a tenth."""
    store = harness.Postgres(postgres, f"template_{os.getpid()}")
    harness.Workplace(tmp_path_factory.mktemp("template"), store).cli("migrate")
    yield store.database
    store.drop()


@pytest.fixture
def postgres_store(postgres, request):
    """Migrated, unless the test is marked with empty_store; SQLite's file is always made by who opens it first."""
    name = re.sub(r"\W+", "_", request.node.name).lower()[:40]
    empty = request.node.get_closest_marker("empty_store")
    template = None if empty else request.getfixturevalue("postgres_template")
    store = harness.Postgres(postgres, f"{name}_{os.getpid()}_{next(stripe_bodies._numbers)}", template)
    yield store
    store.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request):
    return request.getfixturevalue("sqlite_store" if request.param == "sqlite" else "postgres_store")


def make_place(folder, store):
    place = harness.Workplace(folder, store)
    yield place
    place.stop_everything()
    nothing_leaked(place)


@pytest.fixture
def place(tmp_path, store):
    """A workplace on each store in turn."""
    yield from make_place(tmp_path, store)


@pytest.fixture
def sqlite_place(tmp_path, sqlite_store):
    yield from make_place(tmp_path, sqlite_store)


@pytest.fixture
def postgres_place(tmp_path, postgres_store):
    yield from make_place(tmp_path, postgres_store)


def nothing_leaked(place):
    """Promise 5, after every test: no secret in a log or in the store; no body and no person in a log."""
    logs = place.logs()
    for secret in place.secrets():
        assert secret.encode() not in logs, "a secret stands in a log"
    assert b"whsec_" not in logs, "something like a secret stands in a log"
    assert stripe_bodies.PERSON.encode() not in logs, "a person's address stands in a log"
    assert b'"data":{"object"' not in logs and b'\\"data\\":' not in logs, "a body stands in a log"
    try:
        kept = place.store.held([secret.encode() for secret in place.secrets()])
    except (OSError, RuntimeError, subprocess.CalledProcessError):
        return  # the test took the store away on purpose
    assert not kept, "a secret stands in the store"
    for process in place.processes:
        code = process.process.returncode
        assert code not in (-6, -11), f"{process.log.name}: died of signal {-code}: {process.text()[-2000:]}"
        assert "Sanitizer" not in process.text(), process.text()[-4000:]
