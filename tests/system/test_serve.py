"""The life of a serve: start, rotation of secrets, reload, draining."""

import http.client
import signal
import threading

import pytest
import stripe_bodies
from harness import SECRET, SECRET_NEXT, eventually


def use_secrets(place, *secrets):
    place.accounts["acme"]["secrets"] = list(secrets)
    place.write_config()


def status_with(serve, *secrets):
    body = stripe_bodies.encode(stripe_bodies.small_event())
    return serve.post(body, signature=stripe_bodies.header(list(secrets), body)).status


def test_secret_is_rotated_without_a_restart_and_without_a_refused_delivery(place):
    serve = place.serve()
    assert (status_with(serve, SECRET), status_with(serve, SECRET_NEXT)) == (200, 400)
    use_secrets(place, SECRET_NEXT, SECRET)
    serve.signal(signal.SIGHUP)
    eventually(lambda: status_with(serve, SECRET_NEXT) == 200, "the new secret proves")
    assert status_with(serve, SECRET) == 200
    assert status_with(serve, SECRET, SECRET_NEXT) == 200, "Stripe signs with both meanwhile"
    assert status_with(serve, "whsec_of_somebody", SECRET_NEXT) == 200
    use_secrets(place, SECRET_NEXT)
    serve.signal(signal.SIGHUP)
    eventually(lambda: status_with(serve, SECRET) == 400, "the old secret proves no more")
    assert status_with(serve, SECRET_NEXT) == 200
    assert serve.stop() == 0


def test_reload_of_a_wrong_configuration_changes_nothing(sqlite_place):
    serve = sqlite_place.serve()
    sqlite_place.config.write_text("[store\nurl = nothing\n")
    serve.signal(signal.SIGHUP)
    eventually(lambda: "reload_failed" in serve.text(), "the log says that the reload failed")
    assert status_with(serve, SECRET) == 200
    assert serve.running()
    sqlite_place.write_config()
    serve.signal(signal.SIGHUP)
    eventually(lambda: '"reloaded"' in serve.text(), "the log says that it was reloaded")
    assert status_with(serve, SECRET) == 200


def test_reload_adds_and_removes_accounts(sqlite_place):
    serve = sqlite_place.serve()
    event = stripe_bodies.small_event()
    assert serve.post(event, account="second", secret=SECRET_NEXT).status == 404
    sqlite_place.accounts["second"] = {"environment": "test", "secrets": [SECRET_NEXT]}
    sqlite_place.write_config()
    serve.signal(signal.SIGHUP)
    eventually(lambda: serve.post(event, account="second", secret=SECRET_NEXT).status == 200, "the second account")
    assert serve.post(event, account="second", secret=SECRET).status == 400, "secrets are an account's own"
    del sqlite_place.accounts["second"]
    sqlite_place.write_config()
    serve.signal(signal.SIGHUP)
    eventually(lambda: serve.post(event, account="second", secret=SECRET_NEXT).status == 404, "it is gone")


class Load:
    """Threads that deliver until told to stop; what was acknowledged, and what ended otherwise."""

    def __init__(self, serve, threads=6):
        self.serve, self.acknowledged, self.other = serve, [], []
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        while not self.ending.is_set():
            try:
                with self.serve.client() as client:
                    while not self.ending.is_set():
                        event = stripe_bodies.small_event(number)
                        answer = client.post(event)
                        (self.acknowledged if answer.status == 200 else self.other).append((event["id"], answer.status))
            except (OSError, http.client.HTTPException):
                if self.ending.wait(0.01):
                    return

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        return {name for name, _ in self.acknowledged}


def ids_in(store):
    rows = store.rows("SELECT event_id FROM inbox_event")
    names = {row["event_id"] for row in rows}
    assert len(names) == len(rows), "an event is there twice"
    return names


def test_sigterm_under_load_drains_and_keeps_all_that_was_acknowledged(place):
    serve = place.serve()
    load = Load(serve)
    eventually(lambda: len(load.acknowledged) > 200, "200 acknowledged")
    assert serve.stop() == 0
    acknowledged = load.end()
    assert acknowledged <= ids_in(place.store)
    assert all(status == 503 for _, status in load.other), load.other[:5]
    log = [line["event"] for line in serve.log_lines()]
    assert log[-1] == "stopped" and "drained" in log
    again = place.serve()
    again.wait_until_decided()
    assert again.stop() == 0


def test_sigterm_with_nothing_to_do_ends_at_once(place):
    assert place.serve().stop(deadline=5) == 0


def test_reload_under_load_refuses_nobody(place):
    serve = place.serve()
    load = Load(serve, threads=4)
    for _ in range(10):
        before = len(load.acknowledged)
        serve.signal(signal.SIGHUP)
        eventually(lambda: len(load.acknowledged) > before + 20, "more deliveries")
    load.end()
    assert load.other == []
    assert serve.stop() == 0


def test_log_is_json_lines_without_bodies(place):
    serve = place.serve()
    for event in stripe_bodies.life_of_a_payment():
        assert serve.post(event).status == 200
    serve.wait_until_decided()
    assert serve.stop() == 0
    for line in serve.log_lines():
        assert "event" in line, line


@pytest.mark.parametrize("text,names", [
    ("", "account"),
    ("[store]\nurl = mysql://x/y\n", "url"),
    ("[store]\nurl = sqlite:///tmp/x.db\n[listen]\npublic = nowhere\n", "public"),
    ("[nothing]\nkey = 1\n", "nothing"),
    ("[store]\nurls = sqlite:///x.db\n", "urls"),
    ("[account a]\nenvironment = test\nwebhook_secret = whsec_in_the_text\n", "webhook_secret"),
    ("[account a]\nenvironment = test\nwebhook_secret = file:/nonexistent/secret\n", "webhook_secret"),
])
def test_wrong_configuration_is_refused_and_names_the_key(sqlite_place, text, names):
    sqlite_place.config.write_text(text)
    done = sqlite_place.cli("serve", check=False)
    assert done.returncode == 3, done
    assert names in done.stderr
    assert "whsec_" not in done.stderr


def test_address_in_use_is_said(sqlite_place, tmp_path):
    serve = sqlite_place.serve()
    sqlite_place.settings["listen", "public"] = f"127.0.0.1:{serve.public}"
    sqlite_place.write_config(store_url=f"sqlite://{tmp_path}/other.db")
    done = sqlite_place.cli("serve", check=False)
    assert done.returncode == 7, done
    assert str(serve.public) in done.stderr
