"""Products, prices, subscriptions with their items, schedules and discounts through the whole program."""


import model
import pytest
import stripe_bodies

START = stripe_bodies.START
KINDS = ("customer", "product", "price", "subscription", "subscription_item", "schedule", "discount")
LIVES = 12


@pytest.fixture(autouse=True)
def billing_kinds(monkeypatch):
    monkeypatch.setattr(model, "KINDS", KINDS)


class Life:
    """A subscription from its product to its end; every event in a second of its own but those of the price."""

    def __init__(self):
        self.ids = {name: stripe_bodies.make_id(name) for name in ("prod", "price", "cus", "sub", "si", "sub_sched", "di")}
        self.events = []
        self.second = START
        self.item = self.ids["si"]
        self.build()

    def say(self, type_, obj, seconds=10):
        self.second += seconds
        self.events.append(stripe_bodies.event(type_, obj, self.second))

    def price(self):
        common = {"id": self.ids["price"], "active": True, "created": START, "currency": "eur", "nickname": "Gold",
                  "product": self.ids["prod"], "tiers_mode": None}
        recurring = {"interval": "month", "interval_count": 1}
        return (
            {**common, "object": "price", "unit_amount": 900, "unit_amount_decimal": "900", "recurring": recurring},
            {**common, "object": "plan", "amount": 900, "amount_decimal": "900", **recurring},
        )

    def subscription(self, status, quantities, **fields):
        items = [
            {"id": f"{self.item}_{n}", "object": "subscription_item", "created": START, "quantity": quantity,
             "current_period_start": START, "current_period_end": START + 86400, "price": self.price()[0],
             "subscription": self.ids["sub"]}
            for n, quantity in enumerate(quantities)
        ]
        return {
            "id": self.ids["sub"], "object": "subscription", "created": START, "currency": "eur",
            "customer": self.ids["cus"], "discounts": [self.ids["di"]], "latest_invoice": None,
            "pause_collection": None, "schedule": self.ids["sub_sched"], "status": status, "ended_at": None,
            "items": {"object": "list", "data": items, "has_more": False}, **fields,
        }

    def build(self):
        price, plan = self.price()
        self.say("product.created", {"id": self.ids["prod"], "object": "product", "active": True, "created": START,
                                     "name": "Tea"})
        self.say("price.created", price)
        self.say("plan.created", plan, seconds=0)
        self.say("customer.created", stripe_bodies.customer(self.ids["cus"]))
        discount = {"id": self.ids["di"], "object": "discount", "customer": self.ids["cus"], "start": START, "end": None,
                    "subscription": self.ids["sub"],
                    "source": {"type": "coupon", "coupon": {"id": "TEN", "object": "coupon", "percent_off": 10.0}}}
        self.say("customer.discount.created", discount)
        self.say("customer.subscription.created", self.subscription("trialing", [1, 5]))
        schedule = {"id": self.ids["sub_sched"], "object": "subscription_schedule", "created": START,
                    "current_phase": {"start_date": START, "end_date": START + 86400}, "customer": self.ids["cus"],
                    "end_behavior": "release", "released_subscription": None, "status": "active",
                    "subscription": self.ids["sub"]}
        self.say("subscription_schedule.updated", schedule)
        self.say("customer.subscription.updated", self.subscription("active", [2]))
        self.say("customer.subscription.updated",
                 self.subscription("active", [2], pause_collection={"behavior": "void", "resumes_at": None}))
        self.say("customer.subscription.updated", self.subscription("active", [2]))
        self.say("customer.subscription.paused", self.subscription("paused", [2]))
        self.say("customer.subscription.resumed", self.subscription("active", [2]))
        self.say("subscription_schedule.released", {**schedule, "status": "released", "current_phase": None,
                 "subscription": None, "released_subscription": self.ids["sub"], "released_at": self.second})
        self.say("customer.discount.deleted", discount)
        self.say("customer.subscription.deleted",
                 self.subscription("canceled", [2], ended_at=self.second, schedule=None))

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
        ("subscription.opened", 1), ("subscription.trial_started", 1), ("subscription.activated", 1),
        ("subscription.collection_paused", 1), ("subscription.collection_resumed", 1), ("subscription.paused", 1),
        ("subscription.resumed", 1), ("subscription.canceled", 1), ("schedule.released", 1), ("discount.deleted", 1),
        ("subscription_item.opened", 2), ("price.opened", 1), ("product.opened", 1),
    ):
        assert told_of(place, type_) == times, type_
    # A part that the newest snapshot does not have was taken out.
    current = place.store.rows("SELECT quantity FROM subscription_item_view WHERE current")
    assert [int(row["quantity"]) for row in current] == [2]
    contested = [place.store.rows(f"SELECT count(*) AS n FROM {kind} WHERE contested = 1")[0]["n"] for kind in KINDS]
    assert [int(n) for n in contested] == [0] * len(KINDS)


def test_any_order_ends_equal(place, seed):
    model.assert_any_order_ends_equal(place, [Life() for _ in range(LIVES)], KINDS, seed)


def test_views_show_amounts_times_and_ids(place):
    life = Life()
    serve = place.serve()
    assert {answer.status for answer in serve.post_all(life.events, connections=1)} == {200}
    serve.wait_until_decided()
    assert place.store.rows("SELECT unit_amount, currency, interval_unit FROM price_view") == [
        {"unit_amount": "9.00", "currency": "EUR", "interval_unit": "month"}]
    row = place.store.rows("SELECT id, customer_id, provider_ids, made_at, state FROM subscription_view")[0]
    assert (row["id"][:7], row["customer_id"][:7], row["state"]) == ("cf_sub_", "cf_cus_", "canceled")
    assert (row["provider_ids"], row["made_at"]) == (life.ids["sub"], "2026-05-28T20:26:40Z")
    for kind, prefix in (("product", "cf_pro_"), ("subscription_item", "cf_sui_"), ("schedule", "cf_sch_"),
                         ("discount", "cf_dsc_")):
        assert {row["id"][:7] for row in place.store.rows(f"SELECT id FROM {kind}_view")} == {prefix}
