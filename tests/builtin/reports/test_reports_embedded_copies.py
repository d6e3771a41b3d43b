"""Copies inside of a page: the numbers that it shows, in full, as long as it can be mailed."""

import base64
import csv
import gzip
import io
import json
import re

import attrs
import pytest

from kpisdk.builtin.pages.embedded_copies import LONGEST, embedded_copies
from kpisdk.builtin.pages.scorecard_file import render
from kpisdk.contracts.results import Report, SourceIdentity
from kpisdk.contracts.vocabulary import Reason, Status

MONTHS = tuple(f"{2024 + number // 12}-{number % 12 + 1:02}" for number in range(24))


@pytest.fixture
def trend(make):
    """Two years of a third and a bit, and a KPI that is absent in all of them."""
    there = [
        make(value=1 / 3 + number / 7, status=Status.GOOD, period=period)
        for number, period in enumerate(MONTHS)
    ]
    absent = [
        make(kpi_id="X-1", reason=Reason.NO_ROWS, message="None.", period=each) for each in MONTHS
    ]
    return Report((*there, *absent), SourceIdentity("duckdb:////home/ada/a.duckdb", "duckdb", "f"))


def unpacked(link):
    """The text that a link holds."""
    head, _, data = link.partition(",")
    assert head == "data:application/gzip;base64"
    return gzip.decompress(base64.b64decode(data)).decode()


def test_copies_hold_the_periods_of_the_page_in_full_precision(trend):
    """The last twelve of them, as CSV and as JSON; an absent KPI is there once."""
    found, left_out = embedded_copies(trend, 50_000)
    texts = {name: unpacked(link) for name, link in found}
    rows = list(csv.DictReader(io.StringIO(texts["CSV"], newline="")))
    document = json.loads(texts["JSON"])

    assert left_out == ()
    assert [row["period"] for row in rows] == [*MONTHS[12:], MONTHS[-1]]
    wanted = [1 / 3 + number / 7 for number in range(12, 24)]
    assert [float(row["value"]) for row in rows[:-1]] == wanted
    assert [each["value"] for each in document["results"]] == [*wanted, None]
    assert (rows[-1]["kpi_id"], rows[-1]["reason"]) == ("X-1", "no_rows")


def test_copies_name_the_source_and_not_its_place(trend):
    """As the page does."""
    for _, link in embedded_copies(trend, 0)[0]:
        assert "a.duckdb" in unpacked(link)
        assert "/home/ada" not in unpacked(link)


def test_equal_reports_are_equal_pages(trend):
    """Nothing in a copy tells when it was packed."""
    assert embedded_copies(trend, 0) == embedded_copies(trend, 0)
    assert render(trend) == render(trend)


def test_copies_that_would_make_a_page_too_long_are_left_out(trend):
    """The longest first, and never so that the page can no longer be mailed."""
    (_, table), (_, document) = embedded_copies(trend, 0)[0]
    assert len(table) < len(document)
    room_for_one = LONGEST - len(table) - 500

    names, left_out = embedded_copies(trend, room_for_one)
    assert ([name for name, _ in names], left_out) == (["CSV"], ("JSON",))
    assert embedded_copies(trend, room_for_one + 1) == ((), ("CSV", "JSON"))
    assert embedded_copies(trend, 10 * LONGEST)[0] == ()


def test_a_page_has_its_copies_or_says_how_to_get_them(make):
    """A link that needs no script with a name for the file; else the format to ask for."""
    small = render(Report((make(value=0.5),)))
    one = make(value=0.5, name="A name " * 60)
    many = [attrs.evolve(one, slice={"city": f"{number:04}"}) for number in range(300)]
    large = render(Report(tuple(many)))

    assert re.findall(r'download="([^"]+)"', small) == ["kpis.csv.gz", "kpis.json.gz"]
    assert "too long" not in small
    assert "download=" not in large
    assert "ask for the report with <code>--format csv</code>" in large
