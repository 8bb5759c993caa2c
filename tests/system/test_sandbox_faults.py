"""Faults that the sandbox makes on purpose: what of them arrives, what the API and the reports say, and the file that tells of them."""

import csv
import io
import json
import re

import pytest

from harness import ROOT
from test_sandbox import run_sandbox
from test_sandbox_api import has_closed, shop  # noqa: F401 (shop is a fixture)
from test_sandbox_reports import COLUMNS, PAYOUT_COLUMNS, Reports

MONTH = ["--begin", "2026-10-01", "--span", "12d", "--payments", "2500", "--mix", "payments,disputes=20,billing=5,payouts=5"]


def told_in(path):
    """{word: what the file says of it}."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    found = {row["fault"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def test_faults_of_events_arrive_as_they_were_made(sqlite_place, seed):
    serve = sqlite_place.serve()
    path = sqlite_place.folder / "faults"
    run_sandbox(sqlite_place, serve.public, "--seed", str(seed), "--begin", "2026-10-01", "--span", "2d", "--payments", "300",
                "--mix", "payments", "--fault", "drop_event,drop_object,missing_event,event_content", "--faults-file", path)
    serve.wait_until_decided()
    faults = told_in(path)
    events = {}
    for row in sqlite_place.store.rows("SELECT i.event_id, i.body, w.status FROM inbox_event i JOIN inbox_work w ON w.seq = i.seq"):
        events.setdefault(row["event_id"], []).append(row)
    assert faults["drop_event"]["event"] not in events and faults["drop_event"]["discrepancy"] is None
    hidden = faults["drop_object"]["payment_intent"].encode()
    assert len(events) > 300 and not any(hidden in bytes(row["body"]) for rows in events.values() for row in rows)
    assert [row["status"] for row in events[faults["missing_event"]["event"]]] == ["dead"]
    assert sum(row["status"] == "dead" for rows in events.values() for row in rows) == 1
    twice = events[faults["event_content"]["event"]]
    assert len(twice) == 2 and bytes(twice[0]["body"]) != bytes(twice[1]["body"])
    assert all(len(rows) == 1 for event, rows in events.items() if event != faults["event_content"]["event"])


def lines_of(api, query=()):
    return {line["id"]: line for line in api.pages("/v1/balance_transactions", query)}


def rows_of(text):
    return {row["balance_transaction_id"]: row for row in csv.DictReader(io.StringIO(text))}


def test_api_and_reports_say_what_the_faults_file_says(shop, sqlite_place, seed):  # noqa: F811
    path = sqlite_place.folder / "faults"
    sandbox = shop("--seed", seed, *MONTH, "--fault", "all", "--faults-file", path, "--report-lag", "0s", "--stay")
    has_closed(sandbox)
    faults = told_in(path)
    asked = Reports(sandbox.api)
    lines = lines_of(sandbox.api)
    activity = rows_of(asked.file("balance_change_from_activity.itemized.6", columns=COLUMNS))
    payouts = rows_of(asked.file("payouts.itemized.3", columns=PAYOUT_COLUMNS))
    wrong_net = [line["id"] for line in lines.values() if line["net"] != line["amount"] - line["fee"]]
    assert wrong_net == [faults["wrong_net"]["line"]]
    wrong_sum = [line["id"] for line in lines.values() if sum(fee["amount"] for fee in line["fee_details"]) != line["fee"]]
    assert wrong_sum == [faults["wrong_fee_sum"]["line"]]
    on_the_way = {line["id"] for line in lines.values() if line["type"] == "payout"}  # not yet in a report
    assert set(lines) - set(activity) - set(payouts) - on_the_way == {faults["line_not_in_report"]["line"]}
    assert (set(activity) | set(payouts)) - set(lines) == {faults["line_only_in_report"]["line"]}
    assert faults["drop_line"]["line"] not in set(lines) | set(activity)
    assert lines[faults["unknown_type"]["line"]]["type"] == "quantum_settlement"
    assert lines[faults["orphan"]["line"]]["source"] is None

    payout = faults["payout_sum"]["subject"]
    inside = lines_of(sandbox.api, [("payout", payout)])
    missing = sandbox.api.get(f"/v1/payouts/{payout}")["amount"] - sum(
        line["net"] for line in inside.values() if line["type"] != "payout")
    other = faults["line_only_in_report"]
    if activity[other["line"]]["automatic_payout_id"] == payout:
        missing -= other["amount_minor"]
    assert missing == faults["payout_sum"]["amount_minor"] == lines[faults["payout_sum"]["line"]]["net"]

    for currency in sandbox.api.get("/v1/balance")["available"]:
        held = sum(part["amount"] for kind in ("available", "pending") for part in sandbox.api.get("/v1/balance")[kind]
                   if part["currency"] == currency["currency"])
        known = sum(line["net"] for line in lines.values() if line["currency"] == currency["currency"])
        off = [faults["balance_drift"]] if currency["currency"] == "eur" else []
        off += [faults["line_only_in_report"]] if faults["line_only_in_report"]["currency"] == currency["currency"] else []
        assert held - known == sum(fault["amount_minor"] for fault in off)


def test_the_files_of_a_faulty_month_are_imported_and_say_what_is_wrong(shop, sqlite_place, seed):  # noqa: F811
    path = sqlite_place.folder / "faults"
    sandbox = shop("--seed", seed, *MONTH, "--fault", "unknown_type,wrong_net,other_adjustment", "--faults-file", path,
                   "--report-lag", "0s", "--stay")
    has_closed(sandbox)
    asked = Reports(sandbox.api)
    sqlite_place.cli("migrate")
    text = asked.file("balance_change_from_activity.itemized.6", columns=COLUMNS)
    file = sqlite_place.folder / "activity.csv"
    file.write_text(text)
    told = sqlite_place.lines("import", file)[0]
    assert (told["lines"], told["new"], told["unclassified"]) == (len(rows_of(text)), len(rows_of(text)), 1)


def test_one_seed_and_beginning_make_the_same_faults(sqlite_place, seed):
    texts = []
    for name in ("one", "two"):
        path = sqlite_place.folder / name
        sqlite_place.cli("sandbox", "--listen", "127.0.0.1:0", "--seed", seed, *MONTH, "--fault", "all", "--faults-file", path,
                         timeout=90)
        texts.append(path.read_text())
    assert texts[0] == texts[1] and len(texts[0].splitlines()) > 20


@pytest.mark.parametrize("words, why", [
    (["--fault", "drop_lines"], "drop_line, missing_object"),
    (["--fault", "drop_line=0"], "up to 100"),
    (["--faults-file", "x"], "--faults-file wants --fault"),
])
def test_what_is_no_fault_is_refused(sqlite_place, words, why):
    done = sqlite_place.cli("sandbox", "--listen", "127.0.0.1:0", *words, check=False)
    assert done.returncode == 2 and why in done.stderr


def rows_in(path, row):
    return [re.findall(r'"([^"]*)"', line) for line in (ROOT / path).read_text().splitlines() if line.startswith(row)]


def test_every_code_has_a_fault_and_every_fault_stands_on_the_page():
    faults = rows_in("src/sandbox/faults.def", "FAULT(")
    codes = {line[5:].split(",")[0] for line in (ROOT / "src/reconcile/codes.def").read_text().splitlines() if line.startswith("CODE(")}
    assert {code for _, code, _ in faults if code} == codes and len(codes) > 20
    page = (ROOT / "docs/sandbox.md").read_text()
    for word, code, what in faults:
        told = f"`{code}`" if code else "none"
        assert f"| `{word}` | {told} | {what} |" in page
