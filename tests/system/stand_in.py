"""HTTP servers that stand in for others: the provider's API, or whoever receives webhooks."""

import contextlib
import http.server
import json
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """One that logs nothing; a test's own says what it does with requests."""

    def answer(self, status, content, headers=()):
        """JSON; text and bytes are sent as they are."""
        body = content if isinstance(content, (str, bytes)) else json.dumps(content)
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **dict(headers)}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listening(handler, **known):
    """The server of such a handler until the block ends: its `url`, and what is `known` to it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    vars(server).update(known, url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
