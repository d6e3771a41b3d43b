"""The HTML page: one file, no requests, every text escaped."""

import re
from html.parser import HTMLParser

import attrs
import pytest

from kpisdk.builtin.reports.escaping import visible
from kpisdk.builtin.reports.html_bars import bar
from kpisdk.builtin.reports.html_page import render
from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.results import Report
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Direction, Status

VOID = {"meta", "line", "circle", "rect"}


class Page(HTMLParser):
    """Elements, cells and nesting of a page; unbalanced elements fail."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.rows, self.badges = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append((tag, dict(attributes)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tags = [tag for tag, _ in self.open]
        if "svg" not in tags and ("td" in tags or "th" in tags):
            self.rows[-1][-1] += data
        if self.open and "badge" in self.open[-1][1].get("class", ""):
            self.badges.append((self.open[-1][1]["class"], data))


def test_html_is_a_whole_page(report):
    """Doctype, language, encoding, a title, and elements that close."""
    text = render(report)
    page = Page(text)

    assert text.startswith("<!doctype html>\n<html lang=")
    assert ("meta", {"charset": "utf-8"}) in page.elements
    assert page.rows[0][:5] == ["id", "name", "value", "interval", "status"]
    assert page.rows[1][:5] == [
        *("WS2-TR-004", "Acceptance rate", "0.520", "[0.457, 0.582]", "good (undecided)"),
    ]


def test_html_makes_no_requests(report, sliced):
    """No element or style fetches anything, and the page's own policy forbids it to."""
    for each in (report, sliced):
        text = render(each)
        names = {tag for tag, _ in Page(text).elements}
        given = {name for _, attributes in Page(text).elements for name in attributes}

        assert not names & {"script", "link", "img", "iframe", "object", "image", "use", "base"}
        assert not given & {"src", "href", "xlink:href", "srcset", "style", "onload", "action"}
        assert not re.search(r"url\(|@import|https?:", text)
        assert "default-src 'none'" in text


def test_html_escapes_everything(make, hostile):
    """A text that closes tags and attributes is text, wherever it stands."""
    from kpisdk.contracts.estimates import Note
    from kpisdk.contracts.results import SourceIdentity

    result = make(
        name=hostile,
        message=hostile,
        slice={hostile: hostile},
        period=hostile,
        window=Window(label=hostile),
        warnings=(Note(hostile, hostile),),
    )
    text = render(
        Report((result,), SourceIdentity(hostile, hostile, "f"), None, (Note("a", hostile),))
    )
    page = Page(text)

    assert "</script>" not in text
    assert page.rows[1].count(visible(hostile)) == 4
    assert not {tag for tag, _ in page.elements} & {"script"}
    assert all(char.isprintable() or char == "\n" for char in text)


def test_html_statuses_are_words(report):
    """Every badge holds the word of its status; colour only repeats it."""
    assert Page(render(report)).badges == [
        ("badge good", "good (undecided)"),
        ("badge critical", "critical"),
        ("badge unknown", "unknown"),
        ("badge unknown", "unknown"),
    ]


def test_html_has_a_dark_side(report):
    """Every colour that a light page uses has one for dark pages."""
    text = render(report)
    light, dark = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    names = re.compile(r"--(\w+):")

    assert set(names.findall(light)) == set(names.findall(dark))


def test_html_says_why_and_whether_synthetic(report):
    """Reasons, warnings, counts and the source stand on the page, synthetic data first."""
    text = render(report)

    assert '<p class="synthetic">These results were computed on synthetic data.</p>' in text
    assert "Name a brand with --where brand=…." in text
    assert "Source: demo (duckdb), synthetic data." in text
    real = attrs.evolve(report, source=attrs.evolve(report.source, synthetic=False))
    assert "synthetic data" not in render(real)


def test_html_windows_say_their_ends(good, make):
    """The exact window is a title on its cell, open ends included."""
    open_ended = make(value=0.5, window=Window())
    titles = [
        attributes["title"]
        for tag, attributes in Page(render(Report((good, open_ended, make())))).elements
        if tag == "td" and "title" in attributes
    ]

    assert titles == [
        "from 2026-01-30 UTC to before 2026-03-01 UTC",
        "from the beginning to open end",
        "the KPI has no time filter",
    ]


def test_html_without_results(empty):
    """Nothing was asked: no table, one line."""
    assert Page(render(empty)).rows == []
    assert "<p>0 results.</p>" in render(empty)


def test_html_bars_only_where_there_are_any(absent):
    """Without an interval and thresholds there is no column for drawings."""
    assert "on its scale" not in render(Report((absent,)))


def shapes(svg):
    """Zones as (status, left, right), the interval's ends, and the value's place."""
    zones = re.findall(r'class="zone (\w+)" x="([\d.]+)" y="6" width="([\d.]+)"', svg)
    ends = re.search(r'<line class="interval" x1="([\d.]+)" x2="([\d.]+)"', svg)
    dot = re.search(r'<circle class="value" cx="([\d.]+)"', svg)
    return (
        [(name, float(left), round(float(left) + float(width), 1)) for name, left, width in zones],
        (float(ends[1]), float(ends[2])),
        float(dot[1]),
    )


def test_bar_of_higher_is_better(make):
    """Zones change at critical and target. Drawn: 0 to 1 with a margin of 0.08, 160 wide."""
    result = make(
        value=0.5,
        status=Status.WARNING,
        interval=Interval(0.0, 1.0),
        thresholds=Thresholds(0.8, 0.5, 0.2),
    )
    zones, ends, dot = shapes(bar(result))

    # x = (value + 0.08) / 1.16 * 160
    assert zones == [("critical", 0.0, 38.6), ("warning", 38.6, 121.4), ("good", 121.4, 160.0)]
    assert (ends, dot) == ((11.0, 149.0), 80.0)


def test_bar_of_lower_is_better(make):
    """Zones change at target and warning, the rule's own bounds."""
    result = make(
        value=0.5,
        status=Status.WARNING,
        interval=Interval(0.0, 1.0),
        thresholds=Thresholds(0.2, 0.8, 0.9, Direction.LOWER),
    )
    zones, _, _ = shapes(bar(result))

    assert zones == [("good", 0.0, 38.6), ("warning", 38.6, 121.4), ("critical", 121.4, 160.0)]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"value": 0.5},
        {"value": 0.5, "interval": Interval(0.4, 0.6)},
        {"value": 0.5, "thresholds": Thresholds(0.8, 0.5, 0.2)},
        {"interval": Interval(0.4, 0.6), "thresholds": Thresholds(0.8, 0.5, 0.2)},
        # Wider than a float can say.
        {
            "value": 0.0,
            "interval": Interval(-1.7e308, 1.7e308),
            "thresholds": Thresholds(0.8, 0.5, 0.2),
        },
    ],
)
def test_bar_is_not_drawn_without_all_of_it(make, facts):
    """No value, no interval or no thresholds: no drawing that could be taken for one."""
    assert bar(make(**facts)) == ""


@pytest.mark.parametrize("point", [0.0, 5.0, -5.0, 5e-324, 1e300])
def test_bar_of_a_single_point(make, point):
    """Value, interval and thresholds at one point are drawn in the middle."""
    result = make(
        value=point,
        interval=Interval(point, point),
        thresholds=Thresholds(point, point, point),
    )
    _, ends, dot = shapes(bar(result))

    assert (ends, dot) == ((80.0, 80.0), 80.0)


def test_bar_can_be_read_aloud(good):
    """The drawing says in words what it shows."""
    expected = "0.520, interval [0.457, 0.582], target &gt;= 0.5, good"
    assert f'role="img" aria-label="{expected}"' in bar(good)
    assert f"<title>{expected}</title>" in bar(good)
