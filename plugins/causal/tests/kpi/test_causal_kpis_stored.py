"""CM-001, CM-002 and CM-004 from stored predictions, on every engine."""

from __future__ import annotations

import datetime as dt
import math
import statistics

import pytest
from causal_store import close_to, recent, rows_of, tables

from kpisdk import IntervalReason, Reason, Status
from kpisdk.testing import ENGINES


@pytest.mark.parametrize("engine", ENGINES)
def test_ate_is_the_mean_of_the_window(asked, engine):
    """CM-001: mean, sample sd, n; half-open window, NULLs do not count; no interval of its own."""
    data = tables(seed=1)
    values = [r["treatment_effect_estimate"] for r in recent(rows_of(data["ml_predictions"]))]
    values = [value for value in values if value is not None]

    result = asked(engine, data, "CM-001")

    mean, spread = statistics.fmean(values), statistics.stdev(values)
    half = 1.959963984540054 * spread / math.sqrt(len(values))
    assert result.value == close_to(mean)
    assert result.n == result.details["n_samples"] == len(values)
    assert result.details["ate_std"] == close_to(spread)
    assert result.details["ci_lower"] == close_to(mean - half)
    assert result.details["ci_upper"] == close_to(mean + half)
    assert (result.interval, result.interval_reason) == (None, IntervalReason.STORED)
    assert (result.status, result.reason) == (Status.UNKNOWN, Reason.NO_TARGET)


def test_ate_of_five_rows_is_the_one_worked_out_by_hand(asked):
    """0.1 … 0.5: mean 0.3, sd 0.158114; the spread of predictions is z · sd / √5 around it."""
    data = tables(seed=1, count=5)
    moments = [dt.datetime(2026, 2, 20, hour) for hour in range(5)]
    data["ml_predictions"]["prediction_timestamp"] = moments
    data["ml_predictions"]["treatment_effect_estimate"] = [0.1, 0.2, 0.3, 0.4, 0.5]

    result = asked("frames", data, "CM-001")

    assert result.value == pytest.approx(0.3, abs=1e-12)
    assert result.details["ate_std"] == pytest.approx(0.158114, abs=1e-6)
    assert result.details["ci_lower"] == pytest.approx(0.161410, abs=1e-6)
    assert result.details["ci_upper"] == pytest.approx(0.438590, abs=1e-6)
    assert result.n == 5


@pytest.mark.parametrize("engine", ENGINES)
def test_cate_is_the_mean_of_all_rows_with_a_breakdown(asked, engine):
    """CM-002 without a segment: all rows, segment known or not, and each segment."""
    data = tables(seed=2)
    rows = [
        r for r in recent(rows_of(data["ml_predictions"])) if r["heterogeneous_effect"] is not None
    ]

    result = asked(engine, data, "CM-002")

    assert result.value == close_to(statistics.fmean(r["heterogeneous_effect"] for r in rows))
    assert result.n == len(rows)
    lines = {line["segment"]: line for line in result.details["segment_breakdown"]}
    assert sorted(lines) == ["high", "low", "middle"]
    for segment, line in lines.items():
        mine = [r["heterogeneous_effect"] for r in rows if r["segment_assignment"] == segment]
        assert (line["mean"], line["n"]) == (close_to(statistics.fmean(mine)), len(mine))
        assert line["std"] == close_to(statistics.stdev(mine))


@pytest.mark.parametrize("engine", ENGINES)
def test_cate_of_a_segment(asked, engine):
    """CM-002 with a segment: its own mean; an unknown one is absent, with those that exist."""
    data = tables(seed=3)
    mine = [
        r["heterogeneous_effect"]
        for r in recent(rows_of(data["ml_predictions"]))
        if r["segment_assignment"] == "low" and r["heterogeneous_effect"] is not None
    ]

    result = asked(engine, data, "CM-002", segment="low")
    unknown = asked(engine, data, "CM-002", segment="none")

    assert (result.value, result.n) == (close_to(statistics.fmean(mine)), len(mine))
    assert (unknown.value, unknown.reason) == (None, Reason.NO_ROWS)
    assert "'high', 'low', 'middle'" in unknown.message


@pytest.mark.parametrize("engine", ENGINES)
def test_counterfactual_is_the_newest_of_the_patient(asked, engine):
    """CM-004: newest row with a counterfactual_outcome; delta is counterfactual less actual."""
    data = tables(seed=6)
    mine = [
        r
        for r in rows_of(data["ml_predictions"])
        if r["patient_id"] == "bob" and r["counterfactual_outcome"] is not None
    ]
    newest = max(mine, key=lambda r: (r["prediction_timestamp"], r["prediction_id"]))

    result = asked(engine, data, "CM-004", patient_id="bob")

    assert result.value == close_to(newest["counterfactual_outcome"])
    for name in ("actual_outcome", "treatment_received", "counterfactual_treatment"):
        assert result.details[name] == newest[name]
    actual = newest["actual_outcome"]
    delta = None if actual is None else newest["counterfactual_outcome"] - actual
    assert result.details["outcome_delta"] == (None if delta is None else close_to(delta))


def test_counterfactual_needs_a_patient(asked):
    """Without one: a missing parameter; an unknown one: absent, with some that exist."""
    data = tables(seed=6)

    without = asked("frames", data, "CM-004")
    unknown = asked("frames", data, "CM-004", patient_id="zoe")

    assert without.reason is Reason.MISSING_PARAMETER
    assert "patient_id" in without.message
    assert unknown.reason is Reason.NO_ROWS
    assert "3 patients" in unknown.message
    assert "ann" not in unknown.message


@pytest.mark.parametrize("kpi", ["CM-001", "CM-002", "CM-003", "CM-005"])
def test_empty_tables_give_no_number(asked, kpi):
    """Absent with a reason, never 0."""
    data = {name: frame.head(0) for name, frame in tables(seed=8).items()}

    result = asked("duckdb", data, kpi)

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)


@pytest.mark.parametrize("engine", ["frames", "sqlite"])
def test_a_slice_is_honoured(asked, engine):
    """CM-001 by segment: each group's own mean, rows without a segment a group of their own."""
    data = tables(seed=9)
    groups = {}
    for row in recent(rows_of(data["ml_predictions"])):
        if row["treatment_effect_estimate"] is not None:
            groups.setdefault(row["segment_assignment"], []).append(
                row["treatment_effect_estimate"]
            )

    results = asked(engine, data, "CM-001", by=["segment_assignment"])

    found = {result.slice["segment_assignment"]: result.value for result in results}
    assert found == {name: close_to(statistics.fmean(values)) for name, values in groups.items()}


@pytest.mark.parametrize("kpi", ["CM-001", "CM-002"])
def test_a_figure_copied_to_many_rows_has_no_interval(asked, kpi):
    """A model wrote one effect beside 150 predictions: they are no sample of it."""
    data = tables(seed=1)
    data["ml_predictions"] = data["ml_predictions"].assign(
        treatment_effect_estimate=0.12, heterogeneous_effect=0.12
    )

    result = asked("frames", data, kpi)

    assert result.value == close_to(0.12)
    assert (result.interval, result.interval_reason) == (None, IntervalReason.STORED)


def test_one_stored_outcome_has_no_interval(asked):
    result = asked("frames", tables(seed=6), "CM-004", patient_id="bob")

    assert (result.interval, result.interval_reason) == (None, IntervalReason.STORED)
