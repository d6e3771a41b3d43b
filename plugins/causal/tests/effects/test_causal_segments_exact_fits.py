"""Fits without a residual give no certainty: effects by segment."""

from __future__ import annotations

import pandas as pd
import pytest

from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.questions.question import EffectQuestion


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
