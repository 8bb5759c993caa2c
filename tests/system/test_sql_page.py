"""docs/sql.md names every view with its columns, and every table; the engines have the same indexes."""

import re

import pytest
from harness import ROOT

WHOSE = ["scope", "provider", "environment", "account"]
KEPT = ["version", "updated_seq", "recorded_at", "updated_at"]


def rows_below(title):
    page = (ROOT / "docs" / "sql.md").read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| `")]
    return [[re.findall(r"`(\w+)`", cell) for cell in row] for row in rows]


@pytest.fixture
def catalog(place):
    place.cli("migrate")
    place.columns = place.store.rows(
        "SELECT m.type AS type, m.name AS table_name, c.name AS column_name FROM sqlite_schema m, pragma_table_info(m.name) c"
        " WHERE m.type IN ('table', 'view') ORDER BY m.name, c.cid"
        if place.store.name == "sqlite" else
        "SELECT CASE t.table_type WHEN 'VIEW' THEN 'view' ELSE 'table' END AS type, t.table_name, c.column_name"
        " FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name)"
        " WHERE t.table_schema = current_schema() ORDER BY t.table_name, c.ordinal_position")
    return place


def columns_of(place, type_):
    found = {}
    for row in place.columns:
        if row["type"] == type_:
            found.setdefault(row["table_name"], []).append(row["column_name"])
    return found


def test_every_view_is_there_with_its_columns(catalog):
    views = columns_of(catalog, "view")
    prefixes = {row["kind"]: row["prefix"] for row in catalog.store.rows("SELECT kind, prefix FROM id_prefix")
                if row["prefix"] not in ("cf_lin_", "cf_dcp_")}  # lines and discrepancies are no aggregates
    said = {name: (ids, columns) for [name], _, ids, columns in rows_below("Views")}
    assert set(said) == set(views)
    for name, (ids, columns) in said.items():
        kind = name.removesuffix("_view")
        if kind in prefixes:
            assert ["id", *WHOSE, *columns, *KEPT] == views[name], name
            assert ids == [prefixes[kind]], name
        else:
            assert columns == [column for column in views[name] if column not in WHOSE], name
    assert {name.removesuffix("_view") for name in views} == {
        *prefixes, "inbox", "domain_event", "discrepancy", "discrepancy_step", "reconcile_run"}


def test_every_table_is_there(catalog):
    said = [name for row in rows_below("Tables") for name in row[0]]
    assert len(said) == len(set(said))
    assert set(said) == set(columns_of(catalog, "table"))


def indexes_of(engine):
    text = "\n".join(path.read_text() for path in sorted((ROOT / "sql" / engine).glob("*.sql")))
    return sorted(re.findall(r"CREATE (?:UNIQUE )?INDEX [^;]*;", text))


def test_both_engines_have_the_same_indexes():
    sqlite, postgres = indexes_of("sqlite"), indexes_of("postgres")
    assert len(sqlite) > 80
    assert sqlite == postgres
