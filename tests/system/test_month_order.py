"""One month told in many ways: whatever comes first, twice, late or never, books and report end equal on both engines."""

import datetime

import pytest

from conftest import make_place
from months import Month, plus

HURT = ["--reorder", "20", "--duplicates", "10", "--delay", "200ms"]
DAYS = 10
OF_THE_WAY = {"C1 events", "C8 timeliness"}  # measures of how it was learned, and not of what is so


def recently():
    """The provider lists events of the last 30 days only."""
    return plus(str(datetime.datetime.now(datetime.timezone.utc).date()), -DAYS - 2)


def in_order(month):
    month.asks(month.delivers())


def hurt(month):
    month.asks(month.delivers(*HURT, "--loss", "10"))


def lines_first(month):
    """The lines are there before any webhook."""
    month.asks(month.opens("before"))
    month.place.cli("import", "--api", "--from", month.begin, timeout=60)
    assert month.stands()
    month.delivers(*HURT)


def never(month):
    """No webhook ever: all that happened is asked for."""
    month.asks(month.opens("quiet"))


def without_own_ids(value):
    """Two stores name one thing by ids of their own."""
    if isinstance(value, dict):
        return {key: without_own_ids(of) for key, of in value.items() if not str(of).startswith("cf_")}
    return [without_own_ids(of) for of in value] if isinstance(value, list) else value


def tell(way, folder, store, seed):
    """What the report says and what stands in the books, in the end."""
    folder.mkdir()
    for place in make_place(folder, store):
        month = Month(place, seed, begin=recently(), days=DAYS, payments=120)
        way(month)
        report = month.reconcile()
        assert {row["measure"] for row in report["completeness"]} > OF_THE_WAY
        report["completeness"] = [row for row in report["completeness"] if row["measure"] not in OF_THE_WAY]
        found = without_own_ids(report), month.stands()
    return found


@pytest.mark.parametrize("way", [hurt, lines_first, never], ids=lambda way: way.__name__)
def test_however_a_month_was_told_books_and_report_end_equal(way, tmp_path, sqlite_store, postgres_store, seed):
    ways, stores = [in_order, way], [sqlite_store, postgres_store]
    (report, stands), (other_report, other_stands) = [
        tell(told, tmp_path / told.__name__, store, seed) for told, store in zip(ways, stores)]
    assert len(stands) > 50 and other_stands == stands
    assert other_report == report
