"""What is owed, by how long it is due; the sums are what the accounts hold."""

import csv
import io
import json
import time

import pytest
import stripe_bodies
from stripe_bodies import START, make_id

DAY = 86400


def when(second):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def invoice(total, due=None, currency="eur", final=START, status="open", paid=0, number="T-1"):
    """A final invoice, and when it is due; None: it is charged."""
    body = {"id": make_id("in"), "object": "invoice", "amount_due": total, "amount_paid": paid, "amount_overpaid": 0,
            "amount_remaining": total - paid, "attempt_count": 0, "attempted": False, "billing_reason": "manual",
            "collection_method": "send_invoice" if due else "charge_automatically", "created": final, "currency": currency,
            "customer": make_id("cus"), "due_date": due, "ending_balance": 0, "number": number,
            "lines": {"object": "list", "data": [], "has_more": False}, "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0, "starting_balance": 0, "status": status,
            "status_transitions": {"finalized_at": final}, "subtotal": total, "total": total,
            "total_discount_amounts": [], "total_taxes": []}
    return stripe_bodies.event("invoice.finalized", body, final)


def dispute(amount):
    body = {"id": make_id("dp"), "object": "dispute", "amount": amount, "currency": "eur", "charge": make_id("ch"),
            "status": "needs_response", "reason": "fraudulent", "created": START, "livemode": False,
            "is_charge_refundable": False, "payment_intent": None, "metadata": {}, "evidence_details": {},
            "balance_transactions": [{"id": make_id("txn"), "object": "balance_transaction", "amount": -amount, "fee": 1500,
                                      "net": -amount - 1500, "currency": "eur", "created": START, "type": "adjustment",
                                      "reporting_category": "dispute"}]}
    return stripe_bodies.event("charge.dispute.funds_withdrawn", body, START)


NOW = START + 200 * DAY
OPEN = [(1000, NOW + DAY), (200, NOW), (30, NOW - 30 * DAY), (4, NOW - 31 * DAY), (50000, NOW - 61 * DAY),
        (600000, NOW - 91 * DAY), (7000000, None)]
AGES = {"not_due": (1, 1000), "days_0_30": (2, 230), "days_31_60": (1, 4), "days_61_90": (1, 50000),
        "days_over_90": (2, 7600000)}
TOTAL = sum(total for total, _ in OPEN)


def tell(place, events):
    serve = place.serve()
    assert {answer.status for answer in serve.post_all(events)} == {200}
    serve.wait_until_decided()
    assert serve.stop() == 0


@pytest.fixture
def books(place):
    place.told = [invoice(total, due) for total, due in OPEN]
    place.told += [invoice(500, NOW, currency="jpy"), invoice(9999, NOW, status="void"), dispute(2500)]
    tell(place, place.told)
    return place


def receivables(place, *options, at=NOW):
    return json.loads(place.cli("ledger", "receivables", "--at", when(at), *options, json_answer=True).stdout)


def of_currency(told, currency):
    return next(row for row in told["currencies"] if row["currency"] == currency)


def balance(place, account, currency):
    return sum(row["minor"] for row in place.lines("ledger", "balance", account, "--currency", currency))


def test_invoices_are_counted_and_summed_by_how_long_they_are_due(books):
    told = receivables(books)
    assert told["at"] == when(NOW) and [row["currency"] for row in told["currencies"]] == ["EUR", "JPY"]
    euro = of_currency(told, "EUR")
    assert list(euro) == ["currency", "invoices", "ages", "disputes"]
    assert {age: (sum_["count"], sum_["minor"]) for age, sum_ in euro["ages"].items()} == AGES
    assert euro["invoices"] == {"count": len(OPEN), "minor": TOTAL}
    assert euro["disputes"] == {"count": 1, "minor": 2500}
    assert of_currency(told, "JPY")["ages"]["days_0_30"] == {"count": 1, "minor": 500}


def test_the_sums_are_what_the_accounts_hold(books):
    now = json.loads(books.cli("ledger", "receivables", json_answer=True).stdout)
    for told in (now, receivables(books)):
        for row in told["currencies"]:
            assert sum(sum_["minor"] for sum_ in row["ages"].values()) == row["invoices"]["minor"]
            assert row["invoices"]["minor"] == balance(books, "assets:receivable:invoices", row["currency"])
            assert row["disputes"]["minor"] == balance(books, "assets:receivable:disputes", row["currency"])


def test_an_earlier_time_has_what_was_open_then(books):
    assert receivables(books, at=START)["currencies"] == []
    later = invoice(77, NOW - DAY, final=NOW - 2 * DAY)
    tell(books, [later])
    assert of_currency(receivables(books), "EUR")["invoices"]["minor"] == TOTAL + 77
    before = of_currency(receivables(books, at=NOW - 2 * DAY), "EUR")
    assert before["invoices"]["minor"] == TOTAL and before["ages"]["not_due"]["count"] == 2
    paid = dict(later["data"]["object"], status="paid", paid_out_of_band=True, amount_paid=77, amount_remaining=0)
    tell(books, [stripe_bodies.event("invoice.paid", paid, NOW)])
    assert of_currency(receivables(books, at=NOW + 1), "EUR")["invoices"]["minor"] == TOTAL
    assert of_currency(receivables(books), "EUR")["invoices"]["minor"] == TOTAL + 77


def test_a_list_names_each_invoice_and_who_owes_it(books):
    lines = books.lines("ledger", "receivables", "--list", "--at", when(NOW))
    rows, sums = lines[:-1], lines[-1]
    assert sums == receivables(books)
    invoices = {row["provider_ids"]: row for row in rows if row["kind"] == "invoice"}
    for (total, due), event in zip(OPEN, books.told):
        body = event["data"]["object"]
        row = invoices[body["id"]]
        assert row["id"].startswith("cf_inv_") and row["customer"].startswith("cf_cus_")
        assert (row["open_minor"], row["currency"], row["number"]) == (total, "EUR", "T-1")
        assert row["customer_provider_ids"] == body["customer"]
        assert (row["due"], row["due_from"]) == ((when(due), "due_at") if due else (when(START), "finalized_at"))
    assert len(invoices) == len(OPEN) + 1 and len(rows) == len(OPEN) + 2
    disputed = next(row for row in rows if row["kind"] == "dispute")
    assert disputed["id"].startswith("cf_dis_") and disputed["age"] == "" and disputed["open_minor"] == 2500
    text = books.cli("ledger", "receivables", "--list", "--at", when(NOW)).stdout
    assert all(row["id"] in text for row in rows) and "over 90 days" in text


def test_the_table_and_the_csv_say_the_same(books):
    text = books.cli("ledger", "receivables", "--at", when(NOW)).stdout
    assert "76,512.34 EUR" in text and "76,000.00 EUR" in text, text
    rows = list(csv.DictReader(io.StringIO(
        books.cli("ledger", "receivables", "--at", when(NOW), "--csv").stdout, newline="")))
    euro = {(row["kind"], row["age"]): (int(row["count"]), row["open"]) for row in rows if row["currency"] == "EUR"}
    assert euro == {**{("invoice", age): (count, f"{minor / 100:.2f}") for age, (count, minor) in AGES.items()},
                    ("dispute", ""): (1, "25.00")}
    listed = list(csv.DictReader(io.StringIO(
        books.cli("ledger", "receivables", "--at", when(NOW), "--list", "--csv").stdout, newline="")))
    assert sorted(row["open"] for row in listed if row["currency"] == "JPY") == ["500"]
    assert len(listed) == len(OPEN) + 2


def test_books_without_receivables_have_none(sqlite_place):
    sqlite_place.cli("migrate")
    assert json.loads(sqlite_place.cli("ledger", "receivables", json_answer=True).stdout)["currencies"] == []
    for words in (["--at", "soon"], ["--csv", "--json"], ["more"]):
        assert sqlite_place.cli("ledger", "receivables", *words, check=False).returncode == 2
    assert sqlite_place.cli("ledger", "receivables", "--account", "nobody", check=False).returncode == 4
