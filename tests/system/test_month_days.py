"""Days of the account's own clock: each is tied out, and has just the lines that the provider made within it."""

import datetime
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from months import Month, plus
from test_sandbox_api import Api

# (zone, first day, days, {day: hours it has})
CALENDARS = {
    "clocks go back": ("Europe/Paris", "2026-10-22", 6, {"2026-10-25": 25, "2026-10-26": 24}),
    "clocks go forward": ("America/New_York", "2026-03-06", 4, {"2026-03-08": 23}),
    "a quarter of an hour off": ("Asia/Kathmandu", "2026-10-29", 5, {"2026-11-01": 24}),
    "a leap day": ("UTC", "2024-02-27", 4, {"2024-02-29": 24}),
    "a year ends": ("Pacific/Auckland", "2025-12-30", 4, {"2026-01-01": 24}),
}
DAY = datetime.timedelta(1)


def midnight(zone, day):
    """UTC seconds of a day's first moment."""
    return int(datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), ZoneInfo(zone)).timestamp())


def activity_of(lines, begin, end):
    """Net by currency of the lines that are no payouts."""
    found = Counter()
    for line in lines:
        if begin <= line["created"] < end and not line["type"].startswith("payout"):
            found[line["currency"].upper()] += line["net"]
    return found


def roll(report):
    return {row["currency"]: row for row in report["roll_forward"]}


def tie(month, lines, zone, day, before):
    """Reconciles one day, which goes on from `before`."""
    rows = roll(month.reconcile("--day", day, "--dry-run", days=False))
    wanted = activity_of(lines, midnight(zone, day), midnight(zone, plus(day, 1)))
    for currency, row in rows.items():
        assert row["opening_minor"] + row["activity_minor"] + row["payouts_minor"] == row["closing_minor"]
        assert row["activity_minor"] == wanted[currency], (day, currency)
        assert before is None or row["opening_minor"] == before.get(currency, {"closing_minor": 0})["closing_minor"]
    assert set(wanted) <= set(rows)
    return rows


@pytest.mark.parametrize("name", CALENDARS)
def test_each_day_is_tied_out_by_the_accounts_own_clock(sqlite_place, seed, name):
    zone, begin, days, hours = CALENDARS[name]
    month = Month(sqlite_place, seed, begin=begin, days=days, payments=150, mix="payments,disputes=20,payouts=20", zone=zone)
    port = month.delivers()
    month.asks(port)
    report = month.reconcile()
    lines = list(Api(port).pages("/v1/balance_transactions"))
    before = None
    for day in (plus(month.first, number) for number in range(days + 1)):
        assert midnight(zone, plus(day, 1)) - midnight(zone, day) == 3600 * hours.get(day, 24)
        before = tie(month, lines, zone, day, before)
    assert {currency: row["closing_minor"] for currency, row in before.items()} == {
        currency: row["closing_minor"] for currency, row in roll(report).items()}


def test_currencies_of_no_and_three_decimals_are_each_tied_out(place, seed):
    month = Month(place, seed)
    month.asks(month.delivers())
    report = month.reconcile()
    text = {}
    rows = month.place.cli("reconcile", "--account", "acme", "--from", month.first, "--to", month.last, "--as-of", month.as_of,
                           "--dry-run", "--csv", check=False).stdout.splitlines()
    for section, key, field, currency, value in (row.split(",", 4) for row in rows[1:]):
        if section == "roll_forward":
            text[currency, field] = value
    balances = {row["currency"]: row for row in report["balances"]}
    for currency, decimals in (("JPY", 0), ("EUR", 2), ("KWD", 3)):
        row = roll(report)[currency]
        assert row["activity_minor"] != 0 and row["payouts_minor"] != 0
        assert row["opening_minor"] + row["activity_minor"] + row["payouts_minor"] == row["closing_minor"]
        assert balances[currency]["verdict"] == "agrees" and balances[currency]["off_minor"] == 0
        assert text[currency, "activity"] == f"{row['activity_minor'] / 10**decimals:.{decimals}f}"
