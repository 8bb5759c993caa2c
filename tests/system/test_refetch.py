"""What webhooks tell of in part, or in no order that can be told, is asked for all by itself; and doctor says what waits."""

import json
import urllib.parse

import pytest

import harness
import stand_in
import stripe_bodies

START = stripe_bodies.START
KEY = "rk_test_refetch_" + "k3" * 12
LISTED = """payment_intents charges refunds customers products prices subscriptions subscription_schedules invoice_payments
    credit_notes disputes payouts checkout/sessions setup_intents reviews radar/early_fraud_warnings accounts transfers
    application_fees topups reporting/report_runs""".split()


class Api(stand_in.Handler):
    """Objects and their lists as the test has them: ten elements inside of an object, the others by pages of twenty."""

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.server.asked.append(url.path)
        if url.path in self.server.lists:
            self.answer(200, self.page(self.server.lists[url.path], url.path, query.get("starting_after")))
        elif url.path in self.server.objects:
            self.answer(200, self.server.objects[url.path])
        elif url.path == "/v1/events":
            self.answer(200, {"object": "list", "url": url.path, "has_more": False, "data": []})
        else:
            self.answer(404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}})

    @staticmethod
    def page(elements, path, after):
        first = next((i + 1 for i, element in enumerate(elements) if element["id"] == after), 0)
        return {"object": "list", "url": path, "has_more": first + 20 < len(elements), "data": elements[first:first + 20]}


@pytest.fixture
def api():
    with stand_in.listening(Api, objects={}, lists={}, asked=[]) as server:
        yield server


def line(number, invoice="in_1"):
    return {"id": f"il_{number}", "object": "line_item", "amount": 100 + number, "currency": "eur", "invoice": invoice}


def invoice(lines, **fields):
    """As Stripe shows it: with its first ten lines."""
    shown = {"object": "list", "data": lines[:10], "has_more": len(lines) > 10, "url": "/v1/invoices/in_1/lines"}
    return {"id": "in_1", "object": "invoice", "created": START, "currency": "eur", "status": "open", "livemode": False,
            "total": sum(element["amount"] for element in lines), "lines": shown, **fields}


def lines_of(place, which):
    rows = place.store.rows(f"SELECT provider_ids FROM invoice_line_view WHERE {which} ORDER BY provider_ids")
    return {row["provider_ids"] for row in rows}


def refetch_checks(place):
    return [row for row in place.lines("doctor", check=False) if row["check"] == "refetch"]


def test_lines_behind_the_tenth_are_fetched_and_one_that_is_removed_becomes_former(place, api):
    place.give_key(KEY, api.url)
    lines = [line(number) for number in range(35)]
    ids = {element["id"] for element in lines}
    api.objects["/v1/invoices/in_1"] = invoice(lines)
    api.lists["/v1/invoices/in_1/lines"] = lines
    serve = place.serve()
    assert serve.post(stripe_bodies.event("invoice.created", invoice(lines), START)).status == 200
    harness.eventually(lambda: lines_of(place, "current") == ids, "all 35 lines are current", 40)
    harness.eventually(lambda: serve.metric("counterfoil_refetch_open") == 0, "nothing is open any more")
    assert serve.metric("counterfoil_refetch_fetched_total") == 1
    assert api.asked.count("/v1/invoices/in_1") == 1 and api.asked.count("/v1/invoices/in_1/lines") == 2
    serve.wait_until_decided()
    shown = place.lines("show", "in_1")[0]
    assert [part["current"] for part in shown["lines"]] == [True] * 35

    # The webhook of the removal shows ten lines; which one is gone only the provider can say.
    rest = [element for element in lines if element["id"] != "il_20"]
    api.objects["/v1/invoices/in_1"] = invoice(rest)
    api.lists["/v1/invoices/in_1/lines"] = rest
    rows = place.store.rows("SELECT max(occurred_at_us) AS newest FROM inbox_event")
    later = int(rows[0]["newest"]) // 1_000_000 + 1
    assert serve.post(stripe_bodies.event("invoice.updated", invoice(rest), later)).status == 200
    harness.eventually(lambda: lines_of(place, "NOT current") == {"il_20"}, "one line is former", 60)
    assert lines_of(place, "current") == ids - {"il_20"}
    serve.wait_until_decided()
    place.cli("replay", timeout=60)  # finds no difference: it would end with another code


def test_a_contested_object_is_asked_for_once_there_is_a_key_and_is_contested_no_more(place, api):
    serve = place.serve()
    api.objects["/v1/customers/cus_1"] = {**stripe_bodies.customer("cus_1", name="Third"), "livemode": False}
    for name in ("First", "Second"):
        told = stripe_bodies.event("customer.updated", stripe_bodies.customer("cus_1", name=name), START)
        assert serve.post(told).status == 200
    serve.wait_until_decided()

    def contested():
        return int(place.store.rows("SELECT contested FROM customer")[0]["contested"])

    assert contested() == 1
    waiting = place.store.rows("SELECT kind, provider_id, why FROM refetch")
    assert [(row["kind"], row["provider_id"], row["why"]) for row in waiting] == [("customer", "cus_1", "contested")]
    said = refetch_checks(place)
    assert "1 objects to be asked for" in said[0]["found"] and "told of twice in one second" in said[1]["found"]

    place.give_key(KEY, api.url)
    serve.stop()
    serve = place.serve()
    harness.eventually(lambda: contested() == 0, "it is contested no more", 40)
    harness.eventually(lambda: not place.store.rows("SELECT kind FROM refetch"), "nothing is wanted")
    rows = place.store.rows("SELECT channel FROM inbox_event ORDER BY seq")
    assert [row["channel"] for row in rows] == ["webhook", "webhook", "fetch"]
    assert api.asked.count("/v1/customers/cus_1") == 1
    assert "no objects to be asked for" in refetch_checks(place)[0]["found"]
    assert KEY.encode() not in place.logs() and not place.store.held([KEY.encode()])


def test_an_object_that_is_gone_is_given_up_and_replay_wants_nothing(sqlite_place, api):
    sqlite_place.give_key(KEY, api.url)
    serve = sqlite_place.serve()
    for name in ("First", "Second"):
        told = stripe_bodies.event("customer.updated", stripe_bodies.customer("cus_gone", name=name), START)
        assert serve.post(told).status == 200
    harness.eventually(lambda: "/v1/customers/cus_gone" in api.asked, "it is asked for", 40)
    harness.eventually(lambda: serve.metric("counterfoil_refetch_given_up_total") == 1, "it is given up")
    assert serve.metric("counterfoil_refetch_open") == 0
    serve.stop()
    [said] = [row for row in serve.log_lines() if row["event"] == "refetch_given_up"]
    assert (said["kind"], said["provider_id"]) == ("customer", "cus_gone")
    given_up = sqlite_place.store.rows("SELECT * FROM refetch")
    assert [row["error"] for row in given_up] == ["NOT_FOUND"]
    assert "1 objects were given up" in refetch_checks(sqlite_place)[1]["found"]
    sqlite_place.cli("replay", "--apply", timeout=60)
    assert sqlite_place.store.rows("SELECT * FROM refetch") == given_up


def test_an_object_whose_list_is_not_given_stays_wanted_and_counts_as_missing(sqlite_place, api):
    place = sqlite_place
    place.give_key(KEY, api.url)
    lines = [line(number) for number in range(35)]
    api.objects["/v1/invoices/in_1"] = invoice(lines)  # its /lines are not there
    serve = place.serve()
    assert serve.post(stripe_bodies.event("invoice.created", invoice(lines), START)).status == 200
    harness.eventually(lambda: place.store.rows("SELECT error FROM refetch WHERE error IS NOT NULL"), "it is put off", 40)
    [wanted] = place.store.rows("SELECT provider_id, attempts, error FROM refetch")
    assert (wanted["provider_id"], wanted["attempts"], wanted["error"]) == ("in_1", 1, "MALFORMED")
    [said] = [row for row in serve.log_lines() if row["event"] == "refetch_refused"]
    assert said["provider_id"] == "in_1" and "/v1/invoices/in_1/lines: status 404" in said["text"]
    assert serve.metric("counterfoil_refetch_open") == 1
    serve.stop()

    other = {**invoice(lines[:3]), "id": "in_2"}
    shown = {"object": "list", "url": "/v1/invoices", "has_more": False, "data": [api.objects["/v1/invoices/in_1"], other]}
    api.objects["/v1/invoices"] = shown
    for path in LISTED:
        api.objects.setdefault(f"/v1/{path}", {**shown, "url": f"/v1/{path}", "data": []})
    done = place.cli("backfill", "--objects", json_answer=True, check=False)
    sums = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1 and (sums["missing"], sums["found"]) == (1, 2), done
    rows = place.store.rows("SELECT event_id FROM inbox_event WHERE channel = 'fetch'")
    assert [row["event_id"].split("@")[0] for row in rows] == ["in_2"]
