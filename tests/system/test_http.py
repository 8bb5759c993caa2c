"""What the public and the private listener answer."""

import http.client
import socket
import threading
import time

import pytest
import stripe_bodies
from harness import SECRET, eventually, raw_request, seconds, status_of


def counted(serve):
    return serve.metric("counterfoil_deliveries_total", 'result="kept"')


def test_kept_and_duplicate_are_told_apart(place):
    serve = place.serve()
    body = stripe_bodies.encode(stripe_bodies.small_event())
    first, second = serve.post(body), serve.post(body)
    assert (first.status, second.status) == (200, 200)
    assert "application/json" in first.headers["Content-Type"]
    assert first.json()["status"] == "kept"
    assert second.json() == {"status": "duplicate", "seq": first.json()["seq"]}
    assert len(place.store.rows("SELECT seq FROM inbox_event")) == 1


def test_unproven_is_400_and_the_forger_is_not_told_why(place):
    serve = place.serve()
    body = stripe_bodies.encode(stripe_bodies.small_event())
    forged = {
        "no header": "",
        "garbage": "garbage",
        "no v1": "t=1",
        "another secret": stripe_bodies.header("whsec_of_somebody_else", body),
        "too old": stripe_bodies.header(SECRET, body, int(time.time()) - 301 - 30),
    }
    answers = {why: serve.post(body, signature=value) for why, value in forged.items()}
    assert {a.status for a in answers.values()} == {400}
    assert len({a.body for a in answers.values()}) == 1, "the answers differ, so a forger learns from them"
    assert place.store.rows("SELECT seq FROM inbox_event") == []
    # ... but the log says it, for the operator.
    log = serve.text()
    for word in ("no_header", "no_match", "too_old"):
        assert word in log


def test_unknown_account_is_404(sqlite_place):
    serve = sqlite_place.serve()
    assert serve.post(stripe_bodies.small_event(), account="nobody").status == 404
    assert serve.post(stripe_bodies.small_event(), path="/webhooks/").status == 404
    assert serve.post(stripe_bodies.small_event(), path="/").status == 404
    assert serve.post(stripe_bodies.small_event(), path="/webhooks/acme/more").status == 404
    assert serve.post(stripe_bodies.small_event(), path="/webhooks/%00").status in (400, 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_other_methods_are_405_and_say_what_is_allowed(sqlite_place, method):
    serve = sqlite_place.serve()
    with serve.client() as client:
        answer = client.post(b"" if method in ("GET", "HEAD") else b"{}", method=method)
    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]


def test_body_without_length_is_411(sqlite_place):
    serve = sqlite_place.serve()
    assert status_of(raw_request(serve.public, b"POST /webhooks/acme HTTP/1.1\r\nHost: x\r\n\r\n")) in (411, 400)


def test_chunked_body_without_length_is_411_or_read_whole(sqlite_place):
    serve = sqlite_place.serve()
    body = stripe_bodies.encode(stripe_bodies.small_event())
    head = f"POST /webhooks/acme HTTP/1.1\r\nHost: x\r\nStripe-Signature: {stripe_bodies.header(SECRET, body)}\r\n"
    chunked = head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    assert status_of(raw_request(serve.public, chunked)) in (200, 411)


def test_body_over_the_limit_is_413_and_nothing_is_kept(sqlite_place):
    serve = sqlite_place.serve()
    event = stripe_bodies.small_event(metadata={"filler": "x" * 1024 * 1024})
    body = stripe_bodies.encode(event)
    head = f"POST /webhooks/acme HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert status_of(raw_request(serve.public, head)) == 413
    assert sqlite_place.store.rows("SELECT seq FROM inbox_event") == []


def test_body_just_below_the_limit_is_kept(place):
    serve = place.serve()
    event = stripe_bodies.small_event(metadata={"filler": ""})
    event["data"]["object"]["metadata"]["filler"] = "x" * (1024 * 1024 - len(stripe_bodies.encode(event)))
    body = stripe_bodies.encode(event)
    assert len(body) == 1024 * 1024
    assert serve.post(body).status == 200
    kept = place.store.rows("SELECT length(body) AS bytes FROM inbox_event")
    assert kept == [{"bytes": 1024 * 1024}]


def test_oversized_headers_are_refused(sqlite_place):
    serve = sqlite_place.serve()
    body = stripe_bodies.encode(stripe_bodies.small_event())
    status = None
    try:
        status = serve.post(body, headers={"X-Filler": "x" * 200_000}).status
    except (ConnectionError, http.client.HTTPException):
        pass
    assert status is None or 400 <= status < 500
    assert serve.post(body).status == 200


def test_slow_sender_is_cut_and_harms_nobody(sqlite_place):
    sqlite_place.settings["http", "timeout"] = "1s"
    sqlite_place.write_config()
    serve = sqlite_place.serve()
    body = stripe_bodies.encode(stripe_bodies.small_event())
    with socket.create_connection(("127.0.0.1", serve.public), timeout=seconds(20)) as slow:
        slow.sendall(b"POST /webhooks/acme HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")
        assert serve.post(body).status == 200
        while True:  # until the server ends it
            if not slow.recv(4096):
                break
    assert serve.post(stripe_bodies.small_event(1)).status == 200


def test_keep_alive_connections_serve_many_deliveries(place):
    serve = place.serve()
    with serve.client() as client:
        for number in range(20):
            assert client.post(stripe_bodies.small_event(number)).status == 200
    assert place.store.rows("SELECT count(*) AS n FROM inbox_event") == [{"n": 20}]


def test_private_listener_has_health_readiness_and_metrics(place):
    serve = place.serve()
    assert serve.get("/healthz")[0] == 200
    assert serve.get("/readyz")[0] == 200
    assert serve.get("/nothing")[0] == 404
    status, text = serve.get("/metrics")
    assert status == 200
    assert "# HELP counterfoil_deliveries_total " in text and "# TYPE counterfoil_deliveries_total counter" in text
    serve.post(stripe_bodies.small_event())
    assert counted(serve) == 1


def test_webhooks_are_not_taken_by_the_private_listener_nor_metrics_by_the_public(sqlite_place):
    serve = sqlite_place.serve()
    connection = http.client.HTTPConnection("127.0.0.1", serve.private, timeout=seconds(10))
    connection.request("POST", "/webhooks/acme", body=b"")
    assert connection.getresponse().status == 404
    connection.close()
    with serve.client() as client:
        assert client.post(b"", method="GET", path="/metrics").status in (404, 405)


def test_answer_waits_for_the_commit_and_not_for_the_projection(place):
    """However deep the backlog, every answer says kept."""
    serve = place.serve()
    answers = serve.post_all([stripe_bodies.encode(stripe_bodies.small_event(n)) for n in range(300)], connections=16)
    assert {a.status for a in answers} == {200}
    serve.wait_until_decided()


def test_many_idle_connections_do_not_keep_deliveries_out(sqlite_place):
    serve = sqlite_place.serve()
    idle = [socket.create_connection(("127.0.0.1", serve.public), timeout=seconds(10)) for _ in range(300)]
    try:
        assert serve.post(stripe_bodies.small_event()).status == 200
    finally:
        for connection in idle:
            connection.close()


def test_same_event_on_many_connections_at_once_is_kept_once(place):
    serve = place.serve()
    body = stripe_bodies.encode(stripe_bodies.small_event())
    barrier, answers = threading.Barrier(16), []

    def post():
        with serve.client() as client:
            barrier.wait()
            answers.append(client.post(body))

    threads = [threading.Thread(target=post) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status for a in answers] == [200] * 16
    assert place.store.rows("SELECT count(*) AS n FROM inbox_event") == [{"n": 1}]
    eventually(lambda: serve.metric("counterfoil_deliveries_total", 'result="duplicate"') == 15, "15 duplicates")
