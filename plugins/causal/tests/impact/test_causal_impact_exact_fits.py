"""Fits without a residual give no certainty: what an intervention changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.impact.paths import estimate_paths
from kpisdk_causal.questions.question import PathQuestion
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


def test_parts_that_cancel_have_no_proportion():
    """0.1 · 3 − 0.3 is 0, but for rounding: no share of 5·10^15."""
    arrows = {("t", "m"): 0.1, ("m", "y"): 3.0, ("t", "y"): -0.3}
    asked = PathQuestion(graph=CausalGraph(tuple(arrows), arrows), treatment="t", outcome="y")

    assert estimate_paths(asked).details["proportion_mediated"] is None
