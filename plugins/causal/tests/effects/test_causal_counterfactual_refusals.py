"""What is refused, and how it is said: one patient's counterfactual."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.effects.counterfactual import estimate_counterfactual
from kpisdk_causal.questions.question import (
    CounterfactualQuestion,
    EffectQuestion,
)
from kpisdk_causal.questions.rules import Rules

QUIET = Rules(cross_check=False)


def test_a_patient_unlike_anybody_in_the_other_arm_gets_no_counterfactual():
    """LOW_OVERLAP for this patient; forced, with a warning."""
    generator = np.random.default_rng(4)
    x = generator.standard_normal(500)
    t = (generator.random(500) < 1 / (1 + np.exp(-2 * x))).astype(int)
    x[0], t[0] = 6.0, 1
    frame = pd.DataFrame(
        {"id": range(500), "x": x, "t": t, "y": x + t + generator.standard_normal(500)}
    )

    def ask(**fields):
        rules = Rules(cross_check=False, **fields)
        effect = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=rules)
        question = CounterfactualQuestion(id_column="id", id=0, effect=effect)
        return estimate_counterfactual(frame, question)

    assert (ask().value, ask().reason) == (None, "LOW_OVERLAP")
    assert ask(force=True).value is not None
    assert "LOW_OVERLAP" in ask(force=True).warning_codes


@pytest.mark.parametrize("confounders", [(), ("x",)])
def test_a_yes_no_outcome_that_never_happens_in_the_other_arm(trial, confounders):
    """No probability can be told from an arm where the outcome is always the same."""
    frame = trial.assign(id=range(200), y=(trial["t"] == 1) & (trial["x"] > 0))
    patient = int(frame.index[frame["t"] == 1][0])
    effect = EffectQuestion(treatment="t", outcome="y", confounders=confounders, rules=QUIET)

    answer = estimate_counterfactual(
        frame, CounterfactualQuestion(id_column="id", id=patient, effect=effect)
    )

    assert (answer.value, answer.reason) == (None, "CONSTANT_OUTCOME")


def test_without_confounders_the_probability_is_the_arms_share(trial):
    """A control's counterfactual is the share of the treated with the outcome."""
    frame = trial.assign(id=range(200), y=(trial["y"] > 0).astype(int))
    patient = int(frame.index[frame["t"] == 0][0])
    effect = EffectQuestion(treatment="t", outcome="y", rules=QUIET)

    answer = estimate_counterfactual(
        frame, CounterfactualQuestion(id_column="id", id=patient, effect=effect)
    )

    assert answer.value == pytest.approx(frame["y"][frame["t"] == 1].mean())
