"""Books and provider agree to the cent over a month of the sandbox's; and what is wrong on purpose is found, and nothing else."""

import json
from collections import Counter

import pytest

import harness
from test_sandbox_api import KEY, has_closed

BEGIN, LAST, END = "2026-10-01", "2026-10-30", "2026-10-31T00:00:00Z"
SECRET_FILE = "acme-0.secret"
MIX = "payments,disputes,payouts,billing"
AGREED, DISAGREES = 0, 1


class Month:
    """A serve that was told of a month, and the sandbox that told it and goes on answering."""

    def __init__(self, place, seed, *options, payments=300, mix=MIX):
        self.place = place
        self.faults = place.folder / "faults"
        key = place.folder / "key"
        key.touch(mode=0o600)
        key.write_text(KEY)
        port_file = place.folder / "api-port"
        self.serve = place.serve()
        self.sandbox = place.background(
            "sandbox", "sandbox", "--to", f"http://127.0.0.1:{self.serve.public}/webhooks/acme",
            "--secret", f"file:{place.folder / SECRET_FILE}", "--seed", seed, "--mix", mix, "--begin", BEGIN, "--span", "30d",
            "--payments", payments, "--listen", "127.0.0.1:0", "--port-file", port_file, "--stay", *options)
        has_closed(self.sandbox)
        self.serve.wait_until_decided()
        place.accounts["acme"]["more"] = {"key.read": f"file:{key}", "api_base": f"http://127.0.0.1:{port_file.read_text().strip()}"}
        place.write_config()

    def reconcile(self, *options, check=None):
        done = self.place.cli("reconcile", "--account", "acme", "--from", BEGIN, "--to", LAST, "--as-of", END, "--json",
                              *options, check=False, timeout=120)
        assert done.returncode in (AGREED, DISAGREES), done.stderr
        assert check is None or done.returncode == check, done.stdout
        return json.loads(done.stdout)

    def injected(self):
        return [json.loads(line) for line in self.faults.read_text().splitlines()]


@pytest.fixture
def month(place, seed):
    def start(*options, **more):
        return Month(place, seed, *options, **more)

    return start


def open_ones(report):
    return sorted((d["code"], d["currency"]) for d in report["discrepancies"])


def test_a_month_without_faults_agrees_to_the_cent_and_nothing_is_open(month):
    report = month().reconcile(check=AGREED)
    assert report["agreed"] and report["discrepancies"] == []
    assert all(row["provider_minor"] == row["books_minor"] for row in report["balances"]) and report["balances"]
    assert all(p["remainder"] in ("none", "by_hand", "not_yet") for p in report["payouts"]) and report["payouts"]


def test_a_second_run_and_a_dry_one_state_the_same_bytes(month):
    run = month()
    first = run.reconcile()
    assert run.reconcile() == first
