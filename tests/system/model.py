"""What the store holds, in a form in which two histories can be compared.

Equal means (promise 3): the business fields of all aggregates, and the set of milestone events. Which fields are
business and which events are milestones is read from the tables that the program itself is made of.
"""

import random
import re

from harness import ROOT

AGGREGATES = ROOT / "src" / "domain" / "aggregate"
KINDS = ("payment", "attempt", "refund", "customer")


def business_fields(kind):
    """(type, column) of each business row of an aggregate's .def."""
    text = (AGGREGATES / f"{kind}.def").read_text()
    if f"SNAPSHOT({kind})" in text:
        rows = (AGGREGATES.parent / "aggregates.def").read_text()
        text += re.search(r"^#define SNAPSHOT\(name\)((?:.*\\\n)*.*\n)", rows, flags=re.M)[1]
    rows = re.findall(r"^\s*FIELD\(\w+, (\w+), (\w+), \w+, (\w+),", text, flags=re.M)
    assert any(source == "KEPT" for _, _, source in rows), f"{kind}.def: rows of another shape"
    return [(type_, column) for type_, column, source in rows if source != "KEPT"]


def milestones():
    text = "".join((AGGREGATES / f"{kind}.def").read_text() for kind in KINDS)
    return set(re.findall(r'^EVENT\(\w+, \w+, "([\w.]+)", MILESTONE,', text, flags=re.M))


def state_of(store):
    """{provider id: {field: value}} of every object: own ids are shown as the provider's, so that stores compare."""
    names = {}
    for row in store.rows(f"SELECT {store.hex('id')} AS id, kind, provider_id FROM provider_ref"):
        names.setdefault(row["id"], set()).add(row["provider_id"])
    names = {own: "+".join(sorted(theirs)) for own, theirs in names.items()}
    state = {}
    for kind in KINDS:
        fields = business_fields(kind)
        columns = ", ".join(
            f"{store.hex(name)} AS {name}" if type_ == "ID" else name for type_, name in [("ID", "id"), *fields]
        )
        for row in store.rows(f"SELECT {columns} FROM {kind}"):
            own = row.pop("id")
            for type_, name in fields:
                value = row[name]
                value = None if value == "" else value
                if type_ == "ID" and value is not None:
                    value = names.get(value, "unknown")
                if type_ == "BOOL":
                    value = value in (1, "1", "t", "true", True)
                row[name] = value
            state[f"{kind} {names.get(own, own)}"] = row
    return state


def facts_of(store):
    """The set of milestone events: (type, object)."""
    names = {}
    for row in store.rows(f"SELECT {store.hex('id')} AS id, provider_id FROM provider_ref ORDER BY provider_id"):
        names.setdefault(row["id"], row["provider_id"])
    wanted = milestones()
    rows = store.rows(f"SELECT type, {store.hex('aggregate_id')} AS id FROM domain_event")
    return sorted((row["type"], names.get(row["id"], "unknown")) for row in rows if row["type"] in wanted)


def rename(value, names):
    """The same structure with every known provider id replaced: lives with other ids become comparable."""
    if isinstance(value, str):
        for name, role in names.items():
            value = value.replace(name, role)
        return value
    if isinstance(value, dict):
        return {rename(k, names): rename(v, names) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rename(v, names) for v in value]
    return value


def assert_equal(ours, other, what):
    """Says the first difference in words instead of printing two stores."""
    for key in sorted(set(ours) | set(other)):
        a, b = ours.get(key), other.get(key)
        if a != b:
            fields = [f for f in (a or {}) if not isinstance(b, dict) or a.get(f) != b.get(f)] if a else []
            raise AssertionError(f"{what}: {key}: {fields}: {a} is not {b}")


def assert_any_order_ends_equal(place, lives, kinds, seed):
    """The first is told in its order, the others in any, with something twice: all end as objects of these kinds."""
    dice = random.Random(seed)
    serve = place.serve()
    for event in lives[0].events:
        assert serve.post(event).status == 200
    for life in lives[1:]:
        order = life.events + [dice.choice(life.events)]
        dice.shuffle(order)
        assert {answer.status for answer in serve.post_all(order, connections=1)} == {200}
    serve.wait_until_decided()
    state, facts = state_of(place.store), facts_of(place.store)
    expected_state, expected_facts = lives[0].in_store(state, facts)
    assert {key.split()[0] for key in expected_state} == set(kinds)
    for number, life in enumerate(lives[1:], 1):
        ours_state, ours_facts = life.in_store(state, facts)
        assert_equal(ours_state, expected_state, f"seed {seed}, life {number}")
        assert ours_facts == expected_facts, f"seed {seed}, life {number}"
