"""The five KPIs: stored values agree with plain loops on every engine, estimates with frames."""

from __future__ import annotations

import datetime as dt
import math
import statistics

import numpy as np
import pandas as pd
import pytest

from kpisdk import Reason, Status, Workspace
from kpisdk.testing import ENGINES
from kpisdk_causal.datasets import CAUSAL_PATHS, ML_PREDICTIONS
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.questions.rules import Rules

AS_OF = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DATASETS = (ML_PREDICTIONS, CAUSAL_PATHS)
SEGMENTS = ("high", "low", "middle", None)
KINDS = ("ads", "calls", "coupons", "visits", None)


def _instants(generator, count):
    """Instants around the window of 30 days, its two edges and one in the future among them."""
    start, end = AS_OF - dt.timedelta(days=30), AS_OF
    seconds = generator.integers(-20 * 86400, 33 * 86400, count)
    found = [start + dt.timedelta(seconds=int(each)) for each in seconds]
    found[:4] = [start, end, end - dt.timedelta(microseconds=1), end + dt.timedelta(days=9)]
    return [each.replace(tzinfo=None) for each in found]


def _holes(generator, values, share=0.2):
    return [None if generator.random() < share else value for value in values]


def tables(seed: int, count: int = 150) -> dict[str, pd.DataFrame]:
    """Predictions and paths with NULLs everywhere but in the keys."""
    g = np.random.default_rng(seed)
    numbers = lambda: _holes(g, [round(float(v), 6) for v in g.standard_normal(count)])  # noqa: E731  # short
    picks = lambda names: [names[int(i)] for i in g.integers(0, len(names), count)]  # noqa: E731  # short
    predictions = pd.DataFrame(
        {
            "prediction_id": [f"p{number:04d}" for number in range(count)],
            "prediction_timestamp": _instants(g, count),
            "patient_id": picks(["ann", "bob", "cleo", None]),
            "actual_outcome": _holes(g, [float(v) for v in g.integers(0, 2, count)]),
            "treatment_effect_estimate": numbers(),
            "heterogeneous_effect": numbers(),
            "segment_assignment": picks(SEGMENTS),
            "counterfactual_outcome": numbers(),
            "treatment_received": picks(["A", "B", None]),
            "counterfactual_treatment": picks(["A", "B", None]),
        }
    )
    paths = pd.DataFrame(
        {
            "path_id": [f"c{number:04d}" for number in range(count)],
            "intervention_name": picks(KINDS),
            "treatment": picks(["email", "visit", None]),
            "outcome": picks(["sale", "call"]),
            "validated": pd.array(_holes(g, picks([True, False])), dtype="boolean"),
            "causal_effect_size": numbers(),
            "confidence_level": numbers(),
            "mediators_identified": picks(['["intent"]', "[]", None]),
            "indirect_effect": numbers(),
            "direct_effect": numbers(),
            "total_effect": numbers(),
            "created_at": _instants(g, count),
        }
    )
    return {"ml_predictions": predictions, "causal_paths": paths}


def _rows(frame):
    """Rows as plain dictionaries; every kind of missing value is None."""
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


def _recent(rows):
    start = (AS_OF - dt.timedelta(days=30)).replace(tzinfo=None)
    return [r for r in rows if start <= r["prediction_timestamp"] < AS_OF.replace(tzinfo=None)]


def _close(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.fixture
def asked(source_on, causal_plugin):
    """``asked(engine, data, kpi, **parameters)``: the one result."""

    def ask(engine, data, kpi, by=(), **parameters):
        workspace = Workspace(source_on(engine, data, DATASETS), plugins=causal_plugin, cache="off")
        # Raw tables here have no time column: an instant that is given would be refused.
        instant = None if "dataset" in parameters else AS_OF
        report = workspace.compute(kpi, as_of=instant, parameters=parameters, by=by)
        return list(report) if by else next(iter(report))

    return ask


@pytest.mark.parametrize("engine", ENGINES)
def test_ate_is_the_mean_of_the_window(asked, engine):
    """CM-001: mean, sample sd, interval by z, n; half-open window, NULLs do not count."""
    data = tables(seed=1)
    values = [r["treatment_effect_estimate"] for r in _recent(_rows(data["ml_predictions"]))]
    values = [value for value in values if value is not None]

    result = asked(engine, data, "CM-001")

    mean, spread = statistics.fmean(values), statistics.stdev(values)
    half = 1.959963984540054 * spread / math.sqrt(len(values))
    assert result.value == _close(mean)
    assert result.n == result.details["n_samples"] == len(values)
    assert result.details["ate_std"] == _close(spread)
    assert result.details["ci_lower"] == _close(mean - half)
    assert result.details["ci_upper"] == _close(mean + half)
    assert result.interval.low < mean - half < mean + half < result.interval.high
    assert (result.status, result.reason) == (Status.UNKNOWN, Reason.NO_TARGET)


def test_ate_of_five_rows_is_the_one_worked_out_by_hand(asked):
    """0.1 … 0.5: mean 0.3, sd 0.158114, z interval [0.161410, 0.438590]; t with 4 df is wider."""
    data = tables(seed=1, count=5)
    moments = [dt.datetime(2026, 2, 20, hour) for hour in range(5)]
    data["ml_predictions"]["prediction_timestamp"] = moments
    data["ml_predictions"]["treatment_effect_estimate"] = [0.1, 0.2, 0.3, 0.4, 0.5]

    result = asked("frames", data, "CM-001")

    assert result.value == pytest.approx(0.3, abs=1e-12)
    assert result.details["ate_std"] == pytest.approx(0.158114, abs=1e-6)
    assert result.details["ci_lower"] == pytest.approx(0.161410, abs=1e-6)
    assert result.details["ci_upper"] == pytest.approx(0.438590, abs=1e-6)
    # t quantile 2.776445 for 4 degrees of freedom, standard error 0.0707107.
    assert result.interval.low == pytest.approx(0.3 - 2.776445 * 0.0707107, abs=1e-6)
    assert result.interval.method == "t"
    assert result.n == 5


@pytest.mark.parametrize("engine", ENGINES)
def test_cate_is_the_mean_of_all_rows_with_a_breakdown(asked, engine):
    """CM-002 without a segment: all rows, segment known or not, and each segment."""
    data = tables(seed=2)
    rows = [
        r for r in _recent(_rows(data["ml_predictions"])) if r["heterogeneous_effect"] is not None
    ]

    result = asked(engine, data, "CM-002")

    assert result.value == _close(statistics.fmean(r["heterogeneous_effect"] for r in rows))
    assert result.n == len(rows)
    lines = {line["segment"]: line for line in result.details["segment_breakdown"]}
    assert sorted(lines) == ["high", "low", "middle"]
    for segment, line in lines.items():
        mine = [r["heterogeneous_effect"] for r in rows if r["segment_assignment"] == segment]
        assert (line["mean"], line["n"]) == (_close(statistics.fmean(mine)), len(mine))
        assert line["ci_lower"] < line["mean"] < line["ci_upper"]


@pytest.mark.parametrize("engine", ENGINES)
def test_cate_of_a_segment(asked, engine):
    """CM-002 with a segment: its own mean; an unknown one is absent, with those that exist."""
    data = tables(seed=3)
    mine = [
        r["heterogeneous_effect"]
        for r in _recent(_rows(data["ml_predictions"]))
        if r["segment_assignment"] == "low" and r["heterogeneous_effect"] is not None
    ]

    result = asked(engine, data, "CM-002", segment="low")
    unknown = asked(engine, data, "CM-002", segment="none")

    assert (result.value, result.n) == (_close(statistics.fmean(mine)), len(mine))
    assert (unknown.value, unknown.reason) == (None, Reason.NO_ROWS)
    assert "'high', 'low', 'middle'" in unknown.message


@pytest.mark.parametrize("engine", ENGINES)
def test_impact_is_the_largest_mean_of_the_validated_paths(asked, engine):
    """CM-003: means per intervention, whatever the date; the largest is the value."""
    data = tables(seed=4)
    groups = {}
    for row in _rows(data["causal_paths"]):
        if row["validated"] is True and None not in (
            row["intervention_name"],
            row["causal_effect_size"],
        ):
            groups.setdefault(row["intervention_name"], []).append(row["causal_effect_size"])
    means = {name: statistics.fmean(values) for name, values in groups.items()}

    result = asked(engine, data, "CM-003")
    one = asked(engine, data, "CM-003", intervention="calls")

    order = sorted(means, key=lambda name: -means[name])
    listed = result.details["top_interventions"]
    assert [line["intervention"] for line in listed] == order
    assert [line["mean"] for line in listed] == [_close(means[name]) for name in order]
    assert (result.value, result.n) == (_close(means[order[0]]), len(groups[order[0]]))
    assert (one.value, one.n) == (_close(means["calls"]), len(groups["calls"]))
    assert result.window is None


def test_impact_lists_ten_by_size_and_breaks_ties_by_name(asked):
    """Twelve interventions: the ten largest means with their signs, equal ones by name."""
    data = tables(seed=5, count=12)
    sizes = [0.5, -0.9, 0.1, 0.1, 0.0, 0.3, -0.2, 0.2, 0.4, 0.6, 0.7, 0.8]
    data["causal_paths"] = data["causal_paths"].assign(
        intervention_name=[f"i{number:02d}" for number in range(12)],
        validated=True,
        causal_effect_size=sizes,
    )

    result = asked("frames", data, "CM-003")

    names = [line["intervention"] for line in result.details["top_interventions"]]
    assert names == ["i11", "i10", "i09", "i00", "i08", "i05", "i07", "i02", "i03", "i04"]
    assert result.value == 0.8
    assert result.details["n_interventions"] == 12


@pytest.mark.parametrize("engine", ENGINES)
def test_counterfactual_is_the_newest_of_the_patient(asked, engine):
    """CM-004: newest row with a counterfactual_outcome; delta is counterfactual less actual."""
    data = tables(seed=6)
    mine = [
        r
        for r in _rows(data["ml_predictions"])
        if r["patient_id"] == "bob" and r["counterfactual_outcome"] is not None
    ]
    newest = max(mine, key=lambda r: (r["prediction_timestamp"], r["prediction_id"]))

    result = asked(engine, data, "CM-004", patient_id="bob")

    assert result.value == _close(newest["counterfactual_outcome"])
    for name in ("actual_outcome", "treatment_received", "counterfactual_treatment"):
        assert result.details[name] == newest[name]
    actual = newest["actual_outcome"]
    delta = None if actual is None else newest["counterfactual_outcome"] - actual
    assert result.details["outcome_delta"] == (None if delta is None else _close(delta))


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


@pytest.mark.parametrize("engine", ENGINES)
def test_mediation_is_that_of_the_newest_validated_path(asked, engine):
    """CM-005: indirect / total of the newest path of the treatment and the outcome."""
    data = tables(seed=7)
    mine = [
        r
        for r in _rows(data["causal_paths"])
        if r["validated"] is True
        and (r["treatment"], r["outcome"]) == ("email", "sale")
        and None not in (r["indirect_effect"], r["total_effect"])
    ]
    newest = max(mine, key=lambda r: (r["created_at"], r["path_id"]))

    result = asked(engine, data, "CM-005", treatment="email", outcome="sale")

    assert result.value == _close(newest["indirect_effect"] / newest["total_effect"])
    assert result.details["path_id"] == newest["path_id"]
    assert result.details["direct_effect"] == newest["direct_effect"]
    expected = {'["intent"]': ["intent"], "[]": [], None: []}[newest["mediators_identified"]]
    assert result.details["mediators"] == expected


def test_a_total_effect_of_nothing_has_no_share(asked):
    """Zero denominator, with the path that is meant."""
    data = tables(seed=7)
    data["causal_paths"] = (
        data["causal_paths"]
        .head(1)
        .assign(validated=True, treatment="t", indirect_effect=0.2, total_effect=0.0)
    )

    result = asked("frames", data, "CM-005")

    assert (result.value, result.reason) == (None, Reason.ZERO_DENOMINATOR)
    assert "'c0000'" in result.message


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
    for row in _recent(_rows(data["ml_predictions"])):
        if row["treatment_effect_estimate"] is not None:
            groups.setdefault(row["segment_assignment"], []).append(
                row["treatment_effect_estimate"]
            )

    results = asked(engine, data, "CM-001", by=["segment_assignment"])

    found = {result.slice["segment_assignment"]: result.value for result in results}
    assert found == {name: _close(statistics.fmean(values)) for name, values in groups.items()}


def _raw(count=300):
    """Raw rows with a text segment, a truth-valued treatment and an unrelated time."""
    g = np.random.default_rng(30)
    x = g.standard_normal(count)
    t = g.random(count) < 1 / (1 + np.exp(-0.6 * x))
    return pd.DataFrame(
        {
            "patient": [f"q{number}" for number in range(count)],
            "t": t,
            "arm": np.where(t, "new", "old"),
            "x": np.round(x, 6),
            "site": np.where(g.random(count) < 0.5, "north", "south"),
            "y": np.round(x + 1.5 * t + g.standard_normal(count), 6),
        }
    )


def _with_raw(seed=10):
    return {**tables(seed), "trial": _raw()}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_estimated_ate_is_the_same_on_every_engine(asked, engine):
    """CM-001 from a named table: what the frame gives, with interval, p and diagnostics."""
    data = _with_raw()
    expected = estimate_effect(
        data["trial"],
        EffectQuestion(
            treatment="arm",
            outcome="y",
            confounders=("x", "site"),
            control_value="old",
            rules=Rules(cross_check=False),
        ),
    )

    result = asked(
        engine,
        data,
        "CM-001",
        dataset="trial",
        treatment="arm",
        outcome="y",
        confounders="x, site",
        control_value="old",
        cross_check=False,
    )

    assert result.value == _close(expected.value)
    assert (result.interval.low, result.interval.high) == _close(expected.confidence_interval)
    assert result.p_value == pytest.approx(expected.p_value, rel=1e-6)
    assert result.n == 300
    assert result.details["path"] == "estimated"
    assert result.details["adjustment_set"] == ["site", "x"]
    assert result.details["diagnostics"]["overlap"]["share_outside"] < 0.1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_truth_valued_treatment_is_read_on_every_engine(asked, engine):
    """bool, 0/1 and 'true' in a file are the same two arms."""
    named = {"dataset": "trial", "outcome": "y", "confounders": "x", "cross_check": False}
    data = _with_raw()

    truth = asked(engine, data, "CM-001", treatment="t", **named)
    text = asked(engine, data, "CM-001", treatment="arm", control_value="old", **named)

    assert truth.value == _close(text.value)


def test_the_estimated_cate_has_a_line_per_segment(asked):
    """CM-002 from raw rows, and one segment as the headline."""
    named = {
        "dataset": "trial",
        "treatment": "t",
        "outcome": "y",
        "confounders": "x",
        "segment_column": "site",
        "cross_check": False,
    }
    data = _with_raw()
    expected = estimate_segments(
        data["trial"],
        EffectQuestion(treatment="t", outcome="y", confounders="x", segment="site"),
    )

    whole = asked("duckdb", data, "CM-002", **named)
    north = asked("duckdb", data, "CM-002", segment="north", **named)

    assert [part["label"] for part in whole.details["parts"]] == ["north", "south"]
    assert whole.value == _close(expected.value)
    assert north.value == _close(expected.part("north").value)


def test_the_estimated_counterfactual_and_mediation(asked):
    """CM-004 and CM-005 from raw rows."""
    named = {"dataset": "trial", "treatment": "t", "outcome": "y", "cross_check": False}
    data = _with_raw()

    one = asked(
        "sqlite", data, "CM-004", patient_id="q7", id_column="patient", confounders="x", **named
    )
    share = asked("sqlite", data, "CM-005", mediators="x", **named)

    assert one.value is not None, one.message
    row = data["trial"].iloc[7]
    assert one.details["actual_outcome"] == pytest.approx(row["y"])
    assert one.details["outcome_delta"] == pytest.approx(one.value - row["y"])
    effects = {part["label"]: part["value"] for part in share.details["parts"]}
    assert share.value == _close(effects["indirect"] / effects["total"])


@pytest.mark.parametrize("engine", ["frames", "postgresql", "csv"])
def test_the_estimated_impact_of_a_date(asked, engine):
    """CM-003 over time: a step of 5 after day 60 is found on every engine."""
    g = np.random.default_rng(31)
    control = g.standard_normal(80).cumsum() + 20
    days = pd.date_range("2025-01-01", periods=80)
    response = 2 * control + g.standard_normal(80) + np.where(np.arange(80) >= 60, 5.0, 0.0)
    data = {
        **tables(seed=11),
        "sales": pd.DataFrame({"day": days, "sold": response, "other": control}),
    }

    result = asked(
        engine,
        data,
        "CM-003",
        dataset="sales",
        outcome="sold",
        controls="other",
        time_column="day",
        intervention_date="2025-03-02",
        estimator="local_level",
    )

    assert result.value is not None, result.message
    assert result.interval.low < 5.0 < result.interval.high
    assert result.p_value < 0.001
    assert result.details["n_control"] == 60


def test_paths_of_a_graph_are_estimated_from_rows(asked):
    """CM-003 with ``design=paths`` and arrows in the parameter."""
    result = asked(
        "frames",
        _with_raw(),
        "CM-003",
        dataset="trial",
        design="paths",
        graph="x -> t; t -> y; x -> y",
        treatment="x",
        outcome="y",
    )

    labels = [part["label"] for part in result.details["parts"]]
    assert labels == ["x -> y", "x -> t -> y"]
    assert result.value == _close(np.polyfit(_raw()["x"], _raw()["y"], 1)[0])


@pytest.mark.parametrize(
    ("parameters", "reason", "words"),
    [
        ({"treatment": "t"}, Reason.MISSING_PARAMETER, "outcome"),
        ({"treatment": "t", "outcome": "z"}, Reason.MISSING_COLUMN, "'z'"),
        (
            {"treatment": "arm", "outcome": "y"},
            Reason.CALCULATOR_FAILED,
            "control_value",
        ),
        (
            {"treatment": "t", "outcome": "y", "confounders": "t"},
            Reason.MISSING_PARAMETER,
            "cannot be adjusted for",
        ),
        ({"treatment": "t", "outcome": "y", "min_n": 1000}, Reason.NOT_IDENTIFIED, "too few"),
    ],
)
def test_what_cannot_be_estimated_is_absent_with_the_reason(asked, parameters, reason, words):
    """A code to act on and a sentence; never the stored value instead."""
    result = asked("frames", _with_raw(), "CM-001", dataset="trial", **parameters)

    assert (result.value, result.reason) == (None, reason)
    assert words in result.message


def test_the_gate_refuses_through_the_engine_too(asked):
    """No overlap: absent, not the stored mean; the message offers nothing that is not there."""
    data = _with_raw()
    data["trial"]["t"] = data["trial"]["x"] > 0

    result = asked(
        "frames", data, "CM-001", dataset="trial", treatment="t", outcome="y", confounders="x"
    )

    assert (result.value, result.reason) == (None, Reason.NOT_IDENTIFIED)
    assert any(note.code == "low_overlap" for note in result.warnings)


def test_the_request_chooses_between_stored_and_estimated(asked):
    """``source=stored`` reads the store though a dataset is named; ``estimated`` needs one."""
    data = _with_raw()
    named = {"dataset": "trial", "treatment": "t", "outcome": "y"}

    stored = asked("frames", data, "CM-001", source="stored", **named)
    without = asked("frames", data, "CM-001", source="estimated")

    assert stored.details["path"] == "stored"
    assert without.reason is Reason.MISSING_PARAMETER
    assert "dataset" in without.message


def test_settings_name_raw_data_for_every_request(source_on, causal_plugin, tmp_path):
    """``[plugins.causal]``: a dataset there makes the KPI estimate; the request goes first."""
    name = "plugin" if causal_plugin else "causal"
    path = tmp_path / "kpisdk.toml"
    path.write_text(
        f'[plugins.{name}]\ndataset = "trial"\ntreatment = "t"\noutcome = "y"\n'
        'confounders = ["x"]\ncross_check = false\n'
    )
    source = source_on("frames", _with_raw(), DATASETS)
    workspace = Workspace(source, settings=path, plugins=causal_plugin, cache="off")

    (result,) = workspace.compute("CM-001")
    (other,) = workspace.compute("CM-001", parameters={"confounders": "x,site"})

    assert result.details["path"] == "estimated"
    assert result.details["adjustment_set"] == ["x"]
    assert other.details["adjustment_set"] == ["site", "x"]
