"""What is refused, and how it is said: effects by segment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.questions.question import (
    EffectQuestion,
)
from kpisdk_causal.questions.rules import Rules

QUIET = Rules(cross_check=False)


def test_a_segment_without_overlap_is_refused_and_so_is_the_whole():
    """In one segment nearly everybody is treated: LOW_OVERLAP there, a value in the other."""
    generator = np.random.default_rng(5)
    n = 2000
    segment = generator.integers(0, 2, n)
    t = (generator.random(n) < np.where(segment == 1, 0.98, 0.5)).astype(int)
    frame = pd.DataFrame(
        {"s": segment, "x": generator.standard_normal(n), "t": t, "y": generator.standard_normal(n)}
    )

    def ask(**fields):
        rules = Rules(cross_check=False, **fields)
        question = EffectQuestion(
            treatment="t", outcome="y", confounders="x", segment="s", rules=rules
        )
        return estimate_segments(frame, question)

    answer = ask()
    assert (answer.value, answer.reason) == (None, "LOW_OVERLAP")
    assert answer.part("1").reason == "LOW_OVERLAP"
    assert answer.part("0").value is not None
    assert answer.details["heterogeneity"] is None
    assert ask(force=True).part("1").value is not None


def test_no_segment_can_be_answered(trial):
    """Every segment has one arm: each says so, and there is no value."""
    frame = trial.assign(s=trial["t"].map({0: "never", 1: "always"}))

    answer = estimate_segments(
        frame, EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET)
    )

    assert answer.value is None
    assert {part.reason for part in answer.parts} == {"ONE_ARM"}


def test_segments_need_a_column_and_everybody(trial):
    """Without ``segment``, or for the treated only, there is no such question."""
    with pytest.raises(errors.QuestionError, match="segment"):
        estimate_segments(trial, EffectQuestion(treatment="t", outcome="y"))
    with pytest.raises(errors.QuestionError, match="target_units"):
        estimate_segments(
            trial, EffectQuestion(treatment="t", outcome="y", segment="x", target_units="att")
        )
