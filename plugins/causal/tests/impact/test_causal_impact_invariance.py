"""What must not change an answer: what an intervention changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.impact.panel_impact import estimate_panel_impact
from kpisdk_causal.questions.question import (
    PanelQuestion,
)
from kpisdk_causal.questions.rules import Rules


def test_a_synthetic_control_does_not_see_the_zero_point():
    """The weights have the sum 1; an outcome far from 0 used to move them."""
    generator = np.random.default_rng(6)
    frame = pd.DataFrame(
        {
            "unit": np.repeat([f"u{place}" for place in range(8)], 16),
            "time": np.tile(np.arange(2000, 2016), 8),
            "y": generator.standard_normal(128),
        }
    )
    asked = PanelQuestion(
        unit="unit",
        time="time",
        outcome="y",
        treated="u0",
        intervention=2012,
        rules=Rules(estimator="synthetic_control"),
    )

    one = estimate_panel_impact(frame, asked)
    other = estimate_panel_impact(frame.assign(y=frame["y"] + 1e6), asked)

    assert other.value == pytest.approx(one.value, rel=1e-6)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-6)
