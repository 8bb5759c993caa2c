"""Several serves: refused on one SQLite file, welcome on one PostgreSQL; frozen ones are fenced."""

import signal
import time

import pytest
import stripe_bodies
from harness import eventually, seconds


def bodies(count):
    return [stripe_bodies.encode(stripe_bodies.small_event(n)) for n in range(count)]


def opened_once(store, count):
    rows = store.rows(
        "SELECT count(*) AS n, count(DISTINCT aggregate_id) AS different FROM domain_event WHERE type = 'payment.opened'"
    )
    assert rows == [{"n": count, "different": count}]


def test_second_serve_on_one_sqlite_file_is_refused(sqlite_place):
    first = sqlite_place.serve()
    done = sqlite_place.cli("serve", check=False)
    assert done.returncode == 6, done
    assert "serve" in done.stderr and str(sqlite_place.store.path) in done.stderr + sqlite_place.store.url
    assert first.post(stripe_bodies.small_event()).status == 200
    assert first.stop() == 0
    assert sqlite_place.serve().stop() == 0, "the lock ends with its holder"


def test_lock_of_a_killed_serve_is_free_at_once(sqlite_place):
    sqlite_place.serve().kill()
    assert sqlite_place.serve().stop() == 0


def test_two_serves_on_one_postgresql_share_the_work_and_the_memory_of_duplicates(postgres_place):
    nodes = [postgres_place.serve(), postgres_place.serve()]
    events = bodies(400)
    first = nodes[0].post_all(events[:300], connections=4)
    second = nodes[1].post_all(events[100:], connections=4)
    assert {a.status for a in first + second} == {200}
    assert [a.json()["status"] for a in second[:200]] == ["duplicate"] * 200
    nodes[0].wait_until_decided()
    opened_once(postgres_place.store, 400)
    assert [node.stop() for node in nodes] == [0, 0]


def test_frozen_node_past_its_lease_is_fenced_when_it_wakes(postgres_place):
    """A node is stopped while it holds a claim, another takes over after the lease, the first wakes: effects once."""
    store = postgres_place.store
    postgres_place.settings["work", "lease"] = "5s"
    postgres_place.settings["work", "workers"] = "1"
    postgres_place.write_config()
    receiver = postgres_place.serve(arguments=["--workers", "0"])
    count = 3000
    assert {a.status for a in receiver.post_all(bodies(count), connections=16)} == {200}

    frozen = postgres_place.serve()
    held = freeze_between_transactions(frozen, store)
    other = postgres_place.serve()
    other.wait_until_decided(deadline=60)
    opened_once(store, count)

    frozen.signal(signal.SIGCONT)
    eventually(lambda: frozen.metric("counterfoil_claims_fenced_total") >= 1, "the woken node finds itself fenced")
    assert frozen.get("/readyz")[0] == 200
    opened_once(store, count)
    assert receiver.post(stripe_bodies.small_event(1)).status == 200
    receiver.wait_until_decided()
    opened_once(store, count + 1)
    print(f"{held} events were held by the frozen node")
    assert [node.stop() for node in (frozen, other, receiver)] == [0, 0, 0]


def freeze_between_transactions(node, store):
    """Stops it at a moment at which it holds a claim and no transaction is open; gives how many events it holds."""
    held = "SELECT count(*) AS n FROM inbox_work WHERE status = 'claimed'"
    busy = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
    busy += " AND pid <> pg_backend_pid()"
    end = time.monotonic() + seconds(60)
    while time.monotonic() < end:
        node.signal(signal.SIGSTOP)
        open_transactions = store.rows(busy)[0]["n"]
        claimed = store.rows(held)[0]["n"]
        if claimed and not open_transactions:
            return claimed
        node.signal(signal.SIGCONT)
        if not claimed and store.rows("SELECT count(*) AS n FROM inbox_work WHERE due_at_us IS NOT NULL")[0]["n"] == 0:
            pytest.fail("the node decided everything before it could be stopped while it held a claim")
    pytest.fail("never found between transactions")


def test_frozen_serve_on_sqlite_goes_on_where_it_was(sqlite_place):
    sqlite_place.settings["work", "lease"] = "5s"
    sqlite_place.write_config()
    serve = sqlite_place.serve()
    assert {a.status for a in serve.post_all(bodies(500), connections=8)} == {200}
    serve.signal(signal.SIGSTOP)
    frozen_at = time.monotonic()
    eventually(lambda: time.monotonic() - frozen_at > 5.5, "its lease is over", deadline=10)
    serve.signal(signal.SIGCONT)
    serve.wait_until_decided()
    opened_once(sqlite_place.store, 500)
    assert serve.stop() == 0


def test_killed_nodes_work_is_taken_over_after_the_lease(postgres_place):
    postgres_place.settings["work", "lease"] = "5s"
    postgres_place.write_config()
    receiver = postgres_place.serve(arguments=["--workers", "0"])
    assert {a.status for a in receiver.post_all(bodies(1000), connections=16)} == {200}
    worker = postgres_place.serve(ready=False, env={"COUNTERFOIL_FAULT": "in-projection:2"})
    assert worker.wait() == -signal.SIGKILL
    other = postgres_place.serve()
    other.wait_until_decided(deadline=60)
    opened_once(postgres_place.store, 1000)
    assert [node.stop() for node in (other, receiver)] == [0, 0]
