"""The sandbox's shop told by webhooks, and its statement pulled by both ways: what the books hold is what the provider says."""

import json
import urllib.request
from collections import Counter
from datetime import datetime

import harness
from test_backfill import KEY, give_key

BEGIN, END = "2026-10-20", "2026-10-28"


def shop_of(place, serve, seed):
    port_file = place.folder / "api-port"
    process = place.background(
        "sandbox", "sandbox", "--to", f"http://127.0.0.1:{serve.public}/webhooks/acme", "--secret",
        f"file:{place.folder}/acme-0.secret", "--listen", "127.0.0.1:0", "--port-file", port_file, "--stay", "--json",
        "--api-key", KEY, "--seed", str(seed), "--begin", BEGIN, "--span", "8d", "--payments", "150",
        "--mix", "payments,disputes,payouts")
    harness.eventually(port_file.exists, "the sandbox listens")
    harness.eventually(lambda: process.output() or not process.running(), "the shop has closed", 90)
    assert process.running(), process.text()
    return f"http://127.0.0.1:{int(port_file.read_text())}"


def said_balance(url):
    request = urllib.request.Request(f"{url}/v1/balance", headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        said = json.load(answer)
    sums = Counter()
    for part in ("available", "pending"):
        for row in said[part]:
            sums[row["currency"].upper()] += row["amount"]
    return {currency: minor for currency, minor in sums.items() if minor}


def held(place):
    """What is held back as a reserve has left the balance, and is in no part of it."""
    rows = place.store.rows("SELECT currency, sum(minor) AS minor FROM ledger_balance WHERE account LIKE 'assets:provider:%'"
                            " AND account NOT LIKE 'assets:provider:reserve:%' GROUP BY currency")
    return {row["currency"]: int(row["minor"]) for row in rows if int(row["minor"])}


def count(place, where):
    return place.store.rows(f"SELECT count(*) AS n FROM statement_line WHERE {where}")[0]["n"]


def us_of(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * 1000000


def test_what_is_pulled_holds_what_the_provider_holds(place, seed):
    serve = place.serve()
    url = shop_of(place, serve, seed)
    serve.wait_until_decided()
    give_key(place, url)
    by_api = place.lines("import", "--api", "--from", BEGIN, "--to", END, timeout=120)[-1]
    assert by_api["complete"] and by_api["new"] == by_api["lines"] > 150
    assert (by_api["restated"], by_api["unclassified"], by_api["payouts_refused"]) == (0, 0, 0)
    assert held(place) == said_balance(url)
    assert by_api["payouts"] > 3
    in_payouts = count(place, "payout IS NOT NULL")
    assert in_payouts > 50
    by_report = place.lines("import", "--reports", "--from", BEGIN, "--to", END, timeout=120)[-1]
    assert by_report["complete"] and (by_report["restated"], by_report["files"]) == (0, 4)
    assert held(place) == said_balance(url)
    until = us_of(by_report["to"])
    assert count(place, f"told <> 3 AND created_us <= {until} AND kind <> 'payout'") == 0
    assert count(place, "told = 2") == 0
    assert count(place, "payout IS NOT NULL") >= in_payouts
    again = place.lines("import", "--api", "--from", BEGIN, "--to", END, timeout=120)[-1]
    assert (again["new"], again["learned"], again["restated"], again["payouts"]) == (0, 0, 0, 0)
