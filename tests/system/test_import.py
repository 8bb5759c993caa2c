"""import: reports as files, in and out of order, and everything that is wrong with files."""

import signal

import pytest
from harness import eventually

HEADER = "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,charge_id"
CHARGE = "txn_1,2026-11-01 10:00:00,2026-11-03 00:00:00,eur,50.00,1.75,48.25,charge,ch_1,ch_1"
REFUND = "txn_2,2026-11-01 11:00:00,2026-11-03 00:00:00,eur,-12.00,0.00,-12.00,refund,re_1,ch_1"
STRANGE = "txn_3,2026-11-02 11:00:00,2026-11-02 00:00:00,jpy,500,0,500,strange,,"
PAYOUT_HEADER = "payout_id,effective_at_utc,currency,gross,fee,net,reporting_category,balance_transaction_id"
PAYOUT = "po_1,2026-11-05 00:00:00,eur,-30.00,0.00,-30.00,payout,txn_4"
SECRET_VALUE = "Mustermann"  # no value of a file is ever said


def report(*records, header=HEADER, end="\n"):
    return end.join([header, *records]) + end


def write(place, name, text):
    path = place.folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def books(place):
    place.cli("migrate")
    return place


@pytest.fixture
def sqlite_books(sqlite_place):
    sqlite_place.cli("migrate")
    return sqlite_place


def count(place, table):
    return place.store.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"]


def balances(place):
    rows = place.store.rows("SELECT account, currency, sum(minor) AS minor FROM ledger_balance GROUP BY account, currency")
    return {(row["account"], row["currency"]): int(row["minor"]) for row in rows if int(row["minor"]) != 0}


def test_lines_are_counted_summed_and_posted(books):
    path = write(books, "a.csv", report(CHARGE, REFUND, STRANGE))
    told = books.lines("import", path)[0]
    assert (told["report"], told["lines"], told["new"], told["unclassified"]) == ("activity", 3, 3, 1)
    assert told["sums"] == [
        {"currency": "EUR", "amount_minor": 3800, "fee_minor": 175, "net_minor": 3625},
        {"currency": "JPY", "amount_minor": 500, "fee_minor": 0, "net_minor": 500},
    ]
    assert balances(books) == {
        ("assets:provider:available", "EUR"): 3625,
        ("assets:clearing:payment", "EUR"): -5000,
        ("assets:clearing:refund", "EUR"): 1200,
        ("expenses:fees:unspecified", "EUR"): 175,
        ("assets:provider:available", "JPY"): 500,
        ("suspense:unclassified", "JPY"): -500,
    }


def test_the_same_file_again_does_nothing_and_says_so(books):
    path = write(books, "a.csv", report(CHARGE, REFUND))
    books.cli("import", path)
    before = count(books, "journal_entry")
    again = books.cli("import", write(books, "copy.csv", path.read_bytes()))
    assert "was imported before, as source 1: nothing to do" in again.stdout
    assert (count(books, "journal_entry"), count(books, "statement_source")) == (before, 1)


def test_the_same_file_twice_in_one_command_is_taken_once(sqlite_books):
    path = write(sqlite_books, "a.csv", report(CHARGE, REFUND))
    told = sqlite_books.lines("import", path, path)
    assert [(row["new"], row["imported_before"]) for row in told] == [(2, False), (0, True)]
    assert (count(sqlite_books, "statement_line"), count(sqlite_books, "statement_source")) == (2, 1)


def test_files_that_overlap_add_what_is_new(books):
    books.cli("import", write(books, "a.csv", report(CHARGE, REFUND)))
    told = books.lines("import", write(books, "b.csv", report(REFUND, STRANGE)))[0]
    assert (told["new"], told["known"], told["restated"]) == (1, 1, 0)


def test_what_is_said_otherwise_is_told_and_changes_nothing(books):
    books.cli("import", write(books, "a.csv", report(CHARGE)))
    before = balances(books)
    other = books.cli("import", write(books, "b.csv", report(CHARGE.replace("50.00", "51.00"))), check=False)
    assert other.returncode == 1
    assert "1 restated" in other.stdout and "what was said first stands" in other.stderr
    assert balances(books) == before
    row = books.store.rows("SELECT field, said, stands FROM statement_restated")[0]
    assert (row["field"], int(row["said"]), int(row["stands"])) == ("amount", 5100, 5000)


def test_a_dry_run_keeps_nothing(books):
    told = books.lines("import", write(books, "a.csv", report(CHARGE, STRANGE)), "--dry-run")[0]
    assert (told["new"], told["unclassified"], told["dry_run"]) == (2, 1, True)
    assert [count(books, table) for table in ("statement_line", "statement_source", "journal_entry", "scope")] == [0] * 4


def test_fees_are_domain_events_too(books):
    fee = "txn_5,2026-11-01 12:00:00,2026-11-03 00:00:00,eur,-0.90,0.00,-0.90,fee,,"
    path = write(books, "a.csv", report(CHARGE, fee))
    books.cli("import", path)
    told = books.lines("events", "--type", "fee.charged")
    assert [(event["type"], event["data"]["line"]["amount_minor"]) for event in told] == [("fee.charged", -90)]
    assert told[0]["aggregate_id"] == told[0]["data"]["line"]["id"] and told[0]["aggregate_id"].startswith("cf_lin_")
    assert "-0.90 EUR" in books.cli("events").stdout
    assert books.store.rows("SELECT aggregate_id FROM domain_event_view")[0]["aggregate_id"] == told[0]["aggregate_id"]


def test_reports_are_told_apart_by_their_columns(sqlite_books):
    activity = write(sqlite_books, "a.csv", report(CHARGE))
    payouts = write(sqlite_books, "p.csv", report(PAYOUT, header=PAYOUT_HEADER))
    summary = write(sqlite_books, "s.csv", report("activity,eur,12.34", header="category,currency,net_amount"))
    told = sqlite_books.lines("import", activity, payouts, summary)
    assert [row["report"] for row in told] == ["activity", "payouts", "summary"]
    assert balances(sqlite_books)[("assets:clearing:payout", "EUR")] == 3000
    row = sqlite_books.store.rows("SELECT category, currency, net_minor FROM statement_total")[0]
    assert dict(row) == {"category": "activity", "currency": "EUR", "net_minor": 1234}
    wrong = sqlite_books.cli("import", payouts, "--as", "activity", check=False)
    assert wrong.returncode == 3 and "has the columns of `payouts`, not of `activity`" in wrong.stderr


def test_many_lines_are_kept_in_many_transactions(books):
    lines = [CHARGE.replace("txn_1", f"txn_{i}").replace("ch_1", f"ch_{i}") for i in range(9000)]
    told = books.lines("import", write(books, "many.csv", report(*lines)))[0]
    assert (told["new"], told["known"]) == (9000, 0)
    assert balances(books)[("assets:provider:available", "EUR")] == 9000 * 4825


def test_byte_order_mark_line_ends_and_quotes_are_taken(sqlite_books):
    quoted = CHARGE.replace("txn_1", '"txn_1"') + ',"two\nlines, ""quoted"""'
    text = "\ufeff" + report(quoted, header=HEADER + ",order", end="\r\n")
    assert sqlite_books.lines("import", write(sqlite_books, "a.csv", text))[0]["new"] == 1


LONG = "9" * 25
BAD = {
    "empty": (b"", "line 1"),
    "only a mark": (b"\xef\xbb\xbf", "line 1"),
    "of something else": (report("x,y", header="name,age"), "line 1"),
    "a column is missing": (report(CHARGE, header=HEADER.replace("net,", "nett,")), "`net` is missing"),
    "cut within a field": (report(CHARGE, REFUND)[:-2], "line 3, column 10"),
    "cut within a record": (report(CHARGE, REFUND)[:-40], "line 3"),
    "cut within quotes": (report(CHARGE, REFUND[:-4] + '"ch_1')[:-1], "line 3, column 10"),
    "cut in the header": (HEADER, "line 1, column 10"),
    "cut before the last line end": (report(CHARGE, REFUND)[:-1], "line 3, column 10: the line has no end"),
    "cut within a quoted line end": (report(CHARGE + ',"a\nb"', header=HEADER + ",note")[:-4], "line 2, column 11"),
    "an empty line between": (report(CHARGE, "", REFUND), "line 3, column 1"),
    "semicolons": (report(CHARGE).replace(",", ";"), "line 1"),
    "semicolons behind a mark": ("\ufeff" + report(CHARGE).replace(",", ";"), "line 1, column 1: the columns are not separated"),
    "tabs": (report(CHARGE).replace(",", "\t"), "line 1"),
    "bars": (report(CHARGE).replace(",", "|"), "line 1, column 1: the columns are not separated"),
    "UTF-16": (report(CHARGE).encode("utf-16"), "is the file UTF-16"),
    "a column twice": (report(CHARGE + ",48.25", header=HEADER + ",net"), "`net` is there twice"),
    "a column too many": (report(CHARGE + ",x"), "line 2, column 11"),
    "a quoted line end in an id": (report(CHARGE, REFUND.replace("re_1", '"re_\n1"')), "line 3, column 9"),
    "thousands": (report(CHARGE, REFUND.replace("-12.00,", '"-1,200.00",', 1)), "line 3, column 5"),
    "thousands by points": (report(CHARGE.replace("50.00", '"1.200,00"')), "line 2, column 5"),
    "thousands by blanks": (report(CHARGE.replace("50.00", "1 200.00")), "line 2, column 5"),
    "thousands by apostrophes": (report(CHARGE.replace("50.00", "1'200.00")), "line 2, column 5"),
    "perhaps thousands": (report(CHARGE.replace("50.00", '"1,200"')), "line 2, column 5"),
    "just beyond 64 bits": (report(CHARGE, CHARGE.replace("50.00", "92233720368547758.08")), "line 3, column 5"),
    "just below 64 bits": (report(CHARGE, CHARGE.replace("1.75", "-92233720368547758.09")), "line 3, column 6"),
    "a decimal too many": (report(CHARGE.replace("50.00", "50.001")), "line 2, column 5"),
    "beyond 64 bits": (report(CHARGE, CHARGE.replace("50.00", LONG)), "line 3, column 5"),
    "no currency": (report(CHARGE.replace("eur", "")), "line 2, column 4"),
    "no id": (report(CHARGE.replace("txn_1", "")), "line 2, column 1"),
    "no time": (report(CHARGE, REFUND.replace("2026-11-01", "yesterday")), "line 3, column 2"),
    "not UTF-8": (report(CHARGE, REFUND).encode().replace(b"re_1", b"re_\xff"), "line 3, column 9"),
    "a lone carriage return": (report(CHARGE, REFUND.replace("refund", "ref\rund")), "line 3, column 8"),
    "after quoted line ends": (
        report(CHARGE + ',"a\nb"', CHARGE.replace("48.25", SECRET_VALUE) + ",c", header=HEADER + ",note"),
        "line 4, column 7",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_whole(sqlite_books, name):
    text, where = BAD[name]
    good = write(sqlite_books, "good.csv", report(STRANGE))
    bad = write(sqlite_books, "bad.csv", text)
    done = sqlite_books.cli("import", good, bad, check=False)
    assert done.returncode == 3, done.stderr
    assert "bad.csv: " in done.stderr and where in done.stderr, done.stderr
    assert SECRET_VALUE not in done.stderr and LONG not in done.stderr
    assert "nothing was imported" in done.stderr
    assert count(sqlite_books, "statement_line") == 0 and count(sqlite_books, "statement_source") == 0


def test_amounts_that_nobody_would_believe_are_kept_for_a_person_and_the_others_are_posted(books):
    most = "92233720368547758.07"
    huge = CHARGE.replace("50.00,1.75,48.25", f"{most},0.00,{most}")
    path = write(books, "huge.csv", report(huge, CHARGE.replace("txn_1", "txn_5"), huge.replace("txn_1", "txn_9")))
    told = books.lines("import", path)[0]
    assert (told["new"], told["unclassified"]) == (3, 2)
    assert max(abs(posting["minor"]) for entry in books.lines("ledger", "journal") for posting in entry["postings"]) == 5000
    assert "it is not posted: its amount is too large" in books.cli("explain", "txn_9").stdout


def test_more_than_an_account_can_hold_is_refused_with_file_and_records(books):
    most = "100000000000000.00"
    charge = CHARGE.replace("50.00,1.75,48.25", f"{most},0.00,{most}")
    lines = [charge.replace("txn_1", f"txn_{i}").replace("ch_1", f"ch_{i}") for i in range(1000)]
    refused = books.cli("import", write(books, "all.csv", report(*lines)), check=False)
    assert refused.returncode == 3 and "all.csv: records 1 to 1000: " in refused.stderr
    assert count(books, "statement_line") == 0


def test_the_file_of_another_account_is_refused(books):
    books.accounts["other"] = {"environment": "test", "secrets": ["whsec_other_" + "o5" * 16]}
    books.write_config()
    path = write(books, "a.csv", report(CHARGE, REFUND))
    unsaid = books.cli("import", path, check=False)
    assert unsaid.returncode == 2 and "say --account LABEL" in unsaid.stderr
    books.cli("import", path, "--account", "acme")
    for name, text in (("lines", report(CHARGE, REFUND, STRANGE)), ("objects", report(REFUND.replace("txn_2", "txn_9")))):
        wrong = books.cli("import", write(books, f"{name}.csv", text), "--account", "other", check=False)
        assert wrong.returncode == 3 and "is of another account than [account other]" in wrong.stderr, name
    assert count(books, "statement_line") == 2


def test_what_is_no_file_is_refused(sqlite_books):
    missing = sqlite_books.cli("import", sqlite_books.folder / "none.csv", check=False)
    assert missing.returncode == 4 and "cannot be opened" in missing.stderr
    folder = sqlite_books.cli("import", sqlite_books.folder, check=False)
    assert folder.returncode == 3 and "must be a file" in folder.stderr


def test_an_import_that_is_killed_goes_on_where_it_was(books):
    lines = [CHARGE.replace("txn_1", f"txn_{i}").replace("ch_1", f"ch_{i}") for i in range(30000)]
    path = write(books, "many.csv", report(*lines))
    first = books.background("import", "import", path)
    eventually(lambda: count(books, "statement_line") > 0 or not first.running(), "the first lines")
    first.signal(signal.SIGKILL)
    first.wait()
    there = count(books, "statement_line")
    told = books.lines("import", path, timeout=120)[0]
    if not told["imported_before"]:  # it may have been quicker than we
        assert (told["known"], told["new"]) == (there, 30000 - there)
    assert count(books, "statement_line") == 30000 and count(books, "statement_source") == 1
    assert balances(books)[("assets:provider:available", "EUR")] == 30000 * 4825
