"""Books and provider agree to the cent over a month of the sandbox's; what goes wrong on purpose is found, and nothing else."""

import json
import re

import pytest

import harness
from test_sandbox_api import KEY, has_closed

# The shop closes with the twelfth day, of which its reports do not have the last second.
BEGIN, LAST, END = "2026-10-01", "2026-10-11", "2026-10-14T00:00:00Z"
MONTH = ["--begin", BEGIN, "--span", "12d", "--report-lag", "0s"]
AGREED, DISAGREES = 0, 1


def fault_rows():
    """{word: the discrepancy that it must produce; empty: none}, of the program's own table."""
    text = (harness.ROOT / "src" / "sandbox" / "faults.def").read_text()
    return dict(re.findall(r'^FAULT\(\w+, "(\w+)", "(\w*)"', text, flags=re.M))


FAULTS = fault_rows()
# Some need more of the shop than payments.
MIXES = {"duplicate_charge": "payments,billing=30", "connect_negative": "payments,connect=30"}
BY_REPORTS = {"line_not_in_report", "line_only_in_report", "restate_report", "rollforward"}


class Month:
    """A serve that was told of twelve days, and the sandbox that told them and goes on answering."""

    def __init__(self, place, seed, *options, payments=150, mix="payments,disputes=20"):
        self.place = place
        self.faults_file = place.folder / "faults"
        key = place.folder / "key"
        key.touch(mode=0o600)
        key.write_text(KEY)
        port_file = place.folder / "api-port"
        self.serve = place.serve()
        self.sandbox = place.background(
            "sandbox", "sandbox", "--to", f"http://127.0.0.1:{self.serve.public}/webhooks/acme",
            "--secret", f"file:{place.folder / 'acme-0.secret'}", "--seed", seed, "--mix", mix, "--payments", payments, *MONTH,
            *(["--faults-file", self.faults_file] if "--fault" in options else []), "--listen", "127.0.0.1:0", "--port-file", port_file, "--stay", *options)
        has_closed(self.sandbox)
        self.serve.wait_until_decided()
        port = port_file.read_text().strip()
        place.accounts["acme"]["more"] = {"key.read": f"file:{key}", "api_base": f"http://127.0.0.1:{port}"}
        place.write_config()

    def raw(self, *options, check=True):
        done = self.place.cli("reconcile", "--account", "acme", "--from", BEGIN, "--to", LAST, "--as-of", END, "--json",
                              *options, check=False, timeout=120)
        assert not check or done.returncode in (AGREED, DISAGREES), done.stderr
        return done

    def reconcile(self, *options):
        return json.loads(self.raw(*options).stdout)

    def faults(self):
        return [json.loads(line) for line in self.faults_file.read_text().splitlines()]


@pytest.fixture
def month(place, seed):
    return lambda *options, **more: Month(place, seed, *options, **more)


@pytest.fixture
def sqlite_month(sqlite_place, seed):
    return lambda *options, **more: Month(sqlite_place, seed, *options, **more)


def is_of(row, fault):
    return row["code"] == fault["discrepancy"] and row["name"] in (
        fault["subject"], fault["line"], fault["event"], fault.get("name"), None)


def differences(report, faults):
    """What was found and is no fault, and the reverse; with all that is known of it."""
    rows, wanted = report["discrepancies"], [fault for fault in faults if fault["discrepancy"]]
    more = [row for row in rows if sum(is_of(row, fault) for fault in wanted) != 1]
    less = [fault for fault in wanted if sum(is_of(row, fault) for row in rows) != 1]
    told = [f"found: {row['code']} {row['name']} {row['off_minor']} {row['currency']} {row['text']}" for row in more]
    return told + [f"not found: {fault}" for fault in less]


def test_days_without_faults_agree_to_the_cent(month):
    run = month(payments=400, mix="payments,disputes=20,billing=20")
    report = run.reconcile("--reports")
    assert report["discrepancies"] == [] and report["agreed"]
    assert {row["verdict"] for row in report["balances"]} == {"agrees"}
    assert {row["label"] for row in report["payouts"]} <= {"none", "not_reconciled", "returned", "by_hand"} and report["payouts"]
    shares = {row["measure"]: row["share_ppm"] for row in report["completeness"] if row["share_ppm"] is not None}
    assert set(shares.values()) == {1_000_000}
    assert run.place.cli("ledger", "trial-balance", "--verify").returncode == 0


def test_a_second_run_states_the_same_bytes_and_so_does_a_dry_one_but_for_what_it_does_not_ask(sqlite_month):
    run = sqlite_month()
    first = run.raw().stdout
    assert run.raw().stdout == first
    dry, whole = run.reconcile("--dry-run"), json.loads(first)
    for section in ["roll_forward", "movements", "payouts", "waiting", "open", "discrepancies"]:
        assert dry[section] == whole[section]


@pytest.mark.parametrize("word", sorted(FAULTS))
def test_one_fault_is_found_at_once_under_its_code_and_nothing_else_is(sqlite_month, word):
    run = sqlite_month("--fault", word, payments=300, mix=MIXES.get(word, "payments,disputes=20"))
    report = run.reconcile(*(["--reports"] if word in BY_REPORTS else []))
    assert differences(report, run.faults()) == []
    assert len(run.faults()) == 1 and report["agreed"] == (FAULTS[word] == "")


def test_a_crowd_of_all_faults_is_found_each_under_its_code_and_nothing_else(month):
    run = month("--fault", "all", payments=1500, mix="payments,disputes=20,billing=10,connect=10")
    faults = run.faults()
    assert {row["fault"] for row in faults} == set(FAULTS)
    assert differences(run.reconcile("--reports"), faults) == []


def test_an_empty_store_whose_books_begin_within_a_history_has_the_lines_of_every_payout_at_once(sqlite_place, seed):
    place = sqlite_place
    key, port_file = place.folder / "key", place.folder / "api-port"
    key.touch(mode=0o600)
    key.write_text(KEY)
    sandbox = place.background("sandbox", "sandbox", "--seed", seed, "--mix", "payments,payouts", *MONTH, "--payments",
                               100, "--listen", "127.0.0.1:0", "--port-file", port_file, "--stay", "--fault", "none")
    has_closed(sandbox)
    place.accounts["acme"]["more"] = {"key.read": f"file:{key}", "api_base": f"http://127.0.0.1:{port_file.read_text().strip()}"}
    place.write_config()
    place.cli("migrate")
    words = ["reconcile", "--start", "2026-10-06", "--to", LAST, "--as-of", END]
    done = place.cli(*words, "--json", timeout=120)
    payouts = json.loads(done.stdout)["payouts"]
    assert {p["label"] for p in payouts} <= {"none", "by_hand", "not_reconciled", "before_the_books"} and payouts
    assert json.loads(place.cli(*words, "--json", timeout=120).stdout) == json.loads(done.stdout)
