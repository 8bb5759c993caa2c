"""Stripe's own package signs a body, and the program accepts it."""

import shutil
import subprocess
import time

import pytest
import stripe_bodies
from harness import BUILD, SECRET, SECRET_NEXT, seconds

pytestmark = pytest.mark.xdist_group("npm")  # one worker fetches the package once

VERSION = "23.1.0"

SIGN = """
const Stripe = require('stripe');
const stripe = new (Stripe.default || Stripe)('sk_test_never_used');
const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(stripe.webhooks.generateTestHeaderString(input));
"""


@pytest.fixture(scope="module")
def package():
    """The package in the build directory, fetched once."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    folder = BUILD / "npm"
    if not (folder / "node_modules" / "stripe" / "package.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", f"stripe@{VERSION}"]
        try:
            done = subprocess.run(
                command + ["--prefix", str(folder), "--fetch-retries", "1", "--fetch-timeout", "20000"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=90,
            )
        except subprocess.TimeoutExpired:
            pytest.skip("the npm registry does not answer")
        if done.returncode != 0:
            pytest.skip(f"npm could not fetch stripe@{VERSION}: {done.stdout.strip().splitlines()[-1:]}")
    return folder


def header_by_stripe(package, body, secret, at=None):
    """stripe.webhooks.generateTestHeaderString; the body is text, as the package takes it."""
    given = {"payload": body.decode(), "secret": secret}
    if at is not None:
        given["timestamp"] = at
    done = subprocess.run(
        ["node", "-e", SIGN], input=stripe_bodies.encode(given).decode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, cwd=package, timeout=seconds(30),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_body_signed_by_stripes_package_is_accepted(place, package):
    serve = place.serve()
    for event in (
        stripe_bodies.small_event(),
        stripe_bodies.small_event(metadata={"name": "Zoë Müller 株式会社 🧾", "note": 'quote " and \\ slash'}),
    ):
        body = stripe_bodies.encode(event)
        assert serve.post(body, signature=header_by_stripe(package, body, SECRET)).status == 200
    assert len(place.store.rows("SELECT seq FROM inbox_event")) == 2


def test_body_signed_by_stripes_package_with_another_secret_or_long_ago_is_refused(sqlite_place, package):
    serve = sqlite_place.serve()
    body = stripe_bodies.encode(stripe_bodies.small_event())
    assert serve.post(body, signature=header_by_stripe(package, body, SECRET_NEXT)).status == 400
    old = int(time.time()) - 3600
    assert serve.post(body, signature=header_by_stripe(package, body, SECRET, old)).status == 400


def test_our_signature_is_the_packages(package):
    body = stripe_bodies.encode(stripe_bodies.small_event())
    at = int(time.time())
    assert header_by_stripe(package, body, SECRET, at) == stripe_bodies.header(SECRET, body, at)
