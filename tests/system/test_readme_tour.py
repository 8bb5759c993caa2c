"""The tour of README.md: its own commands are run, and what they print looks as the page says.

Compared is the shape of lines: ids, times, amounts, numbers, words of states and types are all the same."""

import fcntl
import json
import os
import re
import shlex
import signal
import struct
import subprocess
import termios

import pytest
from harness import PROGRAM, ROOT, SECRET, eventually

README = (ROOT / "README.md").read_text(encoding="utf-8")
STATES = "open|action_required|processing|authorized|succeeded|failed|canceled|pending|paid|active|void|draft|expired|complete"
WORDS = [  # what differs from run to run, the most special first
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
    (r"^[a-z_]+ +\d+ +\d+ +\d+$", "TABLE N N N"),
    (r"cf_evt_\d+_\d+", "ID"), (r"cf_[a-z]{3}_[0-9a-f]{32}", "ID"), (r"\b[a-z]{2,6}_[A-Za-z0-9]{14,}\b", "ID"),
    (r"-?\d[\d,]*(\.\d+)? [A-Z]{3}\b", "MONEY"),
    (r"\b\d+(us|ms|s|m|h|d)\b( \d+(us|ms|s|m|h|d)\b)*", "SPAN"),
    (r"\b[a-z_]+(\.[a-z_]+)+\b", "TYPE"),
    (rf"\b({STATES})\b", "STATE"),
    (r"\b\d[\d,]*\b", "N"),
]


def shape(line):
    for pattern, word in WORDS:
        line = re.sub(pattern, word, line)
    line = re.sub(r" +", " ", line).strip()
    return re.sub(r"(STATE N)( STATE N)+", r"\1", line)  # as many as there are


def shapes(text):
    return [shape(line) for line in text.splitlines() if line.strip() not in ("", "...")]


def section(title):
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def blocks(title):
    return [block.rstrip("\n") for block in re.findall(r"```\w*\n(.*?)```", section(title), re.DOTALL)]


def commands(title):
    """(words behind the program's name, what the page says it prints); a line may go on behind a backslash."""
    for block in blocks(title):
        parts = re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)
        for part in parts[1:]:
            command, _, printed = part.partition("\n")
            words = shlex.split(command)
            assert words[0] in ("build/counterfoil", "counterfoil", "./dev"), command
            if words[0] != "./dev":
                yield words[3:] if words[1] == "--config" else words[1:], printed


def assert_looks_like(page, printed):
    seen = shapes(printed)
    for line in shapes(page):
        assert line in seen, f"the page says\n  {line}\nand of that shape is nothing in\n" + "\n".join(seen)


@pytest.fixture
def demo(sqlite_place):
    sqlite_place.accounts = {"demo": {"environment": "test", "secrets": [SECRET]}}
    sqlite_place.write_config()
    (sqlite_place.folder / "demo.secret").symlink_to(sqlite_place.folder / "demo-0.secret")
    return sqlite_place


def watched(place, then):
    """What a terminal of that height shows while `then` runs: the last whole screen."""
    reader, writer = os.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 160, 0, 0))
    with subprocess.Popen([PROGRAM, "--config", str(place.config), "watch"], stdout=writer, stderr=subprocess.PIPE,
                          env=dict(os.environ, TERM="dumb", NO_COLOR="1")) as process:
        os.close(writer)
        seen = b""
        while not then():
            seen += os.read(reader, 65536)
        while not seen.endswith(b"\x1b[J"):
            seen += os.read(reader, 65536)
        process.send_signal(signal.SIGINT)
        try:
            while os.read(reader, 65536):
                pass
        except OSError:
            pass  # the other end is closed
    os.close(reader)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", seen.decode().split("\x1b[J")[-2])


def test_the_five_minutes_look_as_the_page_says(demo):
    serve = demo.serve()
    demo.settings["listen", "private"] = f"127.0.0.1:{serve.private}"
    demo.write_config()
    shop = demo.background(  # as ./dev run starts it, but faster
        "sandbox", "sandbox", "--to", f"http://127.0.0.1:{serve.public}/webhooks/demo", "--secret", "file:demo.secret",
        "--state", "demo.state", "--log-acked", "demo.acked", "--seed", "1", "--rate", "100", "--duplicates", "10",
        "--reorder", "20", "--delay", "2s", "--for", "5s")
    screen = watched(demo, lambda: not shop.running())
    assert shop.wait() == 0
    serve.wait_until_decided()
    events = demo.lines("events")
    failed = {e["aggregate_id"] for e in events if e["type"] == "payment.attempt_failed"}
    example = next(e["aggregate_id"] for e in events if e["type"] == "payment.succeeded" and e["aggregate_id"] in failed
                   and e["data"]["payment"]["customer_id"])

    first, *_ = blocks("Five minutes")
    said, _, page_screen = first.partition("\n\n")
    assert_looks_like(page_screen, screen)
    script = (ROOT / "tools/dev/run.sh").read_text(encoding="utf-8")
    for line in said.splitlines()[1:]:
        words = re.sub(r"\.dev/\S+|cf_pay_\w+", "@", line.removeprefix("dev: "))
        assert words in re.sub(r"\$\{?[\w:-]+\}?", "@", script), line

    asked = list(commands("Five minutes"))
    assert [words[0] for words, _ in asked] == ["events", "show", "inbox", "replay"]
    for words, page in asked:
        printed = demo.cli(*[example if word.startswith("cf_pay_") else word for word in words]).stdout
        assert_looks_like(page, printed)
    verified = demo.cli("sandbox", "--verify", "--state", demo.folder / "demo.state", "--log-acked", demo.folder / "demo.acked")
    told = next(block for block in blocks("Five minutes") if block.startswith("The sandbox says:"))
    assert_looks_like(told, f"The sandbox says:\n{shop.output()}\nCompared with the store:\n{verified.stdout}")


def test_what_webhooks_lose_is_found_as_the_page_says(demo):
    serve = demo.serve()
    settings, *_ = blocks("What webhooks lose")
    key = re.search(r"put `(rk_test_\w+)` into `demo.key`", section("What webhooks lose"))[1]
    (demo.folder / "demo.key").touch(mode=0o600)
    (demo.folder / "demo.key").write_text(key + "\n")
    (opened, page), *asked = commands("What webhooks lose")
    assert opened[0] == "sandbox" and [words[0] for words, _ in asked] == ["backfill", "sandbox"]
    port_file = demo.folder / "api-port"
    words = [word.replace("127.0.0.1:8430", "127.0.0.1:0").replace("127.0.0.1:8420", f"127.0.0.1:{serve.public}") for word in opened]
    assert words != opened
    shop = demo.background("sandbox", *words, "--port-file", port_file)
    eventually(lambda: len(shapes(shop.output())) >= len(shapes(page)) or not shop.running(), "the shop has closed", 60)
    assert_looks_like(page, shop.output())
    lines = dict(line.split(" = ") for line in settings.replace("8430", port_file.read_text().strip()).splitlines())
    demo.accounts["demo"]["more"] = lines
    demo.write_config()
    for words, page in asked:
        words = [str(demo.folder / word) if word == "demo.state" else word for word in words]
        assert_looks_like(page, demo.cli(*words, timeout=120).stdout)
        serve.wait_until_decided()
    assert json.loads(demo.cli("backfill", json_answer=True).stdout)["back_filled"] == 0


def test_books_agree_with_stripe_as_the_page_says(demo):
    title = "Books that agree with Stripe"
    (opened, page), *asked = commands(title)
    assert opened[0] == "sandbox" and [words[0] for words, _ in asked] == ["reconcile", "discrepancies", "show", "ledger"]
    port_file, key = demo.folder / "api-port", demo.folder / "demo.key"
    key.touch(mode=0o600)
    key.write_text(re.search(r"put `(rk_test_\w+)` into `demo.key`", section("What webhooks lose"))[1] + "\n")
    words = [word.replace("127.0.0.1:8430", "127.0.0.1:0") for word in opened]
    shop = demo.background("sandbox", *words, "--port-file", port_file)
    eventually(lambda: len(shapes(shop.output())) >= len(shapes(page)) or not shop.running(), "the shop has closed", 60)
    assert_looks_like(page, shop.output())
    lines = dict(line.split(" = ") for line in blocks("What webhooks lose")[0].splitlines())
    demo.accounts["demo"]["more"] = {**lines, "api_base": f"http://127.0.0.1:{port_file.read_text().strip()}"}
    demo.settings["scan", "requests_per_s"] = "100"
    demo.write_config()
    demo.cli("migrate")

    reconciled = demo.cli(*asked[0][0], check=False, timeout=120)
    assert reconciled.returncode == 1, reconciled.stderr
    assert_looks_like(asked[0][1], reconciled.stdout)
    names = {"cf_dcp_": re.search(r"cf_dcp_\w+", reconciled.stdout)[0],
             "po_": re.search(r"(po_\w+) +paid .* [1-9]\d*  +[\d.,]+ EUR +0.00 EUR$", reconciled.stdout, re.M)[1]}
    for words, page in asked[1:]:
        words = [next((name for kind, name in names.items() if word.startswith(kind)), word) for word in words]
        assert_looks_like(page, demo.cli(*words, timeout=60).stdout)
