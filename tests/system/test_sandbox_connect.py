"""The sandbox with connected accounts: what happens on each of them arrives in its own scope, and the platform's in its."""

import json

from test_sandbox import run_sandbox, verify


def scopes(place):
    return {row["account_key"]: row["scope"] for row in place.store.rows("SELECT scope, account_key FROM scope")}


def test_connected_accounts_and_the_platform_end_with_what_was_told(place, seed):
    serve = place.serve()
    _, told = run_sandbox(place, serve.public, "--seed", str(seed), "--mix", "connect", "--rate", "400",
                          "--duplicates", "10", "--reorder", "20", "--delay", "500ms", "--for", "8s")
    serve.wait_until_decided()
    code, verdict, findings = verify(place)
    assert findings == [] and code == 0
    assert verdict["equal"] == verdict["objects"] == told["objects"] > 300 and told["objects_lagging"] == 0
    for what in ["accounts", "transfers", "application_fees", "topups", "payouts", "refunds"]:
        assert told[what] > 0, what
    known = scopes(place)
    connected = [key for key in known if key.startswith("acct_1")]
    assert len(connected) == told["accounts"] and len(known) == told["accounts"] + 1
    own = next(scope for key, scope in known.items() if key not in connected)
    rows = place.store.rows("SELECT DISTINCT scope FROM transfer")
    assert [row["scope"] for row in rows] == [own]
    assert place.store.rows(f"SELECT count(*) AS n FROM payout WHERE scope <> {own}")[0]["n"] > 0
    state = [json.loads(line) for line in (place.folder / "state").read_text().splitlines()]
    named = [line["id"] for line in state if line.get("kind") == "account"]
    assert len(named) > 2  # each is one thing, for itself and for those who name it
    assert place.store.rows("SELECT count(*) AS n FROM connected_account")[0]["n"] == len(named)
