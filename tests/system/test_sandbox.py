"""The sandbox as users run it: what it tells arrives whatever its knobs do to it, and --verify finds what differs."""

import json
import sqlite3
import threading

import pytest
import stand_in


def run_sandbox(place, port, *options, check=True):
    done = place.cli(
        "sandbox", "--to", f"http://127.0.0.1:{port}/webhooks/acme", "--secret", f"file:{place.folder}/acme-0.secret",
        "--state", place.folder / "state", "--log-acked", place.folder / "acked", "--json", *options,
        check=check, timeout=90,
    )
    return done, json.loads(done.stdout.splitlines()[-1]) if done.stdout else None


def verify(place):
    done = place.cli("sandbox", "--verify", "--state", place.folder / "state", "--log-acked", place.folder / "acked",
                     "--json", check=False, timeout=90)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, lines[-1], lines[:-1]


def test_whatever_the_knobs_do_the_store_ends_with_what_was_told(place, seed):
    serve = place.serve()
    _, told = run_sandbox(place, serve.public, "--seed", str(seed), "--rate", "800", "--duplicates", "20",
                          "--reorder", "30", "--delay", "1s", "--for", "5s")
    serve.wait_until_decided()
    code, verdict, findings = verify(place)
    assert findings == [] and code == 0
    assert told["unanswered"] == told["given_up"] == told["objects_lagging"] == 0
    assert told["acknowledged"] == told["events"] > 1000
    assert told["duplicates_acknowledged"] > 0
    assert verdict["objects"] == verdict["equal"] == told["objects"]
    assert verdict["acknowledged_events"] == told["acknowledged"] + told["duplicates_acknowledged"]


MIXES = ["payments", "disputes", "billing", "payments=1,payouts=9"]


@pytest.mark.parametrize("mix", MIXES)
def test_each_kind_of_life_alone_ends_with_what_was_told(sqlite_place, seed, mix):
    serve = sqlite_place.serve()
    _, told = run_sandbox(sqlite_place, serve.public, "--seed", str(seed), "--mix", mix, "--rate", "500",
                          "--duplicates", "20", "--reorder", "30", "--delay", "1s", "--for", "6s")
    serve.wait_until_decided()
    code, verdict, findings = verify(sqlite_place)
    assert findings == [] and code == 0
    assert verdict["objects"] == told["objects"] > 200 and told["objects_lagging"] == 0
    # Payments alone tell now and then of two balances within a second: nothing says which is the newer one.
    assert verdict["equal"] + verdict["contested"] == verdict["objects"]
    assert verdict["contested"] <= (mix == "payments")
    for what, word in [("subscriptions", "billing"), ("invoices", "billing"), ("payouts", "payouts")]:
        assert (told[what] > 0) == (word in mix)
    assert told["disputes"] > 0 if mix == "disputes" else told["disputes"] == 0 or "payouts" in mix


@pytest.mark.parametrize("version", ["2025-08-27.basil", "2024-06-20", "2022-11-15", "2022-08-01", "2020-08-27"])
def test_an_older_version_with_everything_ends_with_what_was_told(sqlite_place, seed, version):
    serve = sqlite_place.serve()
    _, told = run_sandbox(sqlite_place, serve.public, "--seed", str(seed), "--mix", "all", "--rate", "600",
                          "--api-version", version, "--duplicates", "10", "--reorder", "20", "--for", "8s")
    serve.wait_until_decided()
    code, verdict, findings = verify(sqlite_place)
    assert findings == [] and code == 0
    assert verdict["equal"] + verdict["contested"] == verdict["objects"] == told["objects"] and told["invoices"] > 0
    assert verdict["contested"] <= 2  # balances, as above


@pytest.mark.parametrize("mix", ["refunds", "payments=0", "payments,payments"])
def test_a_mix_of_nothing_known_is_refused_with_the_words_there_are(sqlite_place, mix):
    done = sqlite_place.cli("sandbox", "--to", "http://127.0.0.1:1/", "--secret", "env:NONE", "--mix", mix, check=False)
    assert (done.returncode, done.stdout) == (2, "") and "--mix is all, or some of payments, " in done.stderr


def test_lost_events_leave_objects_where_they_were_told_last(sqlite_place, seed):
    serve = sqlite_place.serve()
    _, told = run_sandbox(sqlite_place, serve.public, "--seed", str(seed), "--rate", "800", "--loss", "15",
                          "--for", "5s")
    serve.wait_until_decided()
    code, verdict, findings = verify(sqlite_place)
    assert findings == [] and code == 0
    assert told["lost_on_purpose"] > 0 and told["objects_lagging"] > 0
    assert verdict["untold"] > 0 and verdict["missing"] == verdict["different"] == 0


def test_payments_live_to_their_end_when_they_are_counted(sqlite_place, seed):
    serve = sqlite_place.serve()
    _, told = run_sandbox(sqlite_place, serve.public, "--seed", str(seed), "--rate", "1000", "--payments", "3")
    assert told["payments"] >= 3
    assert told["objects_lagging"] == 0
    serve.wait_until_decided()
    assert verify(sqlite_place)[0] == 0


def test_verify_names_what_differs_and_what_is_missing(sqlite_place, seed):
    serve = sqlite_place.serve()
    run_sandbox(sqlite_place, serve.public, "--seed", str(seed), "--rate", "400", "--for", "3s")
    serve.wait_until_decided()
    assert serve.stop() == 0
    with sqlite3.connect(sqlite_place.store.path) as books:
        books.execute("UPDATE customer SET name = 'Somebody Else' WHERE id = (SELECT min(id) FROM customer)")
        books.execute("UPDATE payment SET refunded_minor = 7 WHERE id = (SELECT min(id) FROM payment WHERE said_seen)")
    with open(sqlite_place.folder / "acked", "a", encoding="ascii") as acked:
        acked.write("evt_1NeverSent\n")
    code, verdict, findings = verify(sqlite_place)
    assert code == 1 and not verdict["good"]
    assert verdict["different"] == 2 and verdict["acknowledged_missing"] == 1
    assert {(found["kind"], found["field"]) for found in findings} == {
        ("customer", "name"), ("payment_intent", "refunded_minor"), ("event", "")}
    assert [found["store"] for found in findings if found["kind"] == "customer"] == ["Somebody Else"]


def test_nobody_there_and_a_wrong_secret_are_said(sqlite_place, seed):
    done, _ = run_sandbox(sqlite_place, 1, "--for", "1s", "--flush", "1s", check=False)
    assert done.returncode == 7 and "nobody answered" in done.stderr
    serve = sqlite_place.serve()
    wrong = sqlite_place.folder / "wrong.secret"
    wrong.write_text("whsec_of_somebody_else")
    wrong.chmod(0o600)
    done = sqlite_place.cli("sandbox", "--to", f"http://127.0.0.1:{serve.public}/webhooks/acme", "--secret",
                            f"file:{wrong}", "--for", "1s", "--flush", "1s", check=False)
    assert done.returncode == 7 and "HTTP 400" in done.stderr and "whsec" not in done.stderr


class Stubborn(stand_in.Handler):
    """Refuses every event twice before it takes it."""

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            times = self.server.times
            times[body["id"]] = times.get(body["id"], 0) + 1
            status = 500 if times[body["id"]] < 3 else 200
            self.server.signatures.append(self.headers["Stripe-Signature"])
        self.answer(status, "")


@pytest.fixture
def stubborn():
    with stand_in.listening(Stubborn, times={}, signatures=[]) as server:
        yield server


def test_what_is_refused_comes_again_until_it_is_taken(sqlite_place, stubborn, seed):
    _, told = run_sandbox(sqlite_place, stubborn.server_address[1], "--seed", str(seed), "--rate", "50", "--for", "2s",
                          "--retry-scale", "100000", "--flush", "20s")
    assert told["refused"] == 2 * told["events"] and told["unanswered"] == 0
    assert set(stubborn.times.values()) == {3}
    acked = (sqlite_place.folder / "acked").read_text().split()
    assert sorted(acked) == sorted(stubborn.times)


@pytest.mark.parametrize("option", ["--for", "--payments"])
def test_a_run_of_nothing_is_refused(sqlite_place, option):
    done, _ = run_sandbox(sqlite_place, 1, option, "0", check=False)
    assert (done.returncode, done.stdout) == (2, "") and option in done.stderr


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/webhooks/acme", "file:///etc/passwd", "127.0.0.1:8420", "http:/x", "https"])
def test_only_web_addresses_are_sent_to(sqlite_place, url):
    done = sqlite_place.cli("sandbox", "--to", url, "--secret", "env:NONE", check=False)
    assert (done.returncode, done.stdout) == (2, "") and "--to wants http:// or https://" in done.stderr


@pytest.mark.parametrize("mode", [["--to", "http://127.0.0.1:1/", "--secret", "env:NONE"], ["--verify"]])
def test_state_and_acknowledged_ids_want_two_files(sqlite_place, mode):
    kept, link = sqlite_place.folder / "kept", sqlite_place.folder / "link"
    kept.write_text("evt_1\n")
    link.symlink_to(kept)
    for one, other in [(kept, kept), (kept, link), (kept, sqlite_place.folder / "." / ".." / kept.parent.name / "kept")]:
        done = sqlite_place.cli("sandbox", *mode, "--state", one, "--log-acked", other, check=False)
        assert (done.returncode, done.stdout) == (2, "") and "want two files" in done.stderr
    assert kept.read_text() == "evt_1\n"


def test_a_run_that_loses_everything_says_that_nothing_was_sent(sqlite_place, seed):
    words = ["sandbox", "--to", "http://127.0.0.1:1/webhooks/acme", "--secret", f"file:{sqlite_place.folder}/acme-0.secret",
             "--seed", seed, "--rate", "1000", "--for", "1s", "--loss", "100"]
    assert "Nothing was sent: --loss 100 lost every event\n" in sqlite_place.cli(*words).stdout
    told = sqlite_place.lines(*words)[-1]
    assert told["lost_on_purpose"] == told["events"] > 0 and told["sent"] == 0
