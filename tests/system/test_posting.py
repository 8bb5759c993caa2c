"""What several workers post at once: nobody misses the other's half, and nobody waits for what the other holds."""

import json


def test_workers_that_post_what_hangs_together_miss_nothing_and_never_deadlock(place, seed):
    place.settings["work", "workers"] = "4"
    place.write_config()
    serve = place.serve()
    place.cli("sandbox", "--to", f"http://127.0.0.1:{serve.public}/webhooks/acme", "--secret",
              f"file:{place.folder}/acme-0.secret", "--seed", seed, "--mix", "billing", "--rate", 1200, "--reorder", 30,
              "--duplicates", 10, "--for", "6s", timeout=120)
    serve.wait_until_decided()
    left = json.loads(place.cli("ledger", "post", "--dry-run", json_answer=True).stdout)
    assert left["looked_at"] > 500 and left["entries"] == 0
    place.cli("ledger", "trial-balance", "--verify")
    if place.store.name == "postgresql":
        rows = place.store.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert rows == [{"deadlocks": 0}]
    assert serve.stop() == 0
