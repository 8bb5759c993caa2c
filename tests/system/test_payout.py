"""show payout: from the amount at the bank down to each line, and what remains and why."""

import csv
import io
import sqlite3

import pytest
import stripe_bodies
from stripe_bodies import START
from test_sandbox_api import has_closed, shop  # noqa: F401 (shop is a fixture)
from test_sandbox_reports import COLUMNS, ITEMIZED, PAYOUT_COLUMNS, Reports

DAY = 86400
HEADER = ("automatic_payout_id,balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,"
          "reporting_category,source_id,charge_id,customer_facing_amount,customer_facing_currency")
PAYOUTS = "payout_id,effective_at_utc,currency,gross,fee,net,reporting_category,balance_transaction_id"
NOON = "2026-05-28 10:00:00"  # the day of START


class Statement:
    """Lines of a report, and what they must sum to."""

    def __init__(self, payout):
        self.payout = payout
        self.rows = []

    def line(self, category, gross, fee="0.00", source="", charge="", currency="eur", at=NOON, payout=None, customer=",",
             available=None):
        name = f"txn_{self.payout}_{len(self.rows)}"
        net = f"{float(gross) - float(fee):.{len(gross.partition('.')[2])}f}"
        payout = self.payout if payout is None else payout
        self.rows.append(f"{payout},{name},{at},{available or at},{currency},{gross},{fee},{net},{category},{source},{charge},{customer}")
        return name


def take(place, *statements):
    path = place.folder / f"items{len(list(place.folder.glob('*.csv')))}.csv"
    path.write_text("\n".join([HEADER, *(row for statement in statements for row in statement.rows)]) + "\n")
    place.cli("import", path)


def left(place, payout, gross, currency="eur", at="2026-05-30 00:00:00", category="payout"):
    """The payout's own line."""
    path = place.folder / f"payouts{len(list(place.folder.glob('*.csv')))}.csv"
    path.write_text(f"{PAYOUTS}\n{payout},{at},{currency},{gross},0.00,{gross},{category},txn_own_{category}_{payout}\n")
    place.cli("import", path)


def payout_events(id_, amount, currency="eur", automatic=True, reconciliation="completed", status="paid", made=START + DAY):
    body = {"object": "payout", "id": id_, "amount": amount, "currency": currency, "automatic": automatic,
            "created": made, "arrival_date": made + DAY, "method": "standard", "livemode": False, "status": status,
            "reconciliation_status": reconciliation, "failure_code": "account_closed" if status == "failed" else None}
    return [stripe_bodies.event("payout.created", dict(body, status="pending"), made),
            stripe_bodies.event(f"payout.{status}", body, made + 5)]


@pytest.fixture
def books(place):
    place.server = place.serve()
    return place


def tell(place, *events):
    assert {answer.status for answer in place.server.post_all(list(events))} == {200}
    place.server.wait_until_decided()


def content(place, payout):
    return place.lines("show", "payout", payout)[0]["content"]


def rows_of(place, payout):
    return list(csv.DictReader(io.StringIO(place.cli("show", "payout", payout, "--csv").stdout, newline="")))


def assert_exact(place, payout, amount):
    """However it is asked for, every cent is there."""
    assert sum(int(row["net_minor"]) for row in rows_of(place, payout)) == amount
    answer = content(place, payout)
    assert answer["amount_minor"] == amount == answer["sum"]["net_minor"] + answer["remainder_minor"]
    assert answer["sum"]["net_minor"] == sum(group["net_minor"] for group in answer["groups"])
    lines = place.lines("show", "payout", payout, "--lines")
    assert sum(line["net_minor"] for line in lines[:-1]) == lines[-1]["sum"]["net_minor"]
    assert lines[-1]["remainder_minor"] == answer["remainder_minor"]
    return answer


def test_every_cent_of_a_payout_is_in_a_group(books):
    payment = stripe_bodies.life_of_a_payment()
    charge, refund = payment[2]["data"]["object"]["id"], payment[4]["data"]["object"]["id"]
    intent = payment[1]["data"]["object"]["id"]
    statement = Statement("po_1")
    statement.line("charge", "42.00", "1.10", charge, charge, customer="45.10,usd")
    statement.line("refund", "-10.00", "0.00", refund, charge)
    statement.line("fee", "-0.90")
    statement.line("other_adjustment", "0.50")
    statement.line("risk_reserved_funds", "-5.00")
    statement.line("payout_minimum_balance_hold", "-2.00")
    statement.line("transfer", "-1.00", source="tr_1")
    statement.line("strange", "0.07")
    statement.line("charge", "99.00", payout="po_2")
    tell(books, *payment, *payout_events("po_1", 2257))
    take(books, statement)
    left(books, "po_1", "-22.57")
    answer = assert_exact(books, "po_1", 2257)
    assert {group["group"]: (group["count"], group["net_minor"]) for group in answer["groups"]} == {
        "payments": (1, 4090), "refunds": (1, -1000), "fees": (1, -90), "adjustments": (1, 50), "reserves": (1, -500),
        "minimum_balance": (1, -200), "transfers": (1, -100), "unclassified": (1, 7)}
    assert (answer["remainder"], answer["remainder_minor"]) == ("none", 0)
    assert [(line["kind"], line["net_minor"]) for line in answer["own_lines"]] == [("payout", -2257)]
    first = next(row for row in rows_of(books, "po_1") if row["group"] == "payments")
    assert first["object"].startswith("cf_pay_") and first["provider_object"] == charge
    assert (first["amount"], first["fee"], first["net"], first["fee_minor"]) == ("42.00", "1.10", "40.90", "110")
    assert (first["customer_currency"], first["customer_amount"]) == ("USD", "45.10")
    assert books.lines("show", intent)[0]["payment"]["id"] == first["object"]
    text = books.cli("show", "payout", "po_1").stdout
    assert "the lines make up the amount" in text and "fees and taxes on them" in text
    own_id = books.lines("show", "payout", "po_1")[0]["payout"]["id"]
    assert books.lines("show", own_id)[0]["content"] == answer


def charges(payout, *amounts, **more):
    statement = Statement(payout)
    for amount in amounts:
        statement.line("charge", amount, "0.50", **more)
    return statement


@pytest.mark.parametrize("name,event,statement,says", [
    ("not_reconciled", {"reconciliation": "in_progress"}, charges("po_1", "10.50"), "has not finished it"),
    ("returned", {"reconciliation": "in_progress", "status": "failed"}, charges("po_1", "10.50"), "it failed or was canceled"),
    ("unexplained", {}, charges("po_1", "10.50"), "take them again: `counterfoil import --api"),
    ("no_lines", {}, charges("po_2", "10.50"), "counterfoil import"),
    ("before_the_books", {}, charges("po_2", "10.50", at="2026-07-01 00:00:00"), "before the books began"),
    ("no_lines", {}, None, "counterfoil import"),
])
def test_what_remains_has_a_name(books, name, event, statement, says):
    older = charges("po_0", "3.00", at="2026-05-01 00:00:00")
    if name != "before_the_books" and statement is not None:
        take(books, older)
    tell(books, *payout_events("po_1", 3000, **event))
    if statement is not None:
        take(books, statement)
    answer = assert_exact(books, "po_1", 3000)
    assert answer["remainder"] == name and answer["remainder_minor"] != 0
    assert says in books.cli("show", "payout", "po_1").stdout
    last = rows_of(books, "po_1")[-1]
    assert (last["group"], last["kind"], int(last["net_minor"])) == ("remainder", name, answer["remainder_minor"])


def test_the_first_payout_of_the_books_may_hold_older_lines(books):
    tell(books, *payout_events("po_1", 3000))
    take(books, charges("po_1", "10.50"))
    assert assert_exact(books, "po_1", 3000)["remainder"] == "before_the_books"


def test_payouts_alone_are_no_statement(books):
    tell(books, *payout_events("po_1", 3000))
    left(books, "po_1", "-30.00")
    assert assert_exact(books, "po_1", 3000)["remainder"] == "no_lines"


def test_a_list_that_was_taken_whole_and_is_not_the_sum_is_the_providers_to_explain(sqlite_place):
    place = sqlite_place
    place.server = place.serve()
    tell(place, *payout_events("po_1", 3000))
    take(place, charges("po_0", "3.00", at="2026-05-01 00:00:00"), charges("po_1", "10.50"))
    place.server.stop()
    for finished, name in ((0, "unexplained"), (1, "not_the_sum")):
        connection = sqlite3.connect(place.store.path)
        with connection:
            connection.execute("INSERT OR REPLACE INTO statement_pull VALUES "
                               f"(1, 'payout', 'po_1', 0, 0, '', 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, {finished}, 0)")
        connection.close()
        assert assert_exact(place, "po_1", 3000)["remainder"] == name


def test_a_payout_that_no_event_told_of_is_shown_by_its_line(place):
    place.cli("migrate")
    take(place, charges("po_1", "10.50", "20.50"))
    none = place.cli("show", "payout", "po_1", check=False)
    assert none.returncode == 4 and "no event about itself was applied yet" in none.stderr
    left(place, "po_1", "-30.00")
    answer = assert_exact(place, "po_1", 3000)
    assert answer["known_by_its_line_alone"] and answer["remainder"] == "none"
    text = place.cli("show", "po_1").stdout
    assert "no event about it has come in" in text and "the lines make up the amount" in text
    text = place.cli("explain", "po_1").stdout
    assert "known by name only" in text and "Its 2 lines make up its amount.\n" in text


def test_one_made_by_hand_shows_the_balance_before_and_after(books):
    tell(books, *payout_events("po_m", 1500, automatic=False, reconciliation="not_applicable"))
    take(books, charges("", "10.50", "20.50"))
    assert content(books, "po_m")["remainder"] == "by_hand" and "balance_before_minor" not in content(books, "po_m")
    left(books, "po_m", "-15.00")
    answer = assert_exact(books, "po_m", 1500)
    assert (answer["balance_before_minor"], answer["balance_after_minor"]) == (3000, 1500)
    text = books.cli("show", "payout", "po_m").stdout
    assert "does not say what is in it" in text and "balance before it" in text


def test_one_that_failed_shows_how_its_money_came_back(books):
    tell(books, *payout_events("po_1", 1000, status="failed"))
    take(books, charges("po_1", "10.50"))
    left(books, "po_1", "-10.00")
    left(books, "po_1", "10.00", at="2026-06-02 00:00:00", category="payout_reversal")
    answer = assert_exact(books, "po_1", 1000)
    assert [(line["kind"], line["net_minor"]) for line in answer["own_lines"]] == [
        ("payout", -1000), ("payout_returned", 1000)]
    assert "it failed: the money is back in the balance" in books.cli("show", "payout", "po_1").stdout


def test_one_that_debits_the_bank_sums_below_zero(books):
    statement = Statement("po_1")
    statement.line("refund", "-60.00", source="re_1", charge="ch_1")
    statement.line("payout_reversal", "10.00", source="po_0")
    tell(books, *payout_events("po_1", -5000))
    take(books, statement)
    answer = assert_exact(books, "po_1", -5000)
    assert {group["group"]: group["net_minor"] for group in answer["groups"]} == {"refunds": -6000, "payouts": 1000}
    assert answer["remainder"] == "none"


@pytest.mark.parametrize("currency,amounts,minor,shown", [
    ("kwd", ("1.230", "2.000"), 3230, "3.230 KWD"), ("jpy", ("500", "1000"), 1500, "1,500 JPY")])
def test_currencies_have_their_own_decimals(books, currency, amounts, minor, shown):
    statement = Statement("po_1")
    for amount in amounts:
        statement.line("charge", amount, "0", currency=currency)
    tell(books, *payout_events("po_1", minor, currency))
    take(books, statement)
    assert assert_exact(books, "po_1", minor)["remainder"] == "none"
    assert rows_of(books, "po_1")[0]["amount"] == amounts[0]
    assert shown in books.cli("show", "payout", "po_1").stdout


def test_a_line_in_another_currency_is_shown_and_in_no_sum(books):
    statement = charges("po_1", "10.50")
    statement.line("charge", "7.00", currency="usd")
    tell(books, *payout_events("po_1", 1000))
    take(books, statement)
    answer = content(books, "po_1")
    assert (answer["sum"]["net_minor"], answer["lines_in_another_currency"]) == (1000, 1)
    assert "1 lines are in another currency" in books.cli("show", "payout", "po_1").stdout


def test_of_many_lines_the_newest_are_shown_and_all_can_be_had(books):
    statement = Statement("po_1")
    for i in range(1203):
        statement.line("charge", "1.00", "0.10", f"ch_{i}", f"ch_{i}", at=f"2026-05-28 10:{i // 60 % 60:02}:{i % 60:02}")
    tell(books, *payout_events("po_1", 1203 * 90))
    take(books, statement)
    answer = assert_exact(books, "po_1", 1203 * 90)
    assert answer["sum"]["count"] == 1203 and len(answer["newest_lines"]) == 20
    rows = rows_of(books, "po_1")
    assert [row["provider_id"] for row in rows] == [f"txn_po_1_{i}" for i in range(1203)]
    assert [line["provider_id"] for line in answer["newest_lines"]] == [row["provider_id"] for row in rows[-20:]]
    text = books.cli("show", "payout", "po_1").stdout
    assert "and 1183 older ones: --lines shows all" in text
    text = books.cli("show", "payout", "po_1", "--lines").stdout
    assert text.count("  txn_po_1_") == 1203 and "and 1183" not in text


def test_lines_are_asked_for_of_payouts_only(sqlite_place):
    sqlite_place.server = sqlite_place.serve()
    payment = stripe_bodies.life_of_a_payment()
    tell(sqlite_place, *payment)
    for option in ("--lines", "--csv"):
        done = sqlite_place.cli("show", payment[1]["data"]["object"]["id"], option, check=False)
        assert done.returncode == 2 and "are for payouts" in done.stderr


def test_every_payout_of_a_shops_month_adds_up_or_says_why(shop, sqlite_place, seed):  # noqa: F811
    place = sqlite_place
    place.server = place.serve()
    target = f"http://127.0.0.1:{place.server.public}/webhooks/acme"
    process = shop("--seed", seed, "--begin", "2026-10-20", "--span", "15d", "--payments", "300", "--stay", "--report-lag",
                   "0s", "--mix", "payments,disputes,payouts", "--to", target, "--secret", f"file:{place.folder}/acme-0.secret")
    has_closed(process)
    place.server.wait_until_decided()
    reports = Reports(process.api)
    for kind in ITEMIZED[:3]:
        path = place.folder / f"{kind}.csv"
        path.write_text(reports.file(kind, columns=PAYOUT_COLUMNS if kind.startswith("payouts.") else COLUMNS))
        place.cli("import", path)
    names = []
    for row in place.store.rows("SELECT r.provider_id, p.amount_minor, p.automatic, p.reconciled, p.state "
                                "FROM payout p JOIN provider_ref r ON r.id = p.id"):
        answer = assert_exact(place, row["provider_id"], row["amount_minor"])
        names.append(answer["remainder"])
        is_back = row["state"] in ("failed", "canceled")
        may_be = (["none"] if row["reconciled"] else ["none", "returned"] if is_back
                  else ["none", "not_reconciled"] if row["automatic"] else ["by_hand"])
        assert answer["remainder"] in may_be, (row, answer)
    assert names.count("none") >= 10
