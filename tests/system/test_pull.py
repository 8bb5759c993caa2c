"""import --api and --reports: the provider is asked for its statement, and what comes is taken."""

import json
import signal

import fake_statement as fake
import pytest
import stripe_bodies
from fake_statement import CREATED, line
from harness import eventually

KEY = "rk_test_pull_" + "p4" * 12
DAY = 86400
SPAN = ("--from", "2026-09-21T00:00:00Z", "--to", "2026-09-23T00:00:00Z")  # CREATED is within


@pytest.fixture
def world():
    world = fake.World()
    yield world
    world.close()


def give_key(place, world):
    place.give_key(KEY, world.url)
    place.cli("migrate")
    return place


@pytest.fixture
def books(place, world):
    return give_key(place, world)


@pytest.fixture
def sqlite_books(sqlite_place, world):
    return give_key(sqlite_place, world)


def pull(place, *options, **more):
    return place.lines("import", *options, timeout=60, **more)[-1]


def count(place, table, where="1 = 1"):
    return place.store.rows(f"SELECT count(*) AS n FROM {table} WHERE {where}")[0]["n"]


def balances(place):
    rows = place.store.rows("SELECT account, currency, sum(minor) AS minor FROM ledger_balance GROUP BY account, currency")
    return {(row["account"], row["currency"]): int(row["minor"]) for row in rows if int(row["minor"]) != 0}


# --- page by page ---


def test_all_pages_are_taken_and_posted(books, world):
    world.lines = [line(i) for i in range(250)]
    told = pull(books, "--api", *SPAN)
    assert (told["lines"], told["new"], told["known"], told["complete"]) == (250, 250, 0, True)
    assert len(world.asked_for("/v1/balance_transactions")) == 3
    assert balances(books)[("assets:provider:available", "EUR")] == 250 * 4825
    assert balances(books)[("expenses:fees:provider", "EUR")] == 250 * 175
    again = pull(books, "--api", *SPAN)
    assert (again["new"], again["known"], again["restated"]) == (0, 250, 0)
    assert balances(books)[("assets:provider:available", "EUR")] == 250 * 4825
    row = books.store.rows("SELECT what, added, known, round, under_way FROM statement_pull")
    assert [tuple(r[c] for c in ("what", "added", "known", "round", "under_way")) for r in row] == [("lines", 0, 250, 2, 0)]
    assert KEY.encode() not in books.logs() and not books.store.held([KEY.encode()])


def test_a_dry_run_asks_and_keeps_nothing(sqlite_books, world):
    world.lines = [line(i) for i in range(120)]
    told = pull(sqlite_books, "--api", *SPAN, "--dry-run")
    assert (told["new"], told["dry_run"]) == (120, True)
    tables = ("statement_line", "statement_source", "statement_pull", "journal_entry", "scope")
    assert [count(sqlite_books, table) for table in tables] == [0] * 5


def test_a_pull_that_is_killed_between_pages_goes_on_behind_its_last_page(books, world):
    world.lines = [line(i) for i in range(450)]
    killed = books.background("import", "import", "--api", *SPAN, env={"COUNTERFOIL_FAULT": "before-commit:3"})
    assert killed.wait() == -signal.SIGKILL
    assert count(books, "statement_line") == 200
    pages = len(world.asked_for("/v1/balance_transactions"))
    done = books.cli("import", "--api", *SPAN)
    assert "went on where the last one stopped" in done.stderr
    assert count(books, "statement_line") == 450
    assert len(world.asked_for("/v1/balance_transactions")) == pages + 3  # 201..300, 301..400, 401..450
    assert balances(books)[("assets:provider:available", "EUR")] == 450 * 4825
    assert count(books, "statement_pull", "under_way = 1") == 0
    row = books.store.rows("SELECT added, known FROM statement_pull")[0]
    assert (row["added"], row["known"]) == (450, 0)


def test_what_was_begun_is_ended_first_and_then_what_is_newer_and_older(sqlite_books, world):
    world.lines = [line(i, created=CREATED + i * 600) for i in range(400)]
    killed = sqlite_books.background("import", "import", "--api", "--from", str_time(CREATED + 60000), "--to",
                                     str_time(CREATED + 180000), env={"COUNTERFOIL_FAULT": "before-commit:2"})
    assert killed.wait() == -signal.SIGKILL
    told = pull(sqlite_books, "--api", "--from", str_time(CREATED), "--to", str_time(CREATED + 240000))
    assert count(sqlite_books, "statement_line") == 400
    assert told["new"] == 300  # a hundred were there
    rows = sqlite_books.store.rows("SELECT from_us, to_us FROM statement_pull ORDER BY from_us")
    ends = [(row["from_us"] // 1000000 - CREATED, row["to_us"] // 1000000 - CREATED) for row in rows]
    assert ends == [(0, 59999), (60000, 179999), (180000, 239999)]


def str_time(seconds):
    return fake.when(seconds).replace(" ", "T") + "Z"


def test_lines_that_come_while_it_goes_on_do_not_shift_the_pages(sqlite_books, world):
    world.lines = [line(i) for i in range(150)]
    page = world.page

    def growing(query):
        answer = page(query)
        world.lines += [line(1000 + len(world.lines), created=CREATED + 140)]  # at the head, and in the range
        return answer

    world.page = growing
    told = pull(sqlite_books, "--api", *SPAN)
    assert count(sqlite_books, "statement_line", "provider_id < 'txn_000150'") == 150
    assert told["restated"] == 0 and told["complete"]


def test_a_list_that_repeats_itself_is_refused(sqlite_books, world):
    world.lines = [line(i) for i in range(100)]
    world.repeats = True
    done = sqlite_books.cli("import", "--api", *SPAN, check=False)
    assert done.returncode == 3 and "circles" in done.stderr
    assert count(sqlite_books, "statement_pull", "finished_us > 0") == 0


def test_too_many_requests_are_waited_for(sqlite_books, world):
    limit = (429, fake.refusal("rate_limit_error"), {"Stripe-Rate-Limited-Reason": "endpoint-rate"})
    world.lines = [line(i) for i in range(10)]
    world.failures = [limit, limit]
    assert pull(sqlite_books, "--api", *SPAN)["new"] == 10
    assert len(world.asked_for("/v1/balance_transactions")) == 3


def test_a_key_that_is_refused_is_told_what_to_do(sqlite_books, world):
    world.failures = [(401, fake.refusal("authentication_error"), {})]
    done = sqlite_books.cli("import", "--api", *SPAN, check=False)
    assert done.returncode == 3 and "sender" not in done.stderr and KEY not in done.stderr
    assert "counterfoil import: GET /v1/balance_transactions: status 401" in done.stderr
    assert "is key.read right, and not revoked? `counterfoil doctor` tries it" in done.stderr


@pytest.mark.parametrize("options", [("--api", *SPAN), ("--reports", *SPAN)])
def test_nothing_is_taken_with_a_key_of_the_other_environment(books, world, options):
    world.lines, world.live = [line(1)], True
    done = books.cli("import", *options, check=False)
    assert done.returncode == 3 and "livemode is true, and the account's environment is test" in done.stderr
    assert count(books, "statement_line") == count(books, "journal_entry") == 0 and KEY not in done.stderr


def test_a_key_that_may_not_read_is_told_what_to_grant(sqlite_books, world):
    world.failures = [(403, fake.refusal(), {})]
    done = sqlite_books.cli("import", "--api", *SPAN, check=False)
    assert done.returncode == 3 and "give it the permission" in done.stderr and KEY not in done.stderr
    without = sqlite_books
    del without.accounts["acme"]["more"]
    without.write_config()
    done = without.cli("import", "--api", *SPAN, check=False)
    assert done.returncode == 3 and "key.read" in done.stderr


def test_a_line_that_cannot_be_read_is_told_and_holds_up_no_other(sqlite_books, world):
    world.lines = [line(1), {**line(2), "amount": "many"}, line(3)]
    done = sqlite_books.cli("import", "--api", *SPAN, check=False)
    assert done.returncode == 1 and "txn_000002" in done.stderr and "many" not in done.stderr
    assert count(sqlite_books, "statement_line") == 2
    assert sqlite_books.store.rows("SELECT refused FROM statement_pull")[0]["refused"] == 1


def test_what_is_said_otherwise_is_told_and_changes_nothing(sqlite_books, world):
    world.lines = [line(1)]
    pull(sqlite_books, "--api", *SPAN)
    before = balances(sqlite_books)
    world.lines = [line(1, amount=5100)]
    done = sqlite_books.cli("import", "--api", *SPAN, check=False)
    assert done.returncode == 1 and "what was said first stands" in done.stderr
    assert balances(sqlite_books) == before


def test_what_becomes_available_later_is_posted_at_its_time_and_nothing_is_asked_for_that(sqlite_books, world):
    world.lines = [line(1, status="pending")]  # available after two days
    pull(sqlite_books, "--api", *SPAN)

    def held(at):
        rows = sqlite_books.lines("ledger", "trial-balance", "--at", str_time(at))[0]["balances"]
        return {row["account"]: row["minor"] for row in rows if row["account"].startswith("assets:provider") and row["minor"]}

    assert held(CREATED + DAY) == {"assets:provider:pending": 4825}
    assert held(CREATED + 3 * DAY) == {"assets:provider:available": 4825}


# --- payouts ---


def payout_event(payout, type_, created, **fields):
    said = {"id": payout, "object": "payout", "amount": 9650, "arrival_date": created + DAY, "automatic": True,
            "balance_transaction": "txn_900000", "created": created, "currency": "eur", "livemode": False, "method": "standard",
            "reconciliation_status": "completed", "status": "paid", "type": "bank_account", **fields}
    return stripe_bodies.encode(stripe_bodies.event(type_, said, created=created))


def test_lines_of_payouts_that_stand_learn_their_payout_once(books, world):
    serve = books.serve()
    serve.post(payout_event("po_1", "payout.reconciliation_completed", CREATED + 100))
    serve.post(payout_event("po_2", "payout.paid", CREATED + 100, reconciliation_status="in_progress"))
    serve.wait_until_decided()
    world.lines = [line(1), line(2), line(3)]
    world.payouts = {"txn_000001": "po_1", "txn_000002": "po_1", "txn_000003": "po_2"}
    told = pull(books, "--api", *SPAN)
    assert (told["lines"], told["new"], told["payouts"]) == (3, 3, 1)
    assert count(books, "statement_line", "payout IS NOT NULL") == 2
    asked = len(world.asked)
    assert pull(books, "--api", *SPAN)["payouts"] == 0
    assert [path for _, path, *_ in world.asked[asked:]] == ["/v1/balance", "/v1/balance_transactions"]
    serve.stop()


# --- reports ---


def test_reports_are_made_awaited_and_taken(books, world):
    world.lines = [line(i) for i in range(20)]
    world.files["balance_change_from_activity"] = fake.activity(world.lines)
    world.files["payout_reconciliation"] = fake.activity(world.lines[:5], {said["id"]: "po_1" for said in world.lines[:5]})
    world.files["balance.summary"] = fake.SUMMARY + "activity,eur,Activity,965.00\n"
    world.looks = 2
    told = pull(books, "--reports", *SPAN)
    assert (told["lines"], told["new"], told["files"], told["complete"]) == (20, 21, 4, True)  # a total is one, too
    assert balances(books)[("assets:provider:available", "EUR")] == 20 * 4825
    assert count(books, "statement_line", "payout IS NOT NULL") == 5
    assert count(books, "statement_total") == 1
    begun = world.asked_for("/v1/reporting/report_runs")
    assert [asked[3]["parameters[interval_end]"] for asked in begun] == [["1790121600"]] * 4
    assert KEY.encode() not in books.logs() and not books.store.held([KEY.encode()])
    rows = books.store.rows("SELECT what, to_us, under_way FROM statement_pull ORDER BY what")
    assert [row["what"] for row in rows] == ["activity", "payout_items", "payouts", "summary"]
    assert {row["to_us"] for row in rows} == {1790121599 * 1000000}


def test_reports_reach_no_farther_than_there_is_data(sqlite_books, world):
    world.until = CREATED + 3600
    world.files["balance_change_from_activity"] = fake.activity([line(1)])
    told = pull(sqlite_books, "--reports", *SPAN)
    assert told["to"] == str_time(CREATED + 3598)
    world.until = CREATED - 10 * DAY
    done = sqlite_books.cli("import", "--reports", *SPAN, check=False)
    assert done.returncode == 3 and "the provider has reports until 2026-09-11T" in done.stderr


def test_a_key_that_may_not_make_reports_is_told_what_to_grant(sqlite_books, world):
    world.may_report = False
    done = sqlite_books.cli("import", "--reports", *SPAN, check=False)
    assert done.returncode == 3 and "give it Write for report runs" in done.stderr


def test_a_run_that_fails_is_told_and_asked_for_anew_the_next_time(sqlite_books, world):
    world.files["balance_change_from_activity"] = fake.activity([line(1)])
    world.run_fails = "balance_change_from_activity"
    done = sqlite_books.cli("import", "--reports", *SPAN, check=False)
    assert done.returncode == 6 and "no luck today" in done.stderr
    world.run_fails = None
    assert pull(sqlite_books, "--reports", *SPAN)["files"] == 4


def test_a_run_that_was_awaited_is_gone_on_with(sqlite_books, world):
    world.files["balance_change_from_activity"] = fake.activity([line(1)])
    world.looks = 10 ** 9
    waiting = sqlite_books.background("import", "import", "--reports", *SPAN)
    eventually(lambda: any("/report_runs/frr_1" in asked[1] for asked in world.asked), "it looks")
    waiting.signal(signal.SIGINT)
    assert waiting.wait() == 7 and "interrupted" in waiting.text()
    world.looks = 1
    told = pull(sqlite_books, "--reports", *SPAN)
    assert told["files"] == 4
    assert [asked[1] for asked in world.asked].count("/v1/reporting/report_runs") == 4  # each of them once


def test_a_report_that_is_killed_while_it_is_taken_ends_in_the_same_books(books, world):
    lines = [line(i) for i in range(9000)]
    world.files["balance_change_from_activity"] = fake.activity(lines)
    killed = books.background("import", "import", "--reports", *SPAN, env={"COUNTERFOIL_FAULT": "before-commit:3"})
    assert killed.wait() == -signal.SIGKILL
    there = count(books, "statement_line")
    assert 0 < there < 9000
    assert pull(books, "--reports", *SPAN)["complete"]
    assert count(books, "statement_line") == 9000
    assert count(books, "statement_source", "name = 'activity'") == 1
    assert balances(books)[("assets:provider:available", "EUR")] == 9000 * 4825


def test_a_file_on_another_host_is_not_asked_for(sqlite_books, world):
    world.foreign = "https://files.example.com"
    done = sqlite_books.cli("import", "--reports", *SPAN, check=False)
    assert done.returncode == 3 and "not the provider's" in done.stderr
    assert count(sqlite_books, "statement_line") == 0


def test_a_file_that_is_cut_off_is_not_taken(sqlite_books, world):
    whole = fake.activity([line(1), line(2)])
    world.files["balance_change_from_activity"] = whole[:-1]
    cut = sqlite_books.cli("import", "--reports", *SPAN, check=False)
    assert cut.returncode == 3 and "the line has no end" in cut.stderr
    world.files["balance_change_from_activity"] = whole[:len(whole) // 2]
    world.size = len(whole)
    short = sqlite_books.cli("import", "--reports", *SPAN, check=False, timeout=60)
    assert short.returncode == 7 and "not as many bytes" in short.stderr
    assert count(sqlite_books, "statement_line") == 0


# --- both ---


def state(place, account):
    """The books of an account, and its lines without what names it."""
    scope = place.store.rows(f"SELECT scope FROM scope WHERE account_key = '{account}'")[0]["scope"]
    books = place.store.rows(f"SELECT account, currency, sum(minor) AS minor FROM ledger_balance WHERE scope = {scope}"
                             " GROUP BY account, currency ORDER BY account, currency")
    lines = place.store.rows("SELECT provider_id, kind, type, bucket, created_us, available_us, fee_provider, fee_unspecified,"
                             f" learned, flaws, told FROM statement_line WHERE scope = {scope} ORDER BY provider_id")
    return {row["account"]: int(row["minor"]) for row in books if int(row["minor"]) != 0}, [dict(row) for row in lines]


def test_lines_from_the_api_and_from_a_file_end_in_the_same_books_in_either_order(place, world):
    world.lines = [line(i) for i in range(30)]
    world.files["balance_change_from_activity"] = fake.activity(world.lines)
    place.accounts["other"] = {"environment": "test", "secrets": ["whsec_other_" + "o5" * 16]}
    give_key(place, world)
    place.accounts["other"]["more"] = place.accounts["acme"]["more"]
    place.write_config()
    for way in ("--api", "--reports"):
        assert pull(place, way, *SPAN, "--account", "acme")["lines"] == 30
    for way in ("--reports", "--api"):
        assert pull(place, way, *SPAN, "--account", "other")["lines"] == 30
    ours, others = state(place, "acme"), state(place, "other")
    assert ours == others
    assert [row["told"] for row in ours[1]] == [3] * 30
    assert ours[0]["expenses:fees:provider"] == 30 * 175


# --- the command line ---


@pytest.mark.parametrize("words, says", [
    (("--api",), "say --from"),
    (("--api", "--reports", "--from", "1d"), "choose one"),
    (("--api", "--from", "1d", "file.csv"), "wants no file"),
    (("--reports", "--from", "1d", "--dry-run"), "--dry-run goes with"),
    (("--api", "--from", "1d", "--as", "activity"), "--as is for files"),
    (("--api", "--from", "2026-01-02", "--to", "2026-01-01"), "--from lies behind --to"),
    (("file.csv", "--from", "1d"), "a file is taken whole"),
    ((), "name a file"),
])
def test_what_does_not_go_together_is_said(sqlite_books, words, says):
    done = sqlite_books.cli("import", *words, check=False)
    assert done.returncode == 2 and says in done.stderr


def test_an_answer_for_people_says_what_came(sqlite_books, world):
    world.lines = [line(i) for i in range(3)]
    done = sqlite_books.cli("import", "--api", *SPAN)
    assert done.stdout.startswith("2026-09-21T00:00:00Z to 2026-09-22T23:59:59Z: 3 lines: 3 new, 0 known")
    assert json.loads(sqlite_books.cli("import", "--api", *SPAN, "--json").stdout)["known"] == 3
