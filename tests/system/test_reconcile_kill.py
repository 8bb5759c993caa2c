"""kill -9 of `reconcile` at its commits: the run that comes after it ends in the report of one that nothing happened to.

The program kills itself before the Nth commit that it makes (COUNTERFOIL_FAULT, builds with -Dfaults=true). What is
between two commits of a store is as if the later one was never begun, so this is every crash. Which of them are
tried follows from the seed; `./dev test --kills 500` tries all.
"""

import json
import random
import shutil
import signal
import sqlite3

import pytest
from months import AGREED, DISAGREES
from test_kill import KILLS, skip_without_faults
from test_reconcile import told

STEP_MAX = max(1, 420 // KILLS)  # commits that are passed over at once


class SqliteCopy:
    """The store as it was before; nobody may have it open."""

    def __init__(self, store):
        self.store = store
        self.path = store.path.with_name("before.db")
        connection = sqlite3.connect(store.path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(store.path, self.path)

    def restore(self):
        for end in ["-wal", "-shm"]:
            self.store.path.with_name(self.store.path.name + end).unlink(missing_ok=True)
        shutil.copy(self.path, self.store.path)

    def end_leases(self):
        connection = sqlite3.connect(self.store.path)
        connection.execute("UPDATE reconcile_lease SET until_us = 0")
        connection.commit()
        connection.close()

    def drop(self):
        pass


class PostgresCopy:
    def __init__(self, store):
        self.store = store
        self.name = store.database + "_before"
        store.server.sql(f"CREATE DATABASE {self.name} TEMPLATE {store.database}")

    def restore(self):
        self.store.drop()
        self.store.server.sql(f"CREATE DATABASE {self.store.database} TEMPLATE {self.name}")

    def end_leases(self):
        self.store.rows("UPDATE reconcile_lease SET until_us = 0")

    def drop(self):
        self.store.server.sql(f"DROP DATABASE {self.name}")


def copy_of(store):
    return SqliteCopy(store) if store.name == "sqlite" else PostgresCopy(store)


def days(run):
    return ["reconcile", "--account", "acme", "--from", run.first, "--to", run.last, "--start", run.first, "--json"]


def command(run):
    return [*days(run), "--as-of", run.as_of]


def killed(run, words, number):
    """False: the run ended, since it has not so many commits."""
    begun = run.place.background(f"killed-{number}", *words, env={"COUNTERFOIL_FAULT": f"in-commit:{number}"})
    code = begun.wait(deadline=60)
    assert code in (-signal.SIGKILL, AGREED, DISAGREES), begun.text()[-2000:]
    return code == -signal.SIGKILL


def stated(run, words, said=""):
    done = run.place.cli(*words, check=False, timeout=120)
    assert done.returncode == DISAGREES and said in done.stderr, done.stderr
    return done.stdout


@pytest.mark.empty_store
def test_a_run_killed_at_any_commit_goes_on_and_states_the_same_bytes(place, seed, record_property):
    skip_without_faults(place)
    dice = random.Random(seed)
    run = told(place, seed, "--fault", "alter_amount,drop_event", payments=40, mix="payments,disputes=20")
    assert run.serve.stop() == 0
    before = copy_of(place.store)
    try:
        whole = stated(run, command(run))
        assert '"AMOUNT_MISMATCH"' in whole
        before.restore()
        kills, number = 0, 1
        while killed(run, command(run), number):
            before.end_leases()
            assert stated(run, command(run)) == whole, f"killed before commit {number}"
            before.restore()
            kills, number = kills + 1, number + dice.randint(1, STEP_MAX)
        assert kills > 3
        record_property("told", f"{place.store.name}: {kills} kills of reconcile, at some of its first {number - 1} commits")
    finally:
        before.drop()


@pytest.mark.empty_store
def test_the_same_command_without_as_of_goes_on_with_the_run_that_was_killed(place, seed):
    """As of its moment: the days' graces and ages are those that it would have stated, and a third run is as of now."""
    skip_without_faults(place)
    dice = random.Random(seed)
    run = told(place, seed, "--fault", "alter_amount", payments=20, mix="payments")
    assert run.serve.stop() == 0
    before = copy_of(place.store)
    try:
        assert killed(run, days(run), dice.randint(3, 8))
        before.end_leases()
        gone_on = stated(run, days(run), "run 1 of these days was interrupted: it goes on, as of ")
        assert place.store.rows("SELECT count(*) AS n FROM reconcile_run WHERE finished_us IS NOT NULL") == [{"n": 1}]
        as_of = json.loads(gone_on)["as_of"]
        assert json.loads(stated(run, days(run)))["as_of"] >= as_of
        before.restore()
        assert stated(run, [*days(run), "--as-of", as_of]) == gone_on
    finally:
        before.drop()
