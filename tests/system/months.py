"""A month of the sandbox's shop in a place: told by webhooks or not at all, and asked for by reconcile."""

import datetime
import json
import time

import harness
from test_sandbox_api import KEY, Api, has_closed

AGREED, DISAGREES = 0, 1
PROGRESS_S = 30
NO_AMOUNT = {"MISSING_LOCAL_EVENT", "EVENT_CONTENT"}
RESTATED_US = 1_000_000  # the fault is a second
KEPT = 'result="kept"'
MIX = "payments,disputes=20,billing=20,payouts=10"


class Month:
    """`days` from `begin` on of a shop's life, the same for one seed however its events are delivered.

    `after`: so many days later it is reconciled, up to the day before the last. Reports do not have the last second of a
    shop's life, and what happens on its last days is on its way.
    """

    def __init__(self, place, seed, begin="2026-10-01", days=10, payments=200, mix=MIX, zone="UTC", after=0,
                 tell=lambda text: None):
        self.place, self.begin, self.tell, self.told_at = place, begin, tell, time.monotonic()
        self.shop = ["--seed", seed, "--mix", mix, "--begin", begin, "--span", f"{days}d", "--payments", payments,
                     "--report-lag", "0s"]
        self.first = begin if after else plus(begin, -1)  # in the west the shop opens on the evening before
        self.last = plus(begin, days - (2 if after else 1))
        self.as_of = plus(begin, days + after) + "T00:00:00Z"  # when the shop closed, or later
        self.faults_file = place.folder / "faults"
        self.patience = 60 + payments / 40  # seconds that each part of it may take
        self.serve = self.told = None
        place.accounts["acme"]["more"] = {"timezone": zone}
        place.write_config()
        place.cli("migrate")

    def opens(self, name, *options):
        """A sandbox that lived its days, of which everything arrived, and goes on answering; its port."""
        port_file = self.place.folder / f"port-{name}"
        faults = ["--faults-file", self.faults_file] if "--fault" in options else []
        sandbox = self.place.background(name, "sandbox", *self.shop, "--listen", "127.0.0.1:0", "--port-file", port_file,
                                        "--stay", "--json", "--flush", f"{harness.seconds(self.patience):.0f}s", *faults, *options)
        has_closed(sandbox, self.patience, self.progress)
        self.told = json.loads(sandbox.output())
        assert self.told["unanswered"] == self.told["given_up"] == 0, self.told
        self.tell(f"the shop has closed: {self.told['payments']} payments, {self.told['events']} events")
        return int(port_file.read_text())

    def delivers(self, *options, name="sandbox", stays=False):
        """The shop's life as webhooks, all of them decided; its port. With `stays` serve goes on."""
        self.serve = self.place.serve()
        port = self.opens(name, "--to", f"http://127.0.0.1:{self.serve.public}/webhooks/acme", "--secret",
                          f"file:{self.place.folder / 'acme-0.secret'}", *options)
        self.serve.wait_until_decided(self.patience)
        self.tell("all of it is decided")
        assert stays or self.serve.stop() == 0
        return port

    def progress(self):
        if self.serve is not None and time.monotonic() - self.told_at > PROGRESS_S:
            self.told_at = time.monotonic()
            self.tell(f"{self.serve.metric('counterfoil_deliveries_total', KEPT):.0f} events arrived")

    def asks(self, port):
        """From now on the books' provider is the sandbox there."""
        key = self.place.folder / "key"
        key.touch(mode=0o600)
        key.write_text(KEY)
        self.place.accounts["acme"]["more"].update({"key.read": f"file:{key}", "api_base": f"http://127.0.0.1:{port}"})
        self.place.write_config()
        self.api = Api(port)
        return self

    def reconcile(self, *options, days=True):
        """The report, in which nothing is open but what the shop's payouts went through."""
        report = self.report(*options, days=days)
        assert sorted(row["name"] for row in report["discrepancies"]) == self.came_back(report["start"] or "1970-01-01T00:00:00Z"), report
        assert {row["code"] for row in report["discrepancies"]} <= {"PAYOUT_FAILED_AFTER_PAID"}
        return report

    def report(self, *options, days=True):
        """What `reconcile` states; its exit code says the same."""
        done = self.run(*options, days=days)
        assert done.returncode in (AGREED, DISAGREES), f"{done.returncode}: {done.stderr}"
        report = json.loads(done.stdout)
        assert report["agreed"] == (done.returncode == AGREED) == (report["discrepancies"] == [])
        return report

    def run(self, *options, days=True):
        between = ["--from", self.first, "--to", self.last] if days else []
        return self.place.cli("reconcile", "--account", "acme", *between, "--as-of", self.as_of, "--json", *options,
                              check=False, timeout=60 + self.patience)

    def faults(self):
        """What the shop did wrong, and what must be found of it."""
        return [json.loads(line) for line in self.faults_file.read_text().splitlines()]

    def came_back(self, since):
        """Payouts that failed after they were paid, which is what people must look after in a shop's life."""
        begin = int(datetime.datetime.fromisoformat(since).timestamp())
        told = [{event["data"]["object"]["id"] for event in self.api.pages("/v1/events", [("type", kind)])
                 if event["data"]["object"]["created"] >= begin} for kind in ("payout.paid", "payout.failed")]
        return sorted(told[0] & told[1])

    def stands(self):
        """What is not zero: {(account, currency, the provider's names of what it is about): minor units}."""
        names = {}
        for row in self.place.store.rows(f"SELECT {self.place.store.hex('id')} AS id, provider_id FROM provider_ref"):
            names.setdefault(row["id"], []).append(row["provider_id"])
        key = self.place.store.hex("key")
        rows = self.place.store.rows(f"SELECT account, currency, {key} AS about, sum(minor) AS minor FROM posting"
                                     f" GROUP BY account, currency, {key} HAVING sum(minor) <> 0")
        return {(row["account"], row["currency"], *sorted(names.get(row["about"], [row["about"] or ""]))): int(row["minor"])
                for row in rows}


def wanted(faults):
    """What must be found of them: those that are about the account as a whole are one for each code and currency."""
    found = {}
    for number, fault in enumerate(fault for fault in faults if fault["discrepancy"]):
        names = {fault["subject"], fault["line"], fault["event"]} - {None}
        row = found.setdefault((fault["discrepancy"], fault["currency"].upper(), None if not names else number),
                               {"names": names, "minor": 0})
        row["minor"] += fault["amount_minor"]
    return [{"code": code, "currency": currency, **row} for (code, currency, _), row in found.items()]


def is_of(row, fault):
    if row["code"] != fault["code"] or (fault["names"] and row["name"] not in fault["names"]):
        return False
    if row["code"] in NO_AMOUNT:
        return True
    off = RESTATED_US if row["code"] == "REPORT_RESTATED" else fault["minor"]
    return row["currency"] == fault["currency"] and abs(row["off_minor"]) == abs(off)


def differences(report, faults):
    """What was found and is no fault, and the reverse; with all that is known of it."""
    rows, faults = report["discrepancies"], wanted(faults)
    more = [row for row in rows if sum(is_of(row, fault) for fault in faults) != 1]
    less = [fault for fault in faults if sum(is_of(row, fault) for row in rows) != 1]
    told = [f"found: {row['code']} {row['name']} {row['off_minor']} {row['currency']} {row['text']}" for row in more]
    return told + [f"not found: {fault}" for fault in less]


def plus(day, days):
    return str(datetime.date.fromisoformat(day) + datetime.timedelta(days))
