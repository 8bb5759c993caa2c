"""serve reconciles by itself: the open day now and then, closed days once, and calls people when something is wrong."""

import datetime
import json
import signal
import sqlite3
import threading
import zoneinfo

import fake_statement as fake
import harness
import pytest
from test_connect import account_updated
from test_reconcile_command import ZONE, day_ago, give_key, provider, seconds_ago, yesterday  # noqa: F401 (provider is a fixture)

RUNS = "counterfoil_reconcile_runs_total"


def start(place, **reconcile):
    place.settings.update({("reconcile", key): value for key, value in reconcile.items()})
    place.write_config()
    return place.serve()


def logged(serve, event):
    return [line for line in serve.log_lines() if line["event"] == event]


def today():
    return str(datetime.datetime.now(zoneinfo.ZoneInfo(ZONE)).date())


@pytest.fixture
def books(place, provider):  # noqa: F811
    return give_key(place, provider)


@pytest.fixture
def sqlite_books(sqlite_place, provider):  # noqa: F811
    return give_key(sqlite_place, provider)


def test_the_closed_day_is_reconciled_once_and_the_open_one_again_and_again(books):
    serve = start(books, at="00:00", every="1s")
    harness.eventually(lambda: len(logged(serve, "reconciled")) >= 4, "it reconciles", 60)
    runs = logged(serve, "reconciled")
    assert runs[0]["first_day"] == runs[0]["last_day"] == yesterday()
    assert {run["last_day"] for run in runs[1:]} == {today()}
    assert all(run["result"] == "agreed" and run["account"] == "acme" for run in runs)
    assert serve.metric(RUNS, 'result="agreed"') >= 4 and serve.metric(RUNS, 'result="failed"') == 0
    harness.eventually(lambda: serve.metric("counterfoil_reconcile_last_agreed_seconds") > 1_700_000_000, "the gauge follows")
    assert serve.metric("counterfoil_completeness_ppm", 'measure="balance"') == 1_000_000


def test_a_day_that_was_reconciled_is_not_again_after_a_restart_or_by_the_command(sqlite_books):
    sqlite_books.cli("reconcile", timeout=60)
    serve = start(sqlite_books, at="00:00", every="1s")
    harness.eventually(lambda: len(logged(serve, "reconciled")) >= 2, "it reconciles the open day", 60)
    assert {run["last_day"] for run in logged(serve, "reconciled")} <= {today()}


def test_off_means_never(sqlite_books, provider):  # noqa: F811
    serve = start(sqlite_books, at="off", every="1s")
    harness.eventually(lambda: len(logged(serve, "reconciled")) >= 2, "it reconciles the open day", 60)
    assert {run["last_day"] for run in logged(serve, "reconciled")} <= {today()}


CALLED = "counterfoil_reconcile_alerts_total"


def alert(place, and_then=""):
    return f"cp $COUNTERFOIL_REPORT {place.folder}/alert.json; echo $COUNTERFOIL_ACCOUNT $COUNTERFOIL_CRITICAL >> {place.folder}/alert; {and_then}"


def calls(place):
    path = place.folder / "alert"
    return path.read_text().splitlines() if path.exists() else []


def runs_more(serve, count=2):
    done = len(logged(serve, "reconciled"))
    harness.eventually(lambda: len(logged(serve, "reconciled")) >= done + count, "it reconciles", 60)


def test_something_critical_calls_people_once_also_after_a_restart(books, provider):  # noqa: F811
    provider.balance = 99
    serve = start(books, at="off", every="1s", alert=alert(books))
    runs_more(serve, 3)
    said = json.loads((books.folder / "alert.json").read_text())
    assert said["critical_total"] == 1 and said["discrepancies"][0]["code"] == "BALANCE_DRIFT"
    assert [(line["exit_code"], line["called_for"]) for line in logged(serve, "alert_run")] == [(0, 1)]
    harness.eventually(lambda: serve.metric("counterfoil_discrepancies", 'severity="critical"') == 1, "the gauge follows")
    assert serve.metric(RUNS, 'result="discrepancies"') >= 3
    assert serve.metric(CALLED, 'result="called"') == 1 and serve.metric(CALLED, 'result="failed"') == 0
    assert serve.stop() == 0
    serve = start(books)
    runs_more(serve)
    books.cli("reconcile", check=False, timeout=60)
    assert calls(books) == ["acme 1"]


def test_what_is_open_again_calls_again(sqlite_books, provider):  # noqa: F811
    serve = start(sqlite_books, at="off", every="1s", alert=alert(sqlite_books))
    for times in (1, 2):
        provider.balance = 99
        harness.eventually(lambda: len(calls(sqlite_books)) == times, "people are called", 60)
        provider.balance = 0
        harness.eventually(lambda: logged(serve, "reconciled")[-1:] and logged(serve, "reconciled")[-1]["critical"] == 0, "it is over", 60)
    assert len(calls(sqlite_books)) == 2


@pytest.mark.parametrize("and_then, tells", [("exit 3", ("alert_run", "exit_code", 3)), ("sleep 1000", ("alert_failed", "error", "TIMEOUT"))])
def test_a_command_that_fails_or_hangs_is_bounded_counted_and_run_again(sqlite_books, provider, and_then, tells):  # noqa: F811
    event, key, value = tells
    mended = sqlite_books.folder / "mended"
    provider.balance = 99
    serve = start(sqlite_books, at="off", every="1s", alert=alert(sqlite_books, f"test -e {mended} || {and_then}"), alert_timeout="1s")
    harness.eventually(lambda: len(logged(serve, event)) >= 2, "it is tried again", 60)
    assert all(line[key] == value for line in logged(serve, event) if line.get("exit_code") != 0)
    assert serve.metric(CALLED, 'result="failed"') >= 2 and serve.metric(CALLED, 'result="called"') == 0
    mended.touch()
    harness.eventually(lambda: serve.metric(CALLED, 'result="called"') == 1, "it is run to its end", 60)
    called = len(calls(sqlite_books))
    runs_more(serve)
    assert len(calls(sqlite_books)) == called and set(calls(sqlite_books)) == {"acme 1"}


def test_what_fails_is_tried_again_and_stops_nobody(sqlite_books, provider):  # noqa: F811
    provider.refuses = True
    serve = start(sqlite_books, at="off", every="1s")
    harness.eventually(lambda: logged(serve, "reconcile_failed"), "it fails", 60)
    assert serve.get("/readyz")[0] == 200 and serve.metric(RUNS, 'result="failed"') >= 1
    provider.refuses = False
    harness.eventually(lambda: logged(serve, "reconciled"), "it goes on", 60)


def test_the_command_runs_beside_serve_which_decides_what_it_heals(books, provider):  # noqa: F811
    """A line of a charge that nobody knows, a week old: it is asked for, and is not there either."""
    provider.lines = [fake.line(1, created=seconds_ago(7))]
    provider.balance = provider.lines[0]["net"]
    serve = start(books, at="off", every="0")
    done = books.cli("reconcile", "--from", day_ago(8), "--json", check=False, timeout=120)
    said = json.loads(done.stdout)
    assert done.returncode == 1, done.stderr
    assert {row["code"] for row in said["discrepancies"]} <= {"MISSING_LOCAL_OBJECT", "ORPHAN"}
    assert any(asked[1].startswith("/v1/charges/") for asked in provider.asked)
    assert serve.running() and serve.get("/readyz")[0] == 200


def test_a_reload_brings_an_account_with_a_key(sqlite_place, provider):  # noqa: F811
    serve = start(sqlite_place, at="00:00", every="0")
    give_key(sqlite_place, provider)
    serve.process.send_signal(signal.SIGHUP)
    harness.eventually(lambda: logged(serve, "reconciled"), "the new account is reconciled", 60)


def test_doctor_says_what_nobody_reconciled_and_what_is_open(sqlite_books, provider):  # noqa: F811
    def checks():
        return {line["check"]: line["found"] for line in sqlite_books.lines("doctor", check=False)}

    sqlite_books.cli("import", "--api", "--from", "2d", timeout=60)
    assert "was never reconciled" in checks()["reconcile"]
    provider.balance = 5
    sqlite_books.cli("reconcile", check=False, timeout=60)
    said = checks()
    assert said["reconcile"].endswith(f"is reconciled up to {yesterday()}")
    assert "1 are open, 1 of them critical" in said["discrepancies"]


def test_days_with_very_many_lines_are_told_by_reports_and_known_whole(sqlite_books, provider):  # noqa: F811
    """As after a pull of so many: the closed day comes by report runs, and page by page only what is newer."""
    midnight = seconds_ago(1) - 12 * 3600
    sqlite_books.cli("import", "--api", "--from", "8d", "--to", "7d", timeout=60)
    connection = sqlite3.connect(sqlite_books.store.path)
    connection.execute(
        "INSERT INTO statement_pull SELECT scope, what, subject, ?, ?, cursor, source, round, 250000, 0, 0, 0, 0, 0, began_us, "
        "updated_us, finished_us, 0 FROM statement_pull LIMIT 1", ((midnight - 86400) * 10**6, (midnight - 1) * 10**6))
    connection.commit()
    connection.close()
    provider.until = midnight + 10 * 86400
    provider.asked.clear()
    serve = start(sqlite_books, at="00:00", every="0")
    harness.eventually(lambda: logged(serve, "reconciled"), "it is reconciled", 60)
    asked = [form for _, _, _, form, _ in provider.asked_for("/v1/reporting/report_runs")]
    assert {form["parameters[interval_start]"][0] for form in asked if "parameters[interval_start]" in form} == {str(midnight)}
    lists = [query for _, _, query, _, _ in provider.asked_for("/v1/balance_transactions") if "created[gte]" in query]
    pages = [int(query["created[gte]"]) for query in lists if query["created[gte]"] != "0"]  # 0: the newest line, for the balance
    assert pages and all(first > midnight + 22 * 3600 for first in pages)
    said = json.loads(sqlite_books.cli("reconcile", "--dry-run", "--json", check=False).stdout)
    first, last = (datetime.datetime.fromisoformat(said[end]).timestamp() for end in ("covered_from", "covered_to"))
    assert first <= midnight and last > midnight + 22 * 3600


# --- connected accounts ---


def asked_below(provider, path):  # noqa: F811
    return {asked[4].get("Stripe-Account", "") for asked in provider.asked_for(path)}


def test_connected_accounts_have_their_turn_and_one_that_refuses_holds_up_nobody(books, provider):  # noqa: F811
    serve = start(books, at="off", every="0")
    for account in ("acct_a", "acct_gone", "acct_z"):
        assert serve.post(account_updated(account)).status == 200
    serve.wait_until_decided()
    serve.stop()
    provider.gone = "acct_gone"
    serve = start(books, at="00:00", every="0")
    harness.eventually(lambda: len(logged(serve, "reconciled")) == 3, "all but one are reconciled", 60)
    runs = logged(serve, "reconciled")
    assert [run["connected"] for run in runs] == ["", "acct_a", "acct_z"]
    assert {run["first_day"] for run in runs} | {run["last_day"] for run in runs} == {yesterday()}
    assert [(line["account"], line["connected"]) for line in logged(serve, "reconcile_failed")] == [("acme", "acct_gone")]
    assert asked_below(provider, "/v1/balance") == {"", "acct_a", "acct_z"}
    said = json.loads(books.cli("reconcile", "--connected", "acct_a", "--dry-run", "--json", check=False).stdout)
    assert said["account"] == "acct_a" and said["agreed"]
    states = {state: serve.metric("counterfoil_reconcile_connected", f'state="{state}"') for state in ("agreed", "behind", "never")}
    assert states == {"agreed": 2, "behind": 0, "never": 1}
    assert serve.metric("counterfoil_reconcile_connected_last_agreed_seconds") > 1_700_000_000


def test_completeness_is_that_of_connected_accounts_too(sqlite_books, provider):  # noqa: F811
    serve = start(sqlite_books, at="00:00", every="0")
    gauge = ("counterfoil_completeness_ppm", 'measure="balance"')
    harness.eventually(lambda: serve.metric(*gauge) == 1_000_000, "the account is complete", 60)
    provider.balance = 7
    assert serve.post(account_updated("acct_a")).status == 200
    serve.wait_until_decided()
    assert serve.stop() == 0
    serve = start(sqlite_books)
    harness.eventually(lambda: [run["connected"] for run in logged(serve, "reconciled")] == ["acct_a"], "it has its turn", 60)
    harness.eventually(lambda: serve.metric(*gauge) == 0, "the gauge follows")


def test_what_is_connected_to_books_that_begin_later_begins_with_them(sqlite_books, provider):  # noqa: F811
    serve = start(sqlite_books, at="off", every="0")
    assert serve.post(account_updated("acct_a")).status == 200
    serve.wait_until_decided()
    provider.lines = [fake.line(number, created=seconds_ago(20) + number) for number in range(3)]
    provider.balance = sum(line["net"] for line in provider.lines)
    sqlite_books.cli("reconcile", "--start", day_ago(3), timeout=60)
    serve.stop()
    serve = start(sqlite_books, at="00:00", every="0")
    harness.eventually(lambda: any(run["connected"] for run in logged(serve, "reconciled")), "it has its turn", 60)
    [run] = [run for run in logged(serve, "reconciled") if run["connected"]]
    assert run["result"] == "agreed"
    starts = sqlite_books.store.rows("SELECT DISTINCT start_us FROM books_start")
    assert len(starts) == 1 and sqlite_books.store.rows("SELECT count(*) AS n FROM books_opened") == [{"n": 2}]


# --- several nodes ---


def test_of_two_nodes_one_reconciles_a_day_and_the_other_takes_over(postgres_place, provider):  # noqa: F811
    """Both begin while the provider holds its answer; whoever was second never does the day again, also when it is alone."""
    place = give_key(postgres_place, provider)
    provider.hold = threading.Event()
    nodes = [start(place, at="00:00", every="2s"), start(place, at="00:00", every="2s")]
    began = "SELECT count(*) AS n FROM reconcile_run WHERE finished_us IS NULL"
    harness.eventually(lambda: place.store.rows(began)[0]["n"] == 1, "one has begun", 60)
    provider.hold.set()

    def closed(node):
        return [run for run in logged(node, "reconciled") if run["last_day"] == yesterday()]

    harness.eventually(lambda: any(closed(node) for node in nodes), "one has reconciled the day", 60)
    [first] = [node for node in nodes if closed(node)]
    [second] = [node for node in nodes if node is not first]
    first.stop()
    harness.eventually(lambda: logged(second, "reconciled"), "the other goes on", 60)
    assert len(closed(first)) == 1 and closed(second) == []
    days = place.store.rows("SELECT from_us, to_us, count(*) AS n FROM reconcile_run GROUP BY from_us, to_us ORDER BY from_us")
    assert days[0]["n"] == 1, days
