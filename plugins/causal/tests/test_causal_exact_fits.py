"""Where data fit exactly there is a value, and nothing that its error could be measured by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.errors import GraphError
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.graphs.identification import identify
from kpisdk_causal.impact.paths import estimate_paths
from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import EffectQuestion, MediationQuestion, PathQuestion
from kpisdk_causal.questions.rules import Rules


def test_exact_arrows_give_no_certainty():
    """Paths of rounding only: 6 and 3/7, no interval, no p; an exact arrow beside noise has one."""
    a = np.random.default_rng(1).standard_normal(100)
    noise = np.random.default_rng(2).standard_normal(100)
    exact = pd.DataFrame({"a": a + 1e4, "b": 2 * a, "c": 6 * a / 14})
    asked = PathQuestion(
        graph=CausalGraph.parse("a -> b -> c"), treatment="a", outcome="c", rules=Rules()
    )

    answer = estimate_paths(asked, exact)
    noisy = estimate_paths(asked, exact.assign(c=exact["c"] + noise))

    assert answer.value == pytest.approx(3 / 7)
    assert (answer.confidence_interval, answer.p_value, answer.std_error) == (None, None, None)
    assert answer.parts[0].interval is None
    assert "NO_SPREAD" in answer.warning_codes
    assert noisy.std_error == pytest.approx(2 * np.std(noise) / np.std(2 * a) / 10, rel=0.2)


@pytest.mark.parametrize("interaction", [False, True])
def test_a_mediator_that_is_the_outcome_gives_no_certainty(interaction):
    """All of the effect runs through it, for want of anything else: a share of 1, and no doubt."""
    generator = np.random.default_rng(3)
    t = generator.integers(0, 2, 300)
    m = t + generator.standard_normal(300)
    frame = pd.DataFrame({"t": t, "m": m, "y": 3 * m / 7 + 7})
    asked = MediationQuestion(
        treatment="t",
        outcome="y",
        mediators="m",
        interaction=interaction,
        rules=Rules(n_boot=200),
    )

    answer = estimate_mediation(frame, asked)

    assert answer.value == pytest.approx(1.0)
    assert (answer.confidence_interval, answer.p_value, answer.std_error) == (None, None, None)
    assert answer.warning_codes == ("NO_SPREAD",)
    assert "direct" in answer.warnings[0].message
    assert answer.part("total").interval is not None
    assert answer.part("direct").p_value is None


def test_arrows_from_few_rows_have_degrees_of_freedom():
    """One arrow from 30 rows: its least-squares slope, HC1, and Student's t with 28 degrees."""
    generator = np.random.default_rng(4)
    a = generator.standard_normal(30)
    c = a + generator.standard_normal(30)
    slope = ((a - a.mean()) @ c) / ((a - a.mean()) @ (a - a.mean()))
    rest = c - c.mean() - slope * (a - a.mean())
    error = np.sqrt(((a - a.mean()) ** 2 @ rest**2) * 30 / 28) / ((a - a.mean()) @ (a - a.mean()))
    asked = PathQuestion(graph=CausalGraph.parse("a -> c"), treatment="a", outcome="c")

    answer = estimate_paths(asked, pd.DataFrame({"a": a, "c": c}))

    assert answer.value == pytest.approx(slope)
    assert answer.std_error == pytest.approx(error)
    # 2.0484 is the upper 2.5 % point of t with 28 degrees, from a printed table.
    assert answer.confidence_interval == pytest.approx(
        (slope - 2.0484 * error, slope + 2.0484 * error), abs=1e-4
    )


@pytest.mark.parametrize("only", [None, "a"])
def test_segments_that_are_fitted_exactly_give_no_certainty(only):
    """A constant outcome and an exact one: values without interval, error or p."""
    frame = pd.DataFrame({"t": [0, 1] * 60, "s": ["a"] * 60 + ["b"] * 60})
    asked = EffectQuestion(treatment="t", outcome="y", segment="s")

    for y, value in ((5.0, 0.0), (0.1 + frame["t"] / 3, 1 / 3)):
        answer = estimate_segments(frame.assign(y=y), asked, only=only)

        assert answer.value == pytest.approx(value, abs=1e-12)
        assert (answer.confidence_interval, answer.p_value, answer.std_error) == (None,) * 3
        assert all(part.p_value is None for part in answer.parts)
        assert answer.details["heterogeneity"] is None
        assert "NO_SPREAD" in answer.warning_codes


def test_parts_that_cancel_have_no_proportion():
    """0.1 · 3 − 0.3 is 0, but for rounding: no share of 5·10^15."""
    arrows = {("t", "m"): 0.1, ("m", "y"): 3.0, ("t", "y"): -0.3}
    asked = PathQuestion(graph=CausalGraph(tuple(arrows), arrows), treatment="t", outcome="y")

    assert estimate_paths(asked).details["proportion_mediated"] is None


def test_a_confounder_that_the_graph_does_not_draw_is_refused():
    """The graph cannot say that it is no common effect of treatment and outcome."""
    graph = CausalGraph.parse("x -> t; x -> y; t -> y")

    with pytest.raises(GraphError, match="no node 'c'"):
        identify("t", "y", ("x", "c"), graph, ["t", "x", "y", "c"])
