"""The real program from outside: its processes, its stores, its HTTP, its command line."""

import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import stripe_bodies
from stores import OwnCluster, Postgres, PostgresServer, Sqlite  # noqa: F401: whoever has this has them

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("COUNTERFOIL_BIN", str(ROOT / "build" / "counterfoil"))
BUILD = pathlib.Path(os.environ.get("COUNTERFOIL_BUILD", str(ROOT / "build")))
SHARED = pathlib.Path(os.environ.get("COUNTERFOIL_SHARED", str(ROOT.parent / "shared")))
SLOW = float(os.environ.get("COUNTERFOIL_TEST_SLOW", "1"))
SECRET = "whsec_system_test_" + "k3" * 16
SECRET_NEXT = "whsec_system_next_" + "q7" * 16


def seconds(count):
    """How long something may take at most; longer where the build is slow."""
    return count * SLOW


def eventually(check, what, deadline=20.0):
    """Asks until `check` answers something true, and gives that back. The only way in which tests wait."""
    end = time.monotonic() + seconds(deadline)
    pause = 0.005
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds(deadline):.0f} s: {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


# --- the program ---


class Workplace:
    """A folder with a configuration, secrets, logs, and every process that a test started in it."""

    def __init__(self, folder, store):
        self.folder = pathlib.Path(folder)
        self.store = store
        self.processes = []
        self.accounts = {"acme": {"environment": "test", "secrets": [SECRET]}}
        self.settings = {("listen", "public"): "127.0.0.1:0", ("listen", "private"): "127.0.0.1:0"}
        # Only tests that are about it are reconciled beside what they do.
        self.settings.update({("reconcile", "every"): "0", ("reconcile", "at"): "off"})
        self.config = self.folder / "counterfoil.ini"
        self.write_config()

    def write_config(self, store_url=None):
        """Secrets go to files of their own, readable by the owner only; the configuration names them."""
        sections = {}
        for (section, key), value in self.settings.items():
            sections.setdefault(section, []).append(f"{key} = {value}")
        text = f"[store]\nurl = {store_url or self.store.url}\n"
        for section, lines in sections.items():
            text += f"\n[{section}]\n" + "\n".join(lines) + "\n"
        for name, account in self.accounts.items():
            names = []
            for index, secret in enumerate(account["secrets"]):
                path = self.folder / f"{name}-{index}.secret"
                path.touch(mode=0o600)
                path.write_text(secret + "\n")
                names.append(f"file:{path}")
            text += f"\n[account {name}]\nprovider = stripe\nenvironment = {account['environment']}\n"
            text += f"webhook_secret = {' '.join(names)}\n"
            for key, value in account.get("more", {}).items():
                text += f"{key} = {value}\n"
        part = self.config.with_suffix(".part")
        part.write_text(text)
        part.replace(self.config)

    def give_key(self, key, url, name="acme", **more):
        """From now on the account reads from the provider's API at that URL, by that key."""
        path = self.folder / f"{name}.key"
        path.touch(mode=0o600)
        path.write_text(key + "\n")
        self.accounts[name]["more"] = {"key.read": f"file:{path}", "api_base": url, **more}
        self.write_config()

    def secrets(self):
        return {secret for account in self.accounts.values() for secret in account["secrets"]} | {SECRET, SECRET_NEXT}

    def serve(self, ready=True, **options):
        server = Serve(self, **options)
        self.processes.append(server)
        if ready:
            server.wait_until_ready()
        return server

    def cli(self, *words, check=True, json_answer=False, timeout=30, env=None, stdin=None):
        """One run of a subcommand to its end."""
        command = [PROGRAM, "--config", str(self.config), *map(str, words)] + (["--json"] if json_answer else [])
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=seconds(timeout),
            env=dict(self.store.environment() or os.environ, **(env or {})),
        )
        with open(self.folder / "cli.log", "a", encoding="utf-8") as log:
            log.write(done.stderr)
        assert done.returncode >= 0, f"{words} died of signal {-done.returncode}: {done.stderr}"
        if check:
            assert done.returncode == 0, f"{words} ended with {done.returncode}: {done.stderr}{done.stdout}"
        return done

    def lines(self, *words, **options):
        """A subcommand's --json answer, one object a line."""
        return [json.loads(line) for line in self.cli(*words, json_answer=True, **options).stdout.splitlines() if line]

    def background(self, name, *words, env=None, stdout=None):
        """A subcommand that goes on; stopped by the end of the test at the latest."""
        process = Background(self, name, [PROGRAM, "--config", str(self.config), *map(str, words)], env)
        self.processes.append(process)
        return process

    def logs(self):
        return b"".join(p.read_bytes() for p in sorted(self.folder.glob("*.log")))

    def stop_everything(self):
        for process in self.processes:
            process.end()


class Background:
    """A process of ours, known by its pid."""

    count = 0

    def __init__(self, place, name, command, env=None):
        Background.count += 1
        self.place = place
        self.log = place.folder / f"{name}-{Background.count}.log"
        self.out = place.folder / f"{name}-{Background.count}.out"
        environment = dict(place.store.environment() or os.environ, **(env or {}))
        with open(self.log, "wb") as log, open(self.out, "wb") as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=log, env=environment, cwd=place.folder
            )

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, deadline=30):
        return self.process.wait(timeout=seconds(deadline))

    def kill(self):
        self.process.kill()
        return self.process.wait()

    def stop(self, deadline=30):
        """Asks it to end and gives its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(deadline)

    def end(self):
        if self.running():
            self.signal(signal.SIGCONT)
            self.kill()

    def text(self):
        return self.log.read_text(errors="replace")

    def output(self):
        return self.out.read_text(errors="replace")

    def log_lines(self):
        """What it logged, parsed: a line that is no JSON object fails the test."""
        return [json.loads(line) for line in self.text().splitlines() if line]


class Serve(Background):
    def __init__(self, place, env=None, arguments=()):
        self.port_file = place.folder / f"ports-{Background.count + 1}"
        command = [PROGRAM, "--config", str(place.config), "serve", "--port-file", str(self.port_file)]
        super().__init__(place, "serve", command + list(arguments), env)
        self.public = self.private = None

    def wait_until_ready(self, deadline=30):
        def ready():
            if not self.running():
                raise AssertionError(f"serve ended with {self.process.returncode}: {self.text()[-2000:]}")
            if self.public is None and self.port_file.exists():
                self.public, self.private = map(int, self.port_file.read_text().split())
            return self.public is not None and self.get("/readyz", quiet=True)[0] == 200

        eventually(ready, "serve is ready", deadline)
        return self

    def get(self, path, quiet=False):
        """(status, text) of the private listener."""
        connection = http.client.HTTPConnection("127.0.0.1", self.private, timeout=seconds(10))
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            if not quiet:
                raise
            return 0, ""
        finally:
            connection.close()

    def metric(self, name, labels=""):
        wanted = name + (f"{{{labels}}}" if labels else "")
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(wanted + " "):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"/metrics has no {wanted}")

    def client(self):
        return Client(self.public)

    def post(self, body, **options):
        """One delivery on a connection of its own."""
        with self.client() as client:
            return client.post(body, **options)

    def post_all(self, bodies, connections=8, **options):
        """Many deliveries at once; their answers in order."""
        answers = [None] * len(bodies)
        todo = iter(range(len(bodies)))

        def work():
            with self.client() as client:
                for index in todo_of(todo):
                    answers[index] = client.post(bodies[index], **options)

        with concurrent.futures.ThreadPoolExecutor(connections) as pool:
            for future in [pool.submit(work) for _ in range(connections)]:
                future.result()
        return answers

    def wait_until_decided(self, deadline=30):
        """Until no inbox event is open any more."""
        sql = "SELECT count(*) AS open FROM inbox_work WHERE due_at_us IS NOT NULL"
        eventually(lambda: self.place.store.rows(sql)[0]["open"] == 0, "every event is decided", deadline)


def todo_of(numbers):
    """One iterator shared by threads."""
    while True:
        try:
            yield next(numbers)
        except StopIteration:
            return


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:200]!r}>"


class Client:
    """One keep-alive connection to the public listener."""

    def __init__(self, port):
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds(30))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def post(self, body, account="acme", secret=SECRET, signature=None, method="POST", path=None, headers=None):
        """`body`: bytes, or an event to encode. Without `signature` it is signed with `secret`."""
        if isinstance(body, dict):
            body = stripe_bodies.encode(body)
        sent = {"Content-Type": "application/json; charset=utf-8"}
        if signature is None:
            signature = stripe_bodies.header(secret, body)
        if signature:
            sent["Stripe-Signature"] = signature
        sent.update(headers or {})
        self.connection.request(method, path or f"/webhooks/{account}", body=body, headers=sent)
        answer = self.connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())


def raw_request(port, text, timeout=30):
    """Bytes as they are, on a connection of their own; the first answer to them, or what came before the end."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds(timeout)) as connection:
        connection.sendall(text)
        answer = b""
        while not is_whole(answer):
            try:
                part = connection.recv(65536)
            except (ConnectionResetError, BrokenPipeError):
                return answer
            if not part:
                return answer
            answer += part
        return answer


def is_whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, flags=re.I)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def send_and_go(port, text):
    """Bytes as they are, and away without waiting for an answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds(10)) as connection:
        connection.sendall(text)


def status_of(answer):
    match = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(match[1]) if match else None
