"""A month on the sandbox's own clock: its statement, balance and payouts over the API, and the store that was told of it."""

from collections import Counter
from datetime import datetime, timezone

import pytest

from test_sandbox import run_sandbox, verify
from test_sandbox_api import has_closed, shop  # noqa: F401 (shop is a fixture)

DAY = 86400
BEGIN = "2026-10-20"
BEGIN_S = int(datetime(2026, 10, 20, tzinfo=timezone.utc).timestamp())
SPAN_DAYS = 15
LINES = "/v1/balance_transactions"
WHOLE = [("expand[]", "data.source")]


@pytest.fixture
def month(shop, seed):  # noqa: F811
    def start(*options, name="month"):
        sandbox = shop("--seed", seed, "--begin", BEGIN, "--span", f"{SPAN_DAYS}d", "--payments", "400", "--stay", *options,
                       name=name)
        has_closed(sandbox)
        return sandbox.api

    return start


def sums(lines):
    found = Counter()
    for line in lines:
        found[line["currency"], line["status"]] += line["net"]
    return {key: amount for key, amount in found.items() if amount}


def balance(api, **headers):
    said = api.get("/v1/balance", **headers)
    found = {(row["currency"], status): row["amount"] for status in ["available", "pending"] for row in said[status]}
    return {key: amount for key, amount in found.items() if amount}


def test_the_statement_sums_up_to_the_balance_on_every_account(month):
    api = month("--mix", "payments,disputes,payouts,connect=40")
    accounts = [row["id"] for row in api.pages("/v1/accounts")]
    assert len(accounts) > 1
    for headers in [{}] + [{"Stripe_Account": account} for account in accounts[-2:]]:
        cursor = []
        lines = []
        more = True
        while more:
            page = api.get(LINES, [*WHOLE, ("limit", 100), *cursor], **headers)
            lines += page["data"]
            more = page["has_more"]
            cursor = [("starting_after", lines[-1]["id"])] if more else []
        assert (lines or headers) and len({line["id"] for line in lines}) == len(lines)
        assert sums(lines) == balance(api, **headers)
        for line in lines:
            assert line["net"] == line["amount"] - line["fee"]
            assert line["fee"] == sum(fee["amount"] for fee in line["fee_details"])
            assert line["source"] is None or line["source"]["id"]


def test_every_automatic_payout_is_the_sum_of_its_lines_and_no_line_is_in_two(month):
    api = month("--mix", "payments,disputes,payouts")
    payouts = list(api.pages("/v1/payouts"))
    seen = Counter()
    for payout in payouts:
        lines = list(api.pages(LINES, [("payout", payout["id"])]))
        own = [line for line in lines if line["id"] == payout["balance_transaction"]]
        if not payout["automatic"]:
            assert lines == []
            continue
        assert payout["created"] % DAY == 0 and payout["arrival_date"] == payout["created"] + DAY
        assert [line["amount"] for line in own] == [-payout["amount"]]
        assert sum(line["net"] for line in lines) == 0 and len(lines) > 1
        assert all(line["available_on"] <= payout["created"] for line in lines)
        seen.update(line["id"] for line in lines)
    assert len([payout for payout in payouts if payout["automatic"]]) > SPAN_DAYS
    assert set(seen.values()) == {1}
    assert {payout["status"] for payout in payouts} >= {"paid", "failed"}
    done = {payout["reconciliation_status"] for payout in payouts if payout["status"] == "paid" and payout["automatic"]}
    assert "completed" in done


def test_the_clock_stands_at_the_end_and_the_same_seed_tells_the_same(month):
    one, other = (month(name=name) for name in ["one", "other"])
    lines = [list(api.pages(LINES)) for api in [one, other]]
    assert lines[0] == lines[1]
    end = BEGIN_S + SPAN_DAYS * DAY
    assert all(BEGIN_S <= line["created"] < end for line in lines[0])
    assert {line["created"] // DAY for line in lines[0]} == {BEGIN_S // DAY + day for day in range(SPAN_DAYS)}
    for line in lines[0]:
        assert line["status"] == ("available" if line["available_on"] <= end else "pending")


def test_a_month_ends_in_the_store_as_it_was_told(place, seed):
    serve = place.serve()
    _, told = run_sandbox(place, serve.public, "--seed", str(seed), "--begin", BEGIN, "--span", "10d", "--payments", "250",
                          "--mix", "payments,disputes,payouts,billing,connect")
    serve.wait_until_decided()
    code, verdict, findings = verify(place)
    assert findings == [] and code == 0
    assert told["acknowledged"] == told["events"] > 1000
    assert verdict["objects"] == verdict["equal"] == told["objects"]


@pytest.mark.parametrize("options", [
    ["--begin", "2026-10-20"], ["--span", "30d", "--payments", "10"], ["--begin", "yesterday", "--span", "30d", "--payments", "10"],
    ["--begin", "2026-10-20", "--span", "5h", "--payments", "10"],
])
def test_half_a_span_is_refused(sqlite_place, options):
    done = sqlite_place.cli("sandbox", "--listen", "127.0.0.1:0", *options, check=False)
    assert done.returncode == 2 and ("--begin" in done.stderr or "--span" in done.stderr)
