"""Invoices with their lines and payments, credit notes and tax ids through the whole program."""


import model
import pytest
import stripe_bodies

START = stripe_bodies.START
KINDS = ("customer", "invoice", "invoice_line", "invoice_payment", "credit_note", "tax_id")
LIVES = 12


@pytest.fixture(autouse=True)
def invoice_kinds(monkeypatch):
    monkeypatch.setattr(model, "KINDS", KINDS)


class Life:
    """An invoice that fails, is overdue, is written off and is then settled by two payments and a credit note."""

    def __init__(self):
        names = ("cus", "in", "il", "inpay", "pi", "cn", "sub", "txi")
        self.ids = {name: stripe_bodies.make_id(name) for name in names}
        self.events = []
        self.second = START
        self.build()

    def say(self, type_, obj, seconds=10):
        self.second += seconds
        self.events.append(stripe_bodies.event(type_, obj, self.second))

    def lines(self, amounts):
        data = [
            {"id": f"{self.ids['il']}_{n}", "object": "line_item", "amount": amount, "currency": "eur",
             "description": "Tea", "discount_amounts": [], "invoice": self.ids["in"], "quantity": 1,
             "parent": {"type": "subscription_item_details", "invoice_item_details": None,
                        "subscription_item_details": {"subscription": self.ids["sub"], "subscription_item": "si_1"}},
             "period": {"start": START, "end": START + 86400}, "pricing": None, "taxes": [{"amount": amount // 5}]}
            for n, amount in enumerate(amounts)
        ]
        return {"object": "list", "data": data, "has_more": False}

    def invoice(self, status, lines=(600, 400), paid=0, **fields):
        return {
            "id": self.ids["in"], "object": "invoice", "amount_due": 1000, "amount_overpaid": 0, "amount_paid": paid,
            "amount_remaining": 1000 - paid, "attempt_count": 0, "attempted": False, "billing_reason": "manual",
            "collection_method": "send_invoice", "created": START, "currency": "eur", "customer": self.ids["cus"],
            "due_date": START + 100, "ending_balance": 0, "lines": self.lines(lines), "number": "T-1",
            "parent": {"type": "subscription_details", "subscription_details": {"subscription": self.ids["sub"]}},
            "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "starting_balance": -200,
            "status": status, "status_transitions": {}, "subtotal": 1000, "total": 1200,
            "total_discount_amounts": [], "total_taxes": [{"amount": 200}], **fields,
        }

    def payment(self, number, amount):
        return {
            "id": f"{self.ids['inpay']}_{number}", "object": "invoice_payment", "amount_paid": amount,
            "amount_requested": amount, "created": START + number, "currency": "eur", "invoice": self.ids["in"],
            "is_default": False, "status": "paid", "status_transitions": {"paid_at": self.second},
            "payment": {"type": "payment_intent", "payment_intent": f"{self.ids['pi']}_{number}"},
        }

    def credit_note(self, **fields):
        return {
            "id": self.ids["cn"], "object": "credit_note", "amount": 100, "created": START, "currency": "eur",
            "customer": self.ids["cus"], "invoice": self.ids["in"], "number": "T-1-CN-01", "post_payment_amount": 0,
            "pre_payment_amount": 100, "refunds": [], "status": "issued", "total_taxes": [], **fields,
        }

    def build(self):
        tax_id = {"id": self.ids["txi"], "object": "tax_id", "country": "DE", "created": START,
                  "customer": self.ids["cus"], "type": "eu_vat", "value": "DE123456789",
                  "verification": {"status": "pending"}}
        self.say("customer.created", stripe_bodies.customer(self.ids["cus"]))
        self.say("customer.tax_id.created", tax_id)
        self.say("customer.tax_id.updated", {**tax_id, "verification": {"status": "verified"}})
        self.say("customer.tax_id.deleted", {**tax_id, "verification": {"status": "verified"}})
        self.say("invoice.created", self.invoice("draft", number=None))
        final = {"status_transitions": {"finalized_at": self.second}}
        # All in one second; the second line is gone before the end of it.
        self.say("invoice.updated", self.invoice("draft", number=None, billing_reason="upcoming"))
        self.say("invoice.finalized", self.invoice("open", **final), seconds=0)
        tried = {"attempt_count": 1, "attempted": True, **final}
        self.say("invoice.payment_failed", self.invoice("open", [1000], **tried), seconds=0)
        self.say("invoice.overdue", self.invoice("open", [1000], **tried), seconds=200)
        self.say("invoice_payment.paid", self.payment(1, 400))
        self.say("invoice.updated", self.invoice("open", [1000], paid=400, **tried))
        self.say("credit_note.created", self.credit_note())
        final["status_transitions"]["marked_uncollectible_at"] = self.second
        self.say("invoice.marked_uncollectible", self.invoice("uncollectible", [1000], paid=400, **tried))
        self.say("invoice_payment.paid", self.payment(2, 500))
        final["status_transitions"]["paid_at"] = self.second
        self.say("invoice.paid", self.invoice("paid", [1000], paid=900, pre_payment_credit_notes_amount=100,
                                              **{**tried, "amount_due": 900, "amount_remaining": 0}))
        self.say("credit_note.voided", self.credit_note(status="void", voided_at=self.second))

    def in_store(self, state, facts):
        names = {id_: role.upper() for role, id_ in self.ids.items()}
        mine = {k: v for k, v in state.items() if any(name in k for name in names)}
        told = [fact for fact in facts if any(name in fact[1] for name in names)]
        return model.rename(mine, names), sorted(map(tuple, model.rename(told, names)))


def told_of(place, own_type):
    rows = place.store.rows(f"SELECT count(*) AS n FROM domain_event WHERE type = '{own_type}'")
    return int(rows[0]["n"])


def test_a_life_in_order_tells_everything(place):
    life = Life()
    serve = place.serve()
    for event in life.events:
        assert serve.post(event).status == 200
        serve.wait_until_decided()
    for type_, times in (
        ("invoice.opened", 1), ("invoice.finalized", 1), ("invoice.payment_failed", 1), ("invoice.overdue", 1),
        ("invoice.uncollectible", 1), ("invoice.paid", 1), ("invoice.voided", 0), ("invoice.deleted", 0),
        ("invoice_line.opened", 2), ("invoice_payment.paid", 2), ("credit_note.opened", 1), ("credit_note.voided", 1),
        ("tax_id.verified", 1), ("tax_id.unverified", 0), ("tax_id.deleted", 1),
        ("payment.succeeded", 0),  # paid is said of the invoice: no payment was heard of
    ):
        assert told_of(place, type_) == times, type_
    # A line that the newest snapshot does not have was dropped.
    current = place.store.rows("SELECT amount FROM invoice_line_view WHERE current")
    assert [row["amount"] for row in current] == ["10.00"]
    # What settles it adds up: payments, the balance and a credit note.
    settled = place.store.rows(
        "SELECT i.total_minor - i.applied_balance_minor - i.pre_payment_credit_minor - sum(p.paid_minor) AS rest"
        " FROM invoice i JOIN invoice_payment p ON p.invoice_id = i.id"
        " GROUP BY i.total_minor, i.applied_balance_minor, i.pre_payment_credit_minor"
    )
    assert [int(row["rest"]) for row in settled] == [0]
    contested = [place.store.rows(f"SELECT count(*) AS n FROM {kind} WHERE contested = 1")[0]["n"] for kind in KINDS]
    assert [int(n) for n in contested] == [0] * len(KINDS)


def test_any_order_ends_equal(place, seed):
    model.assert_any_order_ends_equal(place, [Life() for _ in range(LIVES)], KINDS, seed)


def test_views_show_amounts_times_and_ids(place):
    life = Life()
    serve = place.serve()
    assert {answer.status for answer in serve.post_all(life.events, connections=1)} == {200}
    serve.wait_until_decided()
    row = place.store.rows("SELECT id, customer_id, subscription_id, provider_ids, made_at, state, number, total, paid,"
                           " starting_balance, applied_balance, currency FROM invoice_view")[0]
    assert (row["id"][:7], row["customer_id"][:7], row["subscription_id"][:7]) == ("cf_inv_", "cf_cus_", "cf_sub_")
    assert (row["provider_ids"], row["made_at"], row["state"]) == (life.ids["in"], "2026-05-28T20:26:40Z", "paid")
    assert (row["total"], row["paid"], row["currency"]) == ("12.00", "9.00", "EUR")
    assert (row["starting_balance"], row["applied_balance"]) == ("-2.00", "2.00")
    for kind, prefix in (("invoice_line", "cf_inl_"), ("invoice_payment", "cf_inp_"), ("credit_note", "cf_crn_"),
                         ("tax_id", "cf_tax_")):
        assert {row["id"][:7] for row in place.store.rows(f"SELECT id FROM {kind}_view")} == {prefix}
