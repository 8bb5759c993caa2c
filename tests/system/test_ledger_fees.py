"""What the provider took in a month, and what the books have of it."""

import csv
import io
import json

import pytest
from test_backfill import give_key
from test_pull_sandbox import BEGIN, END, shop_of

HEADER = ("balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,"
          "charge_id,description")
OCTOBER = [
    ("charge", "100.00", "3.20", "eur", "2025-10-01 00:00:00", "Subscription"),
    ("charge", "50.00", "1.75", "eur", "2025-10-31 23:59:59", ""),
    ("charge", "1000", "36", "jpy", "2025-10-05 10:00:00", ""),
    ("refund", "-50.00", "-0.75", "eur", "2025-10-06 10:00:00", ""),
    ("dispute", "-100.00", "15.00", "eur", "2025-10-07 10:00:00", ""),
    ("dispute_reversal", "100.00", "-15.00", "eur", "2025-10-08 10:00:00", ""),
    ("fee", "-9.00", "1.71", "eur", "2025-10-09 10:00:00", "Billing - Usage Fee (2025-10-08)"),
    ("fee", "-1.00", "0.00", "eur", "2025-10-10 10:00:00", "Billing - Usage Fee (2025-10-09)"),
    ("fee", "-2.00", "0.00", "eur", "2025-10-10 10:00:00", "Radar (2025-10-01 - 2025-10-09): Radar \"for\" teams"),
    ("fee", "-0.40", "0.00", "eur", "2025-10-10 10:00:00", "Currency conversion fee"),
    ("network_cost", "-0.30", "0.00", "eur", "2025-10-11 10:00:00", "Network costs"),
    ("tax", "-3.80", "0.00", "eur", "2025-10-31 10:00:00", "VAT"),
    ("payout", "-20.00", "0.20", "eur", "2025-10-12 10:00:00", ""),
    ("topup", "20.00", "0.10", "eur", "2025-10-12 10:00:00", ""),
]
AROUND = [("charge", "7.00", "1.00", "eur", "2025-09-30 23:59:59", ""),
          ("charge", "7.00", "1.00", "eur", "2025-11-01 00:00:00", "")]


def bring(place, rows, name="a", *options):
    text = io.StringIO()
    writer = csv.writer(text)
    text.write(HEADER + "\n")
    for number, (category, gross, fee, currency, at, description) in enumerate(rows):
        decimals = len(gross.partition(".")[2])
        net = f"{float(gross) - float(fee):.{decimals}f}"
        ids = {"charge": ("ch_{0}", "ch_{0}"), "refund": ("re_{0}", "ch_{0}"), "dispute": ("dp_1", "ch_9"),
               "dispute_reversal": ("dp_1", "ch_9"), "payout": ("po_{0}", ""), "topup": ("tu_{0}", "")}.get(category, ("", ""))
        writer.writerow([f"txn_{name}{number}", at, at, currency, gross, fee, net, category,
                         *(id_.format(f"{name}{number}") for id_ in ids), description])
    path = place.folder / f"{name}.csv"
    path.write_text(text.getvalue())
    place.cli("import", path, *options)


@pytest.fixture
def books(place):
    place.cli("migrate")
    bring(place, OCTOBER + AROUND)
    return place


def fees(place, *options, month="2025-10"):
    return json.loads(place.cli("ledger", "fees", "--month", month, *options, json_answer=True).stdout)


def short(row):
    return row["group"], row["name"], row["currency"], row["lines"], row["net_minor"], row["tax_minor"], row["returned_minor"]


EXPECTED = [
    ("processing", "", "EUR", 3, 420, 0, 75),
    ("network", "", "EUR", 1, 30, 0, 0),
    ("disputes", "", "EUR", 2, 0, 0, 1500),
    ("exchange", "", "EUR", 1, 40, 0, 0),
    ("payouts", "", "EUR", 1, 20, 0, 0),
    ("charged", "Billing - Usage Fee", "EUR", 2, 1171, 0, 0),
    ("charged", "Radar", "EUR", 1, 200, 0, 0),
    ("other", "", "EUR", 1, 10, 0, 0),
    ("tax", "", "EUR", 1, 0, 380, 0),
    ("processing", "", "JPY", 1, 36, 0, 0),
]


def test_fees_are_grouped_by_what_they_were_for(books):
    told = fees(books)
    assert list(told) == ["month", "fees", "totals", "unposted"] and (told["month"], told["unposted"]) == ("2025-10", 0)
    assert [short(row) for row in told["fees"]] == EXPECTED
    assert all(row["gross_minor"] == row["net_minor"] + row["tax_minor"] for row in told["fees"])
    assert told["totals"] == [
        {"currency": "EUR", "lines": 13, "net_minor": 1891, "tax_minor": 380, "gross_minor": 2271, "returned_minor": 1575},
        {"currency": "JPY", "lines": 1, "net_minor": 36, "tax_minor": 0, "gross_minor": 36, "returned_minor": 0}]


def booked(place, month):
    """What the month's entries post to accounts of fees and of tax on them."""
    sums = {}
    for entry in place.lines("ledger", "journal", "--period", month):
        for posting in entry["postings"]:
            account = posting["account"]
            if account.startswith("expenses:fees:") or account in ("expenses:disputes:fee", "assets:tax_input"):
                sums[posting["currency"]] = sums.get(posting["currency"], 0) + posting["minor"]
    return sums


@pytest.mark.parametrize("fee_tax", ["expense", "input"])
def test_the_total_is_what_the_books_have_on_the_accounts_of_fees(place, fee_tax):
    place.accounts["acme"]["more"] = {"fee_tax": fee_tax}
    place.write_config()
    place.cli("migrate")
    bring(place, OCTOBER + AROUND)
    for month in ("2025-09", "2025-10", "2025-11"):
        told = fees(place, month=month)
        assert {row["currency"]: row["gross_minor"] for row in told["totals"]} == booked(place, month)
        assert told["totals"]


def test_fees_that_lines_name_are_told_apart_and_are_what_the_books_have(place, seed):
    serve = place.serve()
    url = shop_of(place, serve, seed)
    serve.wait_until_decided()
    give_key(place, url)
    place.cli("import", "--api", "--from", BEGIN, "--to", END, timeout=120)
    assert serve.stop() == 0
    told = fees(place, month="2026-10")
    assert {row["currency"]: row["gross_minor"] for row in told["totals"]} == booked(place, "2026-10") and told["totals"]
    assert {"processing", "disputes"} <= {row["group"] for row in told["fees"]}, told
    assert sum(row["lines"] for row in told["fees"] if row["group"] == "processing") > 100
    assert any(row["tax_minor"] > 0 for row in told["fees"])


def test_the_table_and_the_csv_say_the_same(books):
    text = books.cli("ledger", "fees", "--month", "2025-10").stdout
    assert "charged on their own: Billing - Usage Fee" in text and "EUR in all" in text and "22.71 EUR" in text
    rows = list(csv.DictReader(io.StringIO(books.cli("ledger", "fees", "--month", "2025-10", "--csv").stdout, newline="")))
    assert [(row["group"], row["name"], row["currency"], int(row["lines"])) for row in rows] == [row[:4] for row in EXPECTED]
    billing = next(row for row in rows if row["name"].startswith("Billing"))
    assert (billing["month"], billing["net"], billing["tax"], billing["gross"], billing["returned"]) == (
        "2025-10", "11.71", "0.00", "11.71", "0.00")
    assert rows[-1]["net"] == "36", "a currency without decimals"


def test_a_month_without_lines_has_no_fees(books):
    assert fees(books, month="2024-01") == {"month": "2024-01", "fees": [], "totals": [], "unposted": 0}
    assert books.cli("ledger", "fees", "--month", "0000-01").returncode == 0


def test_fees_of_one_account_are_its_own(sqlite_place):
    place = sqlite_place
    place.accounts["other"] = dict(place.accounts["acme"])
    place.write_config()
    place.cli("migrate")
    bring(place, OCTOBER[:1], "a", "--account", "acme")
    bring(place, OCTOBER[1:2], "b", "--account", "other")
    sums = {account: fees(place, *words)["totals"][0]["net_minor"] for account, words in (
        ("acme", ["--account", "acme"]), ("other", ["--account", "other"]), ("all", []))}
    assert sums == {"acme": 320, "other": 175, "all": 495}
    assert place.cli("ledger", "fees", "--month", "2025-10", "--account", "nobody", check=False).returncode == 4


def test_more_lines_than_a_page_are_all_counted(sqlite_place):
    sqlite_place.cli("migrate")
    bring(sqlite_place, [("charge", "1.00", "0.01", "eur", f"2025-10-{day:02} 10:00:00", "") for day in range(1, 29)] * 400)
    assert fees(sqlite_place)["totals"][0]["net_minor"] == 28 * 400


@pytest.mark.parametrize("words", [[], ["--month", "2025"], ["--month", "2025-13"], ["--month", "2025-10", "more"]], ids=" ".join)
def test_words_that_are_wrong_are_a_usage_error(sqlite_place, words):
    sqlite_place.cli("migrate")
    done = sqlite_place.cli("ledger", "fees", *words, check=False)
    assert (done.returncode, done.stdout) == (2, ""), done
    done = sqlite_place.cli("ledger", "fees", "--month", "2025-10", "--csv", "--json", check=False)
    assert done.returncode == 2 and "not both" in done.stderr
