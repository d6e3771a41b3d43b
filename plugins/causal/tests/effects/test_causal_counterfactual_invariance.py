"""What must not change an answer: one patient's counterfactual."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.counterfactual import estimate_counterfactual
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.questions.question import (
    CounterfactualQuestion,
    EffectQuestion,
)
from kpisdk_causal.questions.rules import Rules

SEEDS = (1, 2, 3)


def _rows(seed: int, n: int = 300) -> pd.DataFrame:
    """Ward C is among the treated only; x confounds, z does not."""
    generator = np.random.default_rng(seed)
    x, z = generator.standard_normal((2, n))
    t = (generator.random(n) < 1 / (1 + np.exp(-0.6 * x))).astype(int)
    ward = generator.choice(np.array(["A", "B"], dtype=object), n)
    ward[np.flatnonzero(t == 1)[:6]] = "C"
    y = 2 * t + x + 3 * (ward == "B") + generator.standard_normal(n)
    return pd.DataFrame({"id": range(n), "t": t, "x": x, "z": z, "ward": ward, "y": y})


@pytest.mark.parametrize("seed", SEEDS)
def test_segments_and_counterfactuals_move_with_the_outcome(seed):
    """Y -> 5y - 1e6: effects times 5, a patient's outcome as the outcome itself."""
    frame = _rows(seed)
    moved = frame.assign(y=5 * frame["y"] - 1e6)
    asked = EffectQuestion(
        treatment="t",
        outcome="y",
        confounders=("x", "ward"),
        rules=Rules(cross_check=False, force=True),
    )
    cut = EffectQuestion(
        treatment="t", outcome="y", confounders=("x",), segment="ward", rules=asked.rules
    )

    ones, others = estimate_segments(frame, cut), estimate_segments(moved, cut)
    patient = CounterfactualQuestion(id_column="id", id=250, effect=asked)
    one, other = (estimate_counterfactual(each, patient) for each in (frame, moved))

    for part, again in zip(ones.parts, others.parts, strict=True):
        if part.value is not None:
            assert again.value == pytest.approx(5 * part.value, rel=1e-6)
            assert again.std_error == pytest.approx(5 * part.std_error, rel=1e-6)
    assert other.value == pytest.approx(5 * one.value - 1e6, abs=1e-4)
    assert other.std_error == pytest.approx(5 * one.std_error, rel=1e-6)


def test_an_exact_fit_gives_no_certainty():
    """Y = 3t + x without a residual: the value, and neither an error nor an interval nor a p."""
    frame = _rows(10)
    frame["y"] = 3 * frame["t"] + frame["x"]
    asked = EffectQuestion(
        treatment="t", outcome="y", confounders=("x",), rules=Rules(cross_check=False)
    )

    effect = estimate_effect(frame, asked)
    patient = estimate_counterfactual(
        frame, CounterfactualQuestion(id_column="id", id=250, effect=asked)
    )

    for answer in (effect, patient):
        assert "NO_SPREAD" in answer.warning_codes
        assert answer.value is not None
        assert (answer.std_error, answer.confidence_interval, answer.p_value) == (None, None, None)
