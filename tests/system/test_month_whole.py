"""A whole month on the shop's own clock: all that goes wrong in the crowd is found, and nothing else.

`./dev test --month 100000 month_whole` makes the shop as large as one likes, and tells how far it is.
"""

import os
import sys
import time

import pytest

from months import Month, differences
from test_reconcile import FAULTS

ASKED = os.environ.get("COUNTERFOIL_TEST_MONTH")
PAYMENTS = int(ASKED or "1500")  # with faults; of fewer, some fit nothing
DAYS = 32  # the month is whole when its last day is not the shop's
MIX = "payments,disputes=20,billing=20,connect=10"
PAYMENTS_OF_EACH = 20_000  # for so many one of each fault
SPREAD = "--fault-spread", "16d"  # the others follow while they can still be found


@pytest.fixture
def tell(capfd):
    """Says how far a large month is, while it goes on."""
    began = time.monotonic()

    def say(text):
        if ASKED:
            with capfd.disabled():
                print(f"{time.monotonic() - began:7.1f} s  {text}", file=sys.stderr, flush=True)

    return say


@pytest.fixture
def open_month(place, seed, tell):
    """A serve that was told of the month, and a provider that answers."""

    def open_it(payments, *options):
        month = Month(place, seed, days=DAYS, payments=payments, mix=MIX, after=2, tell=tell)
        month.asks(month.delivers(*options, stays=True))
        return month

    return open_it


def owing(month):
    """The connected accounts whose balance is below zero, as the provider says: in a shop where payers get their money back,
    that is nobody's fault."""
    found = []
    for account in (row["id"] for row in month.api.pages("/v1/accounts")):
        said = month.api.get("/v1/balance", Stripe_Account=account)
        sums = {}
        for row in said["available"] + said["pending"]:
            sums[row["currency"]] = sums.get(row["currency"], 0) + row["amount"]
        found += [{"fault": "none", "discrepancy": "CONNECT_NEGATIVE", "subject": account, "line": None, "event": None,
                   "amount_minor": amount, "currency": currency} for currency, amount in sums.items() if amount < 0]
    return found


def lines_and_payouts(report):
    return (f"{next(row['whole'] for row in report['completeness'] if row['measure'] == 'C2 lines')} lines, "
            f"{len(report['payouts'])} payouts")


def timed(month, tell, what, *options):
    began = time.monotonic()
    report = month.report(*options)
    tell(f"{what} in {time.monotonic() - began:.1f} s: {lines_and_payouts(report)}, {len(report['discrepancies'])} discrepancies")
    return report


def test_a_month_with_a_crowd_of_all_faults_finds_each_under_its_code_and_amount_and_nothing_else(
        open_month, tell, record_property):
    each = max(1, PAYMENTS // PAYMENTS_OF_EACH)
    month = open_month(PAYMENTS, "--fault", f"all={each}", *SPREAD)
    faults = month.faults()
    assert {row["fault"] for row in faults} == set(FAULTS) and len(faults) >= each * (len(FAULTS) - 3)
    report = timed(month, tell, "reconciled", "--reports")
    assert differences(report, faults + owing(month)) == []
    off = [row for row in report["balances"] if row["verdict"] != "agrees"]
    assert [(row["currency"], row["off_minor"]) for row in off] == [("EUR", 100 * each)]
    again = timed(month, tell, "reconciled again", "--reports")
    assert again == report
    record_property("told", f"{month.place.store.name}: {month.told['payments']} payments, {month.told['events']} events, "
                            f"{lines_and_payouts(report)}; {len(faults)} faults, {len(report['discrepancies'])} discrepancies")


def test_a_month_without_faults_agrees_to_the_cent(open_month, tell):
    month = open_month(PAYMENTS if ASKED else 400, "--fault", "none")
    report = timed(month, tell, "reconciled", "--reports")
    assert differences(report, owing(month)) == []
    assert {row["verdict"] for row in report["balances"]} == {"agrees"}
    assert {row["label"] for row in report["payouts"]} <= {"none", "not_reconciled", "returned", "by_hand"} and report["payouts"]
    shares = {row["measure"]: row["share_ppm"] for row in report["completeness"] if row["share_ppm"] is not None}
    assert set(shares.values()) == {1_000_000}
    assert timed(month, tell, "reconciled again", "--reports") == report
    assert month.place.cli("ledger", "trial-balance", "--verify", timeout=month.patience).returncode == 0
