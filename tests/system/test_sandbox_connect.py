"""The sandbox with connected accounts: what happens on each of them arrives in its own scope, and the platform's in its."""

import json
import signal
import sqlite3

import pytest

import harness
from test_backfill import Shop, backfill, count_of, give_key, lost_world, scanning_place
from test_sandbox import run_sandbox, verify


def scopes(place):
    return {row["account_key"]: row["scope"] for row in place.store.rows("SELECT scope, account_key FROM scope")}


def test_connected_accounts_and_the_platform_end_with_what_was_told(place, seed):
    serve = place.serve()
    _, told = run_sandbox(place, serve.public, "--seed", str(seed), "--mix", "connect", "--rate", "400",
                          "--duplicates", "10", "--reorder", "20", "--delay", "500ms", "--for", "8s")
    serve.wait_until_decided()
    code, verdict, findings = verify(place)
    assert findings == [] and code == 0
    assert verdict["equal"] == verdict["objects"] == told["objects"] > 300 and told["objects_lagging"] == 0
    for what in ["accounts", "transfers", "application_fees", "topups", "payouts", "refunds"]:
        assert told[what] > 0, what
    known = scopes(place)
    connected = [key for key in known if key.startswith("acct_1")]
    assert len(connected) == told["accounts"] and len(known) == told["accounts"] + 1
    own = next(scope for key, scope in known.items() if key not in connected)
    rows = place.store.rows("SELECT DISTINCT scope FROM transfer")
    assert [row["scope"] for row in rows] == [own]
    assert place.store.rows(f"SELECT count(*) AS n FROM payout WHERE scope <> {own}")[0]["n"] > 0
    assert place.lines("replay", timeout=90)[-1]["equal"]
    state = [json.loads(line) for line in (place.folder / "state").read_text().splitlines()]
    named = [line["id"] for line in state if line.get("kind") == "account"]
    assert len(named) > 2  # each is one thing, for itself and for those who name it
    assert place.store.rows("SELECT count(*) AS n FROM connected_account")[0]["n"] == len(named)


def test_verify_names_what_differs_in_the_scope_of_an_account(sqlite_place, seed):
    serve = sqlite_place.serve()
    run_sandbox(sqlite_place, serve.public, "--seed", str(seed), "--mix", "connect", "--rate", "400", "--for", "7s")
    serve.wait_until_decided()
    assert serve.stop() == 0
    own = next(scope for key, scope in scopes(sqlite_place).items() if not key.startswith("acct_1"))
    with sqlite3.connect(sqlite_place.store.path) as books:
        books.execute(f"UPDATE balance SET available_minor = 7 WHERE id = (SELECT min(id) FROM balance WHERE scope <> {own})")
        books.execute("UPDATE transfer SET reversed_minor = 7 WHERE id = (SELECT min(id) FROM transfer)")
        books.execute("UPDATE topup SET amount_minor = 7 WHERE id = (SELECT min(id) FROM topup)")
    code, verdict, findings = verify(sqlite_place)
    assert code == 1 and verdict["different"] == 3
    assert {(found["kind"], found["field"]) for found in findings} == {
        ("balance", "available_minor"), ("transfer", "reversed_minor"), ("topup", "amount_minor")}


def connected(place):
    """(id, whether it has left) of each account that the sandbox's events name."""
    state = [json.loads(line) for line in (place.folder / "state").read_text().splitlines()]
    return sorted({(line["account"], line["left"]) for line in state if "account" in line})


def test_what_each_account_has_lost_is_found_under_its_name_alone(sqlite_place, seed):
    serve, shop, told = lost_world(sqlite_place, seed, "--mix", "connect", loss=25, payments=80)
    found = backfill(sqlite_place, "--since", "1h")["found"]
    assert 0 < found < told["events"]
    accounts = connected(sqlite_place)
    assert len(accounts) > 2
    for account, left in accounts:
        if not left:
            found += backfill(sqlite_place, "--since", "1h", "--connected", account)["found"]
    # An account that has only just come has one event, and nothing in the state.
    assert told["events"] - told["accounts"] <= found or any(left for _, left in accounts)
    serve.wait_until_decided()
    assert shop.verify() == (0, [])


def test_the_gap_scan_finds_what_accounts_have_lost_too(sqlite_place, seed):
    scanning_place(sqlite_place)
    give_key(sqlite_place, "http://127.0.0.1:1")  # nobody is there yet
    serve = sqlite_place.serve()
    shop = Shop(sqlite_place, serve, seed, "--mix", "connect", loss=10, payments=80)
    assert shop.closed()["lost_on_purpose"] > 0
    assert shop.verify()[0] == 1
    give_key(sqlite_place, shop.url)
    serve.signal(signal.SIGHUP)

    def healed():
        serve.wait_until_decided()
        return shop.verify() == (0, [])

    harness.eventually(healed, "the store has all that was lost, on the accounts too", 60)
    found = sqlite_place.store.rows("SELECT DISTINCT scope FROM inbox_event WHERE channel = 'backfill'")
    assert len(found) > 1


def test_objects_are_brought_for_the_platform_and_each_account(sqlite_place, seed):
    serve, shop, _ = lost_world(sqlite_place, seed, "--mix", "connect", loss=100, payments=80)
    assert count_of(sqlite_place) == 0
    assert backfill(sqlite_place, "--since", "1h", "--objects")["back_filled"] > 100
    for account, left in connected(sqlite_place):
        if not left:
            backfill(sqlite_place, "--since", "1h", "--objects", "--connected", account)
    serve.wait_until_decided()
    _, findings = shop.verify()
    assert {found["kind"] for found in findings} == {"balance"}, findings[:5]  # which is in no list


@pytest.mark.parametrize("words", [["--mix", "connect", "--account", "acct_1Below"]])
def test_a_connected_account_has_none_connected_to_it(sqlite_place, words):
    done = sqlite_place.cli("sandbox", "--to", "http://127.0.0.1:1/", "--secret", "env:NONE", *words, check=False)
    assert (done.returncode, done.stdout) == (2, "") and "leave connect out of --mix" in done.stderr
