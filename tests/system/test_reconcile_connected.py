"""Debts of connected accounts: events told of them once, and the provider is asked whether they are still there."""

import pytest

import stripe_bodies
from test_reconcile_command import Provider, day_ago, give_key, report, seconds_ago

BELOW = "acct_below"


class Platform(Provider):
    """`owes`: minor units that its connected account's balance is below zero; None: it has left."""

    owes = 0

    def answer(self, path, query, form):
        account = self.asked[-1][4].get("Stripe-Account")
        if path != "/v1/balance" or account is None:
            return super().answer(path, query, form)
        assert account == BELOW
        if self.owes is None:
            return 403, {"error": {"type": "invalid_request_error", "code": "account_invalid", "message": "no"}}, {}
        return 200, balance(100, -self.owes - 100), {}

    def asked_of_below(self):
        return sum(asked[4].get("Stripe-Account") == BELOW for asked in self.asked_for("/v1/balance"))


def balance(available, pending):
    parts = {"available": available, "pending": pending}
    return {"object": "balance", "livemode": False, **{part: [{"amount": amount, "currency": "eur"}] for part, amount in parts.items()}}


@pytest.fixture
def provider():
    platform = Platform()
    yield platform
    platform.close()


def was_told(place, provider, *said):
    """Events of the connected account's balance: how many days ago, what is available, and what is pending."""
    give_key(place, provider)
    serve = place.serve()
    for days, available, pending in said:
        event = stripe_bodies.event("balance.available", balance(available, pending), seconds_ago(days), account=BELOW)
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    assert serve.stop() == 0
    return place


@pytest.fixture
def owing(place, provider):
    """The last that was told of the connected account: it owes 49.63."""
    return was_told(place, provider, (9, 0, 5684), (8, 0, -4963))


def reconciled(place, *options, ends):
    return [(row["code"], row["name"], row["off_minor"], row["currency"])
            for row in report(place, "--from", day_ago(9), "--to", day_ago(1), *options, ends=ends)["discrepancies"]]


def test_a_debt_that_is_paid_since_it_was_told_alarms_nobody(owing, provider):
    assert reconciled(owing, ends=0) == []
    assert provider.asked_of_below() == 1


def test_a_debt_is_found_as_large_as_it_is_now_and_clears_once_it_is_paid(owing, provider):
    provider.owes = 1200
    assert reconciled(owing, ends=1) == [("CONNECT_NEGATIVE", BELOW, -1200, "EUR")]
    provider.owes = 0
    assert reconciled(owing, ends=0) == []


def test_a_debt_of_an_account_that_cannot_be_asked_is_found_as_it_was_told(owing, provider):
    provider.owes = None
    told = [("CONNECT_NEGATIVE", BELOW, -4963, "EUR")]
    assert reconciled(owing, ends=1) == told
    asked = provider.asked_of_below()
    assert reconciled(owing, "--dry-run", ends=1) == told and provider.asked_of_below() == asked


def test_a_balance_that_no_integer_holds_stops_no_run(place, provider):
    provider.owes = None
    least = -(2**63)
    was_told(place, provider, (9, least, least))
    assert reconciled(place, ends=1) == [("CONNECT_NEGATIVE", BELOW, least, "EUR")]
