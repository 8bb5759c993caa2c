"""explain: the story of every object, of a line, of an entry and of an amount, in sentences."""

import re

import pytest
import stripe_bodies
from stripe_bodies import START
from test_cli_show import filled, kinds_of  # noqa: F401 (filled is a fixture)
from test_payout import Statement, books, left, payout_events, take, tell  # noqa: F401 (books is a fixture)


def story(place, *words):
    """What is told, with our ids without their digits, since those differ from run to run."""
    text = place.cli("explain", *words).stdout
    text = re.sub(r"Inbox event \d+", "Inbox event N", text)
    text = re.sub(r"recorded on \d[\d :-]+UTC", "recorded on NOW", text)
    return re.sub(r"(cf_\w{3}_)[0-9a-f]{32}", r"\1#", text)


def golden(text):
    return text.strip("\n") + "\n"


def paid(number, amount, **fields):
    """A payment that was captured: its events."""
    customer = stripe_bodies.customer(f"cus_{number}")
    intent = stripe_bodies.payment_intent(f"pi_{number}", amount=amount, customer=customer["id"])
    charge = stripe_bodies.charge(f"ch_{number}", amount=amount, amount_captured=amount, customer=customer["id"],
                                  payment_intent=intent["id"], **fields)
    done = dict(intent, status="succeeded", amount_received=amount, latest_charge=charge["id"])
    return [stripe_bodies.event("customer.created", customer), stripe_bodies.event("payment_intent.created", intent),
            stripe_bodies.event("charge.succeeded", charge, START + 2),
            stripe_bodies.event("payment_intent.succeeded", done, START + 3)]


def refund(number, amount, status="succeeded", **fields):
    body = stripe_bodies.refund(f"re_{number}", amount=amount, charge=f"ch_{number}", payment_intent=f"pi_{number}",
                                status=status, **fields)
    return stripe_bodies.event("refund.created" if status == "succeeded" else "refund.failed", body, START + 60)


def dispute(number, amount, status, lines=()):
    rows = [{"id": f"txn_dp_{i}", "object": "balance_transaction", "amount": minor, "currency": "eur"}
            for i, minor in enumerate(lines)]
    body = {"id": f"dp_{number}", "object": "dispute", "amount": amount, "currency": "eur", "status": status,
            "balance_transactions": rows, "charge": f"ch_{number}", "payment_intent": f"pi_{number}", "created": START + 70,
            "reason": "fraudulent", "evidence_details": {"due_by": START + 86400}, "livemode": False}
    return stripe_bodies.event("charge.dispute.funds_withdrawn", body, START + 70)


def test_a_payment_is_told_from_its_customer_to_the_bank(books):
    statement = Statement("po_1")
    statement.line("charge", "49.00", "1.20", "ch_1", "ch_1")
    statement.line("refund", "-10.00", "0.00", "re_1", "ch_1")
    tell(books, *paid(1, 4900, amount_refunded=1000), refund(1, 1000), *payout_events("po_1", 3780))
    take(books, statement)
    left(books, "po_1", "-37.80")
    assert story(books, "pi_1") == story(books, "ch_1") == golden("""
On 2026-05-28 20:26:40 UTC customer cf_cus_# (cus_1) was to pay 49.00 EUR: payment cf_pay_# (pi_1).
Its state is succeeded: captured.
On 2026-05-28 20:26:42 UTC attempt cf_att_# (ch_1) charged 49.00 EUR (card).
  On 2026-05-28 10:00:00 UTC the provider's line cf_lin_# (txn_po_1_0) (payment) brought 47.80 EUR: 49.00 EUR less fees of 1.20 EUR.
    It was paid out with payout cf_out_# (po_1) of 37.80 EUR, due at the bank on 2026-05-30.
On 2026-05-28 20:27:40 UTC refund cf_ref_# (re_1) of 10.00 EUR was made: requested_by_customer.
  Its state is succeeded: given back.
  On 2026-05-28 10:00:00 UTC the provider's line cf_lin_# (txn_po_1_1) (refund) took 10.00 EUR.
    It was paid out with payout cf_out_# (po_1) of 37.80 EUR, due at the bank on 2026-05-30.
In the books clearing is 0: nothing of it is open.
""")
    assert story(books, "re_1").splitlines()[-2:] == [
        "It is about payment cf_pay_# (pi_1) of 49.00 EUR, whose state is succeeded.",
        "In the books clearing is 0: nothing of it is open."]
    assert story(books, "po_1") == golden("""
On 2026-05-29 20:26:40 UTC payout cf_out_# (po_1) of 37.80 EUR was made by the provider's schedule.
Its state is paid: should be at the bank; it may still fail within days.
It is due at the bank on 2026-05-30.
  On 2026-05-30 00:00:00 UTC the provider's line cf_lin_# (txn_own_payout_po_1) (payout) took 37.80 EUR.
  1 of its lines are payments: 49.00 EUR, fees 1.20 EUR, net 47.80 EUR.
  1 of its lines are refunds: -10.00 EUR, fees 0.00 EUR, net -10.00 EUR.
Its 2 lines make up its amount.
In the books clearing is 0: nothing of it is open.
""")
    assert story(books, "txn_po_1_0") == golden("""
cf_lin_# (txn_po_1_0) is a line of the provider's statement: payment, money of a payment.
  On 2026-05-28 10:00:00 UTC the provider's line cf_lin_# (txn_po_1_0) (payment) brought 47.80 EUR: 49.00 EUR less fees of 1.20 EUR.
    It was paid out with payout cf_out_# (po_1) of 37.80 EUR, due at the bank on 2026-05-30.
  It is about attempt cf_att_# (ch_1).
  In the books assets:clearing:payment has -49.00 EUR of it, for cf_att_# (ch_1).
  In the books assets:provider:pending has 47.80 EUR of it.
  In the books expenses:fees:unspecified has 1.20 EUR of it.
""")
    line = books.lines("explain", "txn_po_1_0")[0]["facts"][0]["object"]
    assert story(books, line) == story(books, "txn_po_1_0")
    number = next(e["entry"] for e in books.lines("ledger", "journal") if "pi_1" in e["provider_ids"].split())
    text = story(books, f"entry:{number}").replace(f"Entry 1.{number} says", "Entry 1.# says")
    assert story(books, f"entry:1.{number}") == story(books, f"entry:{number}")
    assert text == golden("""
Entry 1.# says what happened on 2026-05-28 20:26:42 UTC; it was recorded on NOW, by the business stream.
It was posted for payment cf_pay_# (pi_1).
Inbox event N brought it.
  In the books assets:clearing:payment has 49.00 EUR of it, for cf_att_# (ch_1).
  In the books income:sales has -49.00 EUR of it.
""")


def test_what_no_line_explains_is_open(books):
    tell(books, *paid(1, 1200), refund(1, 300, status="failed", failure_reason="lost_or_stolen_card"),
         dispute(1, 1200, "lost", [-1200]))
    assert story(books, "pi_1") == golden("""
On 2026-05-28 20:26:40 UTC customer cf_cus_# (cus_1) was to pay 12.00 EUR: payment cf_pay_# (pi_1).
Its state is succeeded: captured.
On 2026-05-28 20:26:42 UTC attempt cf_att_# (ch_1) charged 12.00 EUR (card).
  No line of the provider's statement is about it.
On 2026-05-28 20:27:40 UTC refund cf_ref_# (re_1) of 3.00 EUR was made: requested_by_customer.
  It failed: lost_or_stolen_card.
  No line of the provider's statement is about it.
On 2026-05-28 20:27:50 UTC 12.00 EUR was disputed: dispute cf_dis_# (dp_1), fraudulent.
  Its state is lost: decided for the payer, or not answered in time.
  12.00 EUR is taken from the balance for it.
  Evidence can be handed in until 2026-05-29 20:26:40 UTC.
  No line of the provider's statement is about it.
In the books assets:clearing:payment shows 12.00 EUR for cf_att_# (ch_1) that no line explains yet.
In the books assets:clearing:dispute shows -12.00 EUR for cf_dis_# (dp_1) that no line explains yet.
""")
    assert story(books, "dp_1").splitlines()[0] == story(books, "pi_1").splitlines()[7]
    open_ = [fact for fact in books.lines("explain", "ch_1")[0]["facts"] if fact["fact"] == "books.open"]
    assert [(fact["word"], fact["amount_minor"], fact["amount_currency"], fact["object_provider_id"]) for fact in open_] == [
        ("assets:clearing:payment", 1200, "EUR", "ch_1"), ("assets:clearing:dispute", -1200, "EUR", "dp_1")]


def test_both_currencies_of_an_exchange_are_told(books):
    statement = Statement("")
    statement.line("charge", "45.00", "1.00", "ch_1", "ch_1", customer="49.00,usd", available="2026-06-01 00:00:00")
    tell(books, *paid(1, 4900, currency="usd"))
    take(books, statement)
    text = story(books, "ch_1")
    assert "brought 44.00 EUR: 45.00 EUR less fees of 1.00 EUR.\n    The customer saw 49.00 USD.\n" in text
    assert "    It is available from 2026-06-01 on.\n" in text
    assert "    No payout is known that it is in.\n" in text


def test_a_refund_that_only_a_line_knows_is_told_with_its_payment(books):
    statement = Statement("")
    statement.line("charge", "12.00", "0.00", "ch_1", "ch_1")
    statement.line("refund", "-5.00", "0.00", "re_9", "ch_1")
    tell(books, *paid(1, 1200))
    take(books, statement)
    assert story(books, "pi_1").splitlines()[-4:] == golden("""
refund cf_ref_# (re_9) is known by name only: no event about it has come in.
  On 2026-05-28 10:00:00 UTC the provider's line cf_lin_# (txn__1) (refund) took 5.00 EUR.
    No payout is known that it is in.
In the books assets:clearing:refund shows 5.00 EUR for cf_ref_# (re_9): what the lines say and what events say differ.
""").splitlines()


def invoice_events():
    body = {"id": "in_1", "object": "invoice", "amount_due": 1000, "amount_overpaid": 0, "amount_paid": 0, "livemode": False,
            "amount_remaining": 1000, "collection_method": "send_invoice", "created": START, "currency": "eur",
            "customer": "cus_1", "ending_balance": 0, "lines": {"object": "list", "data": [], "has_more": False},
            "number": "T-1", "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0,
            "starting_balance": 0, "status": "open", "status_transitions": {"finalized_at": START + 5}, "subtotal": 1000,
            "total": 1000, "total_discount_amounts": [], "total_taxes": []}
    part = {"id": "inpay_1", "object": "invoice_payment", "amount_paid": 600, "amount_requested": 600, "created": START + 6,
            "currency": "eur", "invoice": "in_1", "is_default": False, "status": "paid", "livemode": False,
            "status_transitions": {"paid_at": START + 6}, "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}
    return [stripe_bodies.event("invoice.finalized", body, START + 5),
            stripe_bodies.event("invoice_payment.paid", part, START + 6),
            stripe_bodies.event("invoice.updated", dict(body, amount_paid=600, amount_remaining=400), START + 7)]


def test_an_invoice_says_who_settled_it_and_what_is_left(books):
    tell(books, *paid(1, 600), *invoice_events())
    assert story(books, "in_1") == golden("""
On 2026-05-28 20:26:40 UTC invoice cf_inv_# (in_1) of 10.00 EUR was made for customer cf_cus_# (cus_1).
  On 2026-05-28 20:26:45 UTC it became final, as number T-1.
  6.00 EUR of it was settled by payment cf_pay_# (pi_1).
  Its state is open: final; to be paid.
  4.00 EUR of it is due and not paid.
In the books 4.00 EUR of it is to be settled.
""")
    assert "6.00 EUR of it was for invoice cf_inv_# (in_1), whose state is open.\n" in story(books, "pi_1")


def test_transfers_topups_and_others_are_told(books):
    transfer = {"id": "tr_1", "object": "transfer", "amount": 1000, "amount_reversed": 400, "currency": "eur",
                "reversed": False, "destination": "acct_1", "created": START, "livemode": False}
    topup = {"id": "tu_1", "object": "topup", "amount": 500, "currency": "eur", "status": "succeeded", "created": START,
             "expected_availability_date": START + 86400, "livemode": False}
    fee = {"id": "fee_1", "object": "application_fee", "amount": 100, "amount_refunded": 0, "currency": "eur",
           "refunded": False, "account": "acct_1", "created": START, "livemode": False,
           "refunds": {"object": "list", "data": [], "has_more": False}}
    statement = Statement("")
    statement.line("topup", "5.00", source="tu_1")
    tell(books, stripe_bodies.event("transfer.created", transfer), stripe_bodies.event("topup.succeeded", topup),
         stripe_bodies.event("application_fee.created", fee))
    take(books, statement)
    assert story(books, "tr_1") == golden("""
On 2026-05-28 20:26:40 UTC transfer cf_tra_# (tr_1) moved 10.00 EUR to connected account cf_acc_# (acct_1).
  4.00 EUR of it came back.
  No line of the provider's statement is about it.
In the books assets:clearing:transfer shows -6.00 EUR for cf_tra_# (tr_1) that no line explains yet.
""")
    assert story(books, "tu_1") == golden("""
On 2026-05-28 20:26:40 UTC top-up cf_top_# (tu_1) called 5.00 EUR from the bank.
Its state is succeeded: in the balance.
  On 2026-05-28 10:00:00 UTC the provider's line cf_lin_# (txn__0) (topup) brought 5.00 EUR.
    No payout is known that it is in.
In the books clearing is 0: nothing of it is open.
""")
    assert story(books, "fee_1") == golden("""
On 2026-05-28 20:26:40 UTC application_fee cf_apf_# (fee_1) was made.
It is of 1.00 EUR.
""")


def test_what_only_lines_name_is_told_by_its_lines(books):
    statement = Statement("po_9")
    statement.line("charge", "5.00", "0.10", "ch_9", "ch_9")
    take(books, statement)
    assert story(books, "ch_9") == golden("""
attempt cf_att_# (ch_9) is known by name only: no event about it has come in.
  On 2026-05-28 10:00:00 UTC the provider's line cf_lin_# (txn_po_9_0) (payment) brought 4.90 EUR: 5.00 EUR less fees of 0.10 EUR.
    It is in payout cf_out_# (po_9), of which no event has come in.
""")


@pytest.mark.parametrize("status,words", [
    ("failed", "It was in payout cf_out_# (po_1) of 37.80 EUR, whose state is failed: that money is back in the balance."),
    ("in_transit", "It is in payout cf_out_# (po_1) of 37.80 EUR, whose state is in_transit, and due at the bank on 2026-05-30."),
])
def test_a_line_says_how_its_payout_went(books, status, words):
    statement = Statement("po_1")
    statement.line("charge", "37.80", "0.00", "ch_1", "ch_1")
    events = payout_events("po_1", 3780, status=status)
    events[1]["type"] = "payout.failed" if status == "failed" else "payout.updated"
    tell(books, *events)
    take(books, statement)
    assert words in story(books, "txn_po_1_0")


def test_an_amount_finds_the_payout_and_the_lines_of_that_day(books):
    statement = Statement("po_1")
    statement.line("charge", "49.00", "1.20", "ch_1", "ch_1")
    statement.line("charge", "47.80", "0.50", "ch_2", "ch_2")
    statement.line("refund", "-47.80", "0.00", "re_3", "ch_3", customer="-51.00,usd")
    statement.line("charge", "47.80", "0.00", "ch_4", "ch_4", at="2026-05-29 00:00:00")
    tell(books, *payout_events("po_1", 4780))
    take(books, statement)
    left(books, "po_1", "-47.80")
    found = [fact["object_provider_id"] for fact in books.lines(
        "explain", "--amount", "47.80", "--currency", "eur", "--day", "2026-05-28")[0]["facts"]
        if fact["fact"].startswith("line.") and "object_provider_id" in fact]
    assert sorted(found) == ["txn_po_1_0", "txn_po_1_1", "txn_po_1_2"]
    text = story(books, "--amount", "47.8", "--currency", "eur", "--day", "2026-05-30")
    assert text.startswith("On 2026-05-30 this moved 47.80 EUR:\nOn 2026-05-29 20:26:40 UTC payout cf_out_# (po_1) of 47.80")
    assert text.count("this moved") == 1
    text = story(books, "--amount", "-51", "--currency", "USD", "--day", "2026-05-28")
    assert text.count("this moved 51.00 USD") == 1 and "txn_po_1_2" in text
    none = books.cli("explain", "--amount", "1.00", "--currency", "eur", "--day", "2026-05-28", check=False)
    assert none.returncode == 4 and "moved exactly 1.00 EUR on that day" in none.stderr


@pytest.mark.parametrize("words,code,says", [
    (["zzz_1"], 4, "nothing with the id zzz_1 is known"),
    (["cf_pya_" + "1" * 32], 4, "did you mean one of cf_pay_...?"),
    (["cf_lin_" + "1" * 32], 4, "nothing with the id cf_lin_"),
    (["entry:9"], 4, "no entry 9"),
    (["entry:x"], 2, "entry:17"),
    ([], 2, "one thing is explained at a time"),
    (["pi_1", "--amount", "1"], 2, "one thing is explained at a time"),
    (["--amount", "1"], 2, "wants --currency and --day"),
    (["--amount", "1.001", "--currency", "eur", "--day", "2026-05-28"], 2, "at most 2 behind a point"),
    (["--amount", "9" * 30, "--currency", "eur", "--day", "2026-05-28"], 2, "--amount wants digits"),
    (["--amount", "1", "--currency", "euro", "--day", "2026-05-28"], 2, "three letters"),
    (["--amount", "1", "--currency", "eur", "--day", "someday"], 2, "--day wants"),
])
def test_what_cannot_be_explained_is_said(sqlite_place, words, code, says):
    sqlite_place.server = sqlite_place.serve()
    tell(sqlite_place, *paid(1, 600))
    done = sqlite_place.cli("explain", *words, check=False)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert says in done.stderr


def test_every_kind_is_explained_by_every_id(filled):  # noqa: F811
    for kind in kinds_of(filled):
        row = filled.store.rows(f"SELECT id, provider_ids FROM {kind}_view ORDER BY id LIMIT 1")[0]
        told = filled.lines("explain", row["id"])[0]
        assert told["facts"] and not told["more"], kind
        assert any(row["id"] in fact["text"] for fact in told["facts"]), (kind, told)
        for theirs in row["provider_ids"].split()[:1]:
            assert filled.lines("explain", theirs)[0]["facts"], (kind, theirs)
