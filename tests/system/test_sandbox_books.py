"""The books of a sandbox's month: webhooks and statement meet, and agree with the provider to the cent."""

from collections import Counter

import pytest

import harness
from test_backfill import KEY, give_key
from test_sandbox_api import Api

BEGIN, AFTER = "2026-10-20", "2026-11-05"
CONNECT = "payments,disputes,payouts,connect=40"


class Month:
    """Fifteen days, told to a serve, and then its statement asked for."""

    def __init__(self, place, seed, mix):
        self.place = place
        self.serve = place.serve()
        port_file = place.folder / "api-port"
        sandbox = place.background(
            "sandbox", "sandbox", "--to", f"http://127.0.0.1:{self.serve.public}/webhooks/acme", "--secret",
            f"file:{place.folder}/acme-0.secret", "--listen", "127.0.0.1:0", "--port-file", port_file, "--stay", "--json",
            "--api-key", KEY, "--seed", str(seed), "--begin", BEGIN, "--span", "15d", "--payments", "300", "--mix", mix)
        harness.eventually(port_file.exists, "the sandbox listens")
        give_key(place, f"http://127.0.0.1:{int(port_file.read_text())}")
        harness.eventually(lambda: sandbox.output() or not sandbox.running(), "the shop has closed", 60)
        assert sandbox.running(), sandbox.text()
        self.serve.wait_until_decided()
        self.api = Api(int(port_file.read_text()), KEY)

    def take_statement(self, *options):
        return self.place.lines("import", "--api", "--from", "2026-10-19", "--to", AFTER, *options, timeout=90)[-1]

    def held(self, *accounts):
        """What the platform's books hold on these accounts and those below them, by currency."""
        found = Counter()
        for account in accounts:
            for row in self.place.lines("ledger", "balance", account, "--account", "acme"):
                found[row["currency"].lower()] += row["minor"]
        return {currency: amount for currency, amount in found.items() if amount}


def underway(api):
    """What payouts hold that have left the balance and did not reach the bank yet."""
    found = Counter()
    for payout in api.pages("/v1/payouts"):
        if payout["status"] in ("pending", "in_transit"):
            found[payout["currency"]] += payout["amount"]
    return {currency: amount for currency, amount in found.items() if amount}


def balance(api):
    said = api.get("/v1/balance")
    found = Counter()
    for row in said["available"] + said["pending"]:
        found[row["currency"]] += row["amount"]
    return {currency: amount for currency, amount in found.items() if amount}


@pytest.mark.parametrize("mix", ["all", CONNECT])
def test_the_books_of_a_month_close_and_hold_what_the_provider_says(place, seed, mix):
    month = Month(place, seed, mix)
    told = month.take_statement()
    assert told["lines"] > 200 and (told["restated"], told["unclassified"]) == (0, 0), told
    for what in ["payment", "refund", "dispute"]:
        assert month.held(f"assets:clearing:{what}") == {}
    assert month.held("assets:clearing:payout") == underway(month.api)
    assert month.held("assets:provider:available", "assets:provider:pending") == balance(month.api)
    month.place.cli("ledger", "trial-balance", "--verify")
