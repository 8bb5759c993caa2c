"""init, doctor and migrate: what an operator does first, and when something is wrong."""

import json
import os
import sqlite3
import stat
import subprocess
import time

import pytest
import stripe_bodies
from harness import PROGRAM, SECRET, SECRET_NEXT


def checks(place, **options):
    done = place.cli("doctor", check=False, json_answer=True, **options)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode == 1) == any(r["health"] == "failed" for r in rows), rows
    assert SECRET not in done.stdout + done.stderr
    return rows


def health_of(rows, check):
    return [(r["health"], r["found"], r["to_do"]) for r in rows if r["check"] == check]


def test_doctor_is_content_with_a_running_serve(sqlite_place):
    serve = sqlite_place.serve()
    sqlite_place.settings["listen", "private"] = f"127.0.0.1:{serve.private}"
    sqlite_place.write_config()
    rows = checks(sqlite_place)
    assert not [r for r in rows if r["health"] == "failed"]
    assert health_of(rows, "serve")[0][:2] == ("ok", "runs and can commit")
    assert health_of(rows, "schema")[0][0] == "ok" and health_of(rows, "durability")[0][0] == "ok"
    text = sqlite_place.cli("doctor", "--types").stdout
    assert "payment_intent.succeeded" in text and " 0 failed" in text


def test_doctor_names_every_secret_that_is_wrong(sqlite_place):
    sqlite_place.cli("migrate")
    folder = sqlite_place.folder
    (folder / "open").write_text(SECRET)
    (folder / "open").chmod(0o644)
    (folder / "odd").write_text("not a secret of Stripe's".replace(" ", "-"))
    (folder / "odd").chmod(0o600)
    with open(sqlite_place.config, "a", encoding="utf-8") as config:
        config.write("[account two]\nenvironment = live\nwebhook_secret = file:open file:odd file:gone env:NOT_SET_HERE credential:x\n")
        config.write("key.read = file:odd\ntimezone = Mars/Olympus\n")
    rows = checks(sqlite_place)
    found = " | ".join(f"{h} {f}" for h, f, _ in health_of(rows, "two"))
    assert "warning file:open may be read by anybody" in found
    assert "warning file:odd does not begin with whsec_" in found
    assert "failed file:gone cannot be read" in found
    assert "failed env:NOT_SET_HERE is not set" in found
    assert "warning credential:x exists only inside the systemd service" in found
    assert "warning the same secret proves events of [account acme]" in found
    assert "failed key.read: begins with neither rk_live_" in found
    assert "warning this machine does not know the timezone" in found


def test_doctor_counts_what_waits_for_people(sqlite_place):
    serve = sqlite_place.serve()
    event = stripe_bodies.small_event()
    event["data"]["object"]["amount"] = "many"
    assert serve.post(event).status == 200
    serve.wait_until_decided()
    ((health, found, to_do),) = health_of(checks(sqlite_place), "dead letters")
    assert health == "warning" and found.startswith("1 dead letters") and "dead-letters list" in to_do


def test_doctor_sees_a_clock_that_is_late_and_a_secret_of_another_endpoint(sqlite_place):
    serve = sqlite_place.serve()
    sqlite_place.settings["listen", "private"] = f"127.0.0.1:{serve.private}"
    sqlite_place.write_config()
    body = stripe_bodies.encode(stripe_bodies.small_event())
    assert serve.post(body, secret=SECRET_NEXT).status == 400
    assert "not proven" in health_of(checks(sqlite_place), "proof")[0][1]
    future = int(time.time()) + 120
    assert serve.post(body, signature=stripe_bodies.header(SECRET, body, future)).status == 200
    rows = checks(sqlite_place)
    assert any("signed more than 5 s in the future" in f for _, f, _ in health_of(rows, "clock"))
    assert health_of(rows, "proof") == []


def test_doctor_warns_of_a_private_listener_that_is_not_private(sqlite_place):
    sqlite_place.cli("migrate")
    sqlite_place.settings["listen", "private"] = "0.0.0.0:0"
    sqlite_place.write_config()
    ((health, found, _),) = health_of(checks(sqlite_place), "listen")
    assert health == "warning" and "0.0.0.0:0" in found


def test_doctor_says_how_to_make_the_store_and_where_it_cannot_be(sqlite_place):
    ((health, _, to_do),) = health_of(checks(sqlite_place), "store")
    assert health == "failed" and "counterfoil migrate" in to_do
    sqlite_place.write_config(store_url="postgresql://nobody@127.0.0.1:1/none")
    ((health, found, _),) = health_of(checks(sqlite_place), "store")
    assert health == "failed" and found.startswith("the store cannot be used")


def test_doctor_goes_on_when_there_is_no_configuration(tmp_path):
    done = subprocess.run([PROGRAM, "--config", str(tmp_path / "none.ini"), "doctor"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "counterfoil init" in done.stdout and "clock" in done.stdout


# --- migrate ---


@pytest.mark.empty_store
def test_migrate_check_tells_whether_something_is_to_be_done(place):
    assert place.cli("migrate", "--check", check=False).returncode == 1
    (before,) = place.lines("migrate")
    assert before["applied"] == before["wanted"] == before["version"] > 0
    assert place.cli("migrate", "--check").returncode == 0
    (again,) = place.lines("migrate")
    assert again["applied"] == 0 and again["before"] == again["wanted"]


def test_a_store_of_a_newer_program_is_refused_with_words(sqlite_place):
    sqlite_place.cli("migrate")
    connection = sqlite3.connect(sqlite_place.store.path)
    connection.execute("INSERT INTO schema_migration VALUES (99, 'later', ?, 1)", ["0" * 64])
    connection.commit()
    connection.close()
    for words in (["events"], ["inbox", "list"], ["migrate"]):
        done = sqlite_place.cli(*words, check=False)
        assert done.returncode == 3, words
        assert "a newer program made this store" in done.stderr and "counterfoil migrate`" not in done.stderr
    ((health, found, to_do),) = health_of(checks(sqlite_place), "schema")
    assert health == "failed" and "newer" in to_do


@pytest.mark.parametrize("words", [["migrate"], ["migrate", "--check"]])
def test_a_store_of_another_build_is_left_alone_with_words(sqlite_place, words):
    sqlite_place.cli("migrate")
    connection = sqlite3.connect(sqlite_place.store.path)
    connection.execute("UPDATE schema_migration SET checksum = ? WHERE version = 1", ["0" * 64])
    connection.commit()
    connection.close()
    done = sqlite_place.cli(*words, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert "another build" in done.stderr and "nothing was changed" in done.stderr
    assert "counterfoil migrate`" not in done.stderr


# --- init ---


def init(folder, *words):
    return subprocess.run([PROGRAM, "init", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, cwd=folder)


def test_init_writes_a_file_for_its_owner_only(tmp_path):
    done = init(tmp_path, "--account", "acme", "--environment", "live", "--secret", "file:acme.secret", "--url", "https://pay.example")
    assert done.returncode == 0, done.stderr
    path = tmp_path / "counterfoil.ini"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "[account acme]" in text and "environment = live" in text and "webhook_secret = file:acme.secret" in text
    assert f"url = sqlite://{tmp_path}/books.db" in text
    assert "https://pay.example/webhooks/acme" in done.stdout and "Webhook Endpoints: read" in done.stdout
    assert [p.name for p in tmp_path.iterdir()] == ["counterfoil.ini"], "nothing else is made"
    before = path.read_text()
    again = init(tmp_path, "--account", "other")
    assert again.returncode == 5 and "--force" in again.stderr
    assert path.read_text() == before
    assert init(tmp_path, "--account", "other", "--force").returncode == 0
    assert "[account other]" in path.read_text() and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_init_wrote_is_taken_by_the_others(tmp_path):
    folder = tmp_path / "a folder; with 100% odd # characters?"
    folder.mkdir()
    done = init(folder, "--json")
    answer = json.loads(done.stdout)
    assert answer["webhook_url"].endswith("/webhooks/main") and "refund.failed" in answer["event_types"]
    environment = dict(os.environ, MAIN_WEBHOOK_SECRET=SECRET)
    command = [PROGRAM, "--config", str(folder / "counterfoil.ini")]
    for words in (["migrate"], ["doctor"], ["events"]):
        done = subprocess.run(command + words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    assert (folder / "books.db").exists()


@pytest.mark.parametrize("words", [
    ["--account", "Acme"],
    ["--account", "a/b"],
    ["--environment", "staging"],
    ["--store", "mysql://x"],
    ["--store", "postgresql://me:hunter2@host/db"],
    ["--secret", "whsec_in_the_command_line"],
    ["--path", "x/y/z.ini"],
    ["word"],
])
def test_init_refuses_what_would_not_work(tmp_path, words):
    done = init(tmp_path, *words)
    assert done.returncode in (2, 7), done
    assert "hunter2" not in done.stderr and "whsec_in" not in done.stderr
    assert list(tmp_path.iterdir()) == []
