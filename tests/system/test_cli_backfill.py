"""backfill as people meet it: what is refused, what is said, and that a word typed wrongly leaves no trace."""

import os
import signal
import subprocess
import threading

import pytest
import stand_in
from harness import PROGRAM, eventually

KEY = "rk_test_words_" + "w4" * 12


@pytest.fixture
def api():
    """Whatever is asked: `status`, `answer`; text is sent as it is. Without them: an empty list."""

    class Api(stand_in.Handler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self.answer(self.server.status, self.server.answer)

    empty = {"object": "list", "data": [], "has_more": False, "url": "/v1/events"}
    with stand_in.listening(Api, asked=[], status=200, answer=empty) as server:
        yield server


@pytest.fixture
def shop(sqlite_place, api):
    """A store, and a key for the API."""
    sqlite_place.give_key(KEY, api.url)
    sqlite_place.cli("migrate")
    return sqlite_place


@pytest.mark.parametrize("words, says", [
    (["--since", "0"], "--since lies behind --until"),
    (["--since", "1h", "--until", "2h"], "--since lies behind --until"),
    (["--since", "1969-01-01"], "--since lies before 1970"),
    (["--since", "-1"], "--since wants a time"),
    (["--types", "charge.*"], "--types wants whole event types"),
    (["--types", "charge.succeeded,,charge.failed"], "--types wants whole event types"),
    (["--types", ",".join(["charge.failed"] * 65)], "--types takes at most 64"),
    (["--types", "charge.failed,"], "--types wants whole event types"),
    (["--types", "charge.suceeded"], "no event type `charge.suceeded`; did you mean `charge.succeeded`?"),
    (["--types", "nothing.like.it.at_all"], "`counterfoil mapping` lists them"),
    (["--since", "1h", "--since", "2h"], "--since is given twice"),
    (["--connected", "shop7"], "acct_"),
    (["--objects", "--types", "charge.failed"], "do not go with --objects"),
])
def test_what_makes_no_sense_is_refused_and_nobody_is_asked(shop, api, words, says):
    refused = shop.cli("backfill", *words, check=False)
    assert refused.returncode == 2 and says in refused.stderr
    assert api.asked == []


def test_a_time_beyond_what_is_kept_is_said(shop):
    assert "30 days" in shop.cli("backfill", "--since", "400d").stderr
    assert shop.cli("backfill", "--since", "30d", "--types", "charge.succeeded,payment_link.created").stderr == ""


@pytest.mark.parametrize("words", [["watch", "--for", "1s"], ["events"]])
def test_a_type_and_a_kind_that_no_event_has_together_are_refused(shop, words):
    refused = shop.cli(*words, "--type", "invoice.*", "--kind", "payment", check=False)
    assert refused.returncode == 2
    assert "no event is of --type invoice.* and of --kind payment: leave one of them out" in refused.stderr
    assert "`counterfoil mapping` lists them" in shop.cli("events", "--type", "bogus", check=False).stderr


def test_too_many_requests_without_a_reason_are_not_asked_again(shop, api):
    api.status, api.answer = 429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}}
    assert shop.cli("backfill", check=False).returncode == 6
    assert len(api.asked) == 1


@pytest.mark.parametrize("status, answer, says", [
    (401, {"error": {"type": "invalid_request_error"}}, "the key is refused"),
    (403, {"error": {"type": "invalid_request_error"}}, "the key may not read this"),
    (200, "<html>\x1b[31mwelcome</html>", "no JSON object"),
    (302, "", "a redirect"),
    (404, "<html>not here</html>", "not the provider's"),
])
def test_what_the_api_refuses_is_said_once_and_as_what_it_is(shop, api, status, answer, says):
    api.status, api.answer = status, answer
    done = shop.cli("backfill", check=False)
    first, last = done.stderr.splitlines()
    assert done.returncode == 3
    assert first.startswith("counterfoil backfill: GET /v1/events: status ") and says in first
    assert last == "counterfoil backfill: when that is put right, run the same again: it goes on where it stopped"
    assert "\x1b" not in done.stderr and KEY not in done.stderr


def test_a_connected_account_that_the_key_does_not_reach_leaves_no_scope(shop, api):
    api.status, api.answer = 403, {"error": {"type": "invalid_request_error", "code": "account_invalid"}}
    assert shop.cli("backfill", "--connected", "acct_nobody", check=False).returncode == 3
    assert shop.store.rows("SELECT * FROM scope") == []


@pytest.mark.parametrize("key, says", [(None, "is needed: make a restricted key"), ("", "is empty"),
                                       ("rk_live_of_another_world", "a live key")])
def test_of_the_only_account_it_is_said_what_is_wrong_with_its_key(shop, api, key, says):
    if key is None:
        del shop.accounts["acme"]["more"]["key.read"]
        shop.write_config()
    else:
        (shop.folder / "acme.key").write_text(key)
    refused = shop.cli("backfill", check=False)
    assert refused.returncode == 3 and f"[account acme] key.read: " in refused.stderr and says in refused.stderr
    assert api.asked == []


def test_doctor_does_not_blame_the_key_for_an_answer_that_is_not_the_providers(shop, api):
    api.answer = "<html>welcome</html>"
    row = next(row for row in shop.lines("doctor", check=False) if "the provider was asked" in row["found"])
    assert row["health"] == "failed" and "api_base" in row["to_do"]


def test_interrupted_while_the_api_keeps_silent_it_says_so(shop, api):
    hangs = threading.Event()
    asked = threading.Event()

    def silent(handler):
        asked.set()
        hangs.wait(30)

    api.RequestHandlerClass.do_GET = silent
    try:
        running = shop.background("backfill", "backfill")
        assert asked.wait(30)
        running.signal(signal.SIGINT)
        assert running.wait() == 7
        assert "backfill: interrupted\n" in running.text() and "is closing" not in running.text()
    finally:
        hangs.set()


@pytest.mark.parametrize("words", [["backfill"], ["doctor"]])
def test_a_terminal_is_told_that_the_provider_is_waited_for(shop, api, words):
    api.status, api.answer = 503, {"error": {"type": "api_error"}}
    reader, writer = os.openpty()
    with subprocess.Popen([PROGRAM, "--config", str(shop.config), *words], stdout=subprocess.DEVNULL, stderr=writer,
                          env=dict(os.environ, COLUMNS="100")) as process:
        os.close(writer)
        seen = b""
        while b"\x1b[K" not in seen:
            seen += os.read(reader, 65536)
        api.answer = {"object": "list", "data": [], "has_more": False, "url": "/v1/events"}
        api.status = 200
        try:
            while part := os.read(reader, 65536):
                seen += part
        except OSError:
            pass  # the other end is closed
        process.wait(timeout=60)
    os.close(reader)
    assert b"\rtrying again in " in seen and b": GET /v1/" in seen and b": the answer is 503\x1b[K" in seen
    assert seen.rstrip().endswith(b"\r\x1b[K"), "nothing of it stays"
    assert KEY.encode() not in seen


def test_nobody_but_a_terminal_is_told_of_waits(shop, api):
    api.status, api.answer = 503, {"error": {"type": "api_error"}}
    asking = shop.background("backfill", "backfill")
    eventually(lambda: len(api.asked) >= 2, "it tries again")
    api.answer = {"object": "list", "data": [], "has_more": False, "url": "/v1/events"}
    api.status = 200
    assert asking.wait() == 0
    assert "trying again in" not in asking.text()
