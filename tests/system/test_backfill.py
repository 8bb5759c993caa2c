"""What webhooks lost is asked for: by hand with `backfill`, all by itself by the gap scan of serve."""

import json
import signal
import socket
import time

import pytest

import harness
import stand_in
import stripe_bodies

KEY = "rk_test_backfill_" + "m9" * 12


class Shop:
    """A sandbox that loses webhooks, and answers Stripe's API until the test ends."""

    def __init__(self, place, serve, seed, *options, loss=20, payments=40):
        self.place = place
        port_file = place.folder / "api-port"
        self.process = place.background(
            "sandbox", "sandbox", "--to", f"http://127.0.0.1:{serve.public}/webhooks/acme", "--secret",
            f"file:{place.folder}/acme-0.secret", "--listen", "127.0.0.1:0", "--port-file", port_file, "--stay", "--json",
            "--api-key", KEY, "--seed", str(seed), "--rate", str(5 * payments), "--loss", str(loss), "--for", "4s",
            "--state", place.folder / "state", "--log-acked", place.folder / "acked", *options)
        harness.eventually(port_file.exists, "the sandbox listens")
        self.url = f"http://127.0.0.1:{int(port_file.read_text())}"

    def closed(self):
        """Everything has happened; what the shop says of it."""
        harness.eventually(lambda: self.process.output() or not self.process.running(), "the shop has closed", 60)
        assert self.process.running(), self.process.text()
        return json.loads(self.process.output().splitlines()[-1])

    def verify(self):
        """Everything arrived, what was lost too."""
        done = self.place.cli("sandbox", "--verify", "--newest", "--state", self.place.folder / "state", "--log-acked",
                              self.place.folder / "acked", "--json", check=False, timeout=90)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, lines[:-1]


def give_key(place, url, key=KEY, name="acme"):
    place.give_key(key, url, name)


def backfill(place, *options, **more):
    return place.lines("backfill", *options, timeout=120, **more)[-1]


def nothing_of_the_key(place):
    assert KEY.encode() not in place.logs() and b"rk_test_" not in place.logs()
    assert not place.store.held([KEY.encode(), b"rk_test_"])


def count_of(place, where="1 = 1"):
    return place.store.rows(f"SELECT count(*) AS n FROM inbox_event WHERE {where}")[0]["n"]


def lost_world(place, seed, *options, **more):
    """A shop that has closed, and an inbox that lacks what it lost."""
    serve = place.serve()
    shop = Shop(place, serve, seed, *options, **more)
    told = shop.closed()
    give_key(place, shop.url)
    assert told["lost_on_purpose"] > 0
    return serve, shop, told


def test_backfill_finds_what_webhooks_lost_and_nothing_twice(place, seed):
    serve, shop, told = lost_world(place, seed)
    assert backfill(place, "--since", "1h", "--dry-run")["back_filled"] == told["lost_on_purpose"]
    assert count_of(place) == told["events"] - told["lost_on_purpose"]
    first = backfill(place, "--account", "acme", "--since", "1h")
    assert first["complete"] and first["missing"] == 0
    assert first["found"] == told["events"] and first["back_filled"] == told["lost_on_purpose"]
    again = backfill(place, "--since", "1h")
    assert (again["found"], again["back_filled"], again["known"]) == (told["events"], 0, told["events"])
    assert count_of(place) == told["events"]
    assert count_of(place, "channel = 'backfill'") == told["lost_on_purpose"]
    serve.wait_until_decided()
    assert shop.verify() == (0, [])
    nothing_of_the_key(place)


def test_errors_and_limits_of_the_api_lose_nothing(sqlite_place, seed):
    serve, shop, told = lost_world(sqlite_place, seed, "--api-rate", "15", "--api-errors", "10", "--api-lock", "10")
    assert backfill(sqlite_place, "--since", "1h")["back_filled"] == told["lost_on_purpose"]
    serve.wait_until_decided()
    assert shop.verify() == (0, [])


def test_a_killed_backfill_goes_on_where_it_stopped(sqlite_place, seed):
    serve, shop, told = lost_world(sqlite_place, seed)
    pages = (told["events"] + 99) // 100
    assert pages >= 3
    killed = sqlite_place.background("backfill", "backfill", "--since", "1h",
                                     env={"COUNTERFOIL_FAULT": "before-commit:3"})
    assert killed.wait() == -signal.SIGKILL
    mark = sqlite_place.store.rows("SELECT * FROM backfill WHERE kind = 'events'")[0]
    assert mark["done"] == 0 and mark["found"] == 200 and mark["cursor"]
    assert mark["added"] == count_of(sqlite_place, "channel = 'backfill'")
    rest = backfill(sqlite_place, "--since", "1h")
    assert rest["found"] == told["events"] and rest["back_filled"] == told["lost_on_purpose"]
    assert count_of(sqlite_place) == told["events"]
    serve.wait_until_decided()
    assert shop.verify() == (0, [])


def test_objects_are_fetched_as_they_are_now_and_once(place, seed):
    serve, shop, told = lost_world(place, seed, loss=60, payments=10)
    first = backfill(place, "--objects", "--since", "1d", check=False)
    assert first["found"] == first["back_filled"] > 0 and first["complete"]
    assert first["kinds_refused"] == 0, "every kind that can be listed"
    assert count_of(place, "channel = 'fetch'") == first["found"]
    again = backfill(place, "--objects", "--since", "1d", check=False)
    assert (again["back_filled"], again["known"]) == (0, first["found"])
    serve.wait_until_decided()
    dead = place.store.rows("SELECT count(*) AS n FROM inbox_work WHERE status = 'dead'")[0]["n"]
    assert dead == 0
    nothing_of_the_key(place)


@pytest.mark.parametrize("key, environment, says", [
    ("rk_live_of_another_world", "test", "a live key, but the environment is test"),
    ("rk_test_of_another_world", "live", "a test key, but the environment is live"),
    ("sk_live_that_may_do_everything", "live", "allow_full_key"),
])
def test_a_key_of_another_environment_or_with_too_much_power_is_refused(sqlite_place, key, environment, says):
    sqlite_place.cli("migrate")
    sqlite_place.accounts["acme"]["environment"] = environment
    give_key(sqlite_place, "http://127.0.0.1:1", key)
    refused = sqlite_place.cli("backfill", check=False)
    assert refused.returncode == 3 and key not in refused.stderr
    refused = sqlite_place.cli("backfill", "--account", "acme", check=False)
    assert refused.returncode == 3 and says in refused.stderr and key not in refused.stderr
    serve = sqlite_place.serve(ready=False)
    assert serve.wait() == 3 and says in serve.text() and key not in serve.text()


def test_an_api_that_is_away_is_said_and_keeps_nothing(sqlite_place):
    sqlite_place.cli("migrate")
    give_key(sqlite_place, "http://127.0.0.1:1")
    done = sqlite_place.cli("backfill", "--until", "2020-01-01", check=False)
    assert done.returncode == 2 and "--since lies behind --until" in done.stderr
    done = sqlite_place.cli("backfill", "--types", "charge.*", check=False)
    assert done.returncode == 2 and "--types" in done.stderr
    nothing_of_the_key(sqlite_place)


# --- the gap scan of serve ---


def scanning_place(place, every="1s"):
    place.settings.update({("scan", "every"): every, ("scan", "lag"): "0s", ("scan", "overlap"): "10m"})
    place.write_config()


def scans_of(serve):
    return [line for line in serve.log_lines() if line["event"] == "gap_scanned"]


def test_the_gap_scan_heals_what_webhooks_lose_by_itself(place, seed):
    scanning_place(place)
    give_key(place, "http://127.0.0.1:1")  # nobody is there yet
    serve = place.serve()
    harness.eventually(lambda: "gap_scan_failed" in serve.text(), "the first scan has failed")
    shop = Shop(place, serve, seed, "--api-errors", "10", "--api-lock", "5")
    give_key(place, shop.url)
    serve.signal(signal.SIGHUP)
    told = shop.closed()
    assert told["lost_on_purpose"] > 0
    needed = f"type IN ({needed_types(place)})"
    since = len(scans_of(serve))

    def healed():
        last = scans_of(serve)[since + 1:][-1:]
        return [s for s in last if s["missing"] == 0 and s["checked"] == count_of(place, needed)]

    done = harness.eventually(healed, "a scan finds nothing missing any more", 60)
    assert count_of(place, "channel = 'backfill'") > 0
    serve.wait_until_decided()
    assert count_of(place, f"channel = 'backfill' AND NOT {needed}") == 0
    assert serve.metric("counterfoil_gap_missing") == 0
    assert serve.metric("counterfoil_gap_checked") == done[-1]["checked"]
    assert serve.metric("counterfoil_gap_as_of_seconds") > 1.7e9
    assert serve.metric("counterfoil_gap_failed_total") >= 1
    assert serve.metric("counterfoil_gap_fetched_total") == count_of(place, "channel = 'backfill'")
    assert shop.verify()[0] == 0
    nothing_of_the_key(place)


def needed_types(place):
    types = place.cli("doctor", "--types", check=False).stdout
    return ", ".join(f"'{line.split()[0]}'" for line in types.splitlines() if line.rstrip().endswith(" decoded"))


def test_serve_stops_at_once_while_the_api_hangs(sqlite_place):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        scanning_place(sqlite_place)
        give_key(sqlite_place, f"http://127.0.0.1:{silent.getsockname()[1]}")
        serve = sqlite_place.serve()
        silent.settimeout(harness.seconds(20))
        connection, _ = silent.accept()
        with connection:
            begun = time.monotonic()
            assert serve.stop() == 0
            assert time.monotonic() - begun < harness.seconds(10)


def test_accounts_without_a_key_are_not_scanned(sqlite_place):
    scanning_place(sqlite_place)
    serve = sqlite_place.serve()
    with serve.client() as client:
        assert client.post(stripe_bodies.small_event()).status == 200
    serve.wait_until_decided()
    assert serve.stop() == 0
    assert "gap_scan" not in serve.text()


# --- doctor ---


def checks(place, name="acme"):
    rows = place.lines("doctor", check=False)
    return " | ".join(f"{row['health']} {row['found']}" for row in rows if row["check"] == name)


class Api(stand_in.Handler):
    """Stripe's account and endpoints, as the test says."""

    def do_GET(self):
        status, answer = self.server.answers.get(self.path.split("?")[0], (404, {"error": {"type": "invalid_request_error"}}))
        self.server.asked.append((self.path, self.headers.get("Stripe-Account")))
        self.answer(status, answer)


@pytest.fixture
def api():
    with stand_in.listening(Api, answers={}, asked=[]) as server:
        yield server


def endpoint(url, *types):
    return {"id": f"we_{len(url)}", "object": "webhook_endpoint", "enabled_events": types, "status": "enabled", "url": url,
            "livemode": False}


def endpoints(*endpoints):
    return 200, {"object": "list", "url": "/v1/webhook_endpoints", "has_more": False, "data": endpoints}


OWN = "https://pay.example/webhooks/acme?from=stripe"


def test_doctor_asks_whose_the_key_is_and_which_events_are_sent(sqlite_place, api):
    sqlite_place.cli("migrate")
    assert "warning no key.read" in checks(sqlite_place)
    give_key(sqlite_place, api.url)
    balance = {"object": "balance", "livemode": True, "available": []}
    api.answers = {"/v1/balance": (200, balance)}
    assert "failed the provider was asked, and: GET /v1/balance: status 200, Request-Id none: livemode is true" in checks(sqlite_place)
    balance["livemode"] = False
    api.answers = {"/v1/balance": (200, balance), "/v1/account": (200, {"id": "acct_1", "object": "account"}), "/v1/webhook_endpoints": endpoints(endpoint(OWN, "*"))}
    said = checks(sqlite_place)
    assert "ok key.read is taken, and belongs to acct_1 in test | " in said
    assert "warning 1 event types that are decoded are sent by no endpoint: reporting.report_type.updated" in said
    api.answers["/v1/webhook_endpoints"] = endpoints(endpoint(OWN, "*", "reporting.report_type.updated"))
    assert "ok the endpoints send every event that is decoded |" in checks(sqlite_place) + " |"
    sqlite_place.accounts["acme"]["more"]["account_id"] = "acct_2"
    sqlite_place.write_config()
    api.answers["/v1/webhook_endpoints"] = endpoints(
        endpoint("https://other.example/webhooks/acmesoft", "*"), endpoint(OWN, "charge.succeeded", "charge.failed"))
    said = checks(sqlite_place)
    assert "failed key.read belongs to acct_1, but account_id is acct_2" in said
    assert "event types that are decoded are sent by no endpoint: " in said
    assert "payment_intent.created" in said and "charge.succeeded" not in said
    api.answers["/v1/webhook_endpoints"] = endpoints(endpoint("https://other.example/in", "*"))
    assert "sent by no endpoint (of all endpoints: the URL of none ends with /webhooks/acme): " in checks(sqlite_place)
    refused = {"error": {"type": "invalid_request_error", "message": "no"}}
    api.answers = {"/v1/balance": (403, refused), "/v1/account": (403, refused), "/v1/webhook_endpoints": (403, refused)}
    said = checks(sqlite_place)
    assert "ok key.read is taken" in said and "warning key.read may not list the endpoints" in said
    api.answers = {"/v1/balance": (401, refused)}
    assert "failed the provider was asked, and: " in checks(sqlite_place)
    nothing_of_the_key(sqlite_place)


# --- thin events ---


def thin(number, kind="v1.charge.succeeded", twin=None, related=None):
    event = {"id": f"evt_thin_{number}", "object": "v2.core.event", "type": kind, "livemode": False,
             "created": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())}
    if twin:
        event["snapshot_event"] = twin
    if related:
        event["related_object"] = {"id": related[1], "type": related[0], "url": f"/v1/things/{related[1]}"}
    return event


def outcome_of(place, event_id):
    rows = place.store.rows("SELECT w.status, w.reason FROM inbox_work w JOIN inbox_event e ON e.seq = w.seq "
                            f"WHERE e.event_id = '{event_id}'")
    return (rows[0]["status"], rows[0]["reason"]) if rows else None


def wait_for_outcome(place, event_id, status, reason):
    harness.eventually(lambda: outcome_of(place, event_id) == (status, reason), f"{event_id} is {reason}", 30)


def test_a_thin_event_with_a_twin_is_a_subset_of_it_and_alone_it_waits(place):
    serve = place.serve()
    twin = stripe_bodies.small_event()
    assert serve.post(twin).status == 200
    assert serve.post(thin(1, twin=twin["id"])).status == 200
    assert serve.post(thin(2, twin="evt_that_never_comes")).status == 200
    assert serve.post(thin(3, kind="v1.product.activated")).status == 200
    assert serve.post(thin(4, kind="v2.core.account.created")).status == 200
    wait_for_outcome(place, "evt_thin_1", "recorded", "subset")
    wait_for_outcome(place, "evt_thin_3", "recorded", "subset")
    wait_for_outcome(place, "evt_thin_4", "recorded", "housekeeping")
    harness.eventually(lambda: outcome_of(place, "evt_thin_2")[0] == "waiting", "the other one waits")
    row = place.store.rows("SELECT due_at_us, first_failed_us, error FROM inbox_work WHERE status = 'waiting'")[0]
    assert not row["first_failed_us"] and not row["error"]
    assert serve.metric("counterfoil_events_retried_total") == 0


def test_without_a_twin_the_object_is_fetched_and_without_a_key_it_is_recorded(place, api):
    place.settings[("scan", "thin_wait")] = "1s"
    place.write_config()
    serve = place.serve()
    customer = {"id": "cus_thin", "object": "customer", "name": "Somebody", "email": None, "created": 1700000000,
                "livemode": False}
    assert serve.post(thin(1, kind="v1.customer.created", related=("customer", "cus_thin"))).status == 200
    wait_for_outcome(place, "evt_thin_1", "recorded", "thin_event")
    api.answers = {"/v1/customers/cus_thin": (200, customer), "/v1/events": endpoints()}
    give_key(place, api.url)
    serve.signal(signal.SIGHUP)
    harness.eventually(lambda: "reloaded" in serve.text(), "the key is known")
    assert serve.post(thin(2, kind="v1.customer.created", related=("customer", "cus_thin"))).status == 200
    assert serve.post(thin(3, kind="v1.customer.created", related=("customer", "cus_gone"))).status == 200
    assert serve.post(thin(4, kind="v1.customer.created")).status == 200
    wait_for_outcome(place, "evt_thin_2", "recorded", "fetched")
    wait_for_outcome(place, "evt_thin_3", "recorded", "thin_event")
    wait_for_outcome(place, "evt_thin_4", "recorded", "thin_event")
    serve.wait_until_decided()
    assert place.store.rows("SELECT name FROM customer")[0]["name"] == "Somebody"
    fetched = place.store.rows("SELECT type, subject FROM inbox_event WHERE channel = 'fetch'")
    assert fetched == [{"type": "fetched.customer", "subject": "cus_thin"}]
    assert serve.metric("counterfoil_thin_fetched_total") == 1
    nothing_of_the_key(place)
