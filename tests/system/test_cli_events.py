"""events, show and watch: what the business's software and people read."""

import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import termios

import pytest
import stripe_bodies
from harness import PROGRAM, SECRET_NEXT, eventually


@pytest.fixture
def filled(place):
    place.settings["work", "workers"] = "1"  # several take events in another order
    place.write_config()
    serve = place.serve()
    place.life = stripe_bodies.life_of_a_payment()
    for event in place.life:
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    place.server = serve
    return place


def test_each_event_has_the_promised_members(filled):
    events = filled.lines("events")
    assert [e["position"] for e in events] == list(range(1, len(events) + 1))
    for event in events:
        assert list(event) == [
            "id", "scope", "position", "type", "schema", "occurred_at", "recorded_at", "late", "aggregate_id", "data",
        ]
        assert event["id"] == f"cf_evt_{event['scope']}_{event['position']}"
        assert re.fullmatch(r"cf_(pay|ref|cus)_[0-9a-f]{32}", event["aggregate_id"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", event["occurred_at"])
        assert event["data"][event["type"].split(".")[0]]["id"] == event["aggregate_id"]
    assert not re.search(r"\b(evt|pi|ch|re|cus)_", json.dumps(events)), "no provider's id is a key of the business"


def test_after_limit_and_type_choose(filled):
    events = filled.lines("events")
    assert filled.lines("events", "--after", 2) == events[2:]
    assert filled.lines("events", "--after", 2, "--limit", 2) == events[2:4]
    assert filled.lines("events", "--type", "refund.*") == [e for e in events if e["type"].startswith("refund.")]
    assert filled.lines("events", "--type", "payment.succeeded", "--limit", 5) == [
        e for e in events if e["type"] == "payment.succeeded"
    ]
    assert filled.lines("events", "--after", 10**6) == []
    last = events[-1]["position"]
    assert filled.cli("events", "--after", last).stderr == ""
    assert f"beyond the last position, {last}: " in filled.cli("events", "--after", last + 1).stderr
    text = filled.cli("events").stdout.splitlines()
    assert len(text) == len(events) and "42.00 EUR" in text[1]
    columns = [re.search("cf_[a-z]{3}_", line).start() for line in text]
    assert len(set(columns)) == 1, "aligned, however long a type is"


@pytest.mark.parametrize("words,code,says", [
    (["--type", "payment.succeded"], 2, "did you mean payment.succeeded?"),
    (["--type", "cheque.*"], 2, "there is no event type"),
    (["--after", "-1"], 2, "--after wants"),
    (["--scope", "nobody"], 4, "no"),
    (["17"], 2, "one word too many"),
])
def test_what_cannot_be_is_said(sqlite_place, words, code, says):
    sqlite_place.cli("migrate")
    done = sqlite_place.cli("events", *words, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr


def test_several_scopes_want_to_be_told_apart(place):
    place.accounts["shop"] = {"environment": "live", "secrets": [SECRET_NEXT]}
    place.write_config()
    serve = place.serve()
    live = stripe_bodies.small_event()
    live["livemode"] = live["data"]["object"]["livemode"] = True
    assert serve.post(stripe_bodies.small_event()).status == 200
    assert serve.post(live, account="shop", secret=SECRET_NEXT).status == 200
    serve.wait_until_decided()
    done = place.cli("events", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--scope" in done.stderr and "acme test" in done.stderr and "shop live" in done.stderr
    assert "somebody else" not in done.stderr
    for scope in ("acme", "shop"):
        events = place.lines("events", "--scope", scope)
        assert [e["position"] for e in events] == [1], "positions are per scope"
        assert place.lines("events", "--scope", events[0]["scope"]) == events


def test_a_reader_that_goes_away_ends_it_quietly(filled):
    """`counterfoil events | head -1`, also when it follows and nothing more comes."""
    for words in (["events"], ["events", "--follow"], ["events", "--follow", "--json"]):
        command = [PROGRAM, "--config", str(filled.config), *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=filled.store.environment() or None) as process:
            assert process.stdout.readline()
            process.stdout.close()
            assert process.wait(timeout=30) == 0
            assert process.stderr.read() == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_follow_ends_in_order_on_a_signal(filled, number):
    follower = filled.background("follow", "events", "--follow")
    eventually(lambda: follower.output().count("\n") == len(filled.lines("events")), "it has read everything")
    follower.signal(number)
    assert follower.wait() == 0
    assert follower.text() == ""


def test_follow_waits_for_the_first_event_of_all(place):
    place.cli("migrate")
    follower = place.background("follow", "events", "--follow", "--json", "--limit", "1")
    serve = place.serve()
    assert serve.post(stripe_bodies.small_event()).status == 200
    assert follower.wait() == 0
    assert json.loads(follower.output())["position"] == 1


def test_follow_outlasts_a_store_that_is_away(postgres_place):
    serve = postgres_place.serve()
    assert serve.post(stripe_bodies.small_event(1)).status == 200
    follower = postgres_place.background("follow", "events", "--follow", "--json")
    eventually(lambda: follower.output().count("\n") == 1, "the first one")
    store = postgres_place.store
    store.server.sql(f"ALTER DATABASE {store.database} WITH ALLOW_CONNECTIONS false")
    store.server.sql(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{store.database}'")
    eventually(lambda: "trying again" in follower.text(), "it says that the store is away")
    assert follower.running()
    store.server.sql(f"ALTER DATABASE {store.database} WITH ALLOW_CONNECTIONS true")
    eventually(lambda: serve.post(stripe_bodies.small_event(2)).status == 200, "serve is back")
    eventually(lambda: follower.output().count("\n") == 2, "the second one")
    assert "the store is back" in follower.text()
    assert follower.stop() == 0


def test_output_that_cannot_be_written_is_an_error(filled):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "--config", str(filled.config), "events"], stdout=full,
                              stderr=subprocess.PIPE, env=filled.store.environment() or None)
    assert done.returncode == 7 and b"No space left" in done.stderr


# --- of one object ---


def test_the_events_of_one_object_by_every_id(filled):
    events = filled.lines("events")
    customer, intent, charge, _, refund, *_ = [e["data"]["object"]["id"] for e in filled.life]
    own = {word: filled.lines("show", word)[0] for word in (customer, intent, refund)}
    payment = own[intent]["payment"]["id"]
    of_payment = [e for e in events if e["aggregate_id"] == payment]
    assert len(of_payment) >= 3
    for word in (intent, charge, payment):
        assert filled.lines("events", "--aggregate", word) == of_payment, word
    assert filled.lines("events", "--aggregate", refund) == [
        e for e in events if e["aggregate_id"] == own[refund]["refund"]["id"]]
    assert filled.lines("events", "--aggregate", payment, "--after", of_payment[0]["position"]) == of_payment[1:]
    assert filled.lines("events", "--aggregate", payment, "--type", "payment.succeeded") == [
        e for e in of_payment if e["type"] == "payment.succeeded"]
    assert filled.lines("events", "--aggregate", payment, "--limit", 1) == of_payment[:1]
    follower = filled.background("follow", "events", "--aggregate", intent, "--follow", "--limit", str(len(of_payment)))
    assert follower.wait() == 0 and follower.output().count(payment) == len(of_payment)


def test_kind_chooses(filled):
    events = filled.lines("events")
    for kind in ("payment", "refund", "customer"):
        assert filled.lines("events", "--kind", kind) == [e for e in events if kind in e["data"]] != []


@pytest.mark.parametrize("words,code,says", [
    (["--aggregate", "pi_nobody"], 4, "nothing with the id pi_nobody is known"),
    (["--aggregate", "cf_pay_" + "0" * 31 + "1"], 4, "named by other objects at most"),
    (["--aggregate", "pi_nobody", "--follow"], 4, "nothing with the id"),
    (["--kind", "paymnet"], 2, "did you mean payment?"),
])
def test_an_object_that_is_not_there_is_said(filled, words, code, says):
    done = filled.cli("events", *words, check=False)
    assert (done.returncode, done.stdout) == (code, "") and says in done.stderr


# --- show ---


def test_show_finds_by_every_id(filled):
    customer, intent, charge, _, refund, *_ = [e["data"]["object"]["id"] for e in filled.life]
    payment = filled.lines("show", "payment", intent)[0]
    assert payment["payment"]["state"] == "succeeded" and payment["payment"]["refunded_minor"] == 1000
    assert [a["provider_ids"] for a in payment["attempts"]] == [[charge]]
    assert [r["provider_ids"] for r in payment["refunds"]] == [[refund]]
    own = payment["payment"]["id"]
    for words in ([own], ["payment", own], [intent], ["payment", charge], [charge], [payment["attempts"][0]["id"]]):
        assert filled.lines("show", *words)[0] == payment, words
    assert filled.lines("show", "refund", refund)[0]["refund"]["amount_minor"] == 1000
    assert filled.lines("show", customer)[0]["customer"]["email"] == stripe_bodies.PERSON
    for words, code in ((["refund", own], 2), (["refund", intent], 4), (["invoice", "in_1"], 4), (["cheque", "in_1"], 2), (["cf_pay_" + "0" * 32], 4)):
        assert filled.cli("show", *words, check=False).returncode == code, words


def test_timeline_says_what_each_event_did_and_why_not(filled):
    intent = filled.life[1]["data"]["object"]
    stale = stripe_bodies.event("payment_intent.created", dict(intent, amount=1), stripe_bodies.START - 5)
    broken = stripe_bodies.event("payment_intent.succeeded", dict(intent, amount="many"), stripe_bodies.START + 9)
    for event in (stale, broken):
        assert filled.server.post(event).status == 200
    filled.server.wait_until_decided()
    timeline = filled.lines("show", intent["id"])[0]["timeline"]
    by_event = {m["event_id"]: m for m in timeline if "event_id" in m}
    assert set(by_event) == {e["id"] for e in [*filled.life[1:], stale, broken]}
    assert by_event[filled.life[3]["id"]]["effect"] == "applied"
    assert by_event[stale["id"]]["effect"] == "stale" and "newer" in by_event[stale["id"]]["why"]
    assert by_event[broken["id"]]["effect"] == "dead" and "amount" in by_event[broken["id"]]["why"]
    caused = [m for m in timeline if "domain_event" in m]
    about = {m["payment"]["id"] for m in [filled.lines("show", intent["id"])[0]]}
    feed = [e for e in filled.lines("events") if e["aggregate_id"] in about or e["type"].startswith("refund.")]
    assert [m["position"] for m in caused] == [e["position"] for e in feed]
    assert [m["seq"] for m in timeline] == sorted(m["seq"] for m in timeline), "in the order in which they came"
    text = filled.cli("show", intent["id"]).stdout
    assert "says something newer" in text and "dead: INVALID" in text and "-> payment.succeeded" in text


# --- watch ---


def test_watch_for_no_time_is_refused(sqlite_place):
    done = sqlite_place.cli("watch", "--for", "0", check=False)
    assert (done.returncode, done.stdout) == (2, "") and "--for wants" in done.stderr


def test_watch_ends_by_itself_with_a_summary(filled):
    done = filled.cli("watch", "--for", "1s", "--interval", "200ms")
    lines = done.stdout.splitlines()
    assert len([line for line in lines if " received 7 " in line]) >= 3
    assert re.search(r"^In [1-9]\d*s( \d+ms)?:", done.stdout, re.MULTILINE), done.stdout
    assert "42.00 EUR" in done.stdout and "succeeded 1" in done.stdout
    assert "\x1b" not in done.stdout, "no colours outside a terminal"
    answers = filled.lines("watch", "--for", "300ms", "--interval", "100ms")
    assert answers[-1]["summary"] is True and answers[0]["summary"] is False
    assert answers[-1]["payments"]["succeeded"] == 1
    assert answers[-1]["amounts"] == [
        {"currency": "EUR", "payments": 1, "amount_minor": 4200, "received_minor": 4200, "refunded_minor": 1000}
    ]


def test_watch_shows_the_last_events_of_every_kind(filled):
    events = filled.lines("events")
    last = filled.lines("watch", "--for", "100ms", "--interval", "100ms")[-1]["last_events"]
    assert len(last) == min(8, len(events))
    assert [(e["type"], e["aggregate_id"], e["recorded_at"]) for e in last] == [
        (e["type"], e["aggregate_id"], e["recorded_at"]) for e in sorted(events, key=lambda e: e["position"])[::-1][:8]]
    refund = next(e for e in last if e["type"].startswith("refund."))
    assert (refund["amount_minor"], refund["currency"], refund["state"]) == (1000, "EUR", "succeeded")
    for words, chosen in ((["--kind", "refund"], lambda e: "refund" in e["data"]),
                          (["--type", "payment.*"], lambda e: e["type"].startswith("payment."))):
        last = filled.lines("watch", "--for", "100ms", "--interval", "100ms", *words)[-1]["last_events"]
        assert sorted((e["type"], e["aggregate_id"]) for e in last) == sorted(
            (e["type"], e["aggregate_id"]) for e in list(filter(chosen, events))[::-1][:8]), words
    refused = filled.cli("watch", "--kind", "cheque", check=False)
    assert refused.returncode == 2 and "there is no kind" in refused.stderr


def test_watch_goes_on_with_what_comes(filled):
    watcher = filled.background("watch", "watch", "--interval", "100ms", "--json", "--kind", "customer")
    eventually(lambda: watcher.output().count("\n") >= 1, "its first look")
    customer = {"id": "cus_later", "object": "customer", "created": stripe_bodies.START, "livemode": False}
    assert filled.server.post(stripe_bodies.event("customer.created", customer, stripe_bodies.START)).status == 200
    filled.server.wait_until_decided()
    later = filled.lines("show", "cus_later")[0]["customer"]["id"]
    eventually(lambda: later in watcher.output(), "the new customer")
    assert watcher.stop() == 0


def test_watch_sees_duplicates_of_a_serve_that_it_can_ask(filled):
    filled.settings["listen", "private"] = f"127.0.0.1:{filled.server.private}"
    filled.write_config()
    assert filled.server.post(filled.life[0]).json()["status"] == "duplicate"
    answers = filled.lines("watch", "--for", "1s")
    assert answers[0]["serve"] is True and answers[0]["duplicates"] == 1


def test_watch_waits_for_a_store_that_is_not_there_yet(sqlite_place):
    watcher = sqlite_place.background("watch", "watch", "--interval", "100ms")
    eventually(lambda: "waiting for the store" in watcher.output(), "it says that it waits")
    serve = sqlite_place.serve()
    assert serve.post(stripe_bodies.small_event()).status == 200
    eventually(lambda: " payments 1 events 1\n" in watcher.output(), "it sees the event and what came of it")
    watcher.signal(signal.SIGINT)
    assert watcher.wait() == 0
    assert "domain events 1\n" in watcher.output(), "the summary"


def test_watch_redraws_in_place_on_a_terminal_and_restores_the_cursor(filled):
    reader, writer = os.openpty()
    with subprocess.Popen([PROGRAM, "--config", str(filled.config), "watch", "--interval", "100ms"], stdout=writer,
                          stderr=subprocess.PIPE, env=dict(filled.store.environment() or os.environ, TERM="xterm")) as process:
        os.close(writer)
        seen = b""
        while seen.count(b"LAST EVENTS") < 3:
            seen += os.read(reader, 65536)
        process.send_signal(signal.SIGINT)
        try:
            while part := os.read(reader, 65536):
                seen += part
        except OSError:
            pass  # the other end is closed
        assert process.wait(timeout=30) == 0
    os.close(reader)
    assert seen.startswith(b"\x1b[?25l") and b"\x1b[?25h" in seen.split(b"LAST EVENTS")[-1]
    assert re.search(rb"\x1b\[\d+A", seen), "it goes up again"


@pytest.mark.parametrize("rows,columns,variable,width", [
    (0, 0, None, 80), (50, 100, None, 100), (0, 100, None, 100), (50, 100, "150", 100), (0, 0, "150", 150),
    (0, 0, "wide", 80), (0, 0, "0", 80),
])
def test_watch_cuts_lines_at_the_width_of_the_terminal(sqlite_place, rows, columns, variable, width):
    sqlite_place.write_config(f"sqlite://{sqlite_place.folder}/{'deep' * 40}.db")
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment.update({"TERM": "dumb"} | ({"COLUMNS": variable} if variable else {}))
    reader, writer = os.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with subprocess.Popen([PROGRAM, "--config", str(sqlite_place.config), "watch"], stdout=writer,
                          stderr=subprocess.PIPE, env=environment) as process:
        os.close(writer)
        seen = b""
        while b"\x1b[J" not in seen:
            seen += os.read(reader, 65536)
        process.kill()
    os.close(reader)
    waiting = re.search(rb"waiting for the store[^\x1b\r\n]*", seen)[0]
    assert len(waiting) == width, seen
