"""replay: the derived half is rebuilt from the inbox, compared, and put right when that is asked for."""

import datetime
import json
import sqlite3

import pytest
import stripe_bodies

TABLES = ("payment", "attempt", "refund", "customer", "inbox_effect", "inbox_total")


def replay(place, *words, code=0, **options):
    """What it found, line by line, and its sum."""
    done = place.cli("replay", *words, check=False, json_answer=True, timeout=90, **options)
    assert done.returncode == code, done.stderr + done.stdout
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines[:-1], lines[-1] if lines else None


def change(place, sql):
    if place.store.name == "sqlite":
        with sqlite3.connect(place.store.path, timeout=10) as books:
            books.execute(sql)
    else:
        place.store.rows(sql)


def everything_derived(place):
    return {table: sorted(map(repr, place.store.rows(f"SELECT * FROM {table}"))) for table in TABLES}


@pytest.fixture
def lived(place, seed):
    """A store that a merchant's webhooks have filled; serve still runs."""
    place.server = place.serve()
    place.cli(
        "sandbox", "--to", f"http://127.0.0.1:{place.server.public}/webhooks/acme", "--secret",
        f"file:{place.folder}/acme-0.secret", "--seed", seed, "--rate", 800, "--duplicates", 10, "--reorder", 20,
        "--for", "3s", timeout=90,
    )
    place.server.wait_until_decided()
    return place


def test_what_a_sandbox_told_is_rebuilt_equal_beside_a_running_serve_and_after_it(lived):
    before = everything_derived(lived)
    for running in (True, False):
        if not running:
            assert lived.server.stop() == 0
        found, summed = replay(lived)
        assert found == []
        assert summed["equal"] and not summed["applied"]
        assert summed["events"] == summed["taken"] + summed["recorded"] > 500
        assert summed["decided_otherwise"] == summed["ids_made"] == summed["open"] == 0
        for table in TABLES[:-1]:
            count = lived.store.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"]
            assert summed["tables"][table] == {"live": count, "rebuilt": count, "different": 0}
    assert everything_derived(lived) == before
    text = lived.cli("replay").stdout
    assert "equal: the live half is what the inbox says" in text


def test_what_was_changed_by_hand_is_named_and_put_right(lived):
    assert lived.server.stop() == 0
    events = lived.store.rows("SELECT count(*) AS n FROM domain_event")
    change(lived, "UPDATE customer SET email = 'somebody@else.example' WHERE id = (SELECT id FROM customer ORDER BY id LIMIT 1)")
    change(lived, "UPDATE payment SET amount_minor = 7 WHERE id = (SELECT id FROM payment ORDER BY id LIMIT 1)")
    change(lived, "DELETE FROM attempt WHERE id = (SELECT id FROM attempt ORDER BY id LIMIT 1)")
    changed = everything_derived(lived)
    found, summed = replay(lived, code=1)
    assert not summed["equal"] and everything_derived(lived) == changed
    assert {(f["table"], f["field"], f["live"]) for f in found} == {
        ("payment", "amount_minor", "7"), ("attempt", "", "missing"), ("customer", "email", "21 bytes")}
    assert "somebody@else.example" not in lived.cli("replay", check=False).stdout
    found, _ = replay(lived, "--values", "--limit", 2, code=1)
    assert len(found) == 2
    assert "somebody@else.example" in lived.cli("replay", "--values", check=False).stdout

    _, summed = replay(lived, "--apply")
    assert summed["applied"]
    found, summed = replay(lived)
    assert found == [] and summed["equal"]
    assert lived.store.rows("SELECT count(*) AS n FROM domain_event") == events
    audit = lived.store.rows("SELECT action, reason FROM audit")
    assert [row["action"] for row in audit] == ["replay.apply"]
    assert audit[0]["reason"] == "2 rows changed, 1 added, 0 removed, effects 0"
    again = lived.serve()  # and it goes on from there
    assert again.post(stripe_bodies.small_event(1)).status == 200
    again.wait_until_decided()
    assert replay(lived)[1]["equal"]


@pytest.mark.parametrize("fault", ["in-projection:1", "before-commit:1"])
def test_a_replay_that_is_killed_leaves_the_live_half(lived, fault):
    assert lived.server.stop() == 0
    change(lived, "UPDATE payment SET amount_minor = 7 WHERE id = (SELECT id FROM payment ORDER BY id LIMIT 1)")
    before = everything_derived(lived)
    killed = lived.background("replay", "replay", "--apply", env={"COUNTERFOIL_FAULT": fault})
    assert killed.wait() == -9
    if lived.store.name == "sqlite":
        assert {path.name for path in lived.store.path.parent.iterdir()} <= {
            "books.db", "books.db-wal", "books.db-shm", "books.db.serve.lock"}
    assert everything_derived(lived) == before
    assert lived.store.rows("SELECT * FROM audit") == []
    assert replay(lived, "--apply")[1]["applied"]
    assert replay(lived)[1]["equal"]


def test_apply_beside_serve_is_refused_on_sqlite_and_safe_on_postgresql(lived):
    change(lived, "UPDATE payment SET amount_minor = 7 WHERE id = (SELECT id FROM payment ORDER BY id LIMIT 1)")
    if lived.store.name == "sqlite":
        done = lived.cli("replay", "--apply", check=False)
        assert done.returncode == 6
        assert "another serve runs" in done.stderr
        return
    assert replay(lived, "--apply")[1]["applied"]
    assert lived.server.post(stripe_bodies.small_event(1)).status == 200
    lived.server.wait_until_decided()
    assert replay(lived)[1]["equal"]


def test_apply_and_workers_that_project_meanwhile_leave_no_difference(postgres_place, seed):
    serve = postgres_place.serve()
    told = postgres_place.background(
        "sandbox", "sandbox", "--to", f"http://127.0.0.1:{serve.public}/webhooks/acme", "--secret",
        f"file:{postgres_place.folder}/acme-0.secret", "--seed", seed, "--rate", 300, "--for", "6s",
    )
    applied = 0
    while told.running():
        change(postgres_place, "UPDATE payment SET failure_code = 'by_hand'")
        done = postgres_place.cli("replay", "--apply", check=False, json_answer=True, timeout=90)
        assert done.returncode in (0, 6), done.stderr  # 6: workers held the tables for too long
        applied += done.returncode == 0 and json.loads(done.stdout.splitlines()[-1])["applied"]
    assert told.wait() == 0 and applied > 0
    serve.wait_until_decided()
    if done.returncode != 0:
        replay(postgres_place, "--apply")
    found, summed = replay(postgres_place)
    assert found == [] and summed["equal"]
    assert postgres_place.store.rows("SELECT * FROM inbox_work WHERE status = 'dead'") == []


def test_as_of_says_what_was_known_then(place):
    serve = place.serve()
    life = stripe_bodies.life_of_a_payment()
    for event in life[:2]:
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    then = place.store.rows("SELECT max(received_us) AS us FROM inbox_event")[0]["us"]
    for event in life[2:]:
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    payment = next(e["data"]["object"]["id"] for e in life if e["type"].startswith("payment_intent."))
    moment = datetime.datetime.fromtimestamp(then // 10**6, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    moment += f".{then % 10**6:06}Z"
    now = place.lines("replay", "--as-of", "0s", payment)[0]
    before = place.lines("replay", "--as-of", moment, payment)[0]
    assert before["id"] == now["id"]
    assert now["id"] == "cf_pay_" + place.store.rows(f"SELECT {place.store.hex('id')} AS id FROM payment")[0]["id"]
    assert before["state"] != now["state"]
    assert place.lines("replay", "--as-of", "2020-01-01") == []
    counted = {(row["kind"], row["state"]): row["count"] for row in place.lines("replay", "--as-of", "0s")}
    assert counted["payment", now["state"]] == 1
    assert counted["attempt", "succeeded"] == 1
    refused = place.cli("replay", "--as-of", "2020-01-01", payment, check=False)
    assert refused.returncode == 4 and "nothing was known about it then" in refused.stderr
    assert place.cli("replay", "--as-of", "0s", "pi_nobody", check=False).returncode == 4


def test_to_people_as_of_speaks_in_words_and_without_control_characters(sqlite_place):
    serve = sqlite_place.serve()
    product = {"id": "prod_Lamp7", "object": "product", "active": True, "created": 1790000000,
               "name": "Lamp \x1b[31m\x9b1mred\u202e"}
    assert serve.post(stripe_bodies.event("product.created", product)).status == 200
    serve.wait_until_decided()
    text = sqlite_place.cli("replay", "--as-of", "0s", "prod_Lamp7").stdout
    assert text.startswith("product cf_pro_") and "(prod_Lamp7)" in text.splitlines()[0]
    assert "Lamp \\x1b[31m\\x9b1mred" in text and not set(text) & set("\x1b\x9b\u202e")
    told = sqlite_place.cli("replay", "--as-of", "0s", "prod_Lamp7", json_answer=True).stdout
    assert "\x9b" not in told and json.loads(told)["name"] == product["name"]
    assert sqlite_place.cli("replay", "--as-of", "2020-01-01").stdout == "nothing was known then\n"


def test_tables_without_rows_are_not_listed_to_people(lived):
    listed = {line.split()[0] for line in lived.cli("replay").stdout.splitlines()}
    assert {"payment", "attempt", "customer", "inbox_effect"} <= listed and "mandate" not in listed


@pytest.mark.parametrize("words", [["--as-of", "1h", "--apply"], ["pi_1"], ["--as-of", "yesterday"]])
def test_words_that_make_no_sense_together_are_refused(sqlite_place, words):
    assert sqlite_place.cli("replay", *words, check=False).returncode == 2


def books_of(place):
    return place.cli("ledger", "trial-balance", "--verify", json_answer=True).stdout


def test_books_that_a_store_lacks_are_posted_from_what_is_known_and_never_twice(lived):
    assert lived.server.stop() == 0
    before = json.loads(books_of(lived))["balances"]
    count = lived.store.rows("SELECT count(*) AS n FROM journal_entry")[0]["n"]
    if lived.store.name == "sqlite":
        forget = ("DROP TRIGGER journal_entry_is_kept", "DROP TRIGGER posting_is_kept", "DELETE FROM journal_entry",
                  "DELETE FROM posting", "DELETE FROM ledger_balance", "DELETE FROM journal_head")
    else:
        forget = ("ALTER TABLE journal_entry DISABLE TRIGGER ALL", "ALTER TABLE posting DISABLE TRIGGER ALL",
                  "DELETE FROM journal_entry", "DELETE FROM posting", "DELETE FROM ledger_balance",
                  "DELETE FROM journal_head")
    for sql in forget:
        change(lived, sql)
    dry = json.loads(lived.cli("ledger", "post", "--dry-run", json_answer=True).stdout)
    assert dry["dry_run"] and 0 < dry["entries"] <= count
    assert lived.store.rows("SELECT * FROM journal_entry") == []
    done = json.loads(lived.cli("ledger", "post", json_answer=True).stdout)
    assert done["entries"] == dry["entries"]
    assert json.loads(books_of(lived))["balances"] == before
    assert json.loads(lived.cli("ledger", "post", json_answer=True).stdout)["entries"] == 0


def test_what_a_replay_put_right_is_corrected_in_the_books(lived):
    assert lived.server.stop() == 0
    before = json.loads(books_of(lived))["balances"]
    change(lived, "UPDATE attempt SET captured_minor = captured_minor + 7 WHERE id = "
                  "(SELECT id FROM attempt WHERE state = 'succeeded' AND captured_minor > 0 ORDER BY id LIMIT 1)")
    assert json.loads(lived.cli("ledger", "post", json_answer=True).stdout)["entries"] == 1
    assert json.loads(books_of(lived))["balances"] != before
    assert replay(lived, "--apply")[1]["posted"] == 1
    assert json.loads(books_of(lived))["balances"] == before
