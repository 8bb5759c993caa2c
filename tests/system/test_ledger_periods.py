"""Closing months from outside: a closed one says the same for ever, and what comes late is somewhere else."""

import csv
import io
import json
import os
import pwd
import subprocess

import pytest

HEADER = "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,charge_id"
REASON = "the bank found one more"


def bring(place, *lines):
    """Lines of the provider's statement as (id, day, amount), by a file of their own."""
    rows = [f"txn_{name},{day} 10:00:00,{day} 10:00:00,eur,{amount}.00,0.00,{amount}.00,charge,ch_{name},ch_{name}"
            for name, day, amount in lines]
    path = place.folder / f"{lines[0][0]}.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    place.cli("import", path)


def trial(place, month, *options):
    return place.cli("ledger", "trial-balance", "--period", month, *options).stdout


def held(place, month):
    text = place.cli("ledger", "trial-balance", "--period", month, json_answer=True).stdout
    return {row["account"]: row["minor"] for row in json.loads(text)["balances"]}.get("assets:provider:available", 0)


def close(place, month, *options, **more):
    return place.cli("ledger", "close", "--period", month, *options, **more)


@pytest.fixture
def books(place):
    place.cli("migrate")
    bring(place, ("a", "2025-09-10", 1), ("b", "2025-10-10", 20), ("c", "2025-11-10", 300))
    return place


def test_a_closed_month_is_the_same_bytes_before_and_after_late_items_arrive(books):
    close(books, "2025-09")
    close(books, "2025-10")
    before = {month: (trial(books, month), trial(books, month, "--json"), books.cli(
        "export", "--format", "csv", "--period", month).stdout) for month in ("2025-09", "2025-10")}
    bring(books, ("late", "2025-10-31", 4000), ("later", "2025-09-01", 50000))
    for month, (text, program, exported) in before.items():
        assert (trial(books, month), trial(books, month, "--json")) == (text, program)
        assert books.cli("export", "--format", "csv", "--period", month).stdout == exported
    assert (held(books, "2025-10"), held(books, "2025-11")) == (2100, 5432100)
    assert held(books, "2025-08") == 0


def test_a_reopened_month_takes_what_comes_then_and_is_closed_as_it_is_then(books):
    close(books, "2025-09")
    close(books, "2025-10")
    september = trial(books, "2025-09")
    bring(books, ("late", "2025-10-31", 4000))
    books.cli("ledger", "reopen", "--period", "2025-10", "--reason", REASON)
    assert held(books, "2025-10") == 2100, "what came late before stays where it is"
    bring(books, ("later", "2025-10-31", 50000), ("latest", "2025-09-30", 600000))
    close(books, "2025-10")
    october = trial(books, "2025-10", "--json")
    bring(books, ("never", "2025-10-31", 7000000))
    assert (trial(books, "2025-09"), trial(books, "2025-10", "--json")) == (september, october)
    assert (held(books, "2025-10"), held(books, "2025-11")) == (65002100, 765432100)


def test_what_was_closed_is_told_with_who_and_why(books):
    done = json.loads(close(books, "2025-09", "--reason", "month end", json_answer=True).stdout)
    told = {"scope": 1, "period": "2025-09", "action": "close", "open_discrepancies": 0}
    assert done == told | {"changed": True, "entry": done["entry"]}
    again = json.loads(close(books, "2025-09", json_answer=True).stdout)
    assert again == told | {"changed": False, "entry": 0}
    books.cli("ledger", "reopen", "--period", "2025-09", "--reason", REASON)
    rows = books.lines("ledger", "periods")
    assert [(row["number"], row["period"], row["action"], row["reason"]) for row in rows] == [
        (1, "2025-09", "close", "month end"), (2, "2025-09", "reopen", REASON)]
    assert {row["who"] for row in rows} == {pwd.getpwuid(os.getuid()).pw_name}
    text = books.cli("ledger", "periods").stdout
    assert "2025-09" in text and "reopened" in text and REASON in text
    audited = books.store.rows("SELECT action, subject, reason FROM audit ORDER BY audit")
    assert [tuple(row.values()) if isinstance(row, dict) else tuple(row) for row in audited] == [
        ("ledger.close", "period:1:2025-09", "month end"), ("ledger.reopen", "period:1:2025-09", REASON)]


def refused(place, *words, code=3):
    done = place.cli("ledger", *words, check=False)
    assert (done.returncode, done.stdout) == (code, ""), done
    return done.stderr


def test_what_cannot_be_closed_or_reopened_is_refused_and_says_what_to_do(books):
    assert "2025-09 has entries and is open: close it before 2025-11" in refused(
        books, "close", "--period", "2025-11")
    assert "2098-01 is not over" in refused(books, "close", "--period", "2098-01")
    assert "no month is closed" in refused(books, "reopen", "--period", "2025-09", "--reason", REASON)
    close(books, "2025-09")
    close(books, "2025-10")
    assert "2025-10 is closed behind it: reopen that first" in refused(
        books, "reopen", "--period", "2025-09", "--reason", REASON)
    assert "2025-11 is open; 2025-10 is the last closed one" in refused(
        books, "reopen", "--period", "2025-11", "--reason", REASON)
    bring(books, ("late", "2025-09-30", 4000))
    assert "2025-11 has entries and is open" in refused(books, "close", "--period", "2025-12")
    assert len(books.lines("ledger", "periods")) == 2


@pytest.mark.parametrize("words", [
    ["close"], ["close", "--period", "2025-13"], ["close", "--period", "2025"], ["close", "--period", "2025-10-01"],
    ["reopen", "--period", "2025-10"], ["reopen", "--period", "2025-10", "--reason", "  "],
    ["reopen", "--period", "2025-10", "--reason", "x" * 501], ["trial-balance", "--period", "october"],
    ["trial-balance", "--period", "2025-10", "--at", "2025-10-01"], ["journal", "--period", "10/2025"],
], ids=" ".join)
def test_words_that_are_wrong_are_a_usage_error(sqlite_place, words):
    sqlite_place.cli("migrate")
    refused(sqlite_place, *words, code=2)


def test_an_account_that_is_not_there_is_told(sqlite_place):
    sqlite_place.cli("migrate")
    refused(sqlite_place, "close", "--period", "2025-10", "--account", "nobody", code=4)
    assert close(sqlite_place, "2025-10").stdout == "nothing has come in yet, so there are no books\n"


def test_the_journal_of_a_month_has_what_belongs_to_it(books):
    close(books, "2025-09")
    close(books, "2025-10")
    bring(books, ("late", "2025-10-31", 4000))
    november = books.lines("ledger", "journal", "--period", "2025-11")
    assert {entry["period"] for entry in november} == {"2025-11"}
    assert {entry["effective"][:7] for entry in november} == {"2025-10", "2025-11"}
    every = books.lines("ledger", "journal")
    assert sorted((e["entry"] for month in ("2025-09", "2025-10", "2025-11")
                   for e in books.lines("ledger", "journal", "--period", month))) == [e["entry"] for e in every]
    text = books.cli("ledger", "journal", "--period", "2025-11").stdout
    assert "belongs to 2025-11" in text


def tool(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, timeout=60).stdout


def test_other_programs_see_the_month_that_an_entry_belongs_to_and_when_it_happened(books, tmp_path):
    close(books, "2025-09")
    close(books, "2025-10")
    bring(books, ("late", "2025-10-31", 4000))
    hledger, beancount = tmp_path / "books.journal", tmp_path / "books.beancount"
    books.cli("export", "--format", "hledger", "--output", hledger)
    books.cli("export", "--format", "beancount", "--output", beancount)
    tool("hledger", "-f", hledger, "check", "-s")
    tool("bean-check", beancount)
    assert "2025-11-01=2025-10-31 line" in hledger.read_text()
    assert "\n2025-11-01 * \"line" in beancount.read_text() and "  effective: 2025-10-31\n" in beancount.read_text()
    account = "assets:provider:available"
    for option, month, amount in (("--date", "2025-10", "20.00"), ("--date2", "2025-10", "4020.00")):
        words = [] if option == "--date" else [option]
        rows = list(csv.reader(io.StringIO(tool(
            "hledger", "-f", hledger, "balance", account, "-p", month, "--layout=bare", "-N", "-O", "csv", *words))))
        assert rows[1:] == [[account, "EUR", amount]], (option, rows)
    row = [row for row in csv.DictReader(io.StringIO(books.cli("export", "--format", "csv").stdout))][-1]
    assert (row["period"], row["effective"][:10]) == ("2025-11", "2025-10-31")


def test_each_account_closes_its_own_months(sqlite_place):
    place = sqlite_place
    place.accounts["other"] = dict(place.accounts["acme"])
    place.write_config()
    place.cli("migrate")
    for account in ("acme", "other"):
        path = place.folder / f"{account}.csv"
        path.write_text(f"{HEADER}\ntxn_{account},2025-10-10 10:00:00,2025-10-10 10:00:00,eur,5.00,0.00,5.00,charge,,\n")
        place.cli("import", path, "--account", account)
    close(place, "2025-10", "--account", "acme")
    assert [row["scope"] for row in place.lines("ledger", "periods")] == [1]
    assert place.lines("ledger", "periods", "--account", "other") == []
    assert "2025-10 is closed" in close(place, "2025-10").stdout and len(place.lines("ledger", "periods")) == 2
