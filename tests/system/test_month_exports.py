"""The books of a shop's month from outside: what hledger and beancount read of it is what the books have."""

import decimal
import json

import pytest

from months import Month, plus
from test_ledger import DECIMALS, balances_of, beancount_name, read_by_beancount, read_by_hledger, run, tool, trial_balance

BUCKETS = ("assets:provider:available", "assets:provider:pending")  # of the balance that the provider says
FAULTS = {"other_adjustment": "suspense:unexplained", "unknown_type": "suspense:unclassified"}


@pytest.fixture
def month(place, seed):
    return lambda **more: Month(place, seed, **more)


def others_read_the_same(place, folder):
    """Gives what the books and the others have."""
    tool("hledger"), tool("bean-check"), tool("bean-query")
    trial = trial_balance(place, "--verify")
    assert trial["agree"] and trial["verified"] and trial["flaws"] == []
    hledger, beancount = folder / "books.journal", folder / "books.beancount"
    place.cli("export", "--format", "hledger", "--output", hledger, timeout=60)
    place.cli("export", "--format", "beancount", "--output", beancount, timeout=60)
    run("hledger", "-f", hledger, "check", "-s")
    run("bean-check", beancount)
    assert read_by_hledger(hledger) == balances_of(trial)
    assert read_by_beancount(beancount) == balances_of(trial, beancount_name)
    return balances_of(trial)


def sums_by_currency(books):
    sums = {}
    for (_, currency), amount in books.items():
        sums[currency] = sums.get(currency, 0) + amount
    return {currency: amount for currency, amount in sums.items() if amount != 0}


def held(books, currency):
    return sum((books.get((account, currency), decimal.Decimal(0)) for account in BUCKETS), decimal.Decimal(0))


def test_a_month_with_its_lines_is_read_the_same_before_and_after_people_ended_what_was_off(month, tmp_path):
    shop = month()
    shop.place.settings["reconcile", "threshold"] = "1000000"  # one person may
    shop.asks(shop.delivers("--fault", ",".join(FAULTS)))
    report = shop.report()
    before = others_read_the_same(shop.place, tmp_path)
    assert {"EUR", "USD", "JPY", "KWD"} <= {currency for _, currency in before}
    suspense = {key: amount for key, amount in before.items() if key[0].startswith("suspense:")}
    assert sorted(account for account, _ in suspense) == sorted(FAULTS.values())

    for row in report["discrepancies"]:
        done = shop.place.cli("discrepancies", "write-off", row["discrepancy"], "--reason", "other", "--note", "too long ago",
                              json_answer=True)
        assert json.loads(done.stdout)["done"]
    after = others_read_the_same(shop.place, tmp_path)
    assert not [account for account, _ in after if account.startswith("suspense:")]
    written_off = {currency: amount for (account, currency), amount in after.items() if account == "expenses:writeoff"}
    assert written_off == sums_by_currency(suspense)
    assert shop.report()["agreed"]


def test_a_month_whose_books_begin_in_its_middle_is_read_the_same(month, tmp_path):
    shop = month()
    shop.asks(shop.delivers())
    report = shop.reconcile("--start", plus(shop.begin, 4), days=False)
    books = others_read_the_same(shop.place, tmp_path)
    opened = {currency for account, currency in books if account == "equity:opening"}
    assert {"EUR", "USD", "JPY", "KWD"} <= opened
    for row in report["balances"]:
        minor = held(books, row["currency"]).scaleb(DECIMALS.get(row["currency"], 2))
        assert row["books_minor"] == row["provider_minor"] == minor
