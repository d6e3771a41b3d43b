"""Whatever a result holds, the machine formats give it back."""

import csv
import io
import json
import math
import re
from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kpisdk.builtin.pages import scorecard_file
from kpisdk.builtin.reports import csv_rows, json_texts, markdown, openmetrics, table
from kpisdk.contracts.estimates import Interval, Note
from kpisdk.contracts.results import Comparison, Report, Result, SourceIdentity
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Direction, IntervalReason, Reason, Status, Unit

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=12) | st.sampled_from(['</script>|,"\n', "=1+1", "'", "-5", "\\", "\r\n"])
INSTANTS = st.datetimes(timezones=st.just(UTC))
CELLS = st.none() | TEXTS | st.integers(-(2**53), 2**53) | st.booleans() | NUMBERS
NOTES = st.lists(st.builds(Note, TEXTS, TEXTS), max_size=2).map(tuple)


@st.composite
def intervals(draw):
    """Two ordered numbers."""
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    return Interval(low, high, draw(st.sampled_from([0.9, 0.95])), draw(TEXTS))


@st.composite
def thresholds(draw):
    """Three bounds in order for their direction."""
    bounds = sorted(draw(st.lists(NUMBERS, min_size=3, max_size=3)))
    direction = draw(st.sampled_from([Direction.HIGHER, Direction.LOWER]))
    if direction is Direction.HIGHER:
        bounds.reverse()
    return Thresholds(*bounds, direction)


@st.composite
def windows(draw):
    """Two instants in order, either side may be open."""
    start, end = sorted((draw(INSTANTS), draw(INSTANTS)))
    start, end = draw(st.sampled_from([(start, end), (None, end), (start, None), (None, None)]))
    return Window(start, None if start == end else end, draw(TEXTS))


RESULTS = st.builds(
    Result,
    kpi_id=st.from_regex(r"[A-Z]{2}-[0-9]{3}", fullmatch=True),
    name=TEXTS,
    workstream=st.just("ws2_triggers"),
    unit=st.sampled_from(Unit),
    value=st.none() | NUMBERS,
    status=st.sampled_from(Status),
    reason=st.none() | st.sampled_from(Reason),
    message=st.none() | TEXTS,
    decided=st.none() | st.booleans(),
    interval=st.none() | intervals(),
    numerator=st.none() | NUMBERS,
    denominator=st.none() | NUMBERS,
    n=st.none() | st.integers(0, 10**9),
    p_value=st.none() | st.floats(0, 1),
    thresholds=st.none() | thresholds(),
    window=st.none() | windows(),
    data_through=st.none() | INSTANTS,
    stale=st.booleans(),
    slice=st.dictionaries(TEXTS, CELLS, max_size=3),
    period=st.none() | TEXTS,
    comparison=st.none()
    | st.builds(
        Comparison,
        st.sampled_from(["previous", "year"]),
        windows(),
        *[st.none() | NUMBERS] * 3,
        st.none() | TEXTS,
    ),
    warnings=NOTES,
    answered_by=st.none() | TEXTS,
    definition_version=TEXTS,
    cached=st.booleans(),
    computed_at=st.none() | INSTANTS,
    duration_ms=st.floats(0, 1e6),
    details=st.dictionaries(TEXTS, CELLS | st.lists(CELLS, max_size=2), max_size=2),
)
REPORTS = st.builds(
    Report,
    st.lists(RESULTS, max_size=3).map(tuple),
    st.none() | st.builds(SourceIdentity, TEXTS, TEXTS, TEXTS, st.booleans()),
    st.none() | INSTANTS,
    NOTES,
)
SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
"""Records of thirty fields take Hypothesis its time; the code under test is not what is slow."""


@SLOW
@given(REPORTS)
def test_any_report_round_trips_through_json(report):
    """Results read from the JSON, and from JSON lines, equal those that were written."""
    document = json.loads(json_texts.render(report))
    lines = [json.loads(line) for line in json_texts.render_lines(report).splitlines()]
    for line in lines:
        del line["schema_version"], line["as_of"], line["source"]

    assert tuple(map(Result.from_dict, document["results"])) == report.results
    assert tuple(map(Result.from_dict, lines)) == report.results


@SLOW
@given(REPORTS)
def test_any_report_parses_back_from_csv(report):
    """Numbers to the last bit, texts after dropping the guard, slices from their JSON."""
    text = csv_rows.render(report)
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))

    assert len(rows) == len(report.results)
    for row, result in zip(rows, report.results, strict=True):
        assert (float(row["value"]) if row["value"] else None) == result.value
        assert (float(row["numerator"]) if row["numerator"] else None) == result.numerator
        low = None if result.interval is None else result.interval.low
        assert (float(row["interval.low"]) if row["interval.low"] else None) == low
        assert row["name"].removeprefix("'") == result.name
        assert json.loads(row["slice"]) == result.slice
        assert json.loads(row["details"]) == result.details
        for name, value in result.slice.items():
            if isinstance(value, str):
                assert row[f"slice.{name}"].removeprefix("'") == value


@SLOW
@given(REPORTS)
def test_no_csv_field_starts_a_formula(report):
    """No field that is a text begins with a sign that a spreadsheet acts on."""
    reader = csv.reader(io.StringIO(csv_rows.render(report), newline=""), strict=True)
    for row in reader:
        for field in row:
            number = re.fullmatch(r"-?(\d+|\d+\.\d+)(e[+-]?\d+)?", field)
            assert number or not field.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@SLOW
@given(REPORTS)
def test_openmetrics_of_any_report(report):
    """Every line is metadata or a sample, series are unique, and the values are the results'."""
    *lines, last, rest = openmetrics.render(report).split("\n")
    pattern = re.compile(r'([a-z_]+)\{((?:[^"{}]|"(?:[^"\\\n]|\\["\\n])*")*)\} (\S+)')
    samples = [pattern.fullmatch(line) for line in lines if not line.startswith("# ")]

    assert (last, rest) == ("# EOF", "")
    assert all(samples)
    assert len({(each[1], each[2]) for each in samples}) == len(samples)
    found = [float(each[3]) for each in samples if each[1] == "kpisdk_kpi_value"]
    assert found == [each.value for each in report.results if each.value is not None]


@pytest.mark.parametrize("form", [table, markdown, scorecard_file])
@SLOW
@given(report=REPORTS)
def test_any_report_can_be_shown_to_people(form, report):
    """Every id is there, every status is a word, and nothing but line breaks is unprintable."""
    text = form.render(report, False)

    assert all(char.isprintable() or char == "\n" for char in text)
    for result in report.results:
        assert result.kpi_id in text
        assert result.status.value in text


@st.composite
def narrow_intervals(draw):
    """Ends that most roundings make equal, and equal ones."""
    low = draw(NUMBERS | st.floats(-2, 2))
    high = low
    for _ in range(draw(st.integers(0, 3))):
        high = math.nextafter(high, math.inf)
    high += draw(st.sampled_from([0.0, 1e-12, 4e-4]))
    return Interval(low, high if math.isfinite(high) else low)


@SLOW
@given(narrow_intervals(), narrow_intervals(), st.sampled_from(Unit))
def test_no_report_prints_an_interval_without_width(interval, of_change, unit):
    """In a table, HTML, Markdown, OpenMetrics, a frame, JSON, CSV and a notebook alike."""
    window = Window(None, None, "all")
    result = Result(
        kpi_id="AB-001",
        name="A",
        workstream="w",
        unit=unit,
        value=interval.low,
        interval=interval,
        comparison=Comparison("previous", window, 0.0, of_change.low, None, interval=of_change),
    )
    report = Report((result,), SourceIdentity("s", "k", ""), None)
    is_flat = interval.low == interval.high

    assert (result.interval is None) == is_flat
    assert (result.interval_reason is IntervalReason.UNDEFINED) == is_flat
    texts = {
        "table": table.render_wide(report, False),
        "markdown": markdown.render(report),
        "html": scorecard_file.render(report),
        "notebook": report._repr_html_(),
    }
    for name, text in texts.items():
        for low, high in re.findall(r"\[([-+0-9.,e]*?\d), ([-+0-9.,e]*?\d)\]", text):
            assert low != high, name
    metrics = openmetrics.render(report)
    bounds = re.findall(r'^kpisdk_kpi_interval\{.*bound="\w+".*\} (\S+)', metrics, re.MULTILINE)
    assert len(bounds) == len(set(bounds)) == (0 if is_flat else 2)
    row = report.to_frame().iloc[0]
    assert (row["low"] is None) == is_flat
    assert is_flat or row["low"] < row["high"]
    (written,) = json.loads(json_texts.render(report))["results"]
    for each in (written["interval"], written["comparison"]["interval"]):
        assert each is None or each["low"] != each["high"]
