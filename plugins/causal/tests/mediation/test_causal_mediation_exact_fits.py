"""Fits without a residual give no certainty: effects through mediators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import MediationQuestion
from kpisdk_causal.questions.rules import Rules


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
