"""Bad input, one behaviour each: every kind of question."""

from __future__ import annotations

import pandas as pd
import pytest

from kpisdk import KpisdkError
from kpisdk_causal import errors
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.counterfactual import estimate_counterfactual
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import (
    CounterfactualQuestion,
    EffectQuestion,
    MediationQuestion,
)
from kpisdk_causal.questions.rules import Rules

QUIET = Rules(cross_check=False)


def _ask(frame, **fields):
    given = {"treatment": "t", "outcome": "y", "confounders": "x", "rules": QUIET}
    return estimate_effect(frame, EffectQuestion(**{**given, **fields}))


def _rules(**fields):
    return Rules(cross_check=False, **fields)


@pytest.mark.parametrize("name", ["t", "y"])
def test_treatment_and_outcome_are_no_confounders(name):
    """Refused when the question is made, before there are any data."""
    with pytest.raises(errors.BadControlError, match=f"'{name}' cannot be adjusted for"):
        EffectQuestion(treatment="t", outcome="y", confounders=("x", name))


def _patients(trial):
    return trial.assign(patient=[f"p{number}" for number in range(200)])


def _about(patient, **fields):
    effect = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=_rules(**fields))
    return CounterfactualQuestion(id_column="patient", id=patient, effect=effect)


def test_the_callers_frame_stays_as_it_is(trial):
    """No column more, no value changed, no index reset, whatever is asked."""
    frame = _patients(trial).set_index(pd.Index(range(1000, 1200)))
    before = frame.copy(deep=True)

    _ask(frame, rules=_rules(refute=("placebo", "subset"), n_simulations=5))
    estimate_segments(
        frame.assign(s=1), EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET)
    )
    estimate_counterfactual(frame, _about("p3"))
    estimate_mediation(frame, MediationQuestion(treatment="t", mediators="x", outcome="y"))

    pd.testing.assert_frame_equal(frame, before)


def test_a_question_says_all_its_faults_at_once():
    """Three wrong rules, three problems."""
    with pytest.raises(errors.QuestionError) as caught:
        Rules(confidence_level=2, missing="guess", refute=("magic",))
    assert [problem.where for problem in caught.value.problems] == [
        "confidence_level",
        "missing",
        "refute",
    ]


def test_every_error_is_one_of_ours():
    """All classes have the SDK's root, so that no library's exception needs catching."""
    classes = [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, Exception)
    ]

    assert all(issubclass(found, KpisdkError) for found in classes)
