"""inbox and dead-letters: choosing, looking, and what people decide."""

import json
import os
import pwd

import pytest
import stripe_bodies


def broken(number, value="many"):
    event = stripe_bodies.small_event(number)
    event["data"]["object"]["amount"] = value
    return event


@pytest.fixture
def filled(place):
    """Seven events of a payment's life, three dead letters of two kinds, one type that is not modelled."""
    place.settings["work", "workers"] = "1"  # several take events in another order
    place.write_config()
    serve = place.serve()
    place.life = stripe_bodies.life_of_a_payment()
    sent = [*place.life, broken(1), broken(2), broken(3, -7), stripe_bodies.event("climate.order.created", {"id": "climorder_1", "object": "climate.order"})]
    for event in sent:
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    place.sent = sent
    place.server = serve
    place.dead = [r["seq"] for r in place.store.rows("SELECT seq FROM inbox_work WHERE status = 'dead' ORDER BY seq")]
    assert len(place.dead) == 3
    return place


def seqs(place, *words):
    return [row["seq"] for row in place.lines("inbox", "list", *words)]


def test_list_is_filtered_by_each_option(filled):
    everything = seqs(filled)
    assert everything == list(range(1, 12))
    assert seqs(filled, "--newest", "--limit", 3) == [11, 10, 9]
    assert seqs(filled, "--after", 9) == [10, 11]
    assert seqs(filled, "--limit", 2) == [1, 2]
    assert seqs(filled, "--limit", 0) == everything
    assert seqs(filled, "--status", "dead") == filled.dead
    assert seqs(filled, "--status", "recorded") == [11]
    assert seqs(filled, "--status", "waiting") == []
    assert seqs(filled, "--type", "refund.*") == [5, 7]
    assert seqs(filled, "--type", "charge.succeeded") == [3]
    assert seqs(filled, "--event-id", filled.sent[3]["id"]) == [4]
    assert seqs(filled, "--error", "invalid") == filled.dead
    assert seqs(filled, "--scope", "acme") == everything
    assert seqs(filled, "--scope", 1) == everything
    assert seqs(filled, "--from", "1h") == everything
    assert seqs(filled, "--to", "1h") == []
    assert seqs(filled, "--from", "2020-01-01", "--to", "2020-01-02T00:00:00Z") == []
    assert seqs(filled, "--to", "1970-01-01") == seqs(filled, "--to", "1969-12-31") == []
    assert seqs(filled, "--from", "1970-01-01") == seqs(filled, "--from", "1969-12-31") == everything


@pytest.mark.parametrize("words,code,says", [
    (["list", "--status", "deed"], 2, "did you mean dead?"),
    (["list", "--error", "MALFORMD"], 2, "did you mean MALFORMED?"),
    (["list", "--from", "yesterday"], 2, "--from wants"),
    (["list", "--scope", "nobody"], 4, "there is no such scope"),
    (["list", "--newest", "--limit", "0"], 2, "--limit"),
    (["show", "x"], 2, "no number"),
    (["show", "999"], 4, "no inbox event 999"),
    (["show"], 2, "missing"),
    (["shw"], 2, "did you mean `show`"),
    ([], 2, "wants a verb"),
])
def test_what_cannot_be_is_said(sqlite_place, words, code, says):
    serve = sqlite_place.serve()
    assert serve.post(stripe_bodies.small_event()).status == 200
    done = sqlite_place.cli("inbox", *words, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr


def test_table_is_aligned_and_says_why(filled):
    lines = filled.cli("inbox", "list").stdout.splitlines()
    assert lines[0].split() == ["SEQ", "RECEIVED", "(UTC)", "TYPE", "EVENT", "STATUS", "WHY"]
    assert len(lines) == 12
    column = lines[0].index("STATUS")
    assert {line[column:].split()[0] for line in lines[1:]} == {"applied", "dead", "recorded"}
    assert "data.object.amount" in lines[filled.dead[0]] and "not_modelled" in lines[11]


def test_body_is_printed_exactly_and_only_when_asked(filled):
    body = stripe_bodies.encode(filled.sent[0]).decode()
    assert filled.cli("inbox", "show", 1, "--body").stdout == body
    shown = filled.cli("inbox", "show", 1).stdout + filled.cli("inbox", "show", 1, json_answer=True).stdout
    assert stripe_bodies.PERSON not in shown
    assert json.loads(filled.cli("inbox", "show", 1, "--body", json_answer=True).stdout)["body"] == body


def test_body_that_is_no_text_is_printed_as_it_came(sqlite_place):
    serve = sqlite_place.serve()
    body = b'{"id":"evt_1","object":"event","type":"\xff\xfe\x1b[2J"}'
    assert serve.post(body).status == 200
    row = sqlite_place.lines("inbox", "show", 1, "--body")[0]
    assert bytes.fromhex(row["body_hex"]) == body
    assert row["reason"] == "not_utf8"


def test_control_characters_of_others_reach_no_terminal(sqlite_place):
    serve = sqlite_place.serve()
    event = stripe_bodies.event("charge.updated\u001b[31m\u202e", {"id": "ch_\u001b]0;x\u0007", "object": "charge"})
    assert serve.post(event).status == 200
    serve.wait_until_decided()
    for words in (["inbox", "list"], ["inbox", "show", "1"]):
        done = sqlite_place.cli(*words)
        assert "\x1b" not in done.stdout and "\x07" not in done.stdout and "\u202e" not in done.stdout
        assert "\\x1b[31m\\u202e" in done.stdout


def test_stats_add_up(filled):
    stats = filled.lines("inbox", "stats")[0]
    assert stats["total"] == 11 == sum(stats["by_status"].values())
    assert stats["by_status"]["applied"] == 7 and stats["by_status"]["dead"] == 3
    assert stats["by_reason"] == {"not_modelled": 1}
    assert stats["oldest_dead_received_at"] and stats["oldest_open_received_at"] is None
    text = filled.cli("inbox", "stats").stdout
    assert "not_modelled" in text and "the oldest for" in text


# --- dead letters ---


def status_of(place, seq):
    row = place.lines("inbox", "show", seq)[0]
    return row["status"], row["reason"]


def test_discarding_needs_a_reason_and_keeps_who_and_when(filled):
    assert filled.cli("dead-letters", "discard", filled.dead[0], check=False).returncode == 2
    assert filled.cli("dead-letters", "discard", filled.dead[0], "--reason", "  ", check=False).returncode == 2
    assert status_of(filled, filled.dead[0]) == ("dead", None)
    filled.cli("dead-letters", "discard", filled.dead[0], "--reason", "typed by hand, 'quoted'")
    assert status_of(filled, filled.dead[0]) == ("recorded", "discarded")
    decision = filled.lines("inbox", "show", filled.dead[0])[0]["decisions"][0]
    assert decision["who"] == pwd.getpwuid(os.getuid()).pw_name
    assert decision["action"] == "dead_letter.discard" and decision["reason"] == "typed by hand, 'quoted'"
    assert decision["at"].startswith("20")
    assert "typed by hand" in filled.cli("inbox", "show", filled.dead[0]).stdout


def test_retry_is_audited_and_counts_attempts_anew(filled):
    before = filled.lines("dead-letters", "show", filled.dead[1])[0]
    filled.cli("dead-letters", "retry", filled.dead[1])
    filled.server.wait_until_decided()
    after = filled.lines("dead-letters", "show", filled.dead[1])[0]
    assert before["attempts"] == after["attempts"] == 1, "it is malformed and died at once, again"
    assert [d["action"] for d in after["decisions"]] == ["dead_letter.retry"]


def test_dry_run_says_what_would_happen_and_changes_nothing(filled):
    done = filled.cli("dead-letters", "discard", "--all", "--reason", "x", "--dry-run")
    assert "3 dead letters would be discarded" in done.stdout
    rows = filled.lines("dead-letters", "retry", "--type", "payment_intent.*", "--dry-run")
    assert [r["seq"] for r in rows] == filled.dead and not any(r["done"] for r in rows)
    assert seqs(filled, "--status", "dead") == filled.dead
    assert filled.store.rows("SELECT * FROM audit") == []


def test_filters_numbers_and_all_are_three_ways(filled):
    for words in ([], ["--all", filled.dead[0]], ["--all", "--type", "charge.*"], [filled.dead[0], "--error", "INVALID"]):
        done = filled.cli("dead-letters", "retry", *words, check=False)
        assert done.returncode == 2, words
    assert seqs(filled, "--status", "dead") == filled.dead
    assert filled.lines("dead-letters", "discard", "--reason", "x", "--event-id", filled.sent[8]["id"])[0]["seq"] == filled.dead[1]
    assert seqs(filled, "--status", "dead") == [filled.dead[0], filled.dead[2]]


def test_nothing_that_matches_is_exit_code_4(filled):
    assert filled.cli("dead-letters", "retry", "--type", "customer.*", check=False).returncode == 4
    assert filled.cli("dead-letters", "retry", "--to", "1970-01-01", check=False).returncode == 4
    assert filled.cli("dead-letters", "discard", "--to", "1970-01-01", "--reason", "x", check=False).returncode == 4
    assert seqs(filled, "--status", "dead") == filled.dead
    assert filled.cli("dead-letters", "retry", 1, check=False).returncode == 4, "it is applied"
    assert filled.cli("dead-letters", "show", 1, check=False).returncode == 4
    done = filled.cli("dead-letters", "discard", 1, filled.dead[0], "--reason", "one of them", check=False)
    assert done.returncode == 4 and "1 of the 2 named" in done.stderr
    assert status_of(filled, filled.dead[0]) == ("recorded", "discarded"), "the other one is done"
    assert status_of(filled, 1)[0] == "applied"


def test_hundreds_are_discarded_in_batches(sqlite_place):
    serve = sqlite_place.serve()
    assert {a.status for a in serve.post_all([broken(n) for n in range(450)])} == {200}
    serve.wait_until_decided()
    done = sqlite_place.cli("dead-letters", "discard", "--all", "--reason", "a flood")
    assert "450 dead letters discarded" in done.stdout
    assert sqlite_place.store.rows("SELECT count(*) AS n FROM audit") == [{"n": 450}]
    assert sqlite_place.cli("dead-letters", "list").stdout == "no dead letters\n"
