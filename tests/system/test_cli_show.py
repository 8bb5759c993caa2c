"""show: every kind by every id, with its parts."""

import os
import re
import shutil
import subprocess
import tempfile

import pytest
import stripe_bodies
import test_billing
import test_invoices
import test_settlement
from harness import PROGRAM

START = stripe_bodies.START


def kinds_of(place):
    text = place.cli("show", "--help").stdout
    return re.search(r"Kinds: ([a-z_,\s]+)\.", text).group(1).replace(",", " ").split()


def send(place, events):
    assert {answer.status for answer in place.server.post_all(events)} == {200}
    place.server.wait_until_decided()


@pytest.fixture
def filled(place):
    """A life of everything that there is."""
    place.payment = stripe_bodies.life_of_a_payment()
    place.lives = [test_invoices.Life(), test_billing.Life(), test_settlement.Life(0)]
    place.server = place.serve()
    send(place, [*place.payment, *(event for life in place.lives for event in life.events)])
    return place


def shown(place, *words):
    return place.lines("show", *words)[0]


def test_every_kind_is_shown_by_every_id(filled):
    kinds = kinds_of(filled)
    assert len(kinds) == len(set(kinds)) >= 30
    for kind in kinds:
        row = filled.store.rows(f"SELECT id, provider_ids FROM {kind}_view ORDER BY id LIMIT 1")[0]
        answer = shown(filled, row["id"])
        assert "payment" in answer if kind == "attempt" else answer[kind]["id"] == row["id"], kind
        for theirs in row["provider_ids"].split():
            assert shown(filled, kind, theirs) == answer, (kind, theirs)
        assert answer["timeline"], kind
        assert row["id"] in filled.cli("show", row["id"]).stdout, kind


@pytest.mark.parametrize("words,code,says", [
    (["invoce", "in_1"], 2, "did you mean invoice?"),
    (["zzzzzzzzzzzz", "in_1"], 2, "show --help` names them"),
    (["payout", "in_1"], 4, "nothing with the id in_1"),
    (["payout", "cf_inv_" + "1" * 32], 2, "of the kind invoice, not payout"),
])
def test_what_cannot_be_shown_is_said(sqlite_place, words, code, says):
    sqlite_place.serve()
    done = sqlite_place.cli("show", *words, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr


def test_an_invoice_has_its_lines_payments_and_credit_notes(filled):
    ids = filled.lives[0].ids
    invoice = shown(filled, ids["in"])
    assert {line["provider_ids"][0]: line["current"] for line in invoice["lines"]} == {
        f"{ids['il']}_0": True, f"{ids['il']}_1": False}
    assert sorted(p["paid_minor"] for p in invoice["invoice_payments"]) == [400, 500]
    assert [n["provider_ids"] for n in invoice["credit_notes"]] == [[ids["cn"]]]
    assert invoice["invoice"]["provider_links"] == {"customer_id": ids["cus"], "subscription_id": ids["sub"]}
    assert invoice["more"] == [] and invoice["discounts"] == []
    text = filled.cli("show", ids["in"]).stdout
    for pattern in (rf"customer id +cf_cus_\w+  \({ids['cus']}\)", rf"former +4\.00 EUR  Tea.* {ids['il']}_1\n",
                    rf"paid +5\.00 EUR .* {ids['inpay']}_2\n", rf"void +1\.00 EUR  T-1-CN-01.* {ids['cn']}\n",
                    r"\nCREDIT NOTES +STATE +AMOUNT"):
        assert re.search(pattern, text), (pattern, text)
    assert "and more" not in text and "DISCOUNTS" not in text


def invoice_of(life, number, status):
    return stripe_bodies.event("invoice.updated", {
        "id": f"in_show_{number:02}", "object": "invoice", "created": START + number, "currency": "eur",
        "customer": life.ids["cus"], "status": status, "total": 100 + number, "number": f"S-{number:02}",
        "lines": {"object": "list", "data": [], "has_more": False},
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": life.ids["sub"]}},
    }, START + number)


def test_a_subscription_has_its_items_and_newest_invoices(filled):
    life = filled.lives[1]
    for number in range(22):
        send(filled, [invoice_of(life, number, "paid")])
    subscription = shown(filled, life.ids["sub"])
    assert {item["provider_ids"][0]: item["current"] for item in subscription["items"]} == {
        f"{life.item}_0": True, f"{life.item}_1": False}
    assert [(i["quantity"], i["price"]["unit_amount_minor"], i["price"]["interval_unit"], i["price"]["nickname"])
            for i in subscription["items"] if i["current"]] == [(2, 900, "month", "Gold")]
    assert [d["coupon"] for d in subscription["discounts"]] == ["TEN"]
    assert [s["provider_ids"] for s in subscription["schedules"]] == [[life.ids["sub_sched"]]]
    assert [i["number"] for i in subscription["invoices"]] == [f"S-{n:02}" for n in range(2, 22)]
    assert subscription["more"] == ["invoices"]
    text = filled.cli("show", life.ids["sub"]).stdout
    assert "and more INVOICES, older than these" in text and "S-02" in text and "S-01" not in text
    assert "1.21 EUR" in text
    assert re.search(rf"2 x 9\.00 EUR a month, Gold .* {life.item}_0\n", text)


@pytest.mark.parametrize("fields,says", [
    ({"unit_amount": 1200, "recurring": {"interval": "month", "interval_count": 3}}, "3 x 12.00 EUR every 3 months "),
    ({"unit_amount": 0, "recurring": {"interval": "year", "interval_count": 1}}, "3 x 0.00 EUR a year "),
    ({"unit_amount": 1200, "nickname": "Setup"}, "3 x 12.00 EUR once, Setup "),
    ({"unit_amount": None, "unit_amount_decimal": "0.25"}, "3 x 0.25 minor units of EUR once "),
    ({"unit_amount": None, "billing_scheme": "tiered", "tiers_mode": "graduated"}, "3 x by tiers in EUR once "),
    ({"unit_amount": None, "custom_unit_amount": {"minimum": 50}}, "3 x what the payer chooses in EUR once "),
])
def test_an_item_says_what_it_costs(sqlite_place, fields, says):
    sqlite_place.server = sqlite_place.serve()
    price = {"id": "price_1", "object": "price", "active": True, "created": START, "currency": "eur", "product": "prod_1", **fields}
    item = {"id": "si_1", "object": "subscription_item", "created": START, "quantity": 3, "price": price, "subscription": "sub_1"}
    send(sqlite_place, [stripe_bodies.event("customer.subscription.created", {
        "id": "sub_1", "object": "subscription", "created": START, "currency": "eur", "customer": "cus_1", "status": "active",
        "items": {"object": "list", "data": [item], "has_more": False}}, START)])
    assert says in sqlite_place.cli("show", "sub_1").stdout
    assert shown(sqlite_place, "si_1")["subscription_item"]["price"]["id"].startswith("cf_pri_")


def test_a_customer_has_what_is_open(filled):
    life = filled.lives[1]
    card = {"id": "pm_show", "object": "payment_method", "created": START, "type": "card", "customer": life.ids["cus"],
            "card": {"brand": "visa", "last4": "4242", "exp_month": 9, "exp_year": 2030, "country": "DE"}}
    send(filled, [invoice_of(life, 1, "paid"), invoice_of(life, 2, "open"), invoice_of(life, 3, "draft"),
                  stripe_bodies.event("payment_method.attached", card, START)])
    customer = shown(filled, "customer", life.ids["cus"])
    assert [i["number"] for i in customer["open_invoices"]] == ["S-02"]
    assert [s["provider_ids"] for s in customer["subscriptions"]] == [[life.ids["sub"]]]
    assert [m["last_four"] for m in customer["payment_methods"]] == ["4242"]
    assert {m["type"] for m in customer["timeline"] if "type" in m} == {"customer.created"}, "of parts in a line none"
    assert re.search(r"card, visa, 4242, DE .* pm_show\n", filled.cli("show", life.ids["cus"]).stdout)


def test_a_payment_has_what_hangs_on_its_attempts(filled):
    intent, charge, refund = (filled.payment[n]["data"]["object"]["id"] for n in (1, 2, 4))
    common = {"created": START, "currency": "eur", "amount": 700}
    send(filled, [
        stripe_bodies.event("charge.dispute.created", {
            **common, "id": "dp_show", "object": "dispute", "charge": charge, "status": "needs_response",
            "balance_transactions": []}, START + 50),
        stripe_bodies.event("invoice_payment.paid", {
            **common, "id": "inpay_show", "object": "invoice_payment", "invoice": "in_show", "amount_paid": 4200,
            "amount_requested": 4200, "status": "paid",
            "payment": {"type": "payment_intent", "payment_intent": intent}}, START + 50),
        stripe_bodies.event("transfer.created", {
            **common, "id": "tr_show", "object": "transfer", "amount_reversed": 0, "reversed": False,
            "destination": "acct_show", "source_transaction": charge}, START + 50),
    ])
    payment = shown(filled, intent)
    for key, names in (("attempts", [charge]), ("refunds", [refund]), ("disputes", ["dp_show"]),
                       ("invoice_payments", ["inpay_show"]), ("transfers", ["tr_show"]), ("reviews", [])):
        assert [part["provider_ids"] for part in payment[key]] == [[name] for name in names], key
    told = [m["domain_event"] for m in payment["timeline"] if "domain_event" in m]
    assert "dispute.opened" in told and "refund.opened" in told
    assert "transfer.opened" not in told, "of parts in a line none"
    dispute = shown(filled, "dp_show")["dispute"]
    assert dispute["attempt_id"] == payment["attempts"][0]["id"] and dispute["provider_links"]["attempt_id"] == charge


@pytest.mark.parametrize("code,said,settled,taken", [
    ("jpy", "5,000 JPY", "eur", "30.12 EUR"), ("kwd", "5.000 KWD", "usd", "30.12 USD"), ("eur", "50.00 EUR", "jpy", "3,012 JPY")])
def test_a_dispute_shows_what_was_taken_in_the_currency_of_settlement(sqlite_place, code, said, settled, taken):
    sqlite_place.server = sqlite_place.serve()
    line = {"id": "txn_1", "object": "balance_transaction", "amount": -3012, "currency": settled, "fee": 0, "net": -3012}
    send(sqlite_place, [stripe_bodies.event("charge.dispute.created", {
        "id": "dp_far", "object": "dispute", "charge": "ch_far", "status": "needs_response", "created": START, "currency": code,
        "amount": 5000, "balance_transactions": [line]}, START)])
    text = sqlite_place.cli("show", "dp_far").stdout
    assert re.search(rf"\n +amount +{said}\n", text) and re.search(rf"\n +withdrawn +{taken}\n", text), text


@pytest.fixture
def open_folder():
    """A folder that everybody may enter, with the program in it: who runs it need not be root."""
    folder = tempfile.mkdtemp(prefix="counterfoil-readers-")
    os.chmod(folder, 0o755)
    shutil.copy(PROGRAM, folder)
    yield folder
    os.chmod(folder, 0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("words", [["show", "pi_1"], ["events"]])
def test_a_store_that_can_only_be_read_says_who_may(open_folder, words):
    program = f"{open_folder}/{os.path.basename(PROGRAM)}"
    with open(f"{open_folder}/books.ini", "w", encoding="utf-8") as config:
        config.write(f"[store]\nurl = sqlite://{open_folder}/books.db\n")
    subprocess.run([program, "--config", f"{open_folder}/books.ini", "migrate"], check=True, capture_output=True)
    os.chmod(f"{open_folder}/books.db", 0o444)
    os.chmod(open_folder, 0o555)
    assert os.listdir(open_folder).count("books.db-wal") == 0
    other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run([*other, program, "--config", f"{open_folder}/books.ini", *words], capture_output=True, text=True)
    assert done.returncode == 7 and done.stdout == ""
    assert "it needs its -wal and -shm beside it" in done.stderr and "run this as the store's owner" in done.stderr
