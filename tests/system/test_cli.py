"""The command line beside a running serve: on the same SQLite file, and on PostgreSQL, reading and writing."""

import json
import re
import subprocess
import threading

import pytest
import stripe_bodies
from harness import PROGRAM, ROOT, eventually, seconds
from test_serve import Load

READING = [
    ["inbox", "stats"],
    ["inbox", "list"],
    ["events", "--after", "0"],
    ["dead-letters", "list"],
]


def is_well(place):
    """doctor finds nothing but that the test's PostgreSQL does not sync, which it must find."""
    for words in (["doctor"], ["doctor", "--json"]):
        done = place.cli(*words, check=False)
        if place.store.name == "sqlite":
            assert done.returncode == 0, done.stdout
        else:
            assert done.returncode == 1 and "fsync = off" in done.stdout, done.stdout
            assert "1 failed" in done.stdout or "--json" in words, done.stdout


def broken_event(number):
    event = stripe_bodies.small_event(number)
    event["data"]["object"]["amount"] = "many"
    return event


def test_reading_and_writing_while_serve_is_under_load(place):
    serve = place.serve()
    life = stripe_bodies.life_of_a_payment()
    for event in [*life, *(broken_event(n) for n in range(6))]:
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    seqs = [row["seq"] for row in place.store.rows("SELECT seq FROM inbox_work WHERE status = 'dead' ORDER BY seq")]
    load = Load(serve, threads=3)
    try:
        for _ in range(3):
            for words in READING:
                place.cli(*words)
                place.cli(*words, json_answer=True)
            is_well(place)
            place.cli("show", "payment", life[1]["data"]["object"]["id"])
        place.cli("dead-letters", "retry", seqs[0])
        place.cli("dead-letters", "discard", seqs[1], "--reason", "a test of ours")
    finally:
        load.end()
    assert load.other == [], "the command line disturbed serve"
    assert len(load.acknowledged) > 50
    serve.wait_until_decided()
    rows = {r["seq"]: (r["status"], r["reason"]) for r in place.store.rows("SELECT seq, status, reason FROM inbox_work")}
    assert rows[seqs[0]][0] == "dead", "retried, and dead again"
    assert rows[seqs[1]] == ("recorded", "discarded")
    assert rows[seqs[2]][0] == "dead", "nobody touched it"
    audit = place.store.rows("SELECT action, subject, reason FROM audit ORDER BY at_us")
    assert any(r["reason"] == "a test of ours" for r in audit), audit
    assert serve.stop() == 0


def test_commands_work_without_a_running_serve(place):
    serve = place.serve()
    life = stripe_bodies.life_of_a_payment()
    for event in life:
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    assert serve.stop() == 0
    for words in READING:
        place.cli(*words)
    is_well(place)
    assert len(place.lines("events", "--after", "0")) == feed_size(place.store)


def test_show_has_the_whole_timeline_by_either_id(place):
    serve = place.serve()
    life = stripe_bodies.life_of_a_payment()
    for event in life:
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    theirs = life[1]["data"]["object"]["id"]
    by_theirs = place.cli("show", "payment", theirs)
    ours = json.loads(place.cli("show", "payment", theirs, json_answer=True).stdout.splitlines()[0])
    text = json.dumps(ours)
    own = text[text.index("cf_pay_") :].split('"')[0]
    assert place.cli("show", "payment", own).stdout == by_theirs.stdout
    assert "succeeded" in by_theirs.stdout and "42.00 EUR" in by_theirs.stdout
    for event in life[1:4]:
        assert event["type"] in by_theirs.stdout
        assert event["id"] in text, f"{event['type']} is missing"
    assert place.cli("show", "payment", "pi_nothing", check=False).returncode == 4


def feed_size(store):
    return store.rows("SELECT count(*) AS n FROM domain_event")[0]["n"]


def test_follow_sees_every_event_once_and_in_order(place):
    serve = place.serve()
    follower = place.background("follow", "events", "--after", "0", "--follow", "--json")
    load = Load(serve, threads=3)
    eventually(lambda: len(load.acknowledged) > 300, "300 acknowledged")
    load.end()
    serve.wait_until_decided()
    total = feed_size(place.store)
    eventually(lambda: follower.output().count("\n") >= total, "the follower has seen all of them")
    positions = [json.loads(line)["position"] for line in follower.output().splitlines()]
    assert positions == list(range(1, total + 1))
    assert follower.stop() in (0, -15)
    assert serve.stop() == 0


@pytest.mark.empty_store
def test_migrate_beside_others_and_twice(place):
    threads = [threading.Thread(target=place.cli, args=("migrate",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.cli("migrate")
    serve = place.serve()
    place.cli("migrate")
    assert serve.post(stripe_bodies.small_event()).status == 200
    assert serve.stop() == 0


def test_doctor_says_what_is_wrong(sqlite_place):
    assert sqlite_place.cli("doctor", check=False).returncode != 0, "there is no store yet"
    sqlite_place.cli("migrate")
    assert sqlite_place.cli("doctor").returncode == 0
    sqlite_place.config.write_text("[stores]\n")
    done = sqlite_place.cli("doctor", check=False)
    assert done.returncode != 0
    assert "stores" in done.stdout + done.stderr


def test_every_command_has_help_and_refuses_what_it_does_not_know(sqlite_place):
    names = [line.split()[0] for line in sqlite_place.cli("--help").stdout.split("Commands:")[1].splitlines()
             if line.startswith("  ") and not line.startswith("  -")]
    assert {"serve", "events", "show", "inbox", "dead-letters", "sandbox"} <= set(names)
    for name in names:
        assert "Usage: counterfoil " + name in sqlite_place.cli(name, "--help").stdout
        assert sqlite_place.cli(name, "--nonsense", check=False).returncode == 2
    assert sqlite_place.cli("nonsense", check=False).returncode == 2


def test_version_is_a_line_or_an_object(sqlite_place):
    version = re.fullmatch(r"counterfoil (\S+)\n", sqlite_place.cli("--version").stdout)[1]
    for words in (["--version", "--json"], ["--json", "--version"]):
        assert json.loads(sqlite_place.cli(*words).stdout) == {"version": version}


@pytest.mark.parametrize("words", [["completion", "--json"], ["--json", "completion", "cli.md"]])
def test_json_is_refused_where_there_is_none(sqlite_place, words):
    done = sqlite_place.cli(*words, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "leave --json out" in done.stderr and "Try `counterfoil completion --help`" in done.stderr
    assert "--json" not in sqlite_place.cli("completion", "--help").stdout


def test_completion_is_a_script_that_bash_takes(sqlite_place):
    script = sqlite_place.cli("completion").stdout
    done = subprocess.run(["bash", "-n"], input=script, text=True, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    ask = script + "\nCOMP_WORDS=(counterfoil dead) COMP_CWORD=1\n"
    ask += 'f=$(complete -p counterfoil | sed "s/.*-F \\([^ ]*\\).*/\\1/"); "$f" counterfoil dead counterfoil; echo "${COMPREPLY[*]}"\n'
    done = subprocess.run(["bash", "-c", ask], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert "dead-letters" in done.stdout, done


def test_init_writes_a_configuration_that_doctor_and_serve_take(tmp_path, sqlite_place):
    path = tmp_path / "fresh" / "counterfoil.ini"
    path.parent.mkdir()
    done = subprocess.run([PROGRAM, "--config", str(path), "init"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, cwd=path.parent)
    assert done.returncode == 0, done.stderr
    assert path.exists() and "/webhooks/" in done.stdout
    assert "payment_intent.succeeded" in done.stdout
    again = subprocess.run([PROGRAM, "--config", str(path), "init"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, cwd=path.parent)
    assert again.returncode != 0, "it must not write over a configuration"


@pytest.mark.parametrize("page", ["cli.md", "config.md"])
def test_page_of_the_documentation_is_what_the_program_prints(sqlite_place, page):
    printed = sqlite_place.cli("completion", page).stdout
    assert (ROOT / "docs" / page).read_text() == printed, f"counterfoil completion {page} > docs/{page}"


def test_generated_bodies_replace_no_file(sqlite_place):
    path = sqlite_place.folder / "bodies"
    sqlite_place.cli("bench", "generate", "--out", path, "--events", 3)
    before = path.read_bytes()
    assert before.count(b"evt_") >= 3
    done = sqlite_place.cli("bench", "generate", "--out", path, "--events", 1, check=False)
    assert done.returncode == 5 and "exists already" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("folder", [".", "disk", "disk with a blank"])
def test_bench_takes_a_folder_that_is_relative(sqlite_place, folder):
    (sqlite_place.folder / folder).mkdir(exist_ok=True)
    done = subprocess.run(
        [PROGRAM, "bench", "intake", "--dir", folder, "--seconds", "1s", "--warm-up", "0", "--connections", "4",
         "--limit-seconds", "1s", "--json"],
        cwd=sqlite_place.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=seconds(60),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["limit_per_s"] > 0
    assert not list((sqlite_place.folder / folder).glob("bench-*")), "the folder of the run is removed"


@pytest.mark.parametrize("shape", ["csv", "api"])
def test_bench_of_a_statement_finds_what_was_made_not_to_agree(sqlite_place, shape):
    done = sqlite_place.cli("bench", "reconcile", "--dir", sqlite_place.folder, "--lines", 6000, "--shape", shape, "--json")
    told = json.loads(done.stdout)
    assert (told["payments"], told["lines"], told["open_keys"], told["discrepancies"]) == (6000, 6137, 3, 3)
    assert told["lines_per_s"] > 0 and told["limit_s"] >= 0 and told["proofs_s"] >= 0
    assert not list(sqlite_place.folder.glob("bench-*")), "the folder of the run is removed"
