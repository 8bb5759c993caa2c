"""Accounts that are connected to ours: named alike from both sides, scanned for gaps and back-filled like ours."""

import json
import signal
import time
import urllib.parse

import pytest

import harness
import stand_in
import stripe_bodies

KEY = "rk_test_connect_" + "c5" * 12
OURS = "acct_platform"


class Api(stand_in.Handler):
    """GET /v1/events as Stripe answers it: each account's own, newest first, in pages."""

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        account = self.headers.get("Stripe-Account", OURS)
        self.server.asked.append(account)
        if account in self.server.broken:
            self.answer(500, {"error": {"type": "api_error"}})
        elif self.headers["Authorization"] != f"Bearer {self.server.key}" or url.path not in self.server.paths:
            self.answer(401, refusal("api_key_expired"))
        elif account not in self.server.events:
            self.answer(403, refusal("account_invalid"))
        else:
            self.answer(200, self.page(account, urllib.parse.parse_qs(url.query)))

    def page(self, account, query):
        created = [int(query.get(f"created[{end}]", [default])[0]) for end, default in (("gte", 0), ("lte", 1 << 40))]
        events = [e for e in self.server.events[account] if created[0] <= e["created"] <= created[1]]
        events.sort(key=lambda e: e["created"], reverse=True)
        after = query.get("starting_after", [None])[0]
        if after:
            events = events[[e["id"] for e in events].index(after) + 1:]
        size = min(self.server.page_size, int(query["limit"][0]))
        return {"object": "list", "url": "/v1/events", "has_more": len(events) > size, "data": events[:size]}

    def answer(self, status, content):
        super().answer(status, content, {"Stripe-Should-Retry": "false"})


def refusal(code):
    return {"error": {"type": "invalid_request_error", "code": code, "message": "no"}}


@pytest.fixture
def api():
    with stand_in.listening(Api, events={OURS: []}, asked=[], key=KEY, page_size=2, broken=set(), paths={"/v1/events"}) as server:
        yield server


@pytest.fixture
def platform(place, api):
    """An account with a key and an id, whose API is the stand-in."""
    place.give_key(KEY, api.url, account_id=OURS)
    place.settings.update({("scan", "every"): "1s", ("scan", "lag"): "0s", ("scan", "overlap"): "1h"})
    place.write_config()
    return place


def ago(seconds):
    return int(time.time()) - seconds


def account_updated(account, created=None):
    body = {"id": account, "object": "account", "charges_enabled": True, "country": "DE", "created": stripe_bodies.START}
    return stripe_bodies.event("account.updated", body, created or ago(600), account=account)


def customers(count, account=None):
    return [stripe_bodies.event("customer.created", stripe_bodies.customer(), ago(600 + i), account=account)
            for i in range(count)]


def kept(place):
    """Events in the inbox by account."""
    rows = place.store.rows("SELECT s.account_key AS account, count(*) AS n FROM inbox_event e "
                            "JOIN scope s ON s.scope = e.scope GROUP BY s.account_key")
    return {row["account"]: row["n"] for row in rows}


def named(serve, event):
    return [line for line in serve.log_lines() if line["event"] == event]


def test_an_account_is_one_thing_for_itself_and_for_the_one_above_it(platform, api):
    serve = platform.serve()
    transfer = {"id": "tr_1", "object": "transfer", "amount": 700, "currency": "eur", "created": stripe_bodies.START,
                "destination": "acct_a"}
    assert serve.post(stripe_bodies.event("transfer.created", transfer)).status == 200
    serve.wait_until_decided()
    assert serve.post(account_updated("acct_a")).status == 200
    serve.wait_until_decided()
    shown = platform.lines("show", "connected_account", "acct_a")[0]
    assert len(shown["transfers"]) == 1
    alike = "SELECT count(*) AS n FROM transfer t JOIN connected_account a ON a.id = t.account_id AND a.scope = t.scope"
    assert platform.store.rows(alike)[0]["n"] == 1
    told = platform.store.rows("SELECT DISTINCT s.account_key FROM domain_event e JOIN scope s ON s.scope = e.scope")
    assert told == [{"account_key": OURS}]
    assert serve.stop() == 0
    assert platform.cli("replay", check=False, timeout=60).returncode == 0


def test_the_gap_scan_heals_what_connected_accounts_lose_and_one_that_refuses_stops_nobody(platform, api):
    api.events = {OURS: customers(5), "acct_a": customers(5, "acct_a"), "acct_b": customers(5, "acct_b")}
    serve = platform.serve()
    for account in ("acct_a", "acct_b", "acct_gone"):
        assert serve.post(account_updated(account)).status == 200
    wanted = {OURS: 5, "acct_a": 6, "acct_b": 6, "acct_gone": 1}
    harness.eventually(lambda: kept(platform) == wanted, "every account's events are there", 30)
    harness.eventually(lambda: named(serve, "gap_scan_refused"), "one has refused", 30)
    lost = customers(1, "acct_b")
    api.events["acct_b"] += lost
    api.events[OURS] += customers(1)
    wanted.update({OURS: 6, "acct_b": 7})
    harness.eventually(lambda: kept(platform) == wanted, "what was lost meanwhile is there too", 30)
    harness.eventually(lambda: serve.metric("counterfoil_gap_missing") == 0, "the next scans find nothing missing", 30)
    serve.wait_until_decided()
    refused = named(serve, "gap_scan_refused")
    assert [(line["account"], line["connected"], line["error"]) for line in refused] == [("acme", "acct_gone", "REFUSED")]
    assert refused[0]["again_in_s"] == 3600 and api.asked.count("acct_gone") == 1
    assert named(serve, "gap_scan_failed") == [] and serve.metric("counterfoil_gap_failed_total") == 0
    assert serve.metric("counterfoil_gap_accounts", 'state="compared"') == 3
    assert serve.metric("counterfoil_gap_accounts", 'state="refused"') == 1
    assert serve.metric("counterfoil_gap_checked") == 6 + 5 + 6
    assert time.time() - serve.metric("counterfoil_gap_as_of_seconds") < harness.seconds(60)
    assert platform.store.rows("SELECT count(*) AS n FROM customer")[0]["n"] == 17


def test_a_key_that_is_refused_is_no_fault_of_the_connected_accounts(platform, api):
    api.events["acct_a"] = customers(1, "acct_a")
    api.key = "rk_test_another"
    serve = platform.serve()
    assert serve.post(account_updated("acct_a")).status == 200
    harness.eventually(lambda: len(named(serve, "gap_scan_failed")) >= 2, "the key is refused", 30)
    api.key = KEY
    serve.signal(signal.SIGHUP)
    harness.eventually(lambda: kept(platform).get("acct_a") == 2, "the connected account is scanned", 40)
    assert named(serve, "gap_scan_refused") == []


def test_backfill_goes_through_one_connected_account_or_all_that_are_known(platform, api):
    api.events = {OURS: customers(3), "acct_a": customers(3, "acct_a"), "acct_b": customers(4, "acct_b")}
    platform.cli("migrate")
    none = platform.cli("backfill", "--connected", "all")
    assert "no connected account is known yet" in none.stderr and none.stdout.startswith("0 events found")
    one = platform.lines("backfill", "--connected", "acct_a", "--since", "1h")[-1]
    assert (one["found"], one["back_filled"]) == (3, 3)
    assert kept(platform) == {"acct_a": 3}
    above = platform.store.rows("SELECT o.account_key FROM scope s JOIN scope o ON o.scope = s.above")
    assert above == [{"account_key": OURS}]
    platform.lines("backfill", "--connected", "acct_b", "--since", "1h", "--until", "1m")
    api.events["acct_a"] += customers(1, "acct_a")
    every = platform.lines("backfill", "--connected", "all", "--since", "1h")[-1]
    assert (every["found"], every["back_filled"], every["known"]) == (8, 1, 7)
    assert (every["accounts"], every["accounts_refused"], every["complete"]) == (2, 0, True)
    assert kept(platform) == {"acct_a": 4, "acct_b": 4}
    del api.events["acct_a"]
    api.events["acct_b"] += customers(1, "acct_b")
    refused = platform.cli("backfill", "--connected", "all", "--since", "1h", check=False)
    assert refused.returncode == 1 and "of 2 connected accounts, 1 of which refused" in refused.stdout
    assert "backfill: acct_a: GET /v1/events: status 403" in refused.stderr
    assert kept(platform)["acct_b"] == 5
    assert OURS not in kept(platform)


def test_a_connected_account_that_fails_holds_up_no_other_and_is_named(platform, api):
    api.events = {OURS: [], "acct_a": customers(1, "acct_a"), "acct_b": customers(2, "acct_b"),
                  "acct_c": customers(1, "acct_c")}
    platform.cli("migrate")
    for account in ("acct_a", "acct_b", "acct_c"):
        platform.cli("backfill", "--connected", account)
    api.events["acct_c"] += customers(3, "acct_c")
    api.broken = {"acct_a"}
    del api.events["acct_b"]
    dry = platform.cli("backfill", "--connected", "all", "--since", "1h", "--dry-run", "--json", check=False)
    said = json.loads(dry.stdout.splitlines()[-1])
    assert (said["accounts"], said["accounts_refused"], said["accounts_failed"]) == (3, 1, 1)
    assert said["complete"] is False and said["not_complete"] == ["acct_a", "acct_b"] and dry.returncode == 7
    done = platform.cli("backfill", "--connected", "all", "--since", "1h", check=False)
    assert done.returncode == 7 and kept(platform)["acct_c"] == 4
    assert done.stdout.splitlines()[-3:] == ["of 3 connected accounts, 1 of which refused, 1 failed",
                                             "not complete: acct_a", "not complete: acct_b"]
    assert all(line.startswith("counterfoil backfill: acct_") for line in done.stderr.splitlines())
    api.broken = set()
    refused = platform.cli("backfill", "--connected", "all", "--dry-run", "--json", check=False)
    assert refused.returncode == 1 and json.loads(refused.stdout.splitlines()[-1])["complete"] is False


def test_an_account_that_is_gone_is_one_refusal_of_all_its_objects(platform, api):
    api.events = {OURS: [], "acct_a": customers(1, "acct_a")}
    platform.cli("migrate")
    platform.cli("backfill", "--connected", "acct_a")
    del api.events["acct_a"]
    gone = platform.cli("backfill", "--connected", "all", "--objects", check=False)
    assert len(gone.stderr.splitlines()) == 1 and gone.stderr.startswith("counterfoil backfill: acct_a: GET /v1/events: ")
    assert "1 of which refused" in gone.stdout and gone.returncode == 1


def test_a_key_that_is_refused_is_said_once_and_not_of_every_account(platform, api):
    api.events = {OURS: [], "acct_a": customers(1, "acct_a"), "acct_b": customers(1, "acct_b")}
    platform.cli("migrate")
    for account in ("acct_a", "acct_b"):
        platform.lines("backfill", "--connected", account, "--since", "1h")
    api.key, api.asked = "rk_test_another", []
    refused = platform.cli("backfill", "--connected", "all", check=False)
    assert refused.returncode == 3 and refused.stderr.count("the key is refused") == 1
    assert set(api.asked) == {OURS}
