"""The HTML page: one file, no requests, every text escaped, every KPI a card."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import attrs
import pytest

from kpisdk.builtin.pages.page_templates import slim_asset
from kpisdk.builtin.pages.scorecard_file import SCRIPTS, digest, render
from kpisdk.builtin.reports.escaping import visible
from kpisdk.contracts.certainty import Family
from kpisdk.contracts.estimates import Interval, Note
from kpisdk.contracts.results import Report, SourceIdentity
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Reason, Status

XMLNS = "http://www.w3.org/"
"""The names of SVG and XHTML in the script that draws pictures; nobody asks for them."""

VOID = {"meta", "input"}
IMPLIED = {"tr", "td", "th", "option"}
"""Elements that the next one closes, as HTML lets them."""


class Page(HTMLParser):
    """Elements, headings, badges and texts of a page; unbalanced elements fail."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID | IMPLIED:
            self.open.append((tag, dict(attributes)))

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in IMPLIED:
            assert self.open.pop()[0] == tag

    def handle_data(self, data):
        self.texts.append(([(tag, made.get("class", "")) for tag, made in self.open], data))

    def within(self, tag, named=""):
        """The texts directly in elements of a tag and class."""
        return [
            text.strip()
            for path, text in self.texts
            if path and path[-1][0] == tag and named in path[-1][1] and text.strip()
        ]


def by_month(make, count, **facts):
    """A KPI over that many months from January 2025 on, rising by a hundredth."""
    bounds = Thresholds(0.6, 0.5, 0.4)
    return [
        make(
            **{
                "value": 0.5 + number / 100,
                "interval": Interval(0.45 + number / 100, 0.55 + number / 100),
                "status": Status.WARNING,
                "thresholds": bounds,
                "period": f"{2025 + number // 12}-{number % 12 + 1:02}",
                **facts,
            }
        )
        for number in range(count)
    ]


def test_html_is_a_whole_page(report):
    """Doctype, language, encoding, a title, and elements that close."""
    text = render(report)
    page = Page(text)

    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert ("meta", {"charset": "utf-8"}) in page.elements
    assert page.within("title") == ["KPI report"]
    assert "0.520" in page.within("p", "value")
    assert "1,234.5 days" in page.within("p", "value")


def test_html_makes_no_requests(report, sliced):
    """No element or style fetches anything, and the page's own policy forbids it to."""
    for each in (report, sliced):
        text = render(each)
        page = Page(text)
        names = [tag for tag, _ in page.elements]
        given = {name for _, attributes in page.elements for name in attributes}
        links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]

        assert not {*names} & {"link", "img", "iframe", "object", "image", "use", "base"}
        assert not given & {"src", "xlink:href", "srcset", "style", "onload", "action"}
        assert not re.search(r"url\(|@import|https?:", text.replace(XMLNS, ""))
        held = re.compile(r"#[A-Za-z0-9=-]+|data:application/gzip;base64,[A-Za-z0-9+/=]+")
        assert [link for link in links if not held.fullmatch(link)] == []
        assert "default-src &#39;none&#39;" in text
        # The one script is ours to the letter: the policy names its digest, and runs no other.
        assert names.count("script") == 1
        assert digest("\n".join(map(slim_asset, SCRIPTS))).strip("'") in text


def test_html_needs_no_script(report):
    """The filters stay away until a script is there; every result is on the page without it."""
    page = Page(render(report))

    (form,) = [attributes for tag, attributes in page.elements if tag == "form"]
    assert "hidden" in form
    for result in report.results:
        assert any(result.kpi_id in text for _, text in page.texts)


def test_html_escapes_everything(make, hostile):
    """A text that closes tags and attributes is text, wherever it stands."""
    facts = {
        "name": hostile,
        "workstream": hostile,
        "slice": {hostile: hostile},
        "window": Window(label=hostile),
        "warnings": (Note(hostile, hostile),),
    }
    results = (
        make(value=0.5, period=hostile, **facts),
        make(kpi_id="X-1", reason=Reason.NO_ROWS, message=hostile, **facts),
        make(kpi_id="X-2", value=1.0, **facts),
    )
    source = SourceIdentity(hostile, hostile, "f")
    text = render(Report(results, source, None, (Note("a", hostile),)))
    page = Page(text)

    assert text.count("</script>") == 1
    assert page.within("h3") == []
    shown = [each for _, each in page.texts if visible(hostile) in each]
    assert len(shown) > 10
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert all(char.isprintable() or char == "\n" for char in text)


def test_html_statuses_are_words_and_critical_ones_come_first(report):
    """Every badge holds the word of its status; critical and undecided ones lead."""
    page = Page(render(report))

    assert page.within("span", "badge") == ["critical", "good", "unknown"]
    assert page.within("i") == ["undecided"]
    assert page.within("h2") == ["Critical or undecided", "Causal", "Absent"]
    assert page.within("b") == ["1", "1", "1", "1", "1", "stale"]


def test_html_absents_are_grouped_by_their_reason(make):
    """One missing table is one sentence, however many KPIs read it."""
    why = {"reason": Reason.MISSING_TABLE, "message": "table 'school' is not there"}
    results = [make(kpi_id=f"EDU-{number}", **why) for number in range(11)]
    other = make(kpi_id="WS3-1", reason=Reason.MISSING_PARAMETER, message="Name a brand.")

    page = Page(render(Report((other, *results))))

    assert page.within("p")[1:3] == [
        "11 KPIs: table 'school' is not there",
        "1 KPI: Name a brand.",
    ]
    assert page.within("a", "id") == [*(f"EDU-{number}" for number in range(11)), "WS3-1"]


def test_html_absents_whose_sentences_differ_in_their_own_id_alone_are_one_group(make):
    """Two KPIs without a window are one sentence; one alone keeps the sentence that it has."""
    why = {"reason": Reason.UNSUPPORTED_SLICE}
    told = "has no time window, so it cannot be cut by month."
    two = [make(kpi_id=each, message=f"{each} {told}", **why) for each in ("BR-001", "BR-003")]

    assert f"2 KPIs: each {told}" in Page(render(Report(tuple(two)))).within("p")
    assert f"1 KPI: BR-001 {told}" in Page(render(Report((two[0],)))).within("p")


def test_html_periods_are_one_card_with_the_newest_value(make):
    """A trend of 14 months is one row with the last twelve of them, in a drawing and in a table."""
    results = by_month(make, 14)
    text = render(Report(tuple(results)))
    page = Page(text)

    assert page.within("p", "value") == ["0.630"]
    assert text.count('<li class="card ') == 1
    assert "2025-02" not in text
    assert [text for text in page.texts if text[1] == "2025-03"]
    label = "Trend over 12 periods: 0.520 in 2025-03, 0.630 in 2026-02"
    assert f'aria-label="{label}"' in text


def test_html_newest_periods_without_a_value_are_told(make):
    """The value that is shown is older than the newest period, and says so."""
    gone = by_month(make, 3, value=None, interval=None, status=Status.UNKNOWN)
    empty = [attrs.evolve(each, reason=Reason.NO_ROWS, period="2026-05") for each in gone[:1]]
    page = Page(render(Report((*by_month(make, 2), *empty))))

    assert page.within("p", "value") == ["0.510"]
    assert "1 newer period has no value (no rows)" in page.within("p", "soft")


def test_html_notes_of_other_periods_are_counted(make):
    """A warning of an older period is not lost behind the newest value."""
    older, newest = by_month(make, 2)
    older = older.with_notes(Note("few_rows", "Only 12 rows stand behind the value."))

    text = render(Report((older, newest)))

    assert "Other periods have notes of their own: few_rows (1)." in text


def test_html_says_with_how_many_a_status_is_decided(make):
    """A family is told in words, beside its procedure."""
    family = Family("holm", 20)
    text = render(Report((make(value=0.5, family=family, status=Status.GOOD),)))

    assert "decided together with 19 others (holm: at most 5 % of such families" in text
    alone = attrs.evolve(family, size=1)
    assert (
        "decided together"
        not in render(Report((make(value=0.5, family=alone, status=Status.GOOD),))).partition(
            "<footer>"
        )[0]
    )


def test_html_of_all_kpis_with_trends_is_small(make):
    """57 KPIs with twelve periods, intervals and thresholds each: less than 150 kB."""
    results = [
        each
        for number in range(57)
        for each in by_month(make, 12, kpi_id=f"WS2-TR-{number:03}", name="A name of usual length")
    ]

    assert len(render(Report(tuple(results))).encode()) < 150_000


def test_html_has_a_dark_side(report):
    """Every colour that a light page uses has one for dark pages."""
    light, dark = re.findall(r":root ?\{(.*?)\}", render(report), re.DOTALL)
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
    """The exact window is a title on its words, open ends included."""
    open_ended = make(value=0.5, window=Window())
    results = (good, open_ended, make(value=0.4))
    titles = [
        attributes["title"]
        for tag, attributes in Page(render(Report(results))).elements
        if tag == "p" and "title" in attributes
    ]

    assert titles == [
        "from 2026-01-30 UTC to before 2026-03-01 UTC",
        "from the beginning to open end",
        "the KPI has no time filter",
    ]


def test_html_without_results(empty):
    """Nothing was asked: no card, one line."""
    assert 'class="card' not in render(empty)
    assert "<p>0 results.</p>" in render(empty)


@pytest.mark.parametrize("value", [1e300, 5e-324, -1.7e308])
def test_html_of_values_at_the_edge_of_floats(make, value):
    """They are shown, in a drawing or without one."""
    results = tuple(
        make(value=value * sign, period=f"2026-0{number}", interval=Interval(-1.7e308, 1.7e308))
        for number, sign in enumerate((1, -1, 0.5), start=1)
    )

    assert Page(render(Report(results))).within("p", "value")


def test_html_gives_the_instant_of_the_question(report):
    """As of when, to the minute."""
    at = attrs.evolve(report, as_of=datetime(2026, 3, 1, 12, 30, tzinfo=UTC))

    assert "as of 2026-03-01 12:30 UTC" in render(at)
