"""CM-001 to CM-005 estimated from raw rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from causal_store import DATASETS, close_to, tables

from kpisdk import Reason, Workspace
from kpisdk.testing import ENGINES
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.questions.rules import Rules


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

    assert result.value == close_to(expected.value)
    assert (result.interval.low, result.interval.high) == close_to(expected.confidence_interval)
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

    assert truth.value == close_to(text.value)


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
    assert whole.value == close_to(expected.value)
    assert north.value == close_to(expected.part("north").value)


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
    assert share.value == close_to(effects["indirect"] / effects["total"])


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
    assert result.value == close_to(np.polyfit(_raw()["x"], _raw()["y"], 1)[0])


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
