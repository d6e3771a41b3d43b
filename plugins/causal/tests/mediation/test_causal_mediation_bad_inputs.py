"""Bad input, one behaviour each: effects through mediators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import (
    MediationQuestion,
)


def test_an_inconsistent_mediation_is_reported_as_it_is():
    """Direct 1, indirect -0.4: the share is below 0, never clipped."""
    generator = np.random.default_rng(4)
    t = generator.integers(0, 2, 2000)
    m = -t + generator.standard_normal(2000)
    y = t + 0.4 * m + 0.1 * generator.standard_normal(2000)

    answer = estimate_mediation(
        pd.DataFrame({"t": t, "m": m, "y": y}),
        MediationQuestion(treatment="t", mediators="m", outcome="y"),
    )

    assert answer.value == pytest.approx(-0.4 / 0.6, abs=0.05)
    assert "INCONSISTENT_MEDIATION" in answer.warning_codes


def test_a_total_that_may_be_nothing_has_no_share():
    """Direct 0.4 and indirect -0.4: no ratio; the effects are reported."""
    generator = np.random.default_rng(5)
    t = generator.integers(0, 2, 500)
    m = -t + generator.standard_normal(500)
    y = 0.4 * t + 0.4 * m + generator.standard_normal(500)

    answer = estimate_mediation(
        pd.DataFrame({"t": t, "m": m, "y": y}),
        MediationQuestion(treatment="t", mediators="m", outcome="y"),
    )

    assert (answer.value, answer.reason) == (None, "RATIO_UNSTABLE")
    assert answer.details["proportion_mediated"] is None
    assert answer.part("indirect").value is not None


def test_a_constant_mediator_is_refused(trial):
    """It cannot carry anything."""
    with pytest.raises(errors.MediatorError, match="'m'"):
        estimate_mediation(
            trial.assign(m=1.0), MediationQuestion(treatment="t", mediators="m", outcome="y")
        )


def test_mediation_needs_rows(trial):
    """10 rows: SMALL_N."""
    question = MediationQuestion(treatment="t", mediators="x", outcome="y")
    few = pd.concat([trial[trial["t"] == level].head(5) for level in (0, 1)])

    assert estimate_mediation(few, question).reason == "SMALL_N"
