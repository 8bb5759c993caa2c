"""The store full, read-only, away: a clear error, nothing acknowledged lost, recovery without a person."""

import json
import os
import subprocess
import sys

import harness
import pytest
import stripe_bodies
from conftest import make_place, nothing_leaked
from harness import eventually
from test_serve import Load, ids_in


class SmallDisk:
    """A tmpfs of a few MiB that only our processes see: a mount namespace of their own, held by a sleeper."""

    def __init__(self, folder, mebibytes):
        self.folder = folder
        script = f'mount -t tmpfs -o size={mebibytes}m none "$1" && echo mounted && exec sleep 3600'
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        if self.holder.stdout.readline() != "mounted\n":
            why = self.holder.stderr.read().strip()
            self.holder.wait()
            pytest.skip(f"a small file system cannot be mounted here: {why or 'not root'}")

    def run(self, *command, text=True):
        """A command that sees the small disk."""
        return subprocess.run(
            self.prefix() + list(command), check=True, stdout=subprocess.PIPE, text=text, stdin=subprocess.DEVNULL
        ).stdout

    def prefix(self):
        return ["nsenter", "--mount", "--target", str(self.holder.pid), "--"]

    def end(self):
        self.holder.kill()
        self.holder.wait()


LOOK = """
import json, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=10)
connection.row_factory = sqlite3.Row
print(json.dumps([dict(row) for row in connection.execute(sys.argv[2])]))
"""


class SqliteOnSmallDisk(harness.Sqlite):
    """Looked at from inside the namespace."""

    def __init__(self, folder, disk):
        super().__init__(folder)
        self.disk = disk

    def rows(self, sql):
        return json.loads(self.disk.run(sys.executable, "-c", LOOK, str(self.path), sql))

    def held(self, words):
        everything = self.disk.run("sh", "-c", 'cat "$1"/*', "sh", str(self.path.parent), text=False)
        return {word for word in words if word in everything}


@pytest.fixture
def small_disk(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("a small file system can be mounted by root only")
    folder = tmp_path / "store"
    folder.mkdir()
    disk = SmallDisk(folder, 8)
    yield disk
    disk.end()


@pytest.fixture
def small_place(tmp_path, small_disk, monkeypatch):
    """A SQLite workplace whose program runs where the small disk is mounted."""
    original = harness.subprocess.Popen

    def popen(command, **options):
        inside = small_disk.prefix() if command[0] == harness.PROGRAM else []
        return original(inside + list(command), **options)

    monkeypatch.setattr(harness.subprocess, "Popen", popen)
    place = harness.Workplace(tmp_path, SqliteOnSmallDisk(small_disk.folder, small_disk))
    yield place
    place.stop_everything()
    nothing_leaked(place)


def big_event(number):
    return stripe_bodies.small_event(number, metadata={"filler": "x" * 20_000})


def test_store_full_is_said_and_ends_by_itself(small_place, small_disk):
    filler = small_disk.folder / "filler"
    serve = small_place.serve()
    small_disk.run("sh", "-c", f"head -c 5000000 /dev/zero >{filler}")
    acknowledged, refused = set(), None
    with serve.client() as client:
        for number in range(2000):
            event = big_event(number)
            answer = client.post(event)
            if answer.status != 200:
                refused = answer
                break
            acknowledged.add(event["id"])
    assert refused is not None and refused.status == 503, refused
    assert int(refused.headers["Retry-After"]) > 0
    assert serve.get("/healthz")[0] == 200
    eventually(lambda: serve.get("/readyz")[0] == 503, "readiness says that no commit can be made")
    assert "STORE_FULL" in serve.text() or "no room" in serve.text()
    assert acknowledged <= ids_in(small_place.store)

    small_disk.run("rm", str(filler))
    eventually(lambda: serve.get("/readyz")[0] == 200, "it recovers by itself", deadline=30)
    assert serve.post(stripe_bodies.small_event(1)).status == 200
    serve.wait_until_decided()
    assert acknowledged <= ids_in(small_place.store)
    assert serve.running()
    assert serve.stop() == 0


def test_store_full_at_the_start_is_said(small_place, small_disk):
    small_disk.run("sh", "-c", f"head -c 9000000 /dev/zero >{small_disk.folder}/filler || true")
    serve = small_place.serve(ready=False)
    assert serve.wait() == 7, serve.text()
    assert "room" in serve.text() or "full" in serve.text()


def test_store_on_a_read_only_file_system_is_said(small_place, small_disk):
    serve = small_place.serve()
    assert serve.post(stripe_bodies.small_event()).status == 200
    assert serve.stop() == 0
    small_disk.run("mount", "-o", "remount,ro", str(small_disk.folder))
    serve = small_place.serve(ready=False)
    assert serve.wait() == 7, serve.text()
    assert "read" in serve.text() or "writ" in serve.text(), serve.text()
    small_disk.run("mount", "-o", "remount,rw", str(small_disk.folder))
    serve = small_place.serve()
    assert serve.post(stripe_bodies.small_event()).status == 200
    assert serve.stop() == 0


def test_missing_folder_of_the_store_is_said(sqlite_place):
    sqlite_place.write_config(store_url=f"sqlite://{sqlite_place.folder}/nowhere/books.db")
    done = sqlite_place.cli("serve", check=False)
    assert done.returncode in (3, 4, 7), done
    assert "nowhere" in done.stderr


def test_unreachable_postgresql_is_said_at_the_start(sqlite_place):
    sqlite_place.write_config(store_url="postgresql://nobody@127.0.0.1:1/none")
    done = sqlite_place.cli("serve", check=False, timeout=60)
    assert done.returncode == 7, done
    assert "127.0.0.1" in done.stderr or "connect" in done.stderr


@pytest.fixture
def own_cluster_place(tmp_path):
    cluster = harness.OwnCluster()
    try:
        yield from make_place(tmp_path, harness.Postgres(cluster, "books"))
    finally:
        cluster.end()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_restarted_under_load_loses_nothing(own_cluster_place, mode):
    """Stopped in order, or as if it had crashed; away for a while; back: nobody has to do anything."""
    place, cluster = own_cluster_place, own_cluster_place.store.server
    place.settings["work", "lease"] = "5s"
    place.write_config()
    serve = place.serve()
    load = Load(serve, threads=4)
    eventually(lambda: len(load.acknowledged) > 100, "100 acknowledged")
    for _ in range(2):
        cluster.control("stop", "--mode", mode)
        eventually(lambda: serve.get("/readyz")[0] == 503, "readiness says that the store is away")
        assert serve.get("/healthz")[0] == 200
        refused = len(load.other)
        eventually(lambda: len(load.other) > refused, "deliveries are refused meanwhile")
        cluster.control("start")
        eventually(lambda: serve.get("/readyz")[0] == 200, "it recovers by itself", deadline=30)
        before = len(load.acknowledged)
        eventually(lambda: len(load.acknowledged) > before + 100, "deliveries are taken again")
    acknowledged = load.end()
    assert {status for _, status in load.other} == {503}
    assert acknowledged <= ids_in(place.store)
    serve.wait_until_decided(deadline=90)
    assert serve.stop() == 0


def test_connections_cut_under_load_lose_nothing(postgres_place):
    """Every connection of the program is ended by the server, several times."""
    postgres_place.settings["work", "lease"] = "5s"
    postgres_place.write_config()
    serve = postgres_place.serve()
    load = Load(serve, threads=4)
    cut = "SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity"
    cut += " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    for _ in range(5):
        before = len(load.acknowledged)
        eventually(lambda: len(load.acknowledged) > before + 50, "more deliveries")
        assert postgres_place.store.rows(cut)[0]["n"] > 0
    before = len(load.acknowledged)
    eventually(lambda: len(load.acknowledged) > before + 50, "deliveries after the last cut")
    acknowledged = load.end()
    assert acknowledged <= ids_in(postgres_place.store)
    assert all(status == 503 for _, status in load.other)
    serve.wait_until_decided(deadline=90)
    assert serve.get("/readyz")[0] == 200
    assert serve.stop() == 0
