"""The front door: ./dev run as a user types it."""

import os
import re
import signal
import subprocess

import pytest
from harness import BUILD, ROOT, eventually, seconds

pytestmark = pytest.mark.xdist_group("dev")  # one at a time: they build into the same directories


@pytest.fixture(autouse=True)
def usual_build():
    if BUILD != ROOT / "build":
        pytest.skip("./dev run uses build/, and another build is being tested")


def run_of(said):
    return ROOT / re.search(r"everything of this run lies in (\S+)", said)[1]


def test_run_for_some_seconds_ends_by_itself_with_a_summary(tmp_path):
    """From another current directory, without a terminal."""
    done = subprocess.run(
        [str(ROOT / "dev"), "run", "--for", "5s", "--rate", "200"], cwd=tmp_path, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=seconds(240),
    )
    assert done.returncode == 0, done.stderr + done.stdout
    for words in ("events --follow", "inbox stats", "show payment cf_pay_"):
        assert words in done.stderr
    assert re.search(r"applied +[1-9]", done.stdout)
    assert re.search(r"[1-9]\d*  equal in the store", done.stdout)
    place = run_of(done.stderr)
    assert (place / "demo.secret").stat().st_mode & 0o777 == 0o600
    secret = (place / "demo.secret").read_text().strip()
    for path in place.iterdir():
        if path.name != "demo.secret":
            assert secret.encode() not in path.read_bytes(), f"the secret stands in {path}"


def test_run_stops_cleanly_on_interrupt():
    process = subprocess.Popen(
        [str(ROOT / "dev"), "run", "--rate", "100"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
        # A shell cannot trap what its parent ignored, and background jobs ignore this one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        said = ""
        for line in process.stderr:
            said += line
            if "show payment" in line:
                break
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
        out, err = process.communicate(timeout=seconds(60))
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=seconds(60))
    assert process.returncode == 0, said + err + out
    assert "equal in the store" in out
    place = run_of(said)
    log = (place / "serve.log").read_text()
    assert log.splitlines()[-1].find('"stopped"') > 0, log[-500:]


def test_run_with_stripe_wants_its_secret_from_the_environment():
    environment = {k: v for k, v in os.environ.items() if k != "COUNTERFOIL_STRIPE_SECRET"}
    done = subprocess.run(
        [str(ROOT / "dev"), "run", "--stripe", "--for", "1s"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=environment, timeout=seconds(60),
    )
    assert done.returncode == 1
    assert "COUNTERFOIL_STRIPE_SECRET" in done.stderr


def test_verbs_are_listed_and_unknown_ones_refused():
    done = subprocess.run([str(ROOT / "dev")], stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0
    for verb in "run test build check asan tsan bench fuzz coverage clean install".split():
        assert re.search(rf"^  {verb} ", done.stdout, flags=re.M)
    assert subprocess.run([str(ROOT / "dev"), "nonsense"], stderr=subprocess.DEVNULL).returncode == 2


def install_below(folder):
    if not (ROOT / "build-release" / "build.ninja").exists():
        pytest.skip("no build-release: ./dev bench or ./dev install makes it")
    environment = dict(os.environ, DESTDIR=str(folder), PREFIX="/usr")
    done = subprocess.run([str(ROOT / "dev"), "install"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, env=environment, timeout=seconds(300))
    assert done.returncode == 0, done.stderr


def test_install_below_a_folder_has_all_of_its_parts(tmp_path):
    install_below(tmp_path)
    unit = (tmp_path / "usr/lib/systemd/system/counterfoil.service").read_text()
    assert "ExecStart=/usr/bin/counterfoil --config /etc/counterfoil/counterfoil.ini serve" in unit
    assert "LimitCORE=0" in unit and "@" not in unit.replace("@system-service", "").replace("~@privileged @resources", "")
    assert os.access(tmp_path / "usr/bin/counterfoil", os.X_OK)
    for name in ("etc/counterfoil/counterfoil.ini", "usr/share/bash-completion/completions/counterfoil",
                 "usr/lib/sysusers.d/counterfoil.conf", "usr/lib/tmpfiles.d/counterfoil.conf"):
        assert (tmp_path / name).is_file()


def links_of(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    return [link for link in re.findall(r"\]\(([^)#\s]+)", text) if not re.match(r"[a-z]+:", link)]


def test_links_of_installed_documents_lead_to_installed_documents(tmp_path):
    install_below(tmp_path)
    documents = tmp_path / "usr/share/doc/counterfoil"
    pages = sorted(documents.rglob("*.md"))
    assert {"README.md", "docs/config.md", "bench/README.md"} <= {str(page.relative_to(documents)) for page in pages}
    for page in pages:
        for link in links_of(page):
            to = (page.parent / link).resolve()
            assert to.exists() and to.is_relative_to(documents), f"{page}: {link}"


def holders(place):
    """The processes that name the folder of a run on their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if str(place.relative_to(ROOT)).encode() in file.read():
                    found.append(pid)
        except OSError:
            continue
    return found


def has_begun(pid):
    """It is the program by now: what becomes it first asks for a signal at its parent's end."""
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe")) == "counterfoil"
    except OSError:
        return False


def test_a_run_leaves_no_process_behind():
    done = subprocess.run([str(ROOT / "dev"), "run", "--for", "2s"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=seconds(120))
    assert done.returncode == 0, done.stderr
    place = run_of(done.stderr)
    eventually(lambda: not holders(place), "nothing of the run is left")


def test_a_run_that_is_killed_leaves_no_process_behind():
    with subprocess.Popen([str(ROOT / "dev"), "run"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        said = ""
        for line in process.stderr:
            said += line
            if "show payment" in line:
                break
        place = run_of(said)
        eventually(lambda: sum(map(has_begun, holders(place))) >= 3, "serve, sandbox and watch run")
        process.kill()
    eventually(lambda: not holders(place), "nothing of the run is left", 60)
    assert '"stopped"' in (place / "serve.log").read_text().splitlines()[-1], "serve has ended in order"


@pytest.mark.parametrize("option,value", [
    ("--for", "500ms"), ("--for", "1m30s"), ("--for", "0"), ("--for", "soon"), ("--rate", "many"), ("--rate", "0"), ("--rate", "1.5"),
])
def test_run_refuses_numbers_that_it_does_not_take_before_it_starts_anything(option, value):
    done = subprocess.run(
        [str(ROOT / "dev"), "run", option, value], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, timeout=seconds(60),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"dev: {option} wants") and done.stderr.count("\n") == 1
