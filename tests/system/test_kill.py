"""kill -9 of the real program under load, aimed: before the commit of an intake batch, between commit and answer,
in a projection, in a migration. Afterwards every acknowledged event is there once, and the store says what the
sandbox told.

The program kills itself at the point that COUNTERFOIL_FAULT names (builds with -Dfaults=true): kill -9 from
outside falls where time is spent and hardly ever between a commit and its answer.
"""

import json
import os
import pathlib
import random
import signal
import socket

import pytest
import stripe_bodies
from harness import PROGRAM, SECRET, Sqlite, eventually, seconds
from test_serve import ids_in

KILLS = int(os.environ.get("COUNTERFOIL_TEST_KILLS", "60"))
POINTS = {"before-commit": (1, 12), "after-commit": (1, 12), "in-projection": (2, 12)}  # the Nth time, from to


def free_port():
    """A port that the program takes again after each kill, so that the sandbox finds it. It lies below those that the
    kernel hands out: the tests that run meanwhile would take it while the program is dead."""
    first = 20000 + os.getpid() % 12000
    for port in range(first, first + 700):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError(f"no port is free from {first} on")


def program_honours_faults(place):
    """A build without faults goes on; one with them dies in the first migration."""
    server = place.serve(ready=False, env={"COUNTERFOIL_FAULT": "in-migration:1"})
    eventually(lambda: not server.running() or server.port_file.exists(), "serve dies or is ready")
    return not server.running() and server.process.returncode == -signal.SIGKILL


def is_built_with_faults():
    """As its build was configured; of a program that stands alone nobody knows."""
    path = pathlib.Path(PROGRAM).resolve().parents[2] / "meson-info" / "intro-buildoptions.json"
    return path.exists() and {row["name"]: row["value"] for row in json.loads(path.read_text())}["faults"]


def skip_without_faults(place):
    """On a fresh store, before anything else: from here on a point that kills nobody is a failure."""
    if not program_honours_faults(place):
        assert not is_built_with_faults(), "this build has faults, and a point of them kills nobody"
        pytest.skip("this build has no faults: configure it with -Dfaults=true")


def kill_in_migrations(place, tally):
    """Every migration in turn, on the fresh store; each time the next start goes on where the last one was."""
    number = 1
    while True:
        server = place.serve(ready=False, env={"COUNTERFOIL_FAULT": f"in-migration:{number}"})
        eventually(lambda: not server.running() or server.port_file.exists(), "serve dies or is ready")
        if server.running():
            assert server.stop() == 0
            return
        assert server.process.returncode == -signal.SIGKILL, server.text()[-2000:]
        tally["in-migration"] += 1
        number = 2 if number == 1 else 1  # the first that is left, or the one behind it


def start_sandbox(place, port, state, acked, seed):
    return place.background(
        "sandbox", "sandbox", "--to", f"http://127.0.0.1:{port}/webhooks/acme",
        "--secret", f"file:{place.folder}/acme-0.secret", "--state", state, "--log-acked", acked,
        "--seed", seed, "--rate", "1500", "--duplicates", "10", "--reorder", "10", "--delay", "200ms",
        "--retry-scale", "1000000", "--flush", "60s", "--connections", "16",
    )


def run_kills(place, kills, seed):
    dice = random.Random(seed)
    tally = dict.fromkeys([*POINTS, "in-migration"], 0)
    skip_without_faults(place)
    tally["in-migration"] += 1
    kill_in_migrations(place, tally)

    port = free_port()
    place.settings["listen", "public"] = f"127.0.0.1:{port}"
    place.settings["work", "lease"] = "5s"
    place.write_config()
    state, acked = place.folder / "sandbox.state", place.folder / "sandbox.acked"
    sandbox = start_sandbox(place, port, state, acked, seed)
    order = [point for point in POINTS for _ in range(-(-kills // len(POINTS)))][: max(kills, len(POINTS))]
    dice.shuffle(order)
    for point in order:
        times = dice.randint(*POINTS[point])
        server = place.serve(ready=False, env={"COUNTERFOIL_FAULT": f"{point}:{times}"})
        code = server.wait(deadline=60)
        assert code == -signal.SIGKILL, f"{point}:{times} ended with {code}: {server.text()[-2000:]}"
        assert sandbox.running(), sandbox.text()[-2000:]
        tally[point] += 1

    server = place.serve()
    assert sandbox.stop(deadline=90) == 0, sandbox.text()[-2000:]
    server.wait_until_decided(deadline=120)
    acknowledged = acked.read_text().split()
    print(f"seed {seed}: {sum(tally.values())} kills: {tally}; {len(acknowledged)} acknowledged events")
    return tally, acknowledged, state, acked, server


def assert_nothing_is_lost(place, tally, acknowledged, state, acked, server):
    assert all(tally.values()), f"a point was never hit: {tally}"
    assert len(acknowledged) > 0
    assert set(acknowledged) <= ids_in(place.store)
    retry_what_kills_made_dead(place, server)
    done = place.cli("sandbox", "--verify", "--state", state, "--log-acked", acked, check=False, json_answer=True,
                     timeout=120)
    verdict = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stdout[-3000:]
    assert verdict["acknowledged_events"] > 0 and verdict["acknowledged_missing"] == 0
    assert server.stop() == 0


def retry_what_kills_made_dead(place, server):
    """An event whose attempts were killed three times is dead, like one that kills: an operator retries it."""
    dead = place.store.rows("SELECT seq, error_text FROM inbox_work WHERE status = 'dead'")
    assert {row["error_text"] for row in dead} <= {"3 attempts never ended"}, dead[:3]
    if dead:
        place.cli("dead-letters", "retry", "--all")
        server.wait_until_decided(deadline=60)
    assert place.store.rows("SELECT seq FROM inbox_work WHERE status = 'dead'") == []


def test_kill_9_loses_no_acknowledged_event_on_sqlite(sqlite_place, seed, record_property):
    found = run_kills(sqlite_place, KILLS * 2 // 3, seed)
    record_property("told", f"sqlite: {sum(found[0].values())} kills {found[0]}, {len(found[1])} acknowledged")
    assert_nothing_is_lost(sqlite_place, *found)
    check = sqlite_place.store.rows("PRAGMA integrity_check")
    assert check == [{"integrity_check": "ok"}]


@pytest.mark.empty_store
def test_kill_9_loses_no_acknowledged_event_on_postgresql(postgres_place, seed, record_property):
    found = run_kills(postgres_place, KILLS - KILLS * 2 // 3, seed + 1)
    record_property("told", f"postgresql: {sum(found[0].values())} kills {found[0]}, {len(found[1])} acknowledged")
    assert_nothing_is_lost(postgres_place, *found)


def test_event_that_kills_every_attempt_is_dead_after_three_and_takes_nobody_along(sqlite_place):
    """A poison event: each attempt at it ends the program."""
    skip_without_faults(sqlite_place)
    serve = sqlite_place.serve(arguments=["--workers", "0"])
    assert serve.post(stripe_bodies.small_event()).status == 200
    assert serve.stop() == 0
    for _ in range(3):
        server = sqlite_place.serve(ready=False, env={"COUNTERFOIL_FAULT": "in-projection:1"})
        assert server.wait() == -signal.SIGKILL, server.text()[-2000:]
    serve = sqlite_place.serve()
    serve.wait_until_decided()
    assert serve.post(stripe_bodies.small_event(1)).status == 200
    serve.wait_until_decided()
    rows = sqlite_place.store.rows("SELECT status, error_text FROM inbox_work ORDER BY seq")
    assert [row["status"] for row in rows] == ["dead", "applied"]
    assert "never ended" in rows[0]["error_text"]
    assert serve.stop() == 0
