"""Results: whatever they hold, JSON holds it too, and gives it back."""

from __future__ import annotations

import datetime as dt
import json
import sys
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, strategies as st

from kpisdk import (
    DefinitionError,
    Estimate,
    Interval,
    IntervalReason,
    MissingDependencyError,
    Note,
    Reason,
    Report,
    Result,
    SourceIdentity,
    Status,
    Thresholds,
    Unit,
    Window,
)
from kpisdk.contracts.results import Comparison, plain

reals = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=12)
instants = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30), timezones=st.just(dt.UTC))
cells = st.none() | st.booleans() | st.integers() | reals | texts
scalars = st.recursive(
    cells, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Windows, open sides included."""
    start, end = sorted((draw(instants), draw(instants)))
    sides = [start if draw(st.booleans()) else None, end if draw(st.booleans()) else None]
    if start == end:
        sides[1] = None
    return Window(*sides, draw(texts))


intervals = st.tuples(reals, reals).map(
    lambda pair: Interval(*sorted(pair), 0.95, "t", "patient_id")
)
notes = st.lists(st.builds(Note, texts, texts), max_size=3).map(tuple)
comparisons = st.builds(
    Comparison,
    to=st.sampled_from(["previous", "year"]),
    window=windows(),
    value=st.none() | reals,
    change=st.none() | reals,
    relative=st.none() | reals,
    period=st.none() | texts,
)
results = st.builds(
    Result,
    kpi_id=texts,
    name=texts,
    workstream=texts,
    unit=st.sampled_from(Unit),
    value=st.none() | reals,
    status=st.sampled_from(Status),
    reason=st.none() | st.sampled_from(Reason),
    message=st.none() | texts,
    decided=st.none() | st.booleans(),
    interval=st.none() | intervals,
    interval_reason=st.none() | st.sampled_from(IntervalReason),
    numerator=st.none() | reals,
    denominator=st.none() | reals,
    n=st.none() | st.integers(0),
    p_value=st.none() | st.floats(0, 1),
    thresholds=st.none() | st.just(Thresholds(1, 2, 3, "lower")),
    window=st.none() | windows(),
    data_through=st.none() | instants,
    stale=st.booleans(),
    slice=st.dictionaries(texts, cells, max_size=3),
    period=st.none() | texts,
    comparison=st.none() | comparisons,
    warnings=notes,
    answered_by=st.none() | texts,
    definition_version=texts,
    cached=st.booleans(),
    computed_at=st.none() | instants,
    duration_ms=st.floats(0, 1e9),
    details=st.dictionaries(texts, scalars, max_size=3),
)


@given(results)
def test_results_round_trip_through_json(result):
    """What is written as JSON reads back as the same result, unicode and open windows included."""
    text = json.dumps(result.to_dict(), allow_nan=False)

    assert Result.from_dict(json.loads(text)) == result


def test_a_result_from_before_intervals_named_their_unit_is_read_as_one_by_rows():
    """Caches and histories hold such results."""
    raw = a_result(value=0.5, interval=Interval(0.4, 0.6, 0.95, "wilson")).to_dict()
    del raw["interval"]["unit"], raw["interval_reason"]

    again = Result.from_dict(raw)

    assert (again.interval.unit, again.interval_reason) == ("row", None)


def test_an_interval_and_a_reason_for_none_contradict_each_other():
    """An estimate gives one of the two at most."""
    with pytest.raises(DefinitionError, match=r"interval, interval_reason: there is an interval"):
        Estimate.of(1.0, interval=Interval(0, 2), interval_reason=IntervalReason.CENSUS)


def test_slices_with_days_and_instants_are_written_as_text():
    """A day is ISO 8601, an instant too, with Z; reading them back leaves them text."""
    day, instant = dt.date(2025, 2, 28), dt.datetime(2025, 2, 28, 1, 2, 3, 4, dt.UTC)
    result = Result(
        kpi_id="A-1",
        name="n",
        workstream="w",
        unit=Unit.COUNT,
        slice={"day": day, "at": instant, "日本": "ñ\u2028\"'"},
    )

    again = Result.from_dict(json.loads(json.dumps(result.to_dict())))

    assert again.slice == {
        "day": "2025-02-28",
        "at": "2025-02-28T01:02:03.000004Z",
        "日本": "ñ\u2028\"'",
    }
    assert again.to_dict() == result.to_dict()


def test_keys_that_a_result_does_not_have_are_left_aside():
    """Another version's field does not stop a cache from being read."""
    raw = a_result().to_dict()

    assert Result.from_dict({**raw, "colour": "red"}).kpi_id == "A-1"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (float("inf"), None),
        (1.5, 1.5),
        (True, True),
        (10**30, 10**30),
        (Decimal("1.50"), "1.50"),
        ({1: {2.5}}, {"1": [2.5]}),
        ((dt.date(2025, 1, 1),), ["2025-01-01"]),
        (dt.datetime(2025, 1, 1, tzinfo=dt.UTC), "2025-01-01T00:00:00Z"),
        (frozenset({"a"}), ["a"]),
        (None, None),
    ],
)
def test_plain_values(value, expected):
    """Whatever a calculation leaves in its details becomes what JSON can hold."""
    assert plain(value) == expected


def test_numpys_values_become_pythons():
    """Scalars of NumPy and pandas are written as what they are."""
    import numpy as np
    import pandas as pd

    assert plain(np.float64("nan")) is None
    assert type(plain(np.float64(0.5))) is float
    assert plain(np.int64(3)) == 3
    assert plain({"w": np.array([[1, 2], [3, 4]])}) == {"w": [[1, 2], [3, 4]]}
    assert plain(pd.Series([1.5, np.nan])) == [1.5, None]
    assert plain([pd.NaT, pd.NA]) == [None, None]
    assert plain(np.bool_(True)) is True
    assert plain(pd.Timestamp("2025-01-01", tz="UTC")) == "2025-01-01T00:00:00Z"


def a_result(**facts):
    """A result of which anything can be said."""
    said = {"kpi_id": "A-1", "name": "<A>", "workstream": "w", "unit": Unit.RATIO, **facts}
    return Result(**said)


def test_a_report_is_a_sequence_and_knows_its_kpis():
    """Results by position and by the id of their KPI."""
    report = Report((a_result(value=1.0), a_result(kpi_id="B-1")))

    assert len(report) == 2
    assert [result.kpi_id for result in report] == ["A-1", "B-1"]
    assert report[0].ok
    assert not report["B-1"].ok
    with pytest.raises(KeyError):
        report["C-1"]


def test_a_report_is_written_in_the_published_shape():
    """Schema version, as_of, source without fingerprint, results, and warnings if any."""
    source = SourceIdentity("demo", "duckdb", "secret", synthetic=True)
    as_of = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)

    assert Report((), source, as_of).to_dict() == {
        "schema_version": 1,
        "as_of": "2025-01-01T00:00:00Z",
        "source": {"name": "demo", "kind": "duckdb", "synthetic": True},
        "results": [],
    }
    assert Report((), warnings=(Note("a", "b"),)).to_dict() == {
        "schema_version": 1,
        "as_of": None,
        "source": None,
        "results": [],
        "warnings": [{"code": "a", "message": "b"}],
    }


def test_a_report_as_a_frame_has_one_row_a_result():
    """Slice columns stand under their own names; one that is called like a field is prefixed."""
    window = Window(dt.datetime(2025, 1, 1), dt.datetime(2025, 2, 1), "2025-01")
    facts = {"value": 0.5, "interval": Interval(0.1, 0.9), "window": window, "n": 4}
    report = Report(
        (
            a_result(slice={"brand": "x", "status": "open"}, **facts),
            a_result(slice={"brand": None, "status": None}, reason=Reason.NO_ROWS),
        )
    )

    frame = report.to_frame()

    assert frame["brand"].tolist()[0] == "x"
    assert frame["slice.status"].tolist()[0] == "open"
    assert frame["status"].tolist() == ["unknown", "unknown"]
    assert frame["low"].tolist()[0] == 0.1
    assert frame["reason"].tolist()[1] == "no_rows"
    assert frame["window_start"].tolist()[0] == window.start


def test_a_frame_says_how_sure_a_value_is_and_what_judged_it():
    """What decides a status stands beside it; a slice that is called like it keeps apart."""
    bounds = Thresholds(0.7, 0.5, 0.5, "higher")
    facts = {"value": 0.5, "thresholds": bounds, "definition_version": "v1", "decided": False}
    report = Report(
        (
            a_result(
                interval=Interval(0.1, 0.9, method="wilson", unit="hcp_id"),
                answered_by="triggers",
                slice={"target": "x"},
                **facts,
            ),
            a_result(interval_reason=IntervalReason.STORED, **facts),
        )
    )

    first, second = report.to_frame().to_dict("records")

    assert (first["method"], first["interval_unit"], first["decided"]) == (
        "wilson",
        "hcp_id",
        False,
    )
    assert (first["target"], first["slice.target"], first["direction"]) == (0.7, "x", "higher")
    assert (first["answered_by"], first["definition_version"]) == ("triggers", "v1")
    assert second["interval_reason"] == "stored"
    assert second["method"] != second["method"]  # pandas writes NaN for none


def test_a_frame_without_pandas_says_what_to_install(monkeypatch):
    """The optional library is named."""
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(MissingDependencyError, match=r"kpisdk\[frames\]"):
        Report(()).to_frame()


def test_a_notebook_shows_the_scorecard_with_everything_escaped():
    """Status, value with unit, target, why KPIs are absent; names and slices are text."""
    window = Window(label="2025")
    report = Report(
        (
            a_result(value=0.5, interval=Interval(0.25, 0.75), status=Status.GOOD, window=window),
            a_result(slice={"brand": "<b>"}, reason=Reason.NO_ROWS),
            a_result(value=0.1, status=Status.CRITICAL, thresholds=Thresholds(0.6, 0.4, 0.2)),
        ),
        SourceIdentity("demo", "duckdb", "f", synthetic=True),
    )

    html = report._repr_html_()

    assert "<td>&lt;A&gt;</td>" in html
    assert "<td>brand=&lt;b&gt;</td>" in html
    assert "<td>[0.250, 0.750] by row</td>" in html
    assert "<td>&gt;= 0.6</td>" in html
    assert "unknown</span> (no_rows)" in html
    assert html.index("0.100") < html.index("0.500")
    assert "<strong>Synthetic data.</strong>" in html
    assert "<b>" not in html


def test_a_notebook_shows_trends_as_one_row_and_absent_kpis_by_reason():
    """The same scorecard as on a terminal."""
    months = [a_result(value=float(each), period=f"2026-0{each}") for each in (1, 2)]
    gone = attrs.evolve(a_result(reason=Reason.MISSING_TABLE, message="<i>"), kpi_id="BR-001")

    html = Report((*months, gone))._repr_html_()

    assert html.count("<tr>") == 2
    assert "▁█" in html
    assert "<li>BR-001: missing_table: &lt;i&gt;</li>" in html
