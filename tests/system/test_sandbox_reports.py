"""The sandbox's report runs: asked for over its API, downloaded, and imported as files."""

import csv
import io
import json
import urllib.parse
from decimal import Decimal

import pytest

import harness
from test_sandbox_api import Api, has_closed, shop  # noqa: F401 (shop is a fixture)

RUNS = "/v1/reporting/report_runs"
TYPES = "/v1/reporting/report_types"
ITEMIZED = [
    "balance_change_from_activity.itemized.6",
    "payouts.itemized.3",
    "payout_reconciliation.itemized.5",
    "ending_balance_reconciliation.itemized.4",
]
SUMMARY = "balance.summary.1"
COLUMNS = "balance_transaction_id created_utc available_on_utc currency gross fee net reporting_category source_id " \
    "charge_id customer_facing_amount customer_facing_currency connected_account_id automatic_payout_id description".split()
PAYOUT_COLUMNS = "payout_id effective_at_utc balance_transaction_id currency gross fee net reporting_category description".split()


class Reports:
    def __init__(self, api):
        self.api = api
        known = api.get(f"{TYPES}/{SUMMARY}")
        self.start, self.end = known["data_available_start"] + 1, known["data_available_end"] - 1

    def post(self, form, **headers):
        """(status, headers, answer) of a POST; `form` is pairs."""
        sent = {"Authorization": f"Bearer {self.api.key}", "Content-Type": "application/x-www-form-urlencoded"}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        self.api.connection.request("POST", RUNS, body=urllib.parse.urlencode(form), headers=sent)
        answer = self.api.connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read())

    def form(self, kind, columns=(), start=None, end=None):
        pairs = [("report_type", kind), ("parameters[interval_start]", start or self.start),
                 ("parameters[interval_end]", end or self.end)]
        return pairs + [("parameters[columns][]", column) for column in columns]

    def download(self, url):
        parts = urllib.parse.urlsplit(url)
        status, headers, body = self.api.raw(parts.path)
        assert (status, headers["Content-Type"], parts.port) == (200, "text/csv", self.api.connection.port)
        return body

    def file(self, kind, **more):
        """Asks for a report, waits for it, downloads it."""
        status, _, run = self.post(self.form(kind, **more))
        assert (status, run["status"], run["result"]) == (200, "pending", None), run
        statuses = [run["status"]]
        while run["status"] == "pending":
            assert len(statuses) < 5, statuses
            run = self.api.get(f"{RUNS}/{run['id']}")
            statuses.append(run["status"])
        assert statuses == ["pending", "pending", "succeeded"]
        body = self.download(run["result"]["url"])
        assert len(body) == run["result"]["size"]
        return body.decode()


@pytest.fixture
def reports(shop, seed):  # noqa: F811
    """Of a shop's month."""

    def start(*options):
        sandbox = shop("--seed", seed, "--begin", "2026-10-01", "--span", "31d", "--payments", "2000", "--stay",
                       "--report-lag", "0s", *options)
        has_closed(sandbox)
        return Reports(sandbox.api)

    return start


def sums(text):
    """Net by currency of an itemized file."""
    found = {}
    for row in csv.DictReader(io.StringIO(text)):
        found[row["currency"]] = found.get(row["currency"], Decimal(0)) + Decimal(row["net"])
    return found


def totals(text):
    found = {}
    for row in csv.DictReader(io.StringIO(text)):
        found.setdefault(row["currency"], {})[row["category"]] = Decimal(row["net_amount"])
    return found


def test_the_files_of_a_shops_life_are_imported_and_all_of_it_is_taken(reports, sqlite_place):
    asked = reports()
    sqlite_place.cli("migrate")
    wanted = dict.fromkeys(ITEMIZED, COLUMNS) | {"payouts.itemized.3": PAYOUT_COLUMNS, SUMMARY: []}
    lines = set()
    for kind, columns in wanted.items():
        text = asked.file(kind, columns=columns)
        path = sqlite_place.folder / f"{kind}.csv"
        path.write_text(text)
        told = sqlite_place.lines("import", path)[0]
        rows = list(csv.DictReader(io.StringIO(text)))
        if kind == SUMMARY:
            assert told["report"] == "summary"
            continue
        assert (told["lines"], told["unclassified"], told["restated"]) == (len(rows), 0, 0), (kind, told)
        ids = {row["balance_transaction_id"] for row in rows}
        assert len(ids) == len(rows) and told["new"] == len(ids - lines), (kind, told)
        lines |= ids
    assert len(lines) > 2000
    kept = sqlite_place.store.rows("SELECT count(*) AS n FROM statement_line")[0]["n"]
    assert kept == len(lines)


def test_sums_of_the_itemized_files_are_those_of_the_summary(reports):
    asked = reports()
    begin, day = 1790812800, 86400  # 2026-10-01
    for start, end in [(asked.start, asked.end), (begin, begin + day), (begin + 9 * day + 1, begin + 17 * day + 3600)]:
        total = totals(asked.file(SUMMARY, start=start, end=end))
        files = {kind: sums(asked.file(kind, start=start, end=end)) for kind in ITEMIZED}
        assert total
        for currency, of in total.items():
            assert of["starting_balance"] + of["activity"] + of["payouts"] == of["ending_balance"]
            assert of["activity"] == files["balance_change_from_activity.itemized.6"].get(currency, 0)
            assert of["payouts"] == files["payouts.itemized.3"].get(currency, 0)
            assert of["ending_balance"] == files["ending_balance_reconciliation.itemized.4"].get(currency, 0)


def test_a_run_is_asked_for_once_by_its_key_and_refused_like_stripe_does(reports):
    asked = reports()
    form = asked.form(SUMMARY)
    first = asked.post(form, Idempotency_Key="one")
    again = asked.post(form, Idempotency_Key="one")
    assert first[2] == again[2] and again[1]["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first[1]
    status, _, refused = asked.post(asked.form("payouts.itemized.3"), Idempotency_Key="one")
    assert (status, refused["error"]["type"]) == (400, "idempotency_error")
    status, _, refused = asked.post(asked.form("sales.itemized.9"))
    assert (status, refused["error"]["param"]) == (400, "report_type")
    status, _, refused = asked.post(asked.form(SUMMARY, end=asked.end + 1))
    assert (status, refused["error"]["param"]) == (400, "parameters[interval_end]")
    status, _, refused = asked.post([("report_type", "x" * 20000)])
    assert status == 400 and "longer than" in refused["error"]["message"]
    listed = asked.api.get(RUNS)["data"]
    assert [run["id"] for run in listed] == [first[2]["id"]]


def test_reports_have_data_until_half_a_day_ago_and_no_later(shop, seed):  # noqa: F811
    sandbox = shop("--seed", seed, "--rate", "300", "--for", "1s", "--stay")
    has_closed(sandbox)
    known = sandbox.api.get(TYPES)["data"]
    assert {row["id"] for row in known} >= {SUMMARY, *ITEMIZED}
    assert all(row["data_available_end"] % 43200 == 0 for row in known)


def test_runs_fail_when_they_are_told_to(shop, seed):  # noqa: F811
    sandbox = shop("--seed", seed, "--rate", "300", "--for", "3s", "--stay", "--report-lag", "0s", "--report-errors", "100")
    has_closed(sandbox)
    asked = Reports(sandbox.api)
    run = asked.post(asked.form(SUMMARY))[2]
    asked.api.get(f"{RUNS}/{run['id']}")
    run = asked.api.get(f"{RUNS}/{run['id']}")
    assert run["status"] == "failed" and run["result"] is None and "on purpose" in run["error"]
