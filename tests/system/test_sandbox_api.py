"""The sandbox as Stripe's API: what was lost is found there, page by page, and its errors look like Stripe's."""

import email.utils
import http.client
import json
import time
import urllib.parse

import pytest

import harness
import stand_in

KEY = "rk_test_CounterfoilSandbox"


class Api:
    """A client of the sandbox's API on one connection."""

    def __init__(self, port, key=KEY):
        self.key = key
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=harness.seconds(20))

    def raw(self, path, query=(), method="GET", **headers):
        """(status, headers, body); `query` is pairs, since types[] comes more than once."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        self.connection.request(method, target, headers=sent)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def get(self, path, query=(), **headers):
        status, _, body = self.raw(path, query, **headers)
        assert status == 200, body
        return json.loads(body)

    def refused(self, path, query=(), **headers):
        """(status, error, headers) of a request that must not be answered."""
        status, answered, body = self.raw(path, query, **headers)
        assert status >= 400 and answered["Content-Type"] == "application/json"
        return status, json.loads(body)["error"], answered

    def pages(self, path, query=(), limit=100, between=lambda page: None):
        """All elements, by cursor; `between` is called after each page."""
        cursor = []
        while True:
            page = self.get(path, [*query, ("limit", limit), *cursor])
            assert page["object"] == "list" and page["url"] == path and len(page["data"]) <= limit
            yield from page["data"]
            between(page)
            if not page["has_more"]:
                return
            assert page["data"], "an empty page that has more"
            cursor = [("starting_after", page["data"][-1]["id"])]


@pytest.fixture
def shop(sqlite_place):
    """Starts a sandbox that listens; gives its process, whose `api` is a client."""

    def start(*options, key=KEY, name="sandbox"):
        port_file = sqlite_place.folder / f"api-port-{name}"
        process = sqlite_place.background(name, "sandbox", "--listen", "127.0.0.1:0", "--port-file", port_file, *options)

        def listening():
            assert process.running(), process.text()
            return port_file.exists()

        harness.eventually(listening, "the sandbox listens")
        process.port = int(port_file.read_text())
        process.api = Api(process.port, key)
        return process

    return start


def has_closed(process, deadline=60, meanwhile=lambda: None):
    """With --stay: the shop has ended, and its summary is printed."""
    harness.eventually(lambda: meanwhile() or process.output() or not process.running(), "the shop has closed", deadline)
    assert process.running(), process.text()


def count(api):
    return sum(1 for _ in api.pages("/v1/events"))


def test_pages_hold_each_event_exactly_once_while_new_ones_come(shop, seed):
    sandbox = shop("--seed", seed, "--rate", "400")
    harness.eventually(lambda: count(sandbox.api) > 250, "250 events")
    known = {event["id"] for event in sandbox.api.pages("/v1/events")}
    fresh = []

    def wait_for_a_new_one(page):
        def newer():
            return sandbox.api.get("/v1/events", [("limit", 1)])["data"][0]["id"]

        before = fresh[-1] if fresh else page["data"][0]["id"]  # the first page's newest
        fresh.append(harness.eventually(lambda: newer() != before and newer(), "a new event"))

    seen = [event["id"] for event in sandbox.api.pages("/v1/events", between=wait_for_a_new_one)]
    assert len(seen) == len(set(seen)) and known <= set(seen)
    assert fresh and not set(fresh) & set(seen)
    assert sandbox.stop() == 0


def test_a_cursor_leads_up_to_the_new_ones_too(shop, seed):
    sandbox = shop("--seed", seed, "--rate", "500", "--for", "2s", "--stay")
    has_closed(sandbox)
    everything = [event["id"] for event in sandbox.api.pages("/v1/events")]
    found = []
    cursor = everything[-1]
    while True:
        page = sandbox.api.get("/v1/events", [("limit", 100), ("ending_before", cursor)])
        found = [event["id"] for event in page["data"]] + found
        if not page["has_more"]:
            break
        cursor = found[0]
    assert found == everything[:-1]


def test_filters_choose_by_time_type_and_delivery(shop, seed):
    sandbox = shop("--seed", seed, "--rate", "500", "--for", "4s", "--stay")
    has_closed(sandbox)
    api = sandbox.api
    everything = list(api.pages("/v1/events"))
    middle = everything[len(everything) // 2]["created"]
    for filters, chosen in [
        ([("created[gte]", middle)], lambda event: event["created"] >= middle),
        ([("created[gt]", middle)], lambda event: event["created"] > middle),
        ([("created[lte]", middle)], lambda event: event["created"] <= middle),
        ([("created[lt]", middle)], lambda event: event["created"] < middle),
        ([("created", middle)], lambda event: event["created"] == middle),
        ([("type", "charge.succeeded")], lambda event: event["type"] == "charge.succeeded"),
        ([("type", "charge.*")], lambda event: event["type"].startswith("charge.")),
        ([("types[]", "charge.failed"), ("types[]", "customer.created"), ("created[gte]", middle)],
         lambda event: event["type"] in ("charge.failed", "customer.created") and event["created"] >= middle),
        ([("delivery_success", "false")], lambda event: True),
        ([("delivery_success", "true")], lambda event: False),
    ]:
        expected = [event["id"] for event in everything if chosen(event)]
        assert [event["id"] for event in api.pages("/v1/events", filters, limit=30)] == expected, filters


def test_objects_are_listed_newest_first_as_their_last_event_showed_them(shop, seed):
    sandbox = shop("--seed", seed, "--mix", "payments", "--rate", "800", "--for", "5s", "--stay")
    has_closed(sandbox)
    last_told = {}
    for event in sandbox.api.pages("/v1/events"):
        last_told.setdefault(event["data"]["object"].get("id"), event["data"]["object"])
    for path in ["payment_intents", "charges", "refunds", "customers"]:
        listed = list(sandbox.api.pages(f"/v1/{path}", limit=50))
        assert listed and {thing["object"] for thing in listed} == {path[:-1]}
        assert [thing["created"] for thing in listed] == sorted((thing["created"] for thing in listed), reverse=True)
        assert len({thing["id"] for thing in listed}) == len(listed)
        for thing in listed:
            assert last_told[thing["id"]] == thing
        for thing in listed[:10]:
            assert sandbox.api.get(f"/v1/{path}/{thing['id']}") == thing


def test_errors_have_the_shape_of_stripes(shop, seed):
    sandbox = shop("--seed", seed, "--rate", "100")
    api = sandbox.api
    status, error, headers = Api(sandbox.port, key=None).refused("/v1/events")
    assert status == 401 and error["type"] == "invalid_request_error" and headers["Request-Id"].startswith("req_")
    status, error, _ = Api(sandbox.port, key="rk_test_other").refused("/v1/events")
    assert status == 401 and "rk_test_other" not in error["message"]
    for path, query, expected in [
        ("/v1/events/evt_none", [], (404, "resource_missing", "id")),
        ("/v1/charges/ch_none", [], (404, "resource_missing", "id")),
        ("/v1/events", [("starting_after", "evt_none")], (400, "resource_missing", "starting_after")),
        ("/v1/events", [("limit", "101")], (400, "parameter_invalid", "limit")),
        ("/v1/events", [("limit", "x")], (400, "parameter_invalid_integer", "limit")),
        ("/v1/events", [("colour", "x")], (400, "parameter_unknown", "colour")),
        ("/v1/nothing", [], (404, None, None)),
    ]:
        status, error, headers = api.refused(path, query)
        assert (status, error.get("code"), error.get("param")) == expected
        assert error["type"] == "invalid_request_error" and error["message"] and headers["Request-Id"]
    assert api.refused("/v1/events", method="POST")[0] == 404
    status, error, _ = api.refused("/v1/events", [], Stripe_Version="2015-01-26")
    assert status == 400 and "2022-08-01" in error["message"]
    status, headers, _ = api.raw("/v1/events", [], Stripe_Version="2022-08-01")
    assert status == 200 and headers["Stripe-Version"] == "2022-08-01"
    assert abs(email.utils.parsedate_to_datetime(headers["Date"]).timestamp() - time.time()) < harness.seconds(60)
    assert api.refused("/v1/events", [], Stripe_Account="acct_none")[0] == 403


def test_account_and_endpoint_say_who_and_where(shop, seed):
    api = shop("--seed", seed).api
    account = api.get("/v1/account")
    assert account["object"] == "account" and account["id"].startswith("acct_")
    assert api.get("/v1/webhook_endpoints") == {
        "object": "list", "data": [], "has_more": False, "url": "/v1/webhook_endpoints"}


def test_too_many_requests_are_refused_until_time_has_passed(shop, seed):
    api = shop("--seed", seed, "--api-rate", "5").api
    answers = [api.raw("/v1/account") for _ in range(60)]
    refused = [(headers, json.loads(body)["error"]) for status, headers, body in answers if status == 429]
    assert answers[0][0] == 200 and refused
    for headers, error in refused:
        assert headers["Stripe-Rate-Limited-Reason"] == "global-rate" and error["code"] == "rate_limit"
    harness.eventually(lambda: api.raw("/v1/account")[0] == 200, "the rate has recovered")


def test_failures_on_purpose(shop, seed):
    api = shop("--seed", seed, "--api-errors", "20", "--api-lock", "20").api
    answers = [api.raw("/v1/account") for _ in range(300)]
    errors = [json.loads(body)["error"] for status, _, body in answers if status == 500]
    locks = [(headers, json.loads(body)["error"]) for status, headers, body in answers if status == 429]
    assert 30 < len(errors) < 100 and {error["type"] for error in errors} == {"api_error"}
    assert 20 < len(locks) < 90 and {error["code"] for _, error in locks} == {"lock_timeout"}
    assert all(headers["Stripe-Rate-Limited-Reason"] is None for headers, _ in locks)


def test_a_key_of_ones_own_is_never_printed(shop, seed):
    sandbox = shop("--seed", seed, "--api-key", "rk_test_of_my_own", key="rk_test_of_my_own")
    assert sandbox.api.get("/v1/account")["object"] == "account"
    assert Api(sandbox.port).refused("/v1/account")[0] == 401
    assert sandbox.stop() == 0
    assert "rk_test_of_my_own" not in sandbox.text() + sandbox.output()
    assert KEY in shop("--seed", seed, name="default").text()


def test_what_was_lost_is_found_and_brings_the_store_to_the_truth(sqlite_place, shop, seed):
    serve = sqlite_place.serve()
    sandbox = shop("--to", f"http://127.0.0.1:{serve.public}/webhooks/acme", "--secret",
                   f"file:{sqlite_place.folder}/acme-0.secret", "--state", sqlite_place.folder / "state", "--seed", seed,
                   "--rate", "400", "--loss", "25", "--for", "4s", "--stay", "--json")
    has_closed(sandbox)
    told = json.loads(sandbox.output())
    assert told["unanswered"] == 0
    events = list(sandbox.api.pages("/v1/events"))
    assert len(events) == told["events"]
    lost = list(sandbox.api.pages("/v1/events", [("delivery_success", "false")]))
    assert len(lost) == told["lost_on_purpose"] > 50
    assert {event["pending_webhooks"] for event in lost} == {1}
    assert {event["pending_webhooks"] for event in events} == {0, 1}
    endpoint, = sandbox.api.get("/v1/webhook_endpoints")["data"]
    assert endpoint["url"].endswith(f":{serve.public}/webhooks/acme") and endpoint["enabled_events"] == ["*"]

    def verify(*options):
        return sqlite_place.cli("sandbox", "--verify", "--state", sqlite_place.folder / "state", *options, check=False)

    serve.wait_until_decided()
    assert verify().returncode == 0
    assert verify("--newest").returncode == 1
    assert {answer.status for answer in serve.post_all(lost)} == {200}
    serve.wait_until_decided()
    for options in ([], ["--newest"]):
        done = verify(*options)
        assert done.returncode == 0, done.stdout


class Receiver(stand_in.Handler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies[json.loads(body)["id"]] = body
        self.answer(200, "")


@pytest.fixture
def receiver():
    with stand_in.listening(Receiver, bodies={}) as server:
        yield server


@pytest.mark.parametrize("version", ["2022-08-01", "2026-10-28.endive"])
def test_a_listed_event_is_the_one_that_was_delivered(sqlite_place, shop, receiver, seed, version):
    sandbox = shop("--to", f"http://127.0.0.1:{receiver.server_address[1]}/", "--secret",
                   f"file:{sqlite_place.folder}/acme-0.secret", "--seed", seed, "--rate", "100", "--for", "2s",
                   "--api-version", version, "--stay")
    has_closed(sandbox)
    assert len(receiver.bodies) > 50
    for id_, body in receiver.bodies.items():
        listed = sandbox.api.raw(f"/v1/events/{id_}")[2]
        assert listed == body.replace(b'"pending_webhooks": 1', b'"pending_webhooks": 0')
        assert json.loads(listed)["api_version"] == version


def test_an_older_version_lists_charges_and_refunds(shop, seed):
    sandbox = shop("--seed", seed, "--mix", "payments", "--rate", "800", "--for", "6s", "--stay",
                   "--api-version", "2022-08-01")
    has_closed(sandbox)
    api = sandbox.api
    charged = 0
    for intent in api.pages("/v1/payment_intents"):
        assert "latest_charge" not in intent
        charges = intent["charges"]
        assert charges["total_count"] == len(charges["data"]) and charges["has_more"] is False
        path, _, parent = charges["url"].partition("?payment_intent=")
        assert parent == intent["id"]
        if charges["data"] and charged < 20:
            assert api.get(path, [("payment_intent", parent)])["data"] == charges["data"]
            charged += 1
    refunded = [charge for charge in api.pages("/v1/charges") if charge["refunds"]["data"]]
    assert charged == 20 and refunded
    for charge in refunded[:10]:
        assert api.get(charge["refunds"]["url"])["data"] == charge["refunds"]["data"]
        newer = api.get(f"/v1/charges/{charge['id']}", [], Stripe_Version="2026-10-28.endive")
        assert "refunds" not in newer and newer["amount_refunded"] == charge["amount_refunded"]


@pytest.mark.parametrize("options, words", [
    (["--listen", "127.0.0.1:0", "--api-version", "2019-12-03"], "2026-10-28.endive, 2025-08-27.basil, 2024-06-20"),
    (["--listen", "here"], "no address to listen on"),
    (["--listen", "127.0.0.1:0", "--api-rate", "0"], "--api-rate"),
    (["--listen", "127.0.0.1:0", "--api-errors", "101"], "percentages"),
    (["--listen", "127.0.0.1:0", "--to", "http://127.0.0.1:1/"], "--secret"),
    (["--to", "http://127.0.0.1:1/", "--secret", "env:NONE", "--api-key", "k"], "--listen"),
    (["--to", "http://127.0.0.1:1/", "--secret", "env:NONE", "--stay"], "--listen"),
    (["--listen", "127.0.0.1:0", "--newest"], "--verify"),
])
def test_options_that_cannot_be_are_refused(sqlite_place, options, words):
    done = sqlite_place.cli("sandbox", *options, check=False)
    assert done.returncode in (2, 3) and done.stdout == "" and words in done.stderr


def test_a_store_that_was_told_in_an_older_version_ends_with_the_truth(sqlite_place, seed):
    serve = sqlite_place.serve()
    done = sqlite_place.cli("sandbox", "--to", f"http://127.0.0.1:{serve.public}/webhooks/acme", "--secret",
                            f"file:{sqlite_place.folder}/acme-0.secret", "--state", sqlite_place.folder / "state",
                            "--seed", seed, "--rate", "500", "--reorder", "30", "--for", "5s", "--api-version",
                            "2022-08-01", "--json", timeout=90)
    told = json.loads(done.stdout)
    assert told["acknowledged"] == told["events"] > 1000
    serve.wait_until_decided()
    versions = sqlite_place.store.rows("SELECT DISTINCT api_version FROM inbox_event")
    assert versions == [{"api_version": "2022-08-01"}]
    done = sqlite_place.cli("sandbox", "--verify", "--state", sqlite_place.folder / "state", "--newest", check=False)
    assert done.returncode == 0, done.stdout
