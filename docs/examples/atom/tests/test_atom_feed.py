"""The feed says what the results say: read back with an XML parser."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from kpisdk import Reason, Report, Result, SourceIdentity, Status, Unit
from kpisdk_atom.feed import NAMESPACE
from kpisdk_atom.plugin import kpisdk_reports

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


WAREHOUSE = SourceIdentity("warehouse", "duckdb", "f")


def result(**facts):
    """A good share, unless said otherwise."""
    known = {
        "kpi_id": "SHOP-001",
        "name": "Return Rate",
        "workstream": "shop",
        "unit": Unit.RATIO,
        "value": 1 / 3,
        "status": Status.GOOD,
        "computed_at": NOON,
    }
    return Result(**{**known, **facts})


@pytest.fixture
def read():
    """``read(result, ...)``: the feed of these results, parsed."""

    def parse(*results, source=WAREHOUSE):
        (form,) = kpisdk_reports()
        return ET.fromstring(form.render(Report(results, source), False))  # noqa: S314 - our own

    return parse


def texts(feed, path):
    """The texts of all elements at a path."""
    names = "/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))
    return [element.text for element in feed.iterfind(names)]


def test_a_result_is_an_entry_with_all_digits(read):
    """Machine formats do not round."""
    feed = read(result(), result(kpi_id="SHOP-002", status=Status.CRITICAL, value=2.0))

    assert texts(feed, "entry/title") == [
        "good: Return Rate is 0.3333333333333333 ratio",
        "critical: Return Rate is 2.0 ratio",
    ]
    assert texts(feed, "updated") == ["2026-03-01T12:00:00Z"]


def test_an_absent_value_says_why(read):
    """It is no zero and no empty text."""
    absent = result(
        value=None, status=Status.UNKNOWN, reason=Reason.NO_ROWS, message="The table is empty."
    )

    assert texts(read(absent), "entry/title") == ["unknown: Return Rate is absent"]
    assert texts(read(absent), "entry/content") == ["SHOP-001 absent. no_rows: The table is empty."]


def test_what_would_be_markup_is_text(read):
    """A slice value comes from data, and data may hold anything."""
    feed = read(result(slice={"shop": "<b>&"}))

    assert "SHOP-001 shop=<b>&" in texts(feed, "entry/content")[0]


def test_what_xml_cannot_hold_is_marked(read):
    """One odd character would cost the reader all entries."""
    feed = read(result(slice={"shop": "a\x00b\udcff"}))

    assert "SHOP-001 shop=a\ufffdb\ufffd" in texts(feed, "entry/content")[0]


def test_an_entry_is_new_when_its_status_or_data_are(read):
    """Ids are those of what happened, and not of when somebody looked."""
    one, again = read(result()), read(result(computed_at=NOON.replace(hour=13)))
    other = read(result(status=Status.WARNING))

    assert texts(one, "entry/id") == texts(again, "entry/id")
    assert texts(one, "entry/id") != texts(other, "entry/id")


def test_synthetic_data_are_called_so(read):
    """Nobody should take a demo for the truth, whatever shows it."""
    made_up = SourceIdentity("demo.duckdb", "duckdb", "f", synthetic=True)

    assert texts(read(result(), source=made_up), "title") == [
        "KPIs of demo.duckdb (synthetic data)"
    ]
    assert texts(read(source=None), "title") == ["KPIs of kpisdk"]
