"""The books from outside: what `ledger` shows adds up, and what `export` writes is taken by hledger and beancount."""

import csv
import decimal
import io
import json
import shlex
import shutil
import sqlite3
import subprocess

import pytest
import stripe_bodies
from harness import PROGRAM, ROOT, seconds

DECIMALS = {"JPY": 0, "KWD": 3}
FORMATS = ("hledger", "beancount", "csv", "jsonl")
CHART = {
    ("chart", "assets:bank"): "1200-Bank",
    ("chart", "assets:clearing:payment"): "Assets:1360 Geldtransit",
    ("chart", "assets:clearing:payout"): "Assets:1360 Geldtransit",
    ("chart", "income:sales"): "8400-Erlöse",
    ("chart", "liabilities:tax_payable"): "Liabilities:Umsatzsteuer:19",
}


def tool(name):
    assert shutil.which(name) is not None, f"{name} is not installed: ./dev test installs what tools/dev/packages.txt lists"
    return name


def run(*command):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=seconds(120), check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def play(place, seed, *options):
    """Every kind of life that the sandbox knows, until all of it is in the books."""
    serve = place.serve()
    place.cli("sandbox", "--to", f"http://127.0.0.1:{serve.public}/webhooks/acme", "--secret",
              f"file:{place.folder}/acme-0.secret", "--mix", "all", "--seed", seed, "--rate", "600", "--for", "6s",
              *options, timeout=120)
    serve.wait_until_decided()
    assert serve.stop() == 0


def tell(place, *lives, account="acme"):
    serve = place.serve()
    for life in lives:
        for event in life:
            assert serve.post(event, account=account).status == 200
    serve.wait_until_decided()
    assert serve.stop() == 0


def trial_balance(place, *options):
    return json.loads(place.cli("ledger", "trial-balance", *options, json_answer=True).stdout)


def balances_of(trial, names=lambda row: row["code"]):
    """{(account, currency): amount} without what is zero, accounts of one name together."""
    sums = {}
    for row in trial["balances"]:
        amount = decimal.Decimal(row["minor"]).scaleb(-DECIMALS.get(row["currency"], 2))
        key = (names(row), row["currency"])
        sums[key] = sums.get(key, 0) + amount
    return {key: amount for key, amount in sums.items() if amount != 0}


def rows_of(text):
    return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text))][1:]


def read_by_hledger(path):
    rows = rows_of(run(tool("hledger"), "-f", path, "balance", "--flat", "--layout=bare", "-N", "-O", "csv"))
    return {(account, currency): decimal.Decimal(amount) for account, currency, amount in rows}


def read_by_beancount(path):
    rows = rows_of(run(tool("bean-query"), "-f", "csv", path,
                       "SELECT account, currency, sum(number) GROUP BY account, currency"))
    read = {(account, currency): decimal.Decimal(amount) for account, currency, amount in rows}
    return {key: amount for key, amount in read.items() if amount != 0}


def export(place, format_, *options):
    return place.cli("export", "--format", format_, *options, timeout=120).stdout


def beancount_name(row):
    """As beancount's manual has account names: five roots, and parts that begin with a capital or a digit."""
    root = {"asset": "Assets", "liability": "Liabilities", "equity": "Equity", "income": "Income",
            "expense": "Expenses"}[row["class"]]
    parts = row["code"].split(":")
    if parts[0].lower() == root.lower() and len(parts) > 1:
        parts = parts[1:]
    return ":".join([root] + [part[0].upper() + part[1:].replace("_", "-").replace(" ", "-") for part in parts])


@pytest.mark.parametrize("chart", [{}, CHART], ids=["own names", "chart"])
def test_hledger_and_beancount_take_the_export_and_have_the_same_balances(place, seed, tmp_path, chart):
    tool("hledger"), tool("bean-check")
    place.settings.update(chart)
    place.write_config()
    play(place, seed)
    trial = trial_balance(place, "--verify")
    assert trial["agree"] and trial["verified"] and trial["flaws"] == []
    assert {"EUR", "JPY", "KWD"} <= {row["currency"] for row in trial["balances"]}
    assert len(balances_of(trial)) > 10

    hledger, beancount = tmp_path / "books.journal", tmp_path / "books.beancount"
    place.cli("export", "--format", "hledger", "--output", hledger, timeout=120)
    place.cli("export", "--format", "beancount", "--output", beancount, timeout=120)
    run("hledger", "-f", hledger, "check", "-s")
    run("bean-check", beancount)
    assert read_by_hledger(hledger) == balances_of(trial)
    assert read_by_beancount(beancount) == balances_of(trial, beancount_name)


def test_exports_of_programs_hold_every_posting_and_are_the_same_twice(place, seed):
    play(place, seed)
    texts = {format_: export(place, format_) for format_ in FORMATS}
    assert texts == {format_: export(place, format_) for format_ in FORMATS}
    kept = place.store.rows(f"SELECT scope, entry, line, account, currency, minor, {place.store.hex('key')} AS named "
                            "FROM posting ORDER BY scope, entry, line")
    rows = list(csv.DictReader(io.StringIO(texts["csv"])))
    lines = [(line["entry"], n + 1, posting) for line in map(json.loads, texts["jsonl"].splitlines())
             for n, posting in enumerate(line["postings"])]
    assert len(kept) == len(rows) == len(lines) > 200
    for theirs, row, (entry, line, posting) in zip(kept, rows, lines):
        assert (theirs["entry"], theirs["line"]) == (int(row["entry"]), int(row["line"])) == (entry, line)
        assert theirs["account"] == row["account"] == row["code"] == posting["account"]
        assert theirs["minor"] == int(row["minor"]) == posting["minor"]
        assert row["key"].rpartition("_")[2] == posting["key"].rpartition("_")[2] == (theirs["named"] or "")
        exact = decimal.Decimal(theirs["minor"]).scaleb(-DECIMALS.get(theirs["currency"], 2))
        assert row["amount"] == posting["amount"] == str(exact)
    assert any(row["provider_ids"].startswith("pi_") for row in rows)


def test_what_happened_before_and_after_a_time_is_all_of_it(sqlite_place):
    tell(sqlite_place, stripe_bodies.life_of_a_payment(), stripe_bodies.life_of_a_payment())
    begin, middle = stripe_bodies.START, stripe_bodies.START + 30
    moment = sqlite_place.store.rows(f"SELECT strftime('%Y-%m-%dT%H:%M:%SZ', {middle}, 'unixepoch') AS text")[0]["text"]
    every = export(sqlite_place, "jsonl").splitlines()
    before = export(sqlite_place, "jsonl", "--to", moment).splitlines()
    after = export(sqlite_place, "jsonl", "--from", moment).splitlines()
    assert begin < middle and len(before) == 2 and len(after) == 2, (before, after)
    assert sorted(before + after) == sorted(every)
    assert all(json.loads(line)["effective"] < moment for line in before)
    assert [row["minor"] for row in trial_balance(sqlite_place, "--at", moment)["balances"]] == [8400, -8400]


def test_a_balance_that_somebody_changed_ends_with_one(sqlite_place):
    tell(sqlite_place, stripe_bodies.life_of_a_payment())
    assert sqlite_place.cli("ledger", "trial-balance", "--verify").stdout.count("agree") == 1
    connection = sqlite3.connect(sqlite_place.store.path)
    # Two balances that are wrong by the same amount still sum to zero: only --verify sees them.
    with connection:
        connection.execute("UPDATE ledger_balance SET minor = minor + 5 WHERE account = 'income:sales'")
        connection.execute("UPDATE ledger_balance SET minor = minor - 5 WHERE account = 'assets:clearing:payment'")
    assert sqlite_place.cli("ledger", "trial-balance").returncode == 0
    done = sqlite_place.cli("ledger", "trial-balance", "--verify", check=False)
    assert done.returncode == 1 and "income:sales is kept as -41.95 EUR, its postings add up to -42.00 EUR" in done.stdout
    with connection:
        connection.execute("UPDATE ledger_balance SET minor = minor + 1 WHERE account = 'income:sales'")
    connection.close()
    done = sqlite_place.cli("ledger", "trial-balance", check=False)
    assert done.returncode == 1 and "EUR: debits less credits are 0.01 EUR" in done.stdout
    assert "compare with a backup" in done.stderr


def test_an_account_shows_what_is_open_and_what_was_posted_for_one_object(place):
    lives = [stripe_bodies.life_of_a_payment() for _ in range(3)]
    tell(place, *lives)
    open_keys = place.lines("ledger", "account", "assets:clearing:payment")
    assert [row["minor"] for row in open_keys] == [4200] * 3
    assert len({row["key"] for row in open_keys}) == 3
    charge = lives[1][2]["data"]["object"]["id"]
    for key in (charge, place.lines("ledger", "account", "assets:clearing:payment", "--key", charge)[0]["key"]):
        posted = place.lines("ledger", "account", "assets:clearing:payment", "--key", key)
        assert [row["minor"] for row in posted] == [4200] and posted[0]["key"] in {row["key"] for row in open_keys}
    sales = place.lines("ledger", "account", "income:sales")
    assert [row["minor"] for row in sales] == [-4200] * 3
    assert place.lines("ledger", "account", "income:sales", "--after", sales[0]["entry"], "--limit", 1) == sales[1:2]
    done = place.cli("ledger", "account", "income:sale", check=False)
    assert done.returncode == 4 and "did you mean income:sales?" in done.stderr


def test_the_journal_tells_when_for_what_and_because_of_what(place):
    life = stripe_bodies.life_of_a_payment()
    tell(place, life)
    entries = place.lines("ledger", "journal")
    assert [entry["entry"] for entry in entries] == list(range(1, len(entries) + 1))
    paid = entries[0]
    assert paid["subject"].startswith("cf_pay_") and life[1]["data"]["object"]["id"] in paid["provider_ids"]
    assert paid["effective"] < paid["recorded"] and paid["cause_seq"] > 0
    assert all(sum(posting["minor"] for posting in entry["postings"]) == 0 for entry in entries)
    assert place.lines("ledger", "journal", "--after", 1, "--limit", 1) == entries[1:2]
    text = place.cli("ledger", "journal").stdout
    assert paid["subject"] in text and "-42.00 EUR" in text and f"inbox event {paid['cause_seq']}" in text


def test_one_account_of_several_has_its_own_books(sqlite_place):
    sqlite_place.accounts["other"] = {"environment": "test", "secrets": [stripe_bodies.make_id("whsec")]}
    sqlite_place.accounts["other"]["secrets"] = sqlite_place.accounts["acme"]["secrets"]
    sqlite_place.write_config()
    tell(sqlite_place, stripe_bodies.life_of_a_payment())
    tell(sqlite_place, stripe_bodies.life_of_a_payment(), stripe_bodies.life_of_a_payment(), account="other")
    sums = {}
    for account in ("acme", "other"):
        rows = trial_balance(sqlite_place, "--account", account)["balances"]
        sums[account] = {row["account"]: row["minor"] for row in rows}["income:sales"]
        assert len(export(sqlite_place, "jsonl", "--account", account).splitlines()) == 2 * -sums[account] // 4200
    assert sums == {"acme": -4200, "other": -8400}
    rows = sqlite_place.lines("ledger", "balance", "income")
    assert {row["account"]: row["minor"] for row in rows}["income:sales"] == -12600
    done = sqlite_place.cli("ledger", "journal", "--after", "1", check=False)
    assert done.returncode == 2 and "--account" in done.stderr
    assert sqlite_place.cli("export", "--format", "csv", "--account", "nobody", check=False).returncode == 4


@pytest.mark.parametrize("key, value, words", [
    ("assets:bnk", "1", "did you mean `assets:bank`"),
    ("assets", "1", "[chart] has no key"),
    ("assets:bank", "two  blanks", "single blanks"),
    ("assets:bank", "Aktiva:", "single blanks"),
    ("assets:bank", "(1200)", "single blanks"),
], ids=["near", "only the beginning", "two blanks", "empty part", "virtual"])
def test_a_chart_that_cannot_be_is_refused_with_its_line(sqlite_place, key, value, words):
    sqlite_place.settings["chart", key] = value
    sqlite_place.write_config()
    done = sqlite_place.cli("ledger", "accounts", check=False)
    assert done.returncode == 3 and words in done.stderr, done.stderr
    line = 1 + sqlite_place.config.read_text().splitlines().index(f"{key} = {value}")
    assert f":{line}:" in done.stderr


def test_a_code_of_the_environment_wins_over_the_file(sqlite_place):
    sqlite_place.settings["chart", "assets:bank"] = "1200-Bank"
    sqlite_place.write_config()
    named = {"COUNTERFOIL_CHART_ASSETS_BANK": "1210", "COUNTERFOIL_CHART_ASSETS_TAX_INPUT": "1570"}
    rows = sqlite_place.lines("ledger", "accounts", env=named)
    codes = {row["account"]: row["code"] for row in rows}
    assert (codes["assets:bank"], codes["assets:tax_input"]) == ("1210", "1570")
    assert all(code == account for account, code in codes.items() if account not in ("assets:bank", "assets:tax_input"))
    done = sqlite_place.cli("ledger", "accounts", env={"COUNTERFOIL_CHART_ASSETS_BNK": "1"}, check=False)
    assert done.returncode == 3 and "COUNTERFOIL_CHART_ASSETS_BNK" in done.stderr


def test_codes_that_beancount_cannot_tell_apart_are_refused_for_it_alone(sqlite_place):
    sqlite_place.settings.update({("chart", "assets:bank"): "Bank 1", ("chart", "assets:tax_input"): "Bank-1"})
    sqlite_place.write_config()
    tell(sqlite_place, stripe_bodies.life_of_a_payment())
    done = sqlite_place.cli("export", "--format", "beancount", check=False)
    assert (done.returncode, done.stdout) == (3, "") and "assets:bank and assets:tax_input" in done.stderr
    assert "account Bank 1  ; type:Asset" in export(sqlite_place, "hledger")


def test_an_export_takes_its_name_when_it_is_whole(sqlite_place, tmp_path):
    tell(sqlite_place, stripe_bodies.life_of_a_payment())
    path = tmp_path / "books.csv"
    path.write_text("before")
    done = sqlite_place.cli("export", "--format", "csv", "--output", path, "--account", "nobody", check=False)
    assert done.returncode == 4 and path.read_text() == "before"
    assert sqlite_place.cli("export", "--format", "csv", "--output", path).stdout == ""
    assert path.read_text() == export(sqlite_place, "csv")
    assert [found.name for found in tmp_path.glob("books.csv*")] == ["books.csv"]
    missing = tmp_path / "no" / "books.csv"
    done = sqlite_place.cli("export", "--format", "csv", "--output", missing, check=False)
    assert done.returncode == 7 and str(missing) in done.stderr
    assert sqlite_place.cli("export", "--format", "xml", check=False).returncode == 2
    assert sqlite_place.cli("export", check=False).returncode == 2


def test_an_export_whose_reader_goes_away_ends_in_order(sqlite_place, seed):
    play(sqlite_place, seed)
    command = f"{shlex.quote(PROGRAM)} --config {sqlite_place.config} export --format csv | head -n 2; echo ${{PIPESTATUS[0]}}"
    lines = run("bash", "-c", command).splitlines()
    assert lines[0].startswith("scope,entry,") and lines[1].startswith("1,1,1,") and lines[2] == "0"


def test_empty_books_are_whole(place, tmp_path):
    tool("hledger"), tool("bean-check")
    place.cli("migrate")
    assert trial_balance(place, "--verify") == {
        "agree": True, "verified": True, "balances": [], "currencies": [], "flaws": []}
    for format_, check in (("hledger", ["hledger", "check", "-s", "-f"]), ("beancount", ["bean-check"])):
        path = tmp_path / format_
        path.write_text(export(place, format_))
        run(*check, path)


def test_the_page_of_the_books_has_the_tables_that_the_program_runs_on(sqlite_place):
    written = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    accounts, _, lines = sqlite_place.cli("ledger", "accounts", "--markdown").stdout.partition("\n\n")
    assert accounts in written and lines.strip() in written, "put `counterfoil ledger accounts --markdown` into the page"
