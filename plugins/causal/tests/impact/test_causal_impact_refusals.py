"""What is refused, and how it is said: what an intervention changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.estimator import Estimator, Task
from kpisdk_causal.estimators.router import Router
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.impact.panel import PanelEffect
from kpisdk_causal.impact.panel_impact import estimate_panel_impact
from kpisdk_causal.impact.paths import estimate_paths
from kpisdk_causal.impact.series_impact import estimate_series_impact
from kpisdk_causal.questions.question import (
    PanelQuestion,
    PathQuestion,
    SeriesQuestion,
)
from kpisdk_causal.questions.rules import Rules


def test_paths_refuse_what_they_cannot_multiply(trial):
    """An arrow without a number, a cause that is not in the table, causes that are mixtures."""
    graph = CausalGraph((("t", "m"), ("m", "y"), ("x", "y")))
    question = PathQuestion(graph=graph, treatment="t", outcome="y")

    with pytest.raises(errors.GraphError, match="has no coefficient"):
        estimate_paths(question)
    with pytest.raises(errors.UnknownColumnsError, match="'m'"):
        estimate_paths(question, trial)
    with pytest.raises(errors.SingularDesignError, match="mixtures"):
        estimate_paths(question, trial.assign(m=2 * trial["x"]))
    assert estimate_paths(question, trial.assign(m=trial["y"]).head(5)).reason == "SMALL_N"


def test_a_graph_without_a_path_says_there_is_no_effect():
    """0, on the graph's word, and it is said that nothing else stands behind it."""
    graph = CausalGraph((("t", "m"), ("y", "m")))

    answer = estimate_paths(PathQuestion(graph=graph, treatment="t", outcome="y"))

    assert (answer.value, answer.parts) == (0.0, ())
    assert answer.warning_codes == ("NO_CAUSAL_PATH",)
    assert (answer.confidence_interval, answer.p_value) == (None, None)
    assert answer.details["proportion_mediated"] is None


def test_paths_of_opposite_signs_are_told():
    """Direct 1, indirect -0.4: inconsistent mediation."""
    arrows = {("t", "m"): -1.0, ("m", "y"): 0.4, ("t", "y"): 1.0}

    answer = estimate_paths(
        PathQuestion(graph=CausalGraph(tuple(arrows), arrows), treatment="t", outcome="y")
    )

    assert answer.warning_codes == ("INCONSISTENT_MEDIATION",)


def _series(**columns):
    generator = np.random.default_rng(6)
    return pd.DataFrame({"day": range(60), "y": generator.standard_normal(60), **columns})


def _impact(frame, **fields):
    rules = Rules(estimator="local_level")
    given = {"outcome": "y", "time": "day", "intervention": 45, "rules": rules, **fields}
    return estimate_series_impact(frame, SeriesQuestion(**given))


def test_times_that_are_no_dates_are_refused():
    """Text that no calendar knows, and an intervention that is none."""
    with pytest.raises(errors.SeriesError, match="cannot be read as dates"):
        _impact(_series().assign(day=[f"soon {n}" for n in range(60)]), intervention="soon 45")
    with pytest.raises(errors.SeriesError, match="cannot be read as a time"):
        _impact(_series(), intervention="spring")


def test_rows_after_the_end_do_not_count():
    """``end`` is the last period that counts."""
    assert _impact(_series(), end=50).n_treated == 6


def test_seasons_are_taken_into_account():
    """A strong weekly pattern: with seasons the interval is far narrower."""
    week = np.array([0, 0, 0, 0, 0, 20, 20])[np.arange(60) % 7]
    frame = _series()
    frame["y"] += week

    plain, seasonal = _impact(frame), _impact(frame, seasons=7)

    assert seasonal.std_error < plain.std_error / 3


def test_a_control_that_never_changed_before_says_nothing():
    """It is left out: the answer is that without it."""
    frame = _series(c=[1.0] * 50 + [2.0] * 10)

    assert _impact(frame, controls="c").value == pytest.approx(_impact(frame).value)


def _panel_frame():
    generator = np.random.default_rng(7)
    return pd.DataFrame(
        [
            {"unit": unit, "time": time, "y": float(generator.standard_normal())}
            for unit in "abcdef"
            for time in range(12)
        ]
    )


def _panel(frame=None, **fields):
    given = {"unit": "unit", "time": "time", "outcome": "y", "treated": "a", "intervention": 8}
    question = PanelQuestion(**{**given, **fields})
    return estimate_panel_impact(_panel_frame() if frame is None else frame, question)


def test_a_panel_needs_periods_on_both_sides():
    """One before, or none after: refused with the reach."""
    with pytest.raises(errors.SeriesError, match="1 periods lie before"):
        _panel(intervention=1)
    with pytest.raises(errors.SeriesError, match="0 from 20 on"):
        _panel(intervention=20)


def test_a_period_that_a_unit_has_twice_is_refused():
    """The unit and the period are named."""
    doubled = pd.concat([_panel_frame(), _panel_frame().head(1)])

    with pytest.raises(errors.SeriesError, match="'a' has two rows of 0"):
        _panel(doubled)


def test_a_synthetic_control_that_cannot_fit_is_told():
    """The treated unit lies far above all others: equal weights are as good."""
    frame = _panel_frame()
    frame.loc[frame["unit"] == "a", "y"] += 100

    answer = _panel(frame, rules=Rules(estimator="synthetic_control"))

    assert answer.details["pre_rmspe"] > 50
    assert answer.part("difference_in_differences").value == pytest.approx(
        _panel().part("difference_in_differences").value
    )


def test_several_treated_units_count_as_their_mean():
    """Difference in differences of two treated units, by hand."""
    frame = _panel_frame()
    wide = frame.set_index(["unit", "time"])["y"].unstack()  # noqa: PD010  # every cell is there
    change = wide.loc[:, 8:].mean(axis=1) - wide.loc[:, :7].mean(axis=1)

    answer = _panel(frame, treated=("a", "b"))

    expected = change[["a", "b"]].mean() - change[["c", "d", "e", "f"]].mean()
    assert answer.part("difference_in_differences").value == pytest.approx(expected)


def _panel_estimator(fit):
    return Estimator(
        name="theirs",
        task=Task.PANEL,
        estimands=("panel_att",),
        fit=fit,
        interval_method="placebo units",
        p_method="wald",
        rank=1,
    )


def _ask_theirs(fit):
    question = PanelQuestion(unit="unit", time="time", outcome="y", treated="a", intervention=8)
    return estimate_panel_impact(_panel_frame(), question, Router((_panel_estimator(fit),)))


def test_a_fit_worse_than_equal_weights_is_told():
    """A solver that stopped too early must not pass for a synthetic control."""

    def stopped(panel):
        weights = np.full(len(panel.controls), 1 / len(panel.controls))
        return PanelEffect(
            value=1.0,
            counterfactual=weights @ panel.controls,
            weights=weights,
            pre_rmspe=2.0,
            uniform_rmspe=1.0,
        )

    assert "POOR_PRE_FIT" in _ask_theirs(stopped).warning_codes


def test_a_panel_estimator_that_fails_is_named():
    """An exception and a nan both become our error."""

    def broken(panel):
        raise ZeroDivisionError(panel.n_pre)

    def empty(panel):
        return PanelEffect(
            value=float("nan"),
            counterfactual=panel.mean,
            weights=np.ones(1),
            pre_rmspe=1.0,
            uniform_rmspe=1.0,
        )

    for fit in (broken, empty):
        with pytest.raises(errors.EstimatorFailedError, match="'theirs'"):
            _ask_theirs(fit)
