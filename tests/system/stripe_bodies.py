"""Bodies in the shapes of Stripe's API 2026-10-28.endive, written from its documented fields, and signatures."""

import copy
import hashlib
import hmac
import itertools
import json
import time

API_VERSION = "2026-10-28.endive"
PERSON = "ada.marker@person.example"  # stands in every customer: no log may show it
START = 1_780_000_000

_numbers = itertools.count(1)


def make_id(prefix):
    """Ids that look like Stripe's and never come twice in one run."""
    return f"{prefix}_1S{next(_numbers):06d}Bq{hashlib.sha256(prefix.encode()).hexdigest()[:12]}"


def sign(secret, body, at=None):
    """One v1 signature, as docs.stripe.com/webhooks describes it."""
    at = int(time.time()) if at is None else at
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def header(secrets, body, at=None):
    """The Stripe-Signature header: one v1 for each secret."""
    at = int(time.time()) if at is None else at
    secrets = [secrets] if isinstance(secrets, str) else secrets
    return ",".join([f"t={at}"] + [f"v1={sign(secret, body, at)}" for secret in secrets])


def encode(event):
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def event(type_, obj, created=START, previous=None, id_=None, live=False, account=None, version=API_VERSION):
    data = {"object": copy.deepcopy(obj)}
    if previous is not None:
        data["previous_attributes"] = previous
    built = {
        "id": id_ or make_id("evt"),
        "object": "event",
        "api_version": version,
        "created": created,
        "data": data,
        "livemode": live,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": type_,
    }
    if account is not None:
        built["account"] = account
    return built


def customer(id_=None, **fields):
    return {
        "id": id_ or make_id("cus"),
        "object": "customer",
        "created": START,
        "currency": None,
        "email": PERSON,
        "livemode": False,
        "metadata": {},
        "name": "Ada Marker",
        **fields,
    }


def payment_intent(id_=None, **fields):
    return {
        "id": id_ or make_id("pi"),
        "object": "payment_intent",
        "amount": 4200,
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": "automatic_async",
        "created": START,
        "currency": "eur",
        "customer": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "status": "requires_payment_method",
        **fields,
    }


def charge(id_=None, **fields):
    return {
        "id": id_ or make_id("ch"),
        "object": "charge",
        "amount": 4200,
        "amount_captured": 4200,
        "amount_refunded": 0,
        "balance_transaction": None,
        "captured": True,
        "created": START + 2,
        "currency": "eur",
        "customer": None,
        "failure_code": None,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": None,
        "payment_method_details": {"type": "card"},
        "refunded": False,
        "status": "succeeded",
        **fields,
    }


def refund(id_=None, **fields):
    return {
        "id": id_ or make_id("re"),
        "object": "refund",
        "amount": 1000,
        "balance_transaction": None,
        "charge": None,
        "created": START + 60,
        "currency": "eur",
        "metadata": {},
        "payment_intent": None,
        "reason": "requested_by_customer",
        "status": "pending",
        **fields,
    }


def life_of_a_payment():
    """Seven events: customer, payment, attempt, success, refund begun, money given back, refund done."""
    who = customer()
    intent = payment_intent(customer=who["id"])
    paid = charge(customer=who["id"], payment_intent=intent["id"])
    done = dict(intent, status="succeeded", amount_received=4200, latest_charge=paid["id"])
    back = refund(charge=paid["id"], payment_intent=intent["id"])
    part = dict(paid, amount_refunded=1000)
    return [
        event("customer.created", who, START),
        event("payment_intent.created", intent, START),
        event("charge.succeeded", paid, START + 2),
        event("payment_intent.succeeded", done, START + 3),
        event("refund.created", back, START + 60),
        event("charge.refunded", part, START + 60, previous={"amount_refunded": 0}),
        event("refund.updated", dict(back, status="succeeded"), START + 90, previous={"status": "pending"}),
    ]


def small_event(number=0, **fields):
    """A payment intent of its own: cheap, and every one changes something."""
    intent = payment_intent(amount=1000 + number % 9000, **fields)
    return event("payment_intent.created", intent, START + number % 1000)
