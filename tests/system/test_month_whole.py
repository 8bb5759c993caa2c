"""A whole month on the shop's own clock, as large as one likes: all that goes wrong in the crowd is found, and nothing else."""

import os
import re

import pytest

import harness
from months import Month, differences

def test_proto(sqlite_place, seed):
    N = int(os.environ.get("COUNTERFOIL_TEST_MONTH", "1500"))
    import time, json
    run = Month(sqlite_place, seed, days=32, payments=N, mix="payments,disputes=20,billing=10,connect=10", after=2)
    t=time.time()
    port = run.delivers("--fault", os.environ.get("FAULTS","all"), stays=True)
    print("delivered", run.told, time.time()-t)
    t=time.time()
    run.asks(port)
    report = run.report("--reports")
    print("reconciled", time.time()-t)
    print(differences(report, run.faults()))
    for f in run.faults():
        print(json.dumps(f))
        for r in report["discrepancies"]:
            if r["name"] in (f["subject"], f["line"], f["event"]) or (r["name"] in (None, "") and r["code"]==f["discrepancy"]):
                print("      ", json.dumps(r))
    for k in ("balances","payouts","open","waiting","completeness","roll_forward"):
        print(k, json.dumps(report[k])[:6000])
    t=time.time()
    again = run.report("--reports")
    print("again", time.time()-t, again["discrepancies"]==report["discrepancies"], again==report)
