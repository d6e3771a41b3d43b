"""The scorecard on a terminal and in a pipe."""

import math
import re
from datetime import UTC, datetime

import attrs
import pytest

from kpisdk.builtin.reports import markdown
from kpisdk.builtin.reports.absent_lines import absent_lines
from kpisdk.builtin.reports.explanations import explanations
from kpisdk.builtin.reports.table import render, render_wide
from kpisdk.builtin.reports.trend_series import sparkline
from kpisdk.contracts.certainty import Family
from kpisdk.contracts.estimates import Interval, Note
from kpisdk.contracts.results import Comparison, Report
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import IntervalReason, Reason, Status, Unit


def squeezed(text):
    """Lines with runs of spaces made one: how wide a column is does not matter here."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_table_as_it_is_drawn(good, unjudged):
    """Columns are aligned, numbers to the right, three spaces apart, and nothing trails."""
    left = """\
id           name                value   interval         status
WS2-TR-004   Acceptance rate     0.520   [0.457, 0.582]   good (undecided)
CM-001       Average effect    -0.2500                    unknown
""".splitlines()
    right = """\
target   window           data through (UTC)
>= 0.5   last 30 days     2026-02-28 23:59
         not applicable
""".splitlines()
    drawn = render(Report((good, unjudged)), False, 400).split("\n\n")[0].splitlines()

    # 74 columns to the end of the longest status, and three to the next column.
    whole = [begin.ljust(77) + end for begin, end in zip(left, right, strict=True)]
    assert [drawn[0], *drawn[2:]] == whole
    assert set(drawn[1]) == {"─"}


def test_table_of_one_of_each(report):
    """Each result is a row; below stands why, then counts, level, instant and source."""
    title, rule, *lines = squeezed(render(report, False, 400))

    assert title == "id name value interval status target window data through (UTC) change"
    assert set(rule) == {"─"}
    assert (
        "\n".join(lines)
        == """\
WS2-TR-004 Acceptance rate 0.520 [0.457, 0.582] good (undecided) >= 0.5 last 30 days \
2026-02-28 23:59
WS1-DQ-007 Data lag 1,234.5 days [1,200.0, 1,300.1] days at 90 % critical <= 3 days last 30 days \
2026-01-31 (stale) +234.5 days (+23.4 %) from 2026-01
CM-001 Average effect -0.2500 unknown not applicable

Absent, by reason:
- WS3-BI-008: missing_parameter: Name a brand with --where brand=….

- WS2-TR-004: undecided: The interval reaches into another status.
- WS1-DQ-007: few_rows: Only 12 rows were judged.
- WS1-DQ-007: stale: The newest data are older than two periods of the KPI's frequency.
- CM-001: no_target: There are no thresholds to judge the value by.

4 results: 1 good, 1 critical, 2 unknown.
Intervals are at 95 % unless they say otherwise.
As of 2026-03-01 UTC.
Source: demo (duckdb), synthetic data."""
    )


def test_table_is_plain_unless_asked(report):
    """Without colour there is no terminal sequence, whatever the environment says."""
    assert "\x1b" not in render(report, False)


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"])
def test_table_colour_is_the_callers_decision(report, monkeypatch, variable):
    """The command line decides on colour once; rich does not decide again."""
    plain, coloured = render(report, False), render(report, True)
    monkeypatch.setenv(variable, "1")

    assert render(report, False) == plain
    assert render(report, True) == coloured


def test_table_colours_statuses_and_keeps_their_words(report):
    """With colour the word is still there: green good, bold red critical."""
    coloured = render(report, True)

    assert "\x1b[32mgood (undecided)" in coloured
    assert "\x1b[1;31mcritical" in coloured
    assert "\x1b[35munknown" in coloured


@pytest.mark.parametrize("width", [1, 20, 60, 80, 120, 200])
def test_table_never_breaks_ids_values_and_statuses(report, width):
    """However narrow the terminal: ids, values, intervals and statuses stand whole in one line."""
    text = render(report, False, width)

    for whole in (
        *("WS2-TR-004", "WS1-DQ-007", "1,234.5 days", "-0.2500", "good (undecided)"),
        *("critical", "unknown"),
    ):
        assert whole in text
    assert "…" not in text.split("\n\n")[0]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_table_fits_its_width(report, width):
    """All lines do: the table's, those of absent KPIs, explanations and summary."""
    assert max(map(len, render(report, False, width).splitlines())) <= width


def test_columns_are_left_out_in_a_fixed_order_and_that_is_said(report):
    """The newest instants go first, ids, values and statuses never; the order has no holes."""
    order = ("data through (UTC)", "window", "target", "name", "interval", "change")
    numbers = set()
    for width in range(30, 160):
        text = " ".join(render(report, False, width).split())
        said = re.search(r"Left out for want of room: (.*?) \(--wide shows them\)", text)
        left_out = said[1].split(", ") if said else []
        assert set(left_out) == set(order[: len(left_out)])
        assert ("Acceptance" in text.split("Absent")[0]) == ("name" not in left_out)
        assert (">= 0.5" in text) == ("target" not in left_out)
        numbers.add(len(left_out))
    assert numbers == set(range(len(order) + 1))


def test_wide_leaves_nothing_out(report, monkeypatch):
    """All columns and a row for every result, absent or not, however narrow the terminal is."""
    monkeypatch.setenv("COLUMNS", "40")
    lines = squeezed(render_wide(report, False))

    assert lines[0] == "id name value interval status target window data through (UTC) change"
    assert "WS3-BI-008 TRx share absent unknown not applicable" in lines
    assert not any("Left out" in line for line in lines)


def test_names_are_broken_at_hyphens_before_letters(make):
    """A compound of several words needs no room for all of them in one line."""
    one = make(name="Intent-to-Prescribe Delta", value=0.5, interval=Interval(0.1, 0.9))
    lines = render(Report((one,)), False, 60).split("\n\n")[0].splitlines()

    assert [line[12:30].split("  ")[0] for line in lines[2:]] == ["Intent-to-", "Prescribe Delta"]


def test_absent_kpis_are_one_line_per_reason(make):
    """Eleven KPIs that lack one table are told in one sentence, the largest group first."""
    gone = {"reason": Reason.MISSING_TABLE, "message": "table 'school_events' does not exist."}
    brand = {"reason": Reason.MISSING_PARAMETER, "message": "Name a brand."}
    ids = [f"EDU-KX-{number:03}" for number in range(1, 12)]
    report = Report(
        (
            make(kpi_id="WS3-BI-008", **brand),
            *(make(kpi_id=each, **gone) for each in ids),
            make(value=0.5),
        )
    )
    table, absent, _ = render(report, False, 400).split("\n\n")

    assert absent.splitlines() == [
        "Absent, by reason:",
        f"- 11 KPIs: missing_table: table 'school_events' does not exist. ({'; '.join(ids)})",
        "- WS3-BI-008: missing_parameter: Name a brand.",
    ]
    assert [line.split()[0] for line in table.splitlines()] == [
        "id",
        table.splitlines()[1],
        "WS2-TR-004",
    ]


def test_slices_that_are_absent_for_different_reasons_are_named(make):
    """A KPI that has no value anywhere, for one reason here and for another there."""
    few = {"reason": Reason.NO_ROWS, "message": "Nothing."}
    zero = {"reason": Reason.ZERO_DENOMINATOR, "message": "Zero."}
    slices = [(few, "A"), (few, "B"), (zero, "C")]
    report = Report(tuple(make(slice={"brand": brand}, **why) for why, brand in slices))

    assert list(absent_lines(report)) == [
        "1 KPI: no_rows: Nothing. (WS2-TR-004 brand=A; WS2-TR-004 brand=B)",
        "WS2-TR-004 brand=C: zero_denominator: Zero.",
    ]


def test_a_gap_of_a_kpi_that_has_values_stays_in_the_table(make):
    """Only KPIs without any value leave it; why a slice has none stands below as ever."""
    gap = make(reason=Reason.NO_ROWS, message="Nothing.", slice={"brand": "B"})
    text = render(Report((make(value=0.5, slice={"brand": "A"}), gap)), False, 400)

    assert any("absent" in line for line in text.split("\n\n")[0].splitlines())
    assert "- WS2-TR-004 brand=B: no_rows: Nothing." in text
    assert "Absent, by reason" not in text


def test_table_folds_names_to_fit(make):
    """A long name is folded over lines, none of it lost, and the table fits the terminal."""
    words = [f"word{number}" for number in range(30)]
    report = Report((make(name=" ".join(words), value=0.5, status=Status.GOOD),))
    table = render(report, False, 100).split("\n\n")[0]

    assert max(map(len, table.splitlines())) <= 100
    assert all(word in table for word in words)


def test_table_without_a_terminal_is_as_wide_as_needed(make, monkeypatch):
    """In a pipe each result is one line, so that grep finds all of it."""
    monkeypatch.delenv("COLUMNS", raising=False)
    report = Report((make(name="long " * 60 + "end", value=0.5, status=Status.GOOD),))
    lines = render(report, False).splitlines()

    assert any(line.startswith("WS2-TR-004") and line.endswith("not applicable") for line in lines)


def test_table_fits_the_terminal(report, monkeypatch):
    """On a terminal its width is used."""
    monkeypatch.setenv("COLUMNS", "150")

    assert render(report, False) == render(report, False, 150)
    assert render(report, False) != render(report, False, 400)


def test_table_of_slices(sliced):
    """A slice without a value and one of empty texts are told apart; control characters show."""
    lines = squeezed(render(sliced, False, 400))

    assert lines[0] == "id name brand value interval status target window data through (UTC)"
    brands = [line.removeprefix("WS2-TR-004 Acceptance rate ") for line in lines[2:7]]
    assert [brand.removesuffix(" 0.500 good last 30 days") for brand in brands] == [
        "Kisqali",
        "(null)",
        "(empty)",
        "Kisqáli 药",
        '</script>|,"\\n=1+1\\x1b[31m\\u202e',
    ]


def test_table_of_different_slices(make):
    """Results with other slice columns leave the cell blank; it is not the slice of nothing."""
    one = make(value=0.5, slice={"brand": None})
    report = Report((one, make(slice={"region": True, "n": 3})))
    lines = squeezed(render(report, False, 400))

    assert lines[0].startswith("id name brand region n value")
    assert lines[2].startswith("WS2-TR-004 Acceptance rate (null) 0.500")
    assert lines[3].startswith("WS2-TR-004 Acceptance rate true 3 absent")


def test_table_slice_column_with_a_name_of_ours(make):
    """A column of the data that is called like one of the scorecard's says that it is a slice."""
    lines = squeezed(render(Report((make(value=0.5, slice={"status": "x"}),)), False, 400))

    assert lines[0].startswith("id name slice status value interval status")


def _months(make, values, **facts):
    return [
        make(
            value=value,
            period=f"2026-{month:02}",
            window=Window(datetime(2026, month, 1, tzinfo=UTC), label=f"2026-{month:02}"),
            reason=Reason.NO_ROWS if value is None else None,
            **facts,
        )
        for month, value in enumerate(values, start=1)
    ]


def test_a_trend_is_one_row_with_its_sparkline(make):
    """The row is the newest period's; the line has a block for each, the oldest on the left."""
    report = Report(tuple(_months(make, [0.0, 0.5, 1.0])))
    text = render(report, False, 400)
    lines = squeezed(text)

    assert lines[0].startswith("id name period trend value")
    assert lines[2].startswith("WS2-TR-004 Acceptance rate 2026-03 ▁▅█ 1.000")
    assert lines[3] == ""
    assert "--wide has a row for each period" in text


def test_a_trend_is_in_the_order_of_its_periods(make):
    """However the results come: a report of a file may be in any order."""
    months = _months(make, [0.0, 0.25, 1.0])
    lines = squeezed(render(Report((months[2], months[0], months[1])), False, 400))

    assert lines[2].startswith("WS2-TR-004 Acceptance rate 2026-03 ▁▃█ 1.000")


def test_a_gap_of_a_trend_is_seen_and_explained(make):
    """A dot stands where a period has no value, and below stands why."""
    text = render(Report(tuple(_months(make, [1.0, None, 2.0]))), False, 400)

    assert "▁·█" in text
    assert "- WS2-TR-004 2026-02: no_rows: " in text


def test_each_slice_has_a_trend_of_its_own(make):
    """Slices of one KPI are series of their own, each on its own scale."""
    report = Report(
        (
            *_months(make, [0.0, 1.0], slice={"brand": "A"}),
            *_months(make, [1000.0, 5.0], slice={"brand": None}),
        )
    )
    lines = squeezed(render(report, False, 400))

    assert lines[2].startswith("WS2-TR-004 Acceptance rate A 2026-02 ▁█ 1.000")
    assert lines[3].startswith("WS2-TR-004 Acceptance rate (null) 2026-02 █▁ 5.000")


def test_wide_has_a_row_for_each_period(make):
    """Calendar buckets get a column of their own."""
    lines = squeezed(render_wide(Report(tuple(_months(make, [0.5, 0.5]))), False))

    assert lines[0].startswith("id name period value")
    assert [line.split()[3] for line in lines[2:4]] == ["2026-01", "2026-02"]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([], ""),
        ([None, None], "··"),
        ([7.0, 7.0], "▅▅"),
        ([-1e308, 1e308], "▁█"),
        ([0.0, math.nan, 8.0], "▁·█"),
        ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
    ],
)
def test_sparklines(values, line):
    """Least and largest are the ends of the scale; what is no number is a gap."""
    assert sparkline(values) == line


def test_a_long_sparkline_is_its_newest_part(make):
    """A year of days does not fit a line: dots say that there is more, and so does a remark."""
    days = [
        make(value=float(day), period=f"day {day:03}", window=Window(label="x"))
        for day in range(100)
    ]
    text = render(Report(tuple(days)), False, 400)

    assert "day 099 …▁" in " ".join(text.split())
    assert "A sparkline shows the last 24 periods." in text


def test_table_markup_is_text(make):
    """Square brackets in names are no instructions to the terminal library."""
    text = render(Report((make(name="[red]a[/red] :smile:", value=0.5),)), True, 200)

    assert "[red]a[/red] :smile:" in text


def test_table_change_that_is_not_known(make):
    """A comparison without a value says so instead of showing a zero."""
    unknown = Comparison("year", Window(label="2025-02"), None, None, None)
    report = Report((make(value=0.5, comparison=unknown),))

    assert "no change known from 2025-02" in render(report, False, 400)


def test_table_change_from_zero_has_no_percentage(make):
    """A relative change from zero is not defined, and not shown."""
    jump = Comparison("previous", Window(label="2026-01"), 0.0, 5.0, None)
    text = render(Report((make(value=5.0, unit=Unit.COUNT, comparison=jump),)), False, 400)

    assert "+5 from 2026-01" in text


def test_table_explains_equal_things_once(make):
    """One sentence about several results names them all and stands once."""
    refused = {"reason": Reason.SOURCE_UNAVAILABLE, "message": "Nobody answers."}
    report = Report(
        (make(**refused), make(kpi_id="BR-001", **refused), make(slice={"brand": "A"}, **refused))
    )

    expected = "- 2 KPIs: source_unavailable: Nobody answers. (WS2-TR-004; BR-001)"
    assert expected in render(report, False, 200).splitlines()
    wide = "- WS2-TR-004, BR-001, WS2-TR-004 brand=A: source_unavailable: Nobody answers."
    assert wide in render_wide(report, False).splitlines()


def test_table_explains_every_reason(make):
    """No value is ever absent without a line that says why, message or not."""
    for reason in Reason:
        assert f"- WS2-TR-004: {reason.value}: " in render(Report((make(reason=reason),)), False)


def test_table_notes_beside_a_value(make):
    """A message without a reason is a note about a value that is there."""
    text = render(Report((make(value=0.0, message="No brand was named."),)), False)

    assert "- WS2-TR-004: note: No brand was named." in text


def test_table_shows_warnings_of_the_report(make, hostile):
    """Warnings about the whole report come first, on one line each."""
    report = attrs.evolve(
        Report((make(value=1.0, warnings=(Note("odd", "Odd."),)),)),
        warnings=(Note("cache", f"broken {hostile}"),),
    )
    notes = [line for line in render(report, False).splitlines() if line.startswith("- ")]

    assert notes == [
        '- cache: broken </script>|,"\\n=1+1\\x1b[31m\\u202e',
        "- WS2-TR-004: odd: Odd.",
    ]


def test_table_without_results(empty):
    """Nothing was asked: the report says so."""
    assert render(empty, False) == "0 results.\n"


def test_table_of_real_data_claims_nothing(report):
    """Only synthetic data are called so."""
    real = attrs.evolve(report, source=attrs.evolve(report.source, synthetic=False))

    assert "Source: demo (duckdb).\n" in render(real, False)
    assert "synthetic" not in render(real, False)


@pytest.mark.parametrize("draw", [render, markdown.render])
def test_values_of_one_kpi_from_several_places_say_which(make, draw):
    """A stored figure and a computed one stand in one table: people are told which is which."""
    places = {"A": "stored", "B": "computed", "C": "stored"}
    results = [
        make(value=0.5, slice={"brand": brand}, answered_by=place)
        for brand, place in places.items()
    ]

    # A terminal breaks lines where it likes.
    text = " ".join(draw(Report(tuple(results)), False).split())

    for place in ("stored", "computed"):
        assert text.count(f"Answered by {place}; other values of this KPI") == 1
    assert "Answered by" not in draw(Report((results[0], results[2])), False)
    stored = [each for each in explanations(Report(tuple(results))) if "stored" in each.text]
    assert stored[0].subjects == ("WS2-TR-004 brand=A", "WS2-TR-004 brand=C")


def test_a_value_without_an_interval_says_why(make):
    """A stored figure, a census and one unit alone are told apart where the interval would be."""
    for reason, words in (("stored", "stored"), ("too_few_units", "too few units")):
        text = render(
            Report((make(value=0.5, interval_reason=IntervalReason(reason)),)), False, 400
        )
        assert words in squeezed(text)[2]


def test_what_is_taken_for_independent_stands_below(make):
    """Only where it is not each row."""
    by_row, by_unit = Interval(0.1, 0.9), Interval(0.1, 0.9, unit="hcp_id")
    plain = render(Report((make(value=0.5, interval=by_row),)), False, 400)
    units = render(Report((make(value=0.5, interval=by_unit),)), False, 400)

    assert "Independent are" not in plain
    assert "Independent are the units, not their rows: hcp_id." in units


def test_a_change_has_its_interval_and_says_when_its_sign_is_open(make):
    """Both ends carry a sign, so that zero between them is seen."""
    change = Comparison(
        *("previous", Window(label="2026-01"), 0.5, 0.02, 0.04, "2026-01"),
        interval=Interval(-0.03, 0.07),
        decided=False,
    )
    text = render(Report((make(value=0.52, comparison=change),)), False, 400)

    assert "+0.020 (+4.0 %) [-0.030, +0.070] (undecided) from 2026-01" in text


def test_statuses_that_are_decided_together_are_said_to_be(make):
    """The procedure and how many, once for the report."""
    one = make(value=0.5, interval=Interval(0.1, 0.9), decided=False, family=Family("holm", 50))
    text = render(Report((one,)), False, 400)

    assert "Statuses are decided together, up to 50 at once: at most 5 %" in text
    assert "or would among so many that are decided together" in text
