"""What is refused, and how it is said: every kind of question."""

from __future__ import annotations

import attrs
import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.effects.counterfactual import estimate_counterfactual
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.estimator import Estimator, Task
from kpisdk_causal.estimators.router import Router
from kpisdk_causal.impact.series_impact import estimate_series_impact
from kpisdk_causal.kpi import question_builder
from kpisdk_causal.kpi.raw_rows import Named
from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import (
    CounterfactualQuestion,
    EffectQuestion,
    MediationQuestion,
    PanelQuestion,
    SeriesQuestion,
)
from kpisdk_causal.questions.rules import Rules
from kpisdk_causal.tables.table import read
from kpisdk_causal.tables.treatment_levels import Dose, read_treatment

QUIET = Rules(cross_check=False)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"confidence_level": 1.0}, "confidence_level"),
        ({"overlap_bounds": (0.9, 0.1)}, "overlap_bounds"),
        ({"overlap_tolerance": 2.0}, "overlap_tolerance"),
        ({"clip": 0.5}, "clip"),
        ({"n_boot": 1}, "n_boot"),
    ],
)
def test_rules_that_make_no_sense_are_refused(fields, where):
    """Each with its name and value."""
    with pytest.raises(errors.QuestionError, match=where):
        Rules(**fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"target_units": "all"}, "target_units"),
        ({"treatment_kind": "odd"}, "treatment_kind"),
        ({"segment": "t"}, "segment"),
        ({"treatment_value": 1, "control_value": 1}, "control_value"),
        ({"outcome": "t"}, "is the treatment too"),
        ({"confounders": ("x", "x")}, "named twice"),
    ],
)
def test_questions_that_contradict_themselves_are_refused(fields, words):
    """When the question is made, before there are any data."""
    with pytest.raises(errors.QuestionError, match=words):
        EffectQuestion(**{"treatment": "t", "outcome": "y", **fields})


def test_the_other_questions_refuse_their_contradictions():
    """Mediators with two roles or none, a control that is the response, one column twice."""
    effect = EffectQuestion(treatment="t", outcome="y")
    with pytest.raises(errors.QuestionError, match="at least one column"):
        MediationQuestion(treatment="t", outcome="y", mediators=())
    with pytest.raises(errors.QuestionError, match="'t' already has another role"):
        MediationQuestion(treatment="t", outcome="y", mediators="t")
    with pytest.raises(errors.QuestionError, match="the treatment or the outcome"):
        CounterfactualQuestion(id_column="y", id=1, effect=effect)
    with pytest.raises(errors.QuestionError, match="response"):
        SeriesQuestion(outcome="y", intervention=1, controls="y")
    with pytest.raises(errors.QuestionError, match="seasons"):
        SeriesQuestion(outcome="y", intervention=1, seasons=1)
    with pytest.raises(errors.QuestionError, match="three different columns"):
        PanelQuestion(unit="u", time="u", outcome="y", treated="a", intervention=1)


def test_levels_may_be_written_as_text(trial):
    """A command line has nothing else: 'true', '1' and '1.0' name the level that they spell."""
    table = read(trial.assign(b=trial["t"] == 1, d=pd.to_datetime("2025-01-01")), trial, "raise")

    (found,) = read_treatment(table, "t", control_value="0.0")
    assert found.treated == 1
    truth = read(trial.assign(t=trial["t"] == 1), ("t",), "raise")
    (found,) = read_treatment(truth, "t", treatment_value="FALSE")
    assert (found.treated, found.control) == (False, True)
    with pytest.raises(errors.UnknownValueError):
        read_treatment(table, "t", control_value="none")


def test_a_dose_is_one_also_where_it_has_two_values(trial):
    """``treatment_kind='continuous'`` is taken at its word."""
    table = read(trial, ("t",), "raise")

    assert isinstance(read_treatment(table, "t", kind="continuous"), Dose)


def test_two_columns_of_one_name_are_refused(trial):
    """Which is meant cannot be guessed."""
    doubled = pd.concat([trial, trial[["x"]]], axis=1)

    with pytest.raises(errors.QuestionError, match="two columns"):
        read(doubled, ("x",), "raise")


@pytest.mark.parametrize("kind", ["dose", "arms"])
def test_questions_about_two_arms_refuse_others(trial, kind):
    """Segments, counterfactuals, and mediation with an interaction or with several arms."""
    generator = np.random.default_rng(1)
    values = generator.standard_normal(200) if kind == "dose" else ["a", "b"] * 66 + ["c"] * 68
    frame = trial.assign(t=values, s="one", id=range(200))
    named = {} if kind == "dose" else {"control_value": "c"}
    effect = EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET, **named)

    with pytest.raises(errors.TreatmentLevelsError):
        estimate_segments(frame, effect)
    with pytest.raises(errors.TreatmentLevelsError):
        estimate_counterfactual(frame, CounterfactualQuestion(id_column="id", id=1, effect=effect))
    with pytest.raises(errors.TreatmentLevelsError):
        estimate_mediation(
            frame,
            MediationQuestion(treatment="t", outcome="y", mediators="x", interaction=True, **named),
        )


def _series(**columns):
    generator = np.random.default_rng(6)
    return pd.DataFrame({"day": range(60), "y": generator.standard_normal(60), **columns})


def test_parameters_become_the_question_of_each_design(tmp_path):
    """A panel and a graph from text, as a request writes them."""
    panel = question_builder.impact_question(
        Named(
            {
                "design": "panel",
                "outcome": "y",
                "unit_column": "u",
                "time_column": "d",
                "treated_units": "a, b",
                "intervention_date": "2025-01-01",
            }
        )
    )
    assert panel.treated == ("a", "b")
    assert question_builder.impact_columns(panel) == ("u", "d", "y")
    (tmp_path / "g.dot").write_text("digraph { a -> b }")
    assert question_builder.graph(Named({"graph": str(tmp_path / "g.dot")})).nodes == ("a", "b")
    with pytest.raises(errors.QuestionError, match="graph"):
        question_builder.impact_question(Named({"design": "paths", "outcome": "y"}))


def test_a_series_estimator_that_fails_is_named():
    """The same over time, and for segments."""

    def broken(_):
        raise RuntimeError("sampler diverged")

    series = Estimator(
        name="theirs",
        task=Task.SERIES,
        estimands=("post_period_mean",),
        fit=broken,
        interval_method="none",
        p_method="none",
    )
    segments = attrs.evolve(series, task=Task.SEGMENTS, estimands=("cate",))
    question = SeriesQuestion(outcome="y", time="day", intervention=45)

    with pytest.raises(errors.EstimatorFailedError, match="sampler diverged"):
        estimate_series_impact(_series(), question, Router((series,)))
    with pytest.raises(errors.EstimatorFailedError, match="sampler diverged"):
        estimate_segments(
            pd.DataFrame({"t": [0, 1] * 40, "y": np.arange(80.0), "s": 1}),
            EffectQuestion(treatment="t", outcome="y", segment="s"),
            Router((segments,)),
        )
