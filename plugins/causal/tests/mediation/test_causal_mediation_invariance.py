"""What must not change an answer: effects through mediators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import (
    MediationQuestion,
)
from kpisdk_causal.questions.rules import Rules


@pytest.mark.parametrize("interaction", [False, True])
def test_a_mediation_does_not_see_units_and_zero_points(interaction):
    """A dose, a mediator, a confounder and an outcome from other zero points and in other units."""
    generator = np.random.default_rng(4)
    n = 400
    x = generator.standard_normal(n)
    t = generator.integers(0, 2, n) if interaction else x + generator.standard_normal(n)
    m = 0.5 * t + x + generator.standard_normal(n)
    y = t + m + x + generator.standard_normal(n)
    frame = pd.DataFrame({"x": x, "t": t, "m": m, "y": y})
    question = MediationQuestion(
        treatment="t",
        outcome="y",
        mediators="m",
        confounders="x",
        interaction=interaction,
        rules=Rules(n_boot=200),
    )
    dose = 1.0 if interaction else 1000.0
    moved = pd.DataFrame(
        {
            "x": 1e-3 * x + 1e5,
            "t": t if interaction else t / dose + 1e4,
            "m": 60 * m + 1e6,
            "y": y + 1e6,
        }
    )

    one, other = estimate_mediation(frame, question), estimate_mediation(moved, question)

    assert other.value == pytest.approx(one.value, rel=1e-6)
    assert other.confidence_interval == pytest.approx(one.confidence_interval, rel=1e-5)
    for name in ("indirect", "direct", "total"):
        assert other.part(name).value == pytest.approx(dose * one.part(name).value, rel=1e-6)
