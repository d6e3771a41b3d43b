"""Bad input, one behaviour each: effects by segment."""

from __future__ import annotations

import numpy as np
import pytest

from kpisdk_causal import errors
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.questions.question import (
    EffectQuestion,
)
from kpisdk_causal.questions.rules import Rules

QUIET = Rules(cross_check=False)


def test_an_unknown_segment_is_refused_with_those_that_exist(trial):
    """The levels are listed."""
    question = EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET)

    with pytest.raises(errors.UnknownValueError, match=r"no segment 'z'. There is: 'a', 'b'"):
        estimate_segments(trial.assign(s=["a", "b"] * 100), question, only="z")


def test_a_segment_with_one_arm_has_a_reason_and_leaves_the_others(trial):
    """ONE_ARM for it, a value for the other, and a warning."""
    frame = trial.assign(s=np.where(np.arange(200) < 20, "few", "rest"))
    frame.loc[:19, "t"] = 1

    answer = estimate_segments(
        frame, EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET)
    )

    assert answer.part("few").reason == "ONE_ARM"
    assert answer.part("rest").value is not None
    assert "ONE_ARM" in answer.warning_codes
