"""Books and provider agree to the cent over a month of the sandbox's; what goes wrong on purpose is found, and nothing else."""

import json
import re

import pytest

import harness
from months import Month, differences

BEGIN, DAYS = "2026-10-01", 12


def fault_rows():
    """{word: the discrepancy that it must produce; empty: none}, of the program's own table."""
    text = (harness.ROOT / "src" / "sandbox" / "faults.def").read_text()
    return dict(re.findall(r'^FAULT\(\w+, "(\w+)", "(\w*)"', text, flags=re.M))


FAULTS = fault_rows()
# Some need more of the shop than payments.
MIXES = {"duplicate_charge": "payments,billing=30", "connect_negative": "payments,connect=30"}
BY_REPORTS = {"line_not_in_report", "line_only_in_report", "restate_report", "rollforward"}


def told(place, seed, *options, payments=150, mix="payments,disputes=20"):
    """A serve that was told of twelve days, and the sandbox that told them and goes on answering."""
    run = Month(place, seed, begin=BEGIN, days=DAYS, payments=payments, mix=mix, after=2)
    return run.asks(run.delivers(*options, stays=True))


@pytest.fixture
def sqlite_month(sqlite_place, seed):
    return lambda *options, **more: told(sqlite_place, seed, *options, **more)


def test_a_second_run_states_the_same_bytes_and_so_does_a_dry_one_but_for_what_it_does_not_ask(sqlite_month):
    run = sqlite_month()
    first = run.run().stdout
    assert run.run().stdout == first
    dry, whole = run.report("--dry-run"), json.loads(first)
    for section in ["roll_forward", "movements", "payouts", "waiting", "open", "discrepancies"]:
        assert dry[section] == whole[section]


@pytest.mark.parametrize("word", sorted(FAULTS))
def test_one_fault_is_found_at_once_under_its_code_and_nothing_else_is(sqlite_month, word):
    run = sqlite_month("--fault", word, payments=300, mix=MIXES.get(word, "payments,disputes=20"))
    report = run.report(*(["--reports"] if word in BY_REPORTS else []))
    assert differences(report, run.faults()) == []
    assert len(run.faults()) == 1 and report["agreed"] == (FAULTS[word] == "")


def test_an_empty_store_whose_books_begin_within_a_history_has_the_lines_of_every_payout_at_once(sqlite_place, seed):
    run = Month(sqlite_place, seed, begin=BEGIN, days=DAYS, payments=100, mix="payments,payouts", after=2)
    run.asks(run.opens("sandbox", "--fault", "none"))
    words = ["--start", "2026-10-06", "--to", run.last]
    report = run.report(*words, days=False)
    assert {row["label"] for row in report["payouts"]} <= {"none", "by_hand", "not_reconciled", "before_the_books"} and report["payouts"]
    assert run.report(*words, days=False) == report
