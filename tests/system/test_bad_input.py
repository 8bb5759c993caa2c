"""Promise 9: bad input is an answer, not a crash. What is proven is kept and answered 200, with its reason."""

import json
import socket
import time

import pytest
import stripe_bodies
from harness import SECRET, raw_request, seconds, send_and_go, status_of


def event_bytes(**fields):
    event = stripe_bodies.small_event()
    event.update(fields)
    return stripe_bodies.encode(event)


def without(*path):
    event = stripe_bodies.small_event()
    inner = event
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return stripe_bodies.encode(event)


def with_metadata(text):
    """`text` stands in the body as it is, as the value of a metadata key."""
    event = stripe_bodies.small_event(metadata={"note": "MARK"})
    return stripe_bodies.encode(event).replace(b'"MARK"', text)


def deep(levels):
    return with_metadata(b'{"a":' * levels + b"1" + b"}" * levels)


# name: (body, the reason with which it is recorded; None: decided by its content)
PROVEN = {
    "not json": (b"this is no json", "not_json"),
    "an empty object": (b"{}", "not_an_event"),
    "an array": (b"[]", "not_an_event"),
    "a number": (b"17", "not_an_event"),
    "a blank": (b" ", "not_json"),
    "truncated": (event_bytes()[:-20], "not_json"),
    "trailing bytes": (event_bytes() + b"{}", "not_json"),
    "invalid UTF-8": (with_metadata(b'"\xff\xfe"'), "not_utf8"),
    "overlong UTF-8": (with_metadata(b'"\xc0\xaf"'), "not_utf8"),
    "a raw surrogate": (with_metadata(b'"\xed\xa0\x80"'), "not_utf8"),
    "an escaped NUL in metadata": (with_metadata(b'"a\\u0000b"'), None),
    "a lone surrogate in metadata": (with_metadata(b'"a\\ud800b"'), None),
    "a raw NUL": (with_metadata(b'"a\x00b"'), "not_json"),
    "nested 10,000 deep": (deep(10_000), "too_deep"),
    "nested 100,000 deep": (deep(100_000), "too_deep"),
    "1e400": (with_metadata(b"1e400"), None),
    "2^53+1 in metadata": (with_metadata(b"9007199254740993"), None),
    "a key twice": (event_bytes().replace(b'"livemode":false', b'"livemode":false,"livemode":true', 1), "key_twice"),
    "no id": (without("id"), "no_event_id"),
    "an id that is null": (event_bytes(id=None), "no_event_id"),
    "an id that is empty": (event_bytes(id=""), None),
    "an id that is a number": (event_bytes(id=17), None),
    "an id of 10,000 bytes": (event_bytes(id="evt_" + "x" * 10_000), None),
    "no type": (without("type"), "no_type"),
    "a type of 10,000 bytes": (event_bytes(type="x" * 10_000), None),
    "an unknown type": (event_bytes(type="something.new"), "unknown_type"),
    "no created": (without("created"), "odd_field"),
    "created as text": (event_bytes(created="yesterday"), "odd_field"),
    "created before 1970": (event_bytes(created=-1), "odd_field"),
    "created beyond int64": (event_bytes().replace(b'"created":17', b'"created":999999999999999999917'), None),
    "no data": (without("data"), "no_object"),
    "no data.object": (without("data", "object"), "no_object"),
    "data.object is null": (event_bytes(data={"object": None}), "no_object"),
    "data.object is text": (event_bytes(data={"object": "pi_1"}), "no_object"),
    "wrong livemode": (event_bytes(livemode=True), "wrong_environment"),
    "no livemode": (without("livemode"), None),
    "livemode as text": (event_bytes(livemode="false"), None),
    "the test ping": (event_bytes(id="evt_00000000000000"), "test_ping"),
    "a thin event": (
        json.dumps(
            {
                "id": "evt_test_65SzXUZX",
                "object": "v2.core.event",
                "type": "v1.billing.meter.error_report_triggered",
                "created": "2026-11-20T10:00:00.000Z",
                "livemode": False,
                "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1"},
            }
        ).encode(),
        "not_modelled",
    ),
}


@pytest.mark.parametrize("name", PROVEN)
def test_proven_but_odd_is_kept_and_recorded(sqlite_place, name):
    body, reason = PROVEN[name]
    serve = sqlite_place.serve()
    answer = serve.post(body)
    assert answer.status == 200, answer
    serve.wait_until_decided()
    rows = sqlite_place.store.rows(
        "SELECT e.body, w.status, w.reason FROM inbox_event e JOIN inbox_work w ON w.seq = e.seq"
    )
    assert len(rows) == 1
    assert bytes(rows[0]["body"]) == body, "the exact bytes are kept"
    if reason is not None:
        assert (rows[0]["status"], rows[0]["reason"]) == ("recorded", reason)
    else:
        assert rows[0]["status"] in ("applied", "stale", "recorded", "dead")
    assert serve.post(body).json()["status"] == "duplicate"
    assert serve.get("/readyz")[0] == 200
    assert serve.stop() == 0


def test_all_odd_bodies_are_kept_on_both_engines(place):
    """Together, so that one of them spoils no other's commit or projection."""
    serve = place.serve()
    good = [stripe_bodies.encode(stripe_bodies.small_event(n)) for n in range(20)]
    bodies = [body for body, _ in PROVEN.values()] + good
    assert {a.status for a in serve.post_all(bodies, connections=8)} == {200}
    serve.wait_until_decided()
    assert place.store.rows("SELECT count(*) AS n FROM inbox_event") == [{"n": len(bodies)}]
    applied = place.store.rows("SELECT count(*) AS n FROM inbox_work WHERE status = 'applied'")[0]["n"]
    assert applied >= len(good)
    assert serve.stop() == 0


@pytest.mark.parametrize("name,change", [
    ("a negative amount", {"amount": -1}),
    ("an amount beyond int64", {"amount": 10**30}),
    ("an amount with a fraction", {"amount": 12.5}),
    ("an amount that is text", {"amount": "12"}),
    ("no currency", {"currency": None}),
    ("a currency that is none", {"currency": "money"}),
    ("an id that is a number", {"id": 5}),
])
def test_impossible_objects_are_dead_letters_that_name_the_field(sqlite_place, name, change):
    serve = sqlite_place.serve()
    event = stripe_bodies.small_event()
    event["data"]["object"].update(change)
    assert serve.post(event).status == 200
    serve.wait_until_decided()
    rows = sqlite_place.store.rows("SELECT status, error, error_text FROM inbox_work")
    assert [row["status"] for row in rows] == ["dead"]
    assert rows[0]["error"] and next(iter(change)) in rows[0]["error_text"]
    letters = sqlite_place.cli("dead-letters", "list").stdout
    assert next(iter(change)) in letters
    assert serve.stop() == 0


def test_a_bad_event_takes_no_innocent_along(place):
    serve = place.serve()
    events = [stripe_bodies.small_event(n) for n in range(60)]
    for event in events[::10]:
        event["data"]["object"]["amount"] = -5
    assert {a.status for a in serve.post_all(events)} == {200}
    serve.wait_until_decided()
    counts = {r["status"]: r["n"] for r in place.store.rows("SELECT status, count(*) AS n FROM inbox_work GROUP BY status")}
    assert counts == {"applied": 54, "dead": 6}


def test_created_in_the_future_is_applied(sqlite_place):
    serve = sqlite_place.serve()
    event = stripe_bodies.small_event()
    event["created"] = int(time.time()) + 86400 * 365
    assert serve.post(event).status == 200
    serve.wait_until_decided()
    assert sqlite_place.store.rows("SELECT status FROM inbox_work") == [{"status": "applied"}]


def test_numbers_that_doubles_cannot_hold_are_exact(place):
    serve = place.serve()
    assert serve.post(stripe_bodies.event("payment_intent.created", stripe_bodies.payment_intent(amount=2**53 + 1))).status == 200
    serve.wait_until_decided()
    assert place.store.rows("SELECT amount_minor FROM payment") == [{"amount_minor": 2**53 + 1}]


def test_same_id_in_two_renderings_is_kept_twice_and_has_effect_once(place):
    serve = place.serve()
    event = stripe_bodies.small_event()
    other = dict(event, api_version="2025-03-31.basil")
    counted = dict(event, pending_webhooks=7)
    assert [serve.post(e).json()["status"] for e in (event, other, counted)] == ["kept", "kept", "duplicate"]
    serve.wait_until_decided()
    assert place.store.rows("SELECT count(*) AS n FROM inbox_event") == [{"n": 2}]
    opened = place.store.rows("SELECT count(*) AS n FROM domain_event WHERE type = 'payment.opened'")
    assert opened == [{"n": 1}]


def test_another_accounts_event_belongs_to_another_scope(place):
    serve = place.serve()
    intent = stripe_bodies.payment_intent()
    ours = stripe_bodies.event("payment_intent.created", intent)
    theirs = dict(ours, account="acct_1SomebodyElse00")
    assert [serve.post(e).json()["status"] for e in (ours, theirs)] == ["kept", "kept"]
    serve.wait_until_decided()
    scopes = place.store.rows("SELECT DISTINCT scope FROM payment")
    assert len(scopes) == 2
    assert place.store.rows("SELECT account_key FROM scope WHERE account_key LIKE 'acct_%'") == [
        {"account_key": "acct_1SomebodyElse00"}
    ]


def test_two_test_pings_with_other_bodies_are_two_events(place):
    serve = place.serve()
    pings = [event_bytes(id="evt_00000000000000", type=type_) for type_ in ("charge.succeeded", "charge.failed")]
    assert [serve.post(body).json()["status"] for body in pings] == ["kept", "kept"]
    assert serve.post(pings[0]).json()["status"] == "duplicate"
    serve.wait_until_decided()
    assert place.store.rows("SELECT count(*) AS n FROM payment") == [{"n": 0}]


def test_header_with_100_signatures_is_judged(sqlite_place):
    serve = sqlite_place.serve()
    body = event_bytes()
    right = stripe_bodies.header(SECRET, body)
    wrong = [f"v1={number:064x}" for number in range(99)]
    at, v1 = right.split(",")
    assert serve.post(body, signature=",".join([at, *wrong])).status == 400
    assert serve.post(body, signature=",".join([at, v1, *wrong])).status == 200
    last = serve.post(event_bytes(), signature=",".join([at, *wrong, v1]))
    assert last.status == 400  # beyond what is looked at; and a signature of another body


ODD_HEADERS = {
    "empty": "",
    "only commas": "," * 5000,
    "t twice, then wrong": "t={at},v1={v1},t=1",
    "t with a sign": "t=+{at},v1={v1}",
    "t with zeros": "t=0{at},v1={v1}",
    "t huge": "t=99999999999999999999,v1={v1}",
    "t missing": "v1={v1}",
    "v0 in place of v1": "t={at},v0={v1}",
    "upper case": "t={at},v1={V1}",
    "half a signature": "t={at},v1={half}",
    "8 KiB of v1": "t={at}" + ",v1=ab" * 1300,
    "bytes beyond ASCII": "t={at},v1=\xff\xfe",
}


@pytest.mark.parametrize("name", ODD_HEADERS)
def test_odd_signature_headers_are_400(sqlite_place, name):
    serve = sqlite_place.serve()
    body = event_bytes()
    at = int(time.time())
    v1 = stripe_bodies.sign(SECRET, body, at)
    text = ODD_HEADERS[name].format(at=at, v1=v1, V1=v1.upper(), half=v1[:32])
    assert serve.post(body, signature=text).status == 400
    assert sqlite_place.store.rows("SELECT seq FROM inbox_event") == []


def test_repeated_signature_header_is_400(sqlite_place):
    serve = sqlite_place.serve()
    body = event_bytes()
    line = f"Stripe-Signature: {stripe_bodies.header(SECRET, body)}\r\n"
    head = f"POST /webhooks/acme HTTP/1.1\r\nHost: x\r\n{line}{line}Content-Length: {len(body)}\r\n\r\n"
    assert status_of(raw_request(serve.public, head.encode() + body)) == 400


@pytest.mark.parametrize("length,sent", [("10", 200), ("200", 10), ("-1", 10), ("9" * 30, 10), ("ten", 10), ("0x10", 16)])
def test_wrong_lengths_end_the_connection_and_nothing_else(sqlite_place, length, sent):
    sqlite_place.settings["http", "timeout"] = "1s"
    sqlite_place.write_config()
    serve = sqlite_place.serve()
    head = f"POST /webhooks/acme HTTP/1.1\r\nHost: x\r\nStripe-Signature: t=1,v1=a\r\nContent-Length: {length}\r\n\r\n"
    answer = raw_request(serve.public, head.encode() + b"{" * sent)
    assert status_of(answer) in (None, 400, 411, 413)
    assert serve.post(stripe_bodies.small_event()).status == 200


JUNK = {
    "NULs": b"\x00" * 100,
    "half a request": b"GET\r\n\r\n",
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a version that does not exist": b"POST / HTTP/9.9\r\n\r\n",
    "a long line": b"A" * 100_000,
}


@pytest.mark.parametrize("name", JUNK)
def test_bytes_that_are_no_http_harm_nobody(sqlite_place, name):
    junk = JUNK[name]
    serve = sqlite_place.serve()
    send_and_go(serve.public, junk)
    send_and_go(serve.private, junk)
    assert serve.post(stripe_bodies.small_event()).status == 200


def test_client_that_goes_away_before_its_answer(place):
    serve = place.serve()
    body = event_bytes()
    head = f"POST /webhooks/acme HTTP/1.1\r\nHost: x\r\nStripe-Signature: {stripe_bodies.header(SECRET, body)}\r\n"
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", serve.public), timeout=seconds(10)) as connection:
            connection.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    assert serve.post(body).status == 200
    assert place.store.rows("SELECT count(*) AS n FROM inbox_event") == [{"n": 1}]
    assert serve.stop() == 0
