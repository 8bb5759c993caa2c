"""Stripe's statement as a test wants it: balance transactions in pages, report runs and their files."""

import contextlib
import threading
import urllib.parse

import stand_in

CREATED = 1_790_000_000


def line(number, created=None, amount=5000, fee=175, **more):
    """A charge's balance transaction, as the API has it."""
    created = CREATED + number if created is None else created
    said = {
        "id": f"txn_{number:06d}", "object": "balance_transaction", "amount": amount, "available_on": created + 172800,
        "balance_type": "payments", "created": created, "currency": "eur", "description": None, "exchange_rate": None,
        "fee": fee, "fee_details": [{"amount": fee, "application": None, "currency": "eur", "description": "", "type": "stripe_fee"}],
        "net": amount - fee, "reporting_category": "charge", "source": f"ch_{number:06d}", "status": "available", "type": "charge",
    }
    said.update(more)
    return said


def when(seconds):
    days, left = divmod(seconds, 86400)
    import datetime
    return f"{datetime.date(1970, 1, 1) + datetime.timedelta(days)} {left // 3600:02d}:{left // 60 % 60:02d}:{left % 60:02d}"


def major(minor):
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def activity(lines, payouts=None):
    """The itemized report of these lines, with the columns that are asked for."""
    rows = ["balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,charge_id,"
            "customer_facing_amount,customer_facing_currency,connected_account_id,automatic_payout_id,description"]
    for said in lines:
        payout = (payouts or {}).get(said["id"], "")
        rows.append(",".join([
            said["id"], when(said["created"]), when(said["available_on"]), said["currency"], major(said["amount"]),
            major(said["fee"]), major(said["net"]), said["reporting_category"], said["source"], said["source"], "", "", "",
            payout, ""]))
    return "\n".join(rows) + "\n"


NO_PAYOUTS = "balance_transaction_id,effective_at_utc,currency,gross,fee,net,reporting_category,payout_id,description\n"
SUMMARY = "category,currency,description,net_amount\n"


class Handler(stand_in.Handler):
    def do_GET(self):
        self.ask_world(urllib.parse.urlparse(self.path), {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.ask_world(urllib.parse.urlparse(self.path), urllib.parse.parse_qs(body))

    def ask_world(self, url, form):
        world = self.server.world
        query = {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}
        with world.lock:
            world.asked.append((self.command, url.path, query, form, dict(self.headers)))
            status, body, headers = world.answer(url.path, query, form)
        self.answer(status, body, headers)


def refusal(kind="invalid_request_error"):
    return {"error": {"type": kind, "message": "no"}}


class World:
    """What stands there is what is said; a test changes it as it likes."""

    def __init__(self):
        self.lock = threading.Lock()
        self.lines, self.payouts, self.asked = [], {}, []
        self.failures = []  # (status, body, headers) that come first, before what would be said
        self.may_report, self.run_fails, self.looks, self.foreign = True, None, 1, None
        self.files = {"balance_change_from_activity": activity([]), "payouts": NO_PAYOUTS,
                      "payout_reconciliation": activity([]), "balance.summary": SUMMARY}
        self.until = CREATED + 86400 * 30
        self.runs, self.repeats = {}, False
        self.size, self.live = None, False
        self.listens = contextlib.ExitStack()
        self.server = self.listens.enter_context(stand_in.listening(Handler, world=self))
        self.url = self.server.url

    def close(self):
        self.listens.close()

    def asked_for(self, path):
        return [asked for asked in self.asked if asked[1] == path]

    # --- answers ---

    def answer(self, path, query, form):
        if path == "/v1/balance":
            return 200, {"object": "balance", "livemode": self.live, "available": [], "pending": []}, {}
        if self.failures:
            return self.failures.pop(0)
        if path == "/v1/balance_transactions":
            return 200, self.page(query), {}
        if path.startswith("/v1/reporting/report_types/"):
            return self.reporting({"object": "reporting.report_type", "id": path.split("/")[-1], "data_available_end": self.until})
        if path == "/v1/reporting/report_runs":
            return self.reporting(self.begin_run(form))
        if path.startswith("/v1/reporting/report_runs/"):
            return self.look(path.split("/")[-1])
        if path.startswith("/v1/files/"):
            return 200, self.files[path.split("/")[3]].encode(), {"Content-Type": "text/csv"}
        return 404, refusal(), {}

    def page(self, query):
        if "payout" in query:
            found = [said for said in self.lines if self.payouts.get(said["id"]) == query["payout"]]
        else:
            first, last = int(query["created[gte]"]), int(query["created[lte]"])
            found = [said for said in self.lines if first <= said["created"] <= last]
        found = sorted(found, key=lambda said: (-said["created"], said["id"]))
        after = query.get("starting_after")
        if after is not None and not self.repeats:
            found = found[[said["id"] for said in found].index(after) + 1:]
        size = int(query["limit"])
        return {"object": "list", "url": "/v1/balance_transactions", "has_more": len(found) > size or self.repeats,
                "data": found[:size]}

    def reporting(self, answer):
        return (200, answer, {}) if self.may_report else (403, refusal(), {})

    def begin_run(self, form):
        family = form["report_type"][0].rsplit(".itemized", 1)[0].removesuffix(".1")
        key = self.asked[-1][4]["Idempotency-Key"]
        run = self.runs.setdefault(key, {"id": f"frr_{len(self.runs) + 1}", "family": family, "looks": 0,
                                         "fails": self.run_fails == family})
        return {"id": run["id"], "object": "reporting.report_run", "status": "pending", "error": None, "result": None}

    def look(self, run_id):
        for run in self.runs.values():
            if run["id"] == run_id:
                run["looks"] += 1
                return self.reporting(self.run(run))
        return 404, refusal(), {}

    def run(self, run):
        answer = {"id": run["id"], "object": "reporting.report_run", "status": "pending", "error": None, "result": None}
        if run["looks"] < self.looks:
            return answer
        if run["fails"]:
            return {**answer, "status": "failed", "error": "no luck today"}
        url = f"{self.foreign or self.url}/v1/files/{run['family']}/contents"
        size = len(self.files[run["family"]]) if self.size is None else self.size
        return {**answer, "status": "succeeded", "result": {"object": "file", "url": url, "size": size}}
