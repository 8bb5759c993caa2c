"""Disputes, payouts, balances, reports, what is paid with, and connected accounts through the whole program."""

import random

import model
import pytest
import stripe_bodies

START = stripe_bodies.START
KINDS = (
    "dispute", "payout", "balance", "report", "payment_method", "checkout", "setup", "mandate", "review",
    "fraud_warning", "connected_account", "transfer", "application_fee", "fee_refund", "topup",
)
PREFIXES = ("dp", "po", "frr", "pm", "src", "cs", "seti", "mandate", "prv", "issfr", "acct", "tr", "fee", "fr", "tu",
            "ch", "pi", "cus")
LIVES = 12
LETTERS = "QVWXYZ"  # of currencies that nobody has: each life has a balance of its own


@pytest.fixture(autouse=True)
def settlement_kinds(monkeypatch):
    monkeypatch.setattr(model, "KINDS", KINDS)


class Life:
    """All that can happen to money beside payments; every event in a second of its own."""

    def __init__(self, number):
        self.ids = {name: stripe_bodies.make_id(name) for name in PREFIXES}
        self.ids["currency"] = "X" + LETTERS[number // 6] + LETTERS[number % 6]
        self.events = []
        self.second = START
        self.disputes()
        self.payouts()
        self.paying()
        self.connect()

    def say(self, type_, id_, object_=None, **fields):
        self.second += 10
        obj = {"object": object_ or id_, "created": START, "livemode": False, **fields}
        if id_ in self.ids:
            obj["id"] = self.ids[id_]
        self.events.append(stripe_bodies.event(type_, obj, self.second))

    def disputes(self):
        taken = {"id": "txn_1", "object": "balance_transaction", "amount": -1000, "currency": "eur"}
        back = {**taken, "id": "txn_2", "amount": 1000}
        for type_, status, lines in (
            ("created", "warning_needs_response", []), ("updated", "needs_response", []),
            ("funds_withdrawn", "needs_response", [taken]), ("closed", "lost", [taken]),
            ("updated", "appeal_under_review", [taken]), ("funds_reinstated", "appeal_under_review", [taken, back]),
            ("closed", "won", [taken, back]),
        ):
            self.say(f"charge.dispute.{type_}", "dp", "dispute", amount=1000, currency="eur", status=status,
                     balance_transactions=lines, charge=self.ids["ch"], payment_intent=self.ids["pi"],
                     reason="fraudulent", evidence_details={"due_by": START + 86400})
        self.say("radar.early_fraud_warning.created", "issfr", "radar.early_fraud_warning", actionable=True,
                 charge=self.ids["ch"], payment_intent=self.ids["pi"], fraud_type="misc")
        for type_, is_open, reason in (("opened", True, "rule"), ("closed", False, "approved")):
            self.say(f"review.{type_}", "prv", "review", open=is_open, reason=reason, charge=self.ids["ch"],
                     payment_intent=self.ids["pi"])

    def payouts(self):
        for type_, status, reconciled in (
            ("created", "pending", "in_progress"), ("paid", "paid", "in_progress"),
            ("reconciliation_completed", "paid", "completed"), ("failed", "failed", "completed"),
        ):
            self.say(f"payout.{type_}", "po", "payout", amount=-9000, currency="eur", status=status, automatic=True,
                     arrival_date=START + 86400, method="standard", reconciliation_status=reconciled,
                     failure_code="account_closed" if status == "failed" else None)
        for available in (100, -5, 700):
            currency = self.ids["currency"].lower()
            self.say("balance.available", "balance", available=[{"amount": available, "currency": currency}],
                     pending=[{"amount": 7, "currency": currency}])
        self.say("reporting.report_run.succeeded", "frr", "reporting.report_run", status="succeeded",
                 report_type="balance.summary.1", parameters={"interval_start": START, "interval_end": START + 5},
                 result={"id": "file_1", "object": "file"}, succeeded_at=START + 9)
        for type_, status in (("created", "pending"), ("succeeded", "succeeded"), ("reversed", "reversed")):
            self.say(f"topup.{type_}", "tu", "topup", amount=500, currency="eur", status=status,
                     expected_availability_date=START + 86400)

    def paying(self):
        card = {"brand": "visa", "last4": "4242", "exp_month": 9, "exp_year": 2030, "country": "DE"}
        for type_, customer in (("attached", self.ids["cus"]), ("detached", None)):
            self.say(f"payment_method.{type_}", "pm", "payment_method", type="card", card=card, customer=customer)
        self.say("source.chargeable", "src", "source", type="card", card={**card, "brand": "Visa"}, status="chargeable")
        self.say("source.failed", "src", "source", type="card", card={**card, "brand": "Visa"}, status="failed")
        for type_, status in (("completed", "unpaid"), ("async_payment_succeeded", "paid")):
            self.say(f"checkout.session.{type_}", "cs", "checkout.session", status="complete", payment_status=status,
                     mode="payment", client_reference_id="order 17", amount_total=1999, currency="eur",
                     payment_intent=self.ids["pi"], customer=self.ids["cus"], expires_at=START + 86400)
        for type_, status, error in (
            ("requires_action", "requires_action", None),
            ("setup_failed", "requires_payment_method", {"code": "card_declined"}),
            ("succeeded", "succeeded", None),
        ):
            self.say(f"setup_intent.{type_}", "seti", "setup_intent", status=status, last_setup_error=error,
                     customer=self.ids["cus"], payment_method=self.ids["pm"], usage="off_session")
        for status in ("active", "inactive"):
            self.say("mandate.updated", "mandate", status=status, type="multi_use", payment_method=self.ids["pm"],
                     customer_acceptance={"accepted_at": START})

    def connect(self):
        for charges in (False, True):
            self.say("account.updated", "acct", "account", charges_enabled=charges, payouts_enabled=charges,
                     country="DE", default_currency="eur")
        for type_, back in (("created", 0), ("reversed", 400)):
            self.say(f"transfer.{type_}", "tr", "transfer", amount=1000, amount_reversed=back, currency="eur",
                     reversed=False, destination=self.ids["acct"], source_transaction=self.ids["ch"])
        refund = {"id": self.ids["fr"], "object": "fee_refund", "amount": 50, "currency": "eur", "created": START,
                  "fee": self.ids["fee"]}
        for type_, refunds in (("created", []), ("refunded", [refund])):
            self.say(f"application_fee.{type_}", "fee", "application_fee", amount=100, currency="eur",
                     amount_refunded=50 * len(refunds), refunded=False, account=self.ids["acct"],
                     originating_transaction=self.ids["ch"],
                     refunds={"object": "list", "data": refunds, "has_more": False})

    def in_store(self, state, facts):
        names = {id_: role.upper() for role, id_ in self.ids.items()}
        mine = {k: v for k, v in state.items() if any(name in k for name in names)}
        told = [fact for fact in facts if any(name in fact[1] for name in names)]
        return model.rename(mine, names), sorted(map(tuple, model.rename(told, names)))


def test_lives_in_any_order_end_equal_and_tell_each_fact_once(place, seed):
    dice = random.Random(seed)
    lives = [Life(number) for number in range(LIVES)]
    serve = place.serve()
    for event in lives[0].events:
        assert serve.post(event).status == 200
        serve.wait_until_decided()
    for life in lives[1:]:
        order = life.events + [dice.choice(life.events)]
        dice.shuffle(order)
        assert {answer.status for answer in serve.post_all(order, connections=1)} == {200}
    serve.wait_until_decided()
    assert place.store.rows("SELECT count(*) AS n FROM inbox_work WHERE status = 'dead'")[0]["n"] in (0, "0")
    state, facts = model.state_of(place.store), model.facts_of(place.store)
    expected_state, expected_facts = lives[0].in_store(state, facts)
    assert {key.split()[0] for key in expected_state} == set(KINDS)
    for fact in (
        ("dispute.opened", "DP"), ("dispute.needs_response", "DP"), ("dispute.funds_withdrawn", "DP"),
        ("dispute.lost", "DP"), ("dispute.appealed", "DP"), ("dispute.funds_reinstated", "DP"), ("dispute.won", "DP"),
        ("payout.paid", "PO"), ("payout.failed", "PO"), ("payout.reconciled", "PO"), ("report.succeeded", "FRR"),
        ("topup.succeeded", "TU"), ("topup.reversed", "TU"), ("payment_method.deleted", "PM"),
        ("payment_method.deleted", "SRC"), ("checkout.completed", "CS"), ("checkout.paid", "CS"),
        ("setup.action_required", "SETI"), ("setup.failed", "SETI"), ("setup.succeeded", "SETI"),
        ("mandate.activated", "MANDATE"), ("mandate.deactivated", "MANDATE"), ("review.closed", "PRV"),
        ("fraud_warning.opened", "ISSFR"), ("connected_account.charges_enabled", "ACCT"),
        ("transfer.reversed", "TR"), ("application_fee.refunded", "FEE"), ("fee_refund.opened", "FR"),
        ("balance.opened", "CURRENCY"),
    ):
        assert expected_facts.count(fact) == 1, fact
    for number, life in enumerate(lives[1:], 1):
        ours_state, ours_facts = life.in_store(state, facts)
        model.assert_equal(ours_state, expected_state, f"seed {seed}, life {number}")
        assert ours_facts == expected_facts, f"seed {seed}, life {number}"


def test_views_show_amounts_times_and_ids(place):
    life = Life(0)
    serve = place.serve()
    assert {answer.status for answer in serve.post_all(life.events, connections=1)} == {200}
    serve.wait_until_decided()
    rows = place.store.rows
    assert rows("SELECT state, amount, withdrawn, settlement_currency, made_at FROM dispute_view") == [
        {"state": "won", "amount": "10.00", "withdrawn": "0.00", "settlement_currency": "EUR",
         "made_at": "2026-05-28T20:26:40Z"}]
    assert rows("SELECT state, amount, method, reconciliation FROM payout_view") == [
        {"state": "failed", "amount": "-90.00", "method": "standard", "reconciliation": "completed"}]
    assert rows("SELECT available, pending, instant_available FROM balance_view") == [
        {"available": "7.00", "pending": "0.07", "instant_available": "0.00"}]
    assert rows("SELECT amount, reversed FROM transfer_view") == [{"amount": "10.00", "reversed": "4.00"}]
    assert rows("SELECT order_reference, payment_status FROM checkout_view") == [
        {"order_reference": "order 17", "payment_status": "paid"}]
    for kind in KINDS:
        (prefix,) = {row["id"][:7] for row in rows(f"SELECT id FROM {kind}_view")}
        told = rows(f"SELECT aggregate_id FROM domain_event_view WHERE type = '{kind}.opened'")
        assert {row["aggregate_id"][:7] for row in told} == {prefix}
