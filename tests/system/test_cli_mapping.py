"""`counterfoil mapping`: what is printed is what the program runs on, and docs/mapping.md is what is printed."""

import json
import pathlib
import subprocess

from harness import PROGRAM

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=30, check=False)


def mapping():
    return json.loads(run("mapping", "--json").stdout)


def test_documentation_of_the_mapping_is_its_output():
    written = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    assert run("mapping").stdout == written, "make it anew: counterfoil mapping > docs/mapping.md"


def test_every_event_type_is_decided_once():
    sheets = mapping()
    types = [row["event type"] for row in sheets["event_types"] + sheets["recorded_types"]]
    assert len(types) == len(set(types))
    assert all(row["aggregate"] and row["what it says"] for row in sheets["event_types"])
    assert all(row["reason"] and row["what it says"] for row in sheets["recorded_types"])


def test_every_aggregate_that_an_event_type_names_has_fields_and_domain_events():
    sheets = mapping()
    fields = {row["aggregate"] for row in sheets["aggregates"]}
    events = {row["aggregate"] for row in sheets["domain_events"]}
    for row in sheets["event_types"]:
        assert row["aggregate"] in fields, row
        assert row["aggregate"] in events | {"attempt"}, row  # an attempt's events are its payment's


def test_every_field_of_ours_that_is_read_exists():
    sheets = mapping()
    known = {f"{row['aggregate']}.{row['field']}" for row in sheets["aggregates"]}
    known |= {f"{row['aggregate']}.id" for row in sheets["aggregates"]}
    tables = {row["aggregate"] for row in sheets["aggregates"]}
    for row in sheets["fields"] + sheets["computed"]:
        if row["ours"] and not row["ours"].startswith("envelope.") and row["ours"] not in tables:
            assert row["ours"] in known, row


def test_states_of_every_status_and_move_exist():
    sheets = mapping()
    states = {(row["aggregate"], row["state"]) for row in sheets["states"]}
    for row in sheets["moves"]:
        assert (row["aggregate"], row["from"]) in states, row
        assert (row["aggregate"], row["to"]) in states, row
    words = {state for _, state in states}
    for row in sheets["statuses"]:
        assert row["state of ours"] in words | {""}, row


def test_event_types_to_enable_are_those_that_are_mapped_and_that_an_endpoint_can_be_given():
    lines = run("mapping", "--events").stdout.split()
    mapped = [row["event type"] for row in mapping()["event_types"]]
    past = {"customer.bank_account.deleted", "customer.card.created", "customer.card.deleted", "customer.card.updated",
            "payment_method.card_automatically_updated", "transfer.canceled", "transfer.failed", "transfer.paid"}
    assert lines == [type_ for type_ in mapped if type_ not in past] and past < set(mapped)
    assert json.loads(run("mapping", "--events", "--json").stdout) == lines


def test_unknown_format_is_refused():
    done = run("mapping", "--format", "xml")
    assert done.returncode == 2
    assert "markdown or json" in done.stderr
