"""How an account wants its books: what the configuration says is posted, and a change of it posts the differences."""

import json
import signal

import pytest
import stripe_bodies
from harness import eventually
from stripe_bodies import START

LINES = """balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,charge_id
txn_tax,2026-05-28 10:00:00,2026-05-28 10:00:00,eur,-1.90,0.00,-1.90,tax,,
txn_fee,2026-05-28 10:00:00,2026-05-28 10:00:00,eur,-10.00,0.00,-10.00,fee,,
"""
ALL = {"unlinked": "hold", "bank": "unknown", "fee_tax": "input"}


def payout():
    id_ = stripe_bodies.make_id("po")
    body = {"object": "payout", "id": id_, "amount": 700, "currency": "eur", "automatic": True, "created": START,
            "arrival_date": START, "method": "standard", "livemode": False, "status": "paid"}
    return stripe_bodies.event("payout.paid", body, START)


def sale(account=None):
    """A payment of 42.00 that no invoice is known of."""
    return [dict(event, **({"account": account} if account else {})) for event in stripe_bodies.life_of_a_payment()[:4]]


def tell(serve, *events):
    assert {answer.status for answer in serve.post_all(list(events))} == {200}
    serve.wait_until_decided()


def wish(place, **policy):
    place.accounts["acme"]["more"] = policy
    place.write_config()


def balances(place, *options):
    rows = place.lines("ledger", "balance", *options)
    return {row["account"]: row["minor"] for row in rows if row["minor"] != 0}


def posted(place, *options):
    return json.loads(place.cli("ledger", "post", *options, json_answer=True).stdout)


def bring_everything(place):
    serve = place.serve()
    tell(serve, *sale(), payout())
    assert serve.stop() == 0
    path = place.folder / "lines.csv"
    path.write_text(LINES)
    place.cli("import", path)


DEFAULTS = {"assets:clearing:payment": 4200, "income:sales": -4200, "assets:bank": 700, "assets:clearing:payout": -700,
            "expenses:fees:tax": 190, "expenses:fees:billing": 1000, "assets:provider:available": -1190}
WISHED = {"assets:clearing:payment": 4200, "liabilities:unapplied": -4200, "assets:tax_input": 190,
          "expenses:fees:billing": 1000, "assets:provider:available": -1190}


def test_what_the_configuration_says_is_posted(place):
    wish(place, **ALL)
    bring_everything(place)
    assert balances(place) == WISHED
    assert posted(place)["entries"] == 0


def test_a_change_of_policy_posts_the_differences_once_and_back_again(place):
    bring_everything(place)
    assert balances(place) == DEFAULTS
    wish(place, **ALL)
    assert posted(place, "--dry-run")["entries"] == 3 and balances(place) == DEFAULTS
    assert posted(place) == {"looked_at": 2, "lines": 2, "entries": 3, "dry_run": False}
    assert balances(place) == WISHED
    assert posted(place)["entries"] == 0
    wish(place, unlinked="sale", bank="asserted", fee_tax="expense")
    assert posted(place)["entries"] == 3 and balances(place) == DEFAULTS
    assert "lines looked at" in place.cli("ledger", "post").stdout
    place.cli("ledger", "trial-balance", "--verify")


def test_a_change_of_policy_leaves_a_closed_month_as_it_is(place):
    bring_everything(place)
    place.cli("ledger", "close", "--period", "2026-05")
    before = place.cli("ledger", "trial-balance", "--period", "2026-05").stdout
    wish(place, **ALL)
    assert posted(place)["entries"] == 3 and balances(place) == WISHED
    assert place.cli("ledger", "trial-balance", "--period", "2026-05").stdout == before


def test_each_policy_stands_alone(sqlite_place):
    bring_everything(sqlite_place)
    for key, account in (("unlinked", "liabilities:unapplied"), ("bank", None), ("fee_tax", "assets:tax_input")):
        wish(sqlite_place, **{key: ALL[key]})
        posted(sqlite_place)
        found = balances(sqlite_place)
        assert ("liabilities:unapplied" in found, "assets:bank" not in found, "assets:tax_input" in found) == (
            key == "unlinked", key == "bank", key == "fee_tax"), (key, found)
        assert account is None or account in found


def test_a_reload_brings_the_policy_to_a_running_serve(place):
    serve = place.serve()
    tell(serve, *sale())
    wish(place, unlinked="hold")
    serve.signal(signal.SIGHUP)
    eventually(lambda: '"reloaded"' in serve.text(), "the log says that it was reloaded")
    tell(serve, *sale())
    found = balances(place)
    assert (found["income:sales"], found["liabilities:unapplied"]) == (-4200, -4200)
    assert serve.stop() == 0


def test_each_account_has_its_own_policy_and_gives_it_to_those_below(place):
    place.accounts["other"] = {"environment": "test", "secrets": place.accounts["acme"]["secrets"]}
    wish(place, unlinked="hold", account_id="acct_platform")
    serve = place.serve()
    tell(serve, *sale(), *sale(account="acct_shop"))
    for event in sale():
        assert serve.post(event, account="other").status == 200
    serve.wait_until_decided()
    assert serve.stop() == 0
    assert balances(place, "--account", "acct_shop")["liabilities:unapplied"] == -4200
    assert balances(place, "--account", "acme")["liabilities:unapplied"] == -4200
    assert balances(place, "--account", "other") == {"assets:clearing:payment": 4200, "income:sales": -4200}
    assert posted(place)["entries"] == 0


@pytest.mark.parametrize("key, words", [
    ("unlinked", "sale or hold"), ("bank", "asserted or unknown"), ("fee_tax", "expense or input")])
@pytest.mark.parametrize("value", ["", "yes", "Sale", "hold or", "or hold"])
def test_another_word_is_refused_and_says_which_there_are(sqlite_place, key, value, words):
    wish(sqlite_place, **{key: value})
    done = sqlite_place.cli("ledger", "accounts", check=False)
    assert done.returncode == 3 and f"allowed is {words}" in done.stderr, done
