"""counterfoil reconcile: what it asks for, what it prints in which form, and how it ends."""

import csv
import datetime
import io
import json
import signal
import threading
import time
import zoneinfo

import fake_statement as fake
import harness
import pytest
import stripe_bodies

KEY = "rk_test_reconcile_" + "r4" * 12
DAY = 86400


def zone_of_noon():
    """Where it is about noon, so that no test runs over a midnight."""
    ahead = 12 - datetime.datetime.now(datetime.timezone.utc).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/UTC"


ZONE = zone_of_noon()
NONE = {"object": "list", "data": [], "has_more": False, "url": "/v1/x"}


class Provider(fake.World):
    """A statement, and the balance that is said; nothing else ever happened there."""

    def __init__(self):
        super().__init__()
        self.balance, self.refuses, self.hold, self.gone, self.objects = 0, False, None, "", {}

    def answer(self, path, query, form):
        if self.hold is not None:
            self.hold.wait(harness.seconds(60))
        if self.gone and self.asked[-1][4].get("Stripe-Account") == self.gone:
            return 403, fake.refusal(), {}
        if self.refuses:
            return 401, fake.refusal("authentication_error"), {}
        if path == "/v1/balance":
            return 200, {"object": "balance", "livemode": self.live, "pending": [],
                         "available": [{"amount": self.balance, "currency": "eur"}]}, {}
        if path in ("/v1/events", "/v1/payouts"):
            return 200, NONE, {}
        if path in self.objects:
            return 200, self.objects[path], {}
        return super().answer(path, query, form)


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    if provider.hold is not None:
        provider.hold.set()
    provider.close()


def give_key(place, provider, zone=ZONE):
    place.give_key(KEY, provider.url, timezone=zone)
    place.cli("migrate")
    return place


@pytest.fixture
def books(place, provider):
    return give_key(place, provider)


@pytest.fixture
def sqlite_books(sqlite_place, provider):
    return give_key(sqlite_place, provider)


def reconcile(place, *options, ends=None):
    done = place.cli("reconcile", *options, check=False, timeout=60)
    assert ends is None or done.returncode == ends, f"{done.returncode}: {done.stderr}{done.stdout}"
    return done


def report(place, *options, ends=None):
    return json.loads(reconcile(place, "--json", *options, ends=ends).stdout)


def yesterday(zone=ZONE):
    return str(datetime.datetime.now(zoneinfo.ZoneInfo(zone)).date() - datetime.timedelta(1))


def day_ago(days):
    return str(datetime.date.fromisoformat(yesterday()) - datetime.timedelta(days - 1))


def seconds_ago(days):
    """In the middle of a day of the account's."""
    midnight = datetime.datetime.combine(datetime.date.fromisoformat(yesterday()), datetime.time(12),
                                         zoneinfo.ZoneInfo(ZONE))
    return int(midnight.timestamp()) - (days - 1) * DAY


# --- what it asks for ---


@pytest.mark.parametrize("first, last, asks, known", [(40, 35, False, False), (40, 1, True, False), (20, 1, True, True)])
def test_of_days_that_are_too_old_in_part_the_others_events_are_asked_for(sqlite_books, provider, first, last, asks, known):
    said = report(sqlite_books, "--from", day_ago(first), "--to", day_ago(last), ends=0)
    assert bool(provider.asked_for("/v1/events")) == asks
    measure = next(row for row in said["completeness"] if row["measure"] == "C1 events")
    assert (measure["share_ppm"] is not None) == known and (measure["why"] is None) == known


# --- how it ends ---


def test_0_says_agreed_and_1_says_discrepancies_and_what_is_mended_is_cleared(books, provider):
    said = report(books, ends=0)
    assert said["agreed"] and said["open_total"] == 0 and said["schema"] == 1
    provider.balance = 123
    said = report(books, ends=1)
    assert not said["agreed"] and said["critical_total"] == 1
    assert [row["code"] for row in said["discrepancies"]] == ["BALANCE_DRIFT"]
    assert said["discrepancies"][0]["off_minor"] == 123 and said["discrepancies"][0]["currency"] == "EUR"
    assert [row["off_minor"] for row in said["balances"]] == [123]
    provider.balance = 0
    assert report(books, ends=0)["discrepancies"] == []


def test_a_key_that_is_refused_is_said_and_nothing_is_printed(sqlite_books, provider):
    provider.refuses = True
    done = reconcile(sqlite_books)
    assert done.returncode not in (0, 1, 2) and done.stdout == ""
    assert "run the same again: it goes on where it stopped" in done.stderr
    assert "the key is refused: is key.read right, and not revoked?" in done.stderr
    assert "sender is not proven" not in done.stderr and KEY not in done.stderr


def test_a_key_of_the_other_environment_is_refused_and_nothing_is_posted(books, provider):
    provider.live = True
    provider.lines = [fake.line(1, created=seconds_ago(1))]
    done = reconcile(books)
    assert done.returncode == 3 and done.stdout == ""
    assert "livemode is true, and the account's environment is test" in done.stderr and KEY not in done.stderr
    for table in ("statement_line", "journal_entry", "discrepancy", "inbox_event"):
        assert books.store.rows(f"SELECT count(*) AS n FROM {table}") == [{"n": 0}], table
    provider.live = False
    assert reconcile(books).returncode in (0, 1)
    assert books.store.rows("SELECT count(*) AS n FROM statement_line") == [{"n": 1}]


@pytest.mark.parametrize("command", [["reconcile"], ["import", "--api", "--from", "2026-09-01"], ["backfill"]])
def test_a_key_of_another_account_gets_nothing_into_the_books(sqlite_books, provider, command):
    provider.objects = {"/v1/account": {"id": "acct_theirs", "object": "account"}, "/v1/webhook_endpoints": NONE}
    sqlite_books.accounts["acme"]["more"]["account_id"] = "acct_ours"
    sqlite_books.write_config()
    done = sqlite_books.cli(*command, check=False)
    assert done.returncode == 3, f"{done.returncode}: {done.stderr}{done.stdout}"
    assert "key.read belongs to acct_theirs, but account_id is acct_ours" in done.stderr and done.stdout == ""
    assert not provider.asked_for("/v1/events") and not provider.asked_for("/v1/balance_transactions")


def test_without_a_key_only_what_was_imported_is_compared(sqlite_books, provider):
    del sqlite_books.accounts["acme"]["more"]["key.read"]
    sqlite_books.write_config()
    done = reconcile(sqlite_books, ends=0)
    assert done.stderr.count("has no key.read: the provider is not asked") == 1 and provider.asked == []


@pytest.mark.parametrize("amount", [None, 10**25, 1.5])
def test_a_line_that_cannot_be_read_is_not_passed_over_until_it_can_be(books, provider, amount):
    provider.lines = [fake.line(1, created=seconds_ago(1)), dict(fake.line(2, created=seconds_ago(1) - 60), amount=amount)]
    provider.balance = provider.lines[0]["net"]
    first = reconcile(books, "--json", ends=1).stdout
    found = [row for row in json.loads(first)["discrepancies"] if row["code"] == "UNCLASSIFIED_MOVEMENT"]
    assert len(found) == 1 and "1 of the lines" in found[0]["text"] and "cannot be read" in found[0]["text"]
    assert report(books, ends=1)["discrepancies"] == json.loads(first)["discrepancies"]
    provider.lines[1]["amount"], provider.balance = 5000, sum(line["net"] for line in provider.lines)
    assert "UNCLASSIFIED_MOVEMENT" not in {row["code"] for row in report(books)["discrepancies"]}


@pytest.mark.parametrize("key, says", [
    (None, "cannot be read"), ("", "is empty"), ("rk_live_" + "r4" * 12, "a live key"), ("pk_test_" + "r4" * 12, "publishable"),
    ("two words", "more than one word")])
def test_a_key_that_is_named_and_cannot_be_used_is_no_reason_to_say_agreed(sqlite_books, provider, key, says):
    path = sqlite_books.folder / "acme.key"
    path.unlink() if key is None else path.write_text(key)
    done = reconcile(sqlite_books, "--start", day_ago(6), ends=3)
    assert says in done.stderr and "key.read" in done.stderr and done.stdout == "" and provider.asked == []
    assert sqlite_books.store.rows("SELECT * FROM books_start") == []


@pytest.mark.parametrize("options, says", [
    (["--day", "2026-02-30"], "--day wants a day"),
    (["--from", "2026-11-02", "--to", "2026-11-01"], "--from lies behind --to"),
    (["--to", "2026-11-01"], "--to wants --from"),
    (["--day", "2026-11-01", "--from", "2026-11-01"], "say one or the other"),
    (["--day", "2999-01-01"], "has not begun"),
    (["--as-of", "2999-01-01"], "--as-of lies in the future"),
    (["--as-of", "soon"], "--as-of wants a time"),
    (["--csv", "--markdown"], "say one"),
    (["--json", "--csv"], "say one"),
    (["--dry-run", "--start", "2026-11-01"], "--dry-run changes nothing"),
    (["--dry-run", "--reports"], "--dry-run does not"),
    (["--connected", "shop"], "acct_"),
    (["a"], "one word too many"),
])
def test_what_makes_no_sense_is_refused_with_2(sqlite_books, options, says):
    done = reconcile(sqlite_books, *options, ends=2)
    assert says in done.stderr and done.stdout == ""


def test_an_account_that_is_not_there_is_4_and_several_must_be_told_apart(sqlite_books):
    assert "[account shop]" in reconcile(sqlite_books, "--account", "shop", ends=4).stderr
    for name in ("beta", "gamma"):
        sqlite_books.accounts[name] = dict(sqlite_books.accounts["acme"], secrets=[f"whsec_{name}_" + "x1" * 16])
    sqlite_books.write_config()
    assert "--account LABEL" in reconcile(sqlite_books, ends=2).stderr
    assert report(sqlite_books, "--account", "beta", ends=0)["account"] == "beta"


def test_an_interrupted_run_ends_in_order_and_says_how_to_go_on(sqlite_books, provider):
    provider.hold = threading.Event()
    process = sqlite_books.background("reconcile", "reconcile")
    harness.eventually(lambda: provider.lock.locked() or not process.running(), "the provider is asked")
    process.process.send_signal(signal.SIGINT)
    harness.eventually(lambda: not process.running(), "it ends")
    provider.hold.set()
    assert process.process.returncode > 0, process.text()
    assert "interrupted" in process.text() and "goes on where it stopped" in process.text()
    provider.hold = None
    assert report(sqlite_books, ends=0)["agreed"]


def held_by_another(books, provider):
    """A run that is held up in the middle."""
    provider.hold = threading.Event()
    first = books.background("first", "reconcile")
    harness.eventually(lambda: provider.lock.locked() or not first.running(), "the provider is asked")
    return first


def test_a_second_run_waits_for_the_first_and_says_who_it_is(books, provider):
    first = held_by_another(books, provider)
    second = books.background("second", "reconcile", "--json")
    harness.eventually(lambda: "waiting for it" in second.text(), "it says that it waits")
    assert f"`counterfoil reconcile`, process {first.pid} on " in second.text() and second.running()
    provider.hold.set()
    assert first.wait() == 0 and second.wait() == 0 and json.loads(second.output())["agreed"]


def test_a_run_that_is_held_up_keeps_no_other_from_deciding_what_came(sqlite_books, provider):
    first = held_by_another(sqlite_books, provider)
    sold = fake.line(1, created=seconds_ago(3))  # the object is past its grace
    shop = Provider()
    shop.lines, shop.balance = [sold], sold["net"]
    shop.objects = {"/v1/charges/ch_000001": stripe_bodies.charge(
        "ch_000001", amount=5000, amount_captured=5000, created=sold["created"], status="succeeded")}
    try:
        more = dict(sqlite_books.accounts["acme"]["more"], api_base=shop.url)
        sqlite_books.accounts["shop"] = {"environment": "test", "secrets": ["whsec_shop_" + "s1" * 16], "more": more}
        sqlite_books.write_config()
        assert report(sqlite_books, "--account", "shop", "--day", day_ago(3), ends=0)["agreed"]
        assert shop.asked_for("/v1/charges/ch_000001")
    finally:
        shop.close()
    assert first.running()
    provider.hold.set()
    assert first.wait() == 0


def test_a_run_that_was_killed_is_waited_for_and_another_can_be_interrupted_meanwhile(sqlite_books, provider):
    first = held_by_another(sqlite_books, provider)
    first.kill()
    second = sqlite_books.background("second", "reconcile")
    harness.eventually(lambda: "its hold ends at" in second.text(), "it says until when")
    second.process.send_signal(signal.SIGINT)
    assert second.wait() == 6 and "interrupted" in second.text()


# --- which days ---


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"])
def test_the_day_before_is_meant_by_the_clock_of_the_account(sqlite_place, provider, zone):
    place = give_key(sqlite_place, provider, zone)
    before = yesterday(zone)
    said = report(place, ends=0)
    assert said["first_day"] == said["last_day"] and said["first_day"] in (before, yesterday(zone))
    begin = datetime.datetime.combine(datetime.date.fromisoformat(said["first_day"]), datetime.time(),
                                      zoneinfo.ZoneInfo(zone)).astimezone(datetime.timezone.utc)
    assert said["from"] == begin.strftime("%Y-%m-%dT%H:%M:%SZ") and said["zone"] == zone


def test_days_are_inclusive_and_one_with_25_hours_is_whole(sqlite_place, provider):
    said = report(give_key(sqlite_place, provider, "Europe/Berlin"), "--from", "2025-10-25", "--to", "2025-10-26", ends=0)
    assert (said["first_day"], said["last_day"]) == ("2025-10-25", "2025-10-26")
    assert (said["from"], said["to"]) == ("2025-10-24T22:00:00Z", "2025-10-26T23:00:00Z")


# --- what is printed ---


def test_the_same_days_and_as_of_are_the_same_bytes_in_every_form(books, provider):
    provider.lines = [fake.line(number, created=seconds_ago(3) + number) for number in range(5)]
    provider.balance = sum(line["net"] for line in provider.lines) + 5
    as_of = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = ["--from", day_ago(5), "--as-of", as_of]
    first = report(books, *words, ends=1)
    assert {"BALANCE_DRIFT", "MISSING_LOCAL_OBJECT"} & {row["code"] for row in first["discrepancies"]}
    for form in ([], ["--json"], ["--csv"], ["--markdown"]):
        one = reconcile(books, *words, *form, ends=1).stdout
        assert one and one == reconcile(books, *words, *form, ends=1).stdout


def test_csv_and_json_say_the_same(sqlite_books, provider):
    provider.balance = -7
    said = report(sqlite_books, ends=1)
    rows = list(csv.DictReader(io.StringIO(reconcile(sqlite_books, "--csv", ends=1).stdout)))
    figures = {(row["section"], row["key"], row["field"], row["currency"]): row["value"] for row in rows}
    assert len(figures) == len(rows)
    assert figures["balances", "", "off", "EUR"] == "-0.07" and figures["report", "", "agreed", ""] == "no"
    assert figures["discrepancies", said["discrepancies"][0]["discrepancy"], "code", "EUR"] == "BALANCE_DRIFT"


def test_text_begins_with_the_verdict_and_has_no_colours_in_a_pipe(sqlite_books, provider):
    assert reconcile(sqlite_books, ends=0).stdout.startswith("agreed: acme, ")
    provider.balance = 5
    said = reconcile(sqlite_books, ends=1)
    assert said.stdout.startswith("not agreed: acme, ") and "1 discrepancy is open, 1 of them critical" in said.stdout
    assert "\x1b" not in said.stdout and "1 raised" in said.stderr
    assert reconcile(sqlite_books, "--markdown", ends=1).stdout.startswith("**not agreed: acme")


def test_a_dry_run_asks_nobody_and_changes_nothing(sqlite_books, provider):
    provider.balance = 5
    report(sqlite_books, ends=1)
    asked = len(provider.asked)
    before = sqlite_books.store.rows("SELECT count(*) AS n FROM reconcile_run")
    provider.balance = 0
    said = reconcile(sqlite_books, "--dry-run", "--json")
    assert "does not ask" in said.stdout
    assert len(provider.asked) == asked and sqlite_books.store.rows("SELECT count(*) AS n FROM reconcile_run") == before


def test_a_dry_run_says_agreed_only_when_nothing_stored_would_stay_open(sqlite_books, provider):
    """It cannot know whether a balance is right again, as it asks nobody: that stays open until a run has asked."""
    provider.balance = 5
    report(sqlite_books, ends=1)
    provider.balance = 0
    said = report(sqlite_books, "--dry-run", ends=1)
    assert [row["code"] for row in said["discrepancies"]] == ["BALANCE_DRIFT"] and said["open_total"] == said["critical_total"] == 1
    report(sqlite_books, ends=0)
    assert report(sqlite_books, "--dry-run", ends=0)["open_total"] == 0


def test_only_what_is_available_now_is_shown_as_available(books, provider):
    """Lines are available two days after they were made: what is released later is posted, and pending until then."""
    provider.lines = [fake.line(1, created=seconds_ago(6)), fake.line(2, created=int(time.time()) - 3600)]
    old, young = (line["net"] for line in provider.lines)
    books.cli("import", "--api", "--from", "8d", timeout=60)

    def held():
        return {row["account"].removeprefix("assets:provider:"): row["minor"] for row in books.lines("ledger", "balance", "assets:provider")}

    assert held() == {"pending": young, "available": old}
    rows = json.loads(books.cli("ledger", "trial-balance", json_answer=True).stdout)["balances"]
    assert {row["account"]: row["minor"] for row in rows}["assets:provider:available"] == old + young
    books.cli("ledger", "trial-balance", "--verify")


def test_a_connected_account_that_nobody_knows_leaves_nothing_behind(sqlite_books, provider):
    report(sqlite_books, ends=0)
    asked, scopes = len(provider.asked), sqlite_books.store.rows("SELECT * FROM scope")
    for more in ([], ["--start", day_ago(3)], ["--dry-run"]):
        assert "acct_nobody" in reconcile(sqlite_books, "--connected", "acct_nobody", *more, ends=4).stderr
    assert sqlite_books.store.rows("SELECT * FROM scope") == scopes and len(provider.asked) == asked


@pytest.mark.parametrize("right", [True, False])
def test_a_total_of_several_days_is_another_matter_than_that_of_the_first_of_them(sqlite_books, provider, right):
    provider.until = int(time.time()) + DAY
    provider.lines = [fake.line(1, created=seconds_ago(6))]
    provider.balance = provider.lines[0]["net"]
    days = ["--from", day_ago(6), "--to", day_ago(3)]

    def breaks(total, *words):
        provider.files["balance.summary"] = fake.SUMMARY + f"activity,eur,,{total}\nending_balance,eur,,{total}\n"
        said = report(sqlite_books, *words, "--reports", ends=1)
        return {row["discrepancy"] for row in said["discrepancies"] if row["code"] == "ROLLFORWARD_BREAK"}

    first = breaks("1.00", *days)
    [shown] = sqlite_books.lines("discrepancies", "list", "--code", "ROLLFORWARD_BREAK")
    said = report(sqlite_books, *days, "--dry-run")
    assert (shown["discrepancy"]["period_at"], shown["discrepancy"]["period_to_at"]) == (said["from"], said["to"])
    both = breaks(f"{provider.balance / 100:.2f}" if right else "1.00", "--day", day_ago(6))
    assert first <= both and len(both) == (1 if right else 2)


# --- people are called ---


def with_alert(place, command, **more):
    place.settings.update({("reconcile", key): value for key, value in {"alert": command, **more}.items()})
    place.write_config()
    return place


def test_the_command_calls_people_once_for_what_is_critical(books, provider):
    said, report_file = books.folder / "called", books.folder / "called.json"
    with_alert(books, f"env | grep -v '^_=' | cut -d= -f1 | sort | tr '\\n' ' ' >> {said}; cp $COUNTERFOIL_REPORT {report_file}")
    reconcile(books, ends=0)
    provider.balance = 5
    for quiet in (["--dry-run"], ["--no-alert"]):
        done = reconcile(books, *quiet)
        assert not said.exists() and "alert" not in done.stderr
    done = reconcile(books, "--json", ends=1)
    assert "people were called for 1" in done.stderr and report_file.read_text() == done.stdout.rstrip("\n")
    reconcile(books, ends=1)
    names = set(said.read_text().split())
    assert names - {"HOME", "LANG", "PWD", "SHLVL", "OLDPWD"} == {"PATH", "COUNTERFOIL_ACCOUNT", "COUNTERFOIL_CRITICAL", "COUNTERFOIL_REPORT"}
    assert said.read_text().count("COUNTERFOIL_REPORT") == 1
    provider.balance = 0
    reconcile(books, ends=0)
    provider.balance = 7
    assert "people were called for 1" in reconcile(books, ends=1).stderr


def test_who_looks_after_it_before_is_not_called(sqlite_books, provider):
    with_alert(sqlite_books, "exit 0")
    provider.balance = 5
    [row] = report(sqlite_books, "--no-alert", ends=1)["discrepancies"]
    sqlite_books.cli("discrepancies", "acknowledge", row["discrepancy"])
    assert "called" not in reconcile(sqlite_books, ends=1).stderr
    sqlite_books.cli("discrepancies", "resolve", row["discrepancy"], "--reason", "timing", "--note", "it is late")
    sqlite_books.cli("discrepancies", "reopen", row["discrepancy"], "--note", "it is not")
    assert "people were called for 1" in reconcile(sqlite_books, ends=1).stderr


@pytest.mark.parametrize("command, says", [("exit 3", "ended with exit code 3"), ("sleep 1000", "it took too long")])
def test_a_command_that_fails_or_hangs_is_said_changes_no_answer_and_is_run_again(sqlite_books, provider, command, says):
    with_alert(sqlite_books, command, alert_timeout="1s")
    provider.balance = 5
    for _ in range(2):
        done = reconcile(sqlite_books, "--json", ends=1)
        assert says in done.stderr and "next run calls again" in done.stderr and json.loads(done.stdout)["critical_total"] == 1
    with_alert(sqlite_books, "exit 0")
    assert "people were called for 1" in reconcile(sqlite_books, ends=1).stderr


def test_an_interrupt_ends_a_command_that_hangs_behind_the_report(sqlite_books, provider):
    with_alert(sqlite_books, f"touch {sqlite_books.folder}/hangs; sleep 1000", alert_timeout="1h")
    provider.balance = 5
    process = sqlite_books.background("reconcile", "reconcile", "--json")
    harness.eventually(lambda: (sqlite_books.folder / "hangs").exists(), "it hangs")
    assert json.loads(process.output())["critical_total"] == 1
    process.process.send_signal(signal.SIGINT)
    assert process.wait() == 1 and "next run calls again" in process.text()


# --- an account with a history ---


def test_books_that_begin_later_agree_and_begin_only_once(books, provider):
    an_hour_ago = int(time.time()) - 3600
    provider.lines = [fake.line(number, created=seconds_ago(20) + number) for number in range(30)]
    provider.lines += [fake.line(30 + number, created=an_hour_ago + number) for number in range(3)]
    provider.balance = sum(line["net"] for line in provider.lines)
    start = day_ago(6)
    said = report(books, "--start", start, ends=0)
    assert said["first_day"] == start and said["open_total"] == 0
    assert [row["off_minor"] for row in said["balances"]] == [0]
    other = str(datetime.date.fromisoformat(start) + datetime.timedelta(1))
    refused = reconcile(books, "--start", other, ends=3).stderr
    assert "cannot begin twice" in refused and f"began at {said['start'].rstrip('Z')}" in refused.replace("Z", "")
    assert report(books, ends=0)["agreed"]


def test_books_begin_also_where_nothing_has_moved_since(sqlite_books, provider):
    provider.lines = [fake.line(number, created=seconds_ago(20) + number) for number in range(30)]
    provider.balance = sum(line["net"] for line in provider.lines)
    said = report(sqlite_books, "--start", day_ago(6), ends=0)
    assert [(row["provider_minor"], row["off_minor"]) for row in said["balances"]] == [(provider.balance, 0)]
    provider.balance += 1
    assert [row["code"] for row in report(sqlite_books, ends=1)["discrepancies"]] == ["BALANCE_DRIFT"]


def test_what_was_raised_because_the_history_was_not_known_is_cleared_by_a_start(sqlite_books, provider):
    an_hour_ago = int(time.time()) - 3600
    provider.lines = [fake.line(number, created=seconds_ago(20) + number) for number in range(30)]
    provider.lines += [fake.line(30 + number, created=an_hour_ago + number) for number in range(3)]
    provider.balance = sum(line["net"] for line in provider.lines)
    said = report(sqlite_books, ends=1)
    assert [row["code"] for row in said["discrepancies"]] == ["BALANCE_DRIFT"]
    assert report(sqlite_books, "--start", day_ago(6), ends=0)["open_total"] == 0
