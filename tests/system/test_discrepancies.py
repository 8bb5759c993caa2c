"""`counterfoil discrepancies`: what is off is listed and shown with its evidence, and ended by people, two where it is much."""

import csv
import io
import json
import os
import pathlib
import pwd
import shutil
import sqlite3
import subprocess
import tempfile

import harness
import pytest
import stripe_bodies
from conftest import make_place

RAISED = 1790000000000000
DAY = "2026-05-28"  # of the life of a payment
ID = "cf_dcp_" + "0" * 12 + "7465" + "95398bfe7023bb3c"


def write(place, sql):
    if place.store.name == "sqlite":
        connection = sqlite3.connect(place.store.path)
        connection.executescript(sql)
        connection.close()
    else:
        place.store.rows(sql)


def blob(place, hexadecimal):
    return f"X'{hexadecimal}'" if place.store.name == "sqlite" else f"'\\x{hexadecimal}'::bytea"


def plant(place, id_, code, subject_kind, subject, ours, theirs=0, currency="EUR", name="ch_1"):
    """As a run of reconciliation leaves it."""
    key = blob(place, id_.removeprefix("cf_dcp_"))
    about = blob(place, subject) if subject else "NULL"
    write(place, f"""
        INSERT INTO discrepancy (id, scope, code, subject_kind, subject, name, currency, period_us, period_to_us, ours_minor,
            theirs_minor, since_us, text, state, owner, raised_us, changed_us, first_run, last_run, step_count, alarm_step)
        VALUES ({key}, 1, '{code}', '{subject_kind}', {about}, '{name}', '{currency}', 0, 0, {ours}, {theirs},
            {RAISED - 86400000000}, 'ours is captured', 'open', '', {RAISED}, {RAISED}, 1, 1, 1, 0);
        INSERT INTO discrepancy_step (discrepancy, number, deed, state, at_us, run, who, note, incident, account,
            wanted_minor, ours_minor, theirs_minor, text)
        VALUES ({key}, 1, 'raise', 'open', {RAISED}, 1, '', '', '', '', 0, {ours}, {theirs}, 'ours is captured');
    """)


def tell_life(place):
    """A payment without a line: its amount stands in clearing. Gives the amount and the charge's id."""
    life = stripe_bodies.life_of_a_payment()
    serve = place.serve()
    for event in life:
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    assert serve.stop() == 0
    charge = next(e["data"]["object"] for e in life if e["data"]["object"]["object"] == "charge")
    return charge["amount"], charge["id"]


def plant_missing(place):
    amount, charge = tell_life(place)
    [row] = place.store.rows(f"SELECT {place.store.hex('key')} AS subject, minor, currency FROM ledger_balance"
                             " WHERE account = 'assets:clearing:payment'")
    plant(place, ID, "MISSING_AT_PROVIDER", "attempt", row["subject"], row["minor"], 0, row["currency"], charge)
    return amount, charge


def balance(place, account):
    rows = place.store.rows(f"SELECT coalesce(sum(minor), 0) AS minor FROM ledger_balance WHERE account = '{account}'")
    return rows[0]["minor"]


def show(place):
    return json.loads(place.cli("discrepancies", "show", ID, json_answer=True).stdout)


def test_the_list_has_what_is_off_with_totals_and_filters(place):
    place.cli("migrate")
    assert place.cli("discrepancies", "list").stdout == "no discrepancies\n"
    amount, charge = plant_missing(place)
    other = ID[:-1] + "d"
    plant(place, other, "BALANCE_DRIFT", "none", None, 0, 7, "KWD", "")
    text = place.cli("discrepancies", "list").stdout
    first, second = [line.split() for line in text.splitlines()[1:3]]
    assert (first[0], first[-1]) == ("BALANCE_DRIFT", other) and "0.007" in first
    assert (second[0], second[-1]) == ("MISSING_AT_PROVIDER", ID) and charge in second
    assert text.splitlines()[3] == "" and text.splitlines()[4].split() == ["CODE", "SEVERITY", "COUNT", "OFF", "OLDEST"]
    rows = place.lines("discrepancies", "list")
    assert [row["discrepancy"]["id"] for row in rows] == [other, ID]
    assert rows[1]["discrepancy"]["off_minor"] == -amount and rows[1]["account"]
    table = list(csv.DictReader(io.StringIO(place.cli("discrepancies", "list", "--csv").stdout)))
    assert [row["id"] for row in table] == [other, ID]
    assert (table[0]["theirs"], table[0]["off"]) == ("0.007", "0.007")
    assert [len(place.lines("discrepancies", "list", *words)) for words in (
        ["--code", "BALANCE_DRIFT"], ["--severity", "critical"], ["--severity", "high"], ["--state", "cleared"],
        ["--state", "all"], ["--account", "acme"], ["--limit", "1"])] == [1, 2, 0, 0, 2, 2, 1]


@pytest.mark.parametrize("words, code", [
    (["list", "--state", "shut"], 2), (["list", "--code", "X"], 2), (["list", "--severity", "low"], 2),
    (["show", "cf_pay_1"], 2), (["show", ID], 4), (["acknowledge", ID], 4), (["explain", ID], 2),
    (["explain", ID, "--reason", "because"], 2), (["resolve", ID, "--reason", "fee", "--to", "income:nothing"], 4),
    (["write-off", ID, "--reason", "fee", "--threshold", "1.2.3"], 2), (["list", "--csv", "--json"], 2)])
def test_what_cannot_be_is_refused_with_what_to_do(sqlite_place, words, code):
    sqlite_place.cli("migrate")
    done = sqlite_place.cli("discrepancies", *words, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"counterfoil discrepancies {words[0]}: ")


def test_the_evidence_stands_side_by_side(place):
    place.cli("migrate")
    amount, charge = plant_missing(place)
    shown = show(place)
    assert shown["stands"] == {"account": "assets:clearing:payment", "currency": shown["discrepancy"]["currency"],
                               "minor": amount}
    assert shown["ours"]["attempt"]["captured_minor"] == amount
    assert [(p["account"], p["minor"]) for p in shown["ours"]["postings"]] == [("assets:clearing:payment", amount)]
    assert shown["theirs"] == {"lines": [], "sources": []}
    assert "charge.succeeded" in [event["type"] for event in shown["events"]]
    assert [step["deed"] for step in shown["steps"]] == ["raise"]
    text = place.cli("discrepancies", "show", ID).stdout
    for title in ("WHAT WE HAVE", "WHAT THEY HAVE", "WHICH EVENTS LED THERE", "ITS STEPS", "WHAT TO DO NEXT"):
        assert f"\n{title}\n" in text
    assert charge in text and f"discrepancies acknowledge {ID}" in text and "no line of the statement" in text


def test_a_line_shows_its_raw_fields_and_the_file_that_told_it(place):
    place.cli("migrate")
    amount, charge = plant_missing(place)
    report = place.folder / "itemized.csv"
    report.write_text(
        "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,description\n"
        f"txn_1,2026-09-21 10:00:00,2026-09-23 00:00:00,{show(place)['discrepancy']['currency'].lower()},1.00,0.10,0.90,"
        f"charge,{charge},a payment\n")
    place.cli("import", report, "--account", "acme")
    shown = show(place)
    [line] = shown["theirs"]["lines"]
    assert (line["provider_id"], line["category"], line["amount_minor"]) == ("txn_1", "charge", 100)
    [source] = shown["theirs"]["sources"]
    assert source["kind"] == "file" and len(source["sha256"]) == 64 and source["source"] == line["source"]
    assert sorted(p["minor"] for p in shown["ours"]["postings"]) == sorted([amount, -100])
    text = place.cli("discrepancies", "show", ID).stdout
    assert "txn_1" in text and source["sha256"] in text


def let_one_decide(place):
    place.settings[("reconcile", "threshold")] = "1000000"
    place.write_config()


def test_one_person_acknowledges_explains_resolves_and_reopens(place):
    let_one_decide(place)
    place.cli("migrate")
    plant_missing(place)
    me = pwd.getpwuid(os.getuid()).pw_name
    assert place.cli("discrepancies", "acknowledge", ID).stdout == f"{ID} is acknowledged\n"
    assert show(place)["discrepancy"]["owner"] == me
    done = json.loads(place.cli("discrepancies", "explain", ID, "--reason", "timing", "--note", "their file", "--incident",
                                "INC-7", json_answer=True).stdout)
    assert done["done"] and done["step"]["who"] == me and done["step"]["reason"] == "timing"
    resolved = place.cli("discrepancies", "resolve", ID, "--reason", "timing")
    assert "stays on assets:clearing:payment: --to ACCOUNT would post it there" in resolved.stderr
    again = place.cli("discrepancies", "resolve", ID, "--reason", "timing", check=False)
    assert again.returncode == 5 and "it is resolved" in again.stderr
    place.cli("discrepancies", "reopen", ID, "--note", "it is not")
    assert [step["deed"] for step in show(place)["steps"]] == ["raise", "acknowledge", "explain", "resolve", "reopen"]
    assert place.lines("events", "--type", "discrepancy.*")[-1]["data"]["step"]["note"] == "it is not"
    audits = place.store.rows("SELECT who, action, subject, reason FROM audit WHERE who <> 'reconcile' ORDER BY audit")
    assert [row["action"] for row in audits] == [
        "discrepancy.acknowledge", "discrepancy.explain", "discrepancy.resolve", "discrepancy.reopen"]
    assert {row["who"] for row in audits} == {me} and {row["subject"] for row in audits} == {ID}


# --- two people ---


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_place(request, postgres):
    """A place that another user can read and write too."""
    if os.geteuid() != 0:
        pytest.skip("only root can be another user: run as root")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="counterfoil-two-"))
    folder.chmod(0o777)
    try:
        if request.param == "sqlite":
            store = harness.Sqlite(folder)
        else:
            store = harness.Postgres(postgres, f"two_people_{os.getpid()}")
        shutil.copy(harness.PROGRAM, folder / "program")
        yield from make_place(folder, store)
        store.drop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_nobody(place, *words):
    for path in place.folder.glob("books.db*"):
        path.chmod(0o666)
    nobody = pwd.getpwnam("nobody")
    return subprocess.run(
        ["setpriv", "--reuid", str(nobody.pw_uid), "--regid", str(nobody.pw_gid), "--clear-groups",
         str(place.folder / "program"), "--config", str(place.config), "discrepancies", *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.seconds(30), cwd=place.folder,
        env=dict(place.store.environment() or os.environ, HOME=str(place.folder)))


def test_two_people_write_off_what_is_above_the_threshold(shared_place):
    place = shared_place
    place.cli("migrate")
    amount, _ = plant_missing(place)
    wish = ["write-off", ID, "--reason", "other", "--note", "gone"]
    asked = place.cli("discrepancies", *wish)
    assert "another operating-system user must do the same" in asked.stdout
    assert balance(place, "assets:clearing:payment") == amount
    refused = place.cli("discrepancies", *wish, check=False)
    assert refused.returncode == 3 and "root has asked for it" in refused.stderr
    assert balance(place, "expenses:writeoff") == 0
    done = as_nobody(place, *wish)
    assert done.returncode == 0, done.stderr
    assert "is written_off" in done.stdout and "posted to expenses:writeoff" in done.stdout
    assert balance(place, "assets:clearing:payment") == 0
    assert balance(place, "expenses:writeoff") == amount
    place.cli("ledger", "trial-balance", "--verify")
    steps = show(place)["steps"]
    assert [(step["deed"], step.get("who")) for step in steps[1:]] == [("ask_write_off", "root"), ("write_off", "nobody")]
    [entry] = [e for e in place.lines("ledger", "journal") if e["stream"] == "people"]
    assert entry["entry"] == steps[-1]["entry"]
    reopened = place.cli("discrepancies", "reopen", ID)
    assert f"is open: what was posted is taken back by entry {entry['entry'] + 1}" in reopened.stdout
    assert "stands on assets:clearing:payment" in reopened.stderr
    assert (balance(place, "assets:clearing:payment"), balance(place, "expenses:writeoff")) == (amount, 0)
    place.cli("ledger", "trial-balance", "--verify")


def test_whoever_closes_a_month_is_told_what_in_it_is_not_over(place):
    place.cli("migrate")
    plant_missing(place)
    assert place.cli("ledger", "close", "--period", DAY[:7]).stderr == "", "it began later"
    place.cli("ledger", "reopen", "--period", DAY[:7], "--reason", "once more")
    write(place, f"UPDATE discrepancy SET since_us = {RAISED} - 115 * 86400000000")
    [row] = place.store.rows("SELECT currency FROM discrepancy")
    plant(place, ID[:-1] + "d", "MISSING_AT_PROVIDER", "attempt", None, 500, 0, row["currency"], "ch_later")
    closed = place.cli("ledger", "close", "--period", DAY[:7])
    assert "1 discrepancy of that time or before is not over" in closed.stderr and "discrepancies list" in closed.stderr
    again = json.loads(place.cli("ledger", "close", "--period", DAY[:7], json_answer=True).stdout)
    assert (again["changed"], again["open_discrepancies"]) == (False, 1)


def test_what_is_below_the_threshold_of_the_configuration_takes_one_and_no_command_lifts_it(place):
    place.cli("migrate")
    amount, _ = plant_missing(place)
    wish = ["discrepancies", "resolve", ID, "--reason", "customer", "--to", "income:other"]
    refused = place.cli(*wish, "--threshold", "1000000.00", check=False)
    assert refused.returncode == 3 and "[reconcile] threshold = 1 holds for all" in refused.stderr
    let_one_decide(place)
    done = json.loads(place.cli(*wish, json_answer=True).stdout)
    assert done["done"] and done["posted_minor"] == amount and done["step"]["to_account"] == "income:other"
    assert balance(place, "income:other") == amount
    place.cli("ledger", "trial-balance", "--verify")


def test_show_and_explain_take_its_id_and_name_it_where_it_belongs(place):
    place.cli("migrate")
    amount, charge = plant_missing(place)
    assert json.loads(place.cli("show", ID, json_answer=True).stdout)["discrepancy"]["id"] == ID
    told = {fact["fact"] for fact in json.loads(place.cli("explain", ID, json_answer=True).stdout)["facts"]}
    assert {"discrepancy.found", "discrepancy.state", "discrepancy.next", "attempt.charged"} <= told
    [shown] = place.lines("show", charge)
    assert [row["id"] for row in shown["discrepancies"]] == [ID]
    assert f"{ID}  MISSING_AT_PROVIDER, open: ours is captured" in place.cli("show", charge).stdout
    text = place.cli("explain", charge).stdout
    assert f"Discrepancy {ID} is not over since" in text and "MISSING_AT_PROVIDER, ours is captured" in text
    let_one_decide(place)
    place.cli("discrepancies", "resolve", ID, "--reason", "customer")
    assert ID not in place.cli("explain", charge).stdout and place.lines("show", charge)[0]["discrepancies"] == []
    assert "It is resolved" in place.cli("explain", ID).stdout
    for words in (["show", "cf_dcp_1"], ["explain", "cf_dcp_1"]):
        assert place.cli(*words, check=False).returncode == 2
    assert place.cli("explain", ID[:-1] + "0", check=False).returncode == 4


def test_what_a_run_finds_is_written_off_and_not_found_again(place):
    place.cli("migrate")
    amount, charge = tell_life(place)
    report = place.folder / "itemized.csv"
    report.write_text(
        "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,description\n"
        f"txn_1,{DAY} 20:26:42,{DAY} 23:00:00,eur,{(amount - 60) / 100:.2f},0.10,{(amount - 70) / 100:.2f},charge,{charge},\n")
    place.cli("import", report, "--account", "acme")
    run = ["reconcile", "--account", "acme", "--day", DAY, "--as-of", "2026-06-20T00:00:00Z"]
    first = place.cli(*run, json_answer=True, check=False)
    assert first.returncode == 1, first.stderr
    [found] = [row["discrepancy"] for row in place.lines("discrepancies", "list", "--code", "AMOUNT_MISMATCH")]
    assert (found["ours_minor"], found["theirs_minor"], found["name"]) == (amount, amount - 60, charge)
    place.cli("discrepancies", "write-off", found["id"], "--reason", "rounding")
    assert balance(place, "expenses:writeoff") == 60
    place.cli(*run, json_answer=True, check=False)
    [row] = place.lines("discrepancies", "list", "--code", "AMOUNT_MISMATCH", "--state", "all")
    assert row["discrepancy"]["state"] == "written_off"
    place.cli("ledger", "trial-balance", "--verify")
