"""What is refused, and how it is said: the effect of a treatment."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.commands.output import as_table, bar
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.estimators.router import default_router
from kpisdk_causal.kpi.to_estimate import as_estimate
from kpisdk_causal.questions.question import (
    EffectQuestion,
)
from kpisdk_causal.questions.rules import Rules

QUIET = Rules(cross_check=False)


def test_an_estimator_that_ignores_confounders_is_refused(trial):
    """Difference in means beside confounders would be another question."""
    question = EffectQuestion(
        treatment="t",
        outcome="y",
        confounders="x",
        rules=Rules(estimator="difference_in_means", cross_check=False),
    )

    with pytest.raises(errors.EstimatorMisfitError, match="would be ignored"):
        estimate_effect(trial, question)


def test_decimals_are_numbers(trial):
    """A database's NUMERIC arrives as Decimal; the estimate is that of floats."""
    exact = trial.assign(y=[Decimal(str(round(value, 3))) for value in trial["y"]])
    plain = trial.assign(y=trial["y"].round(3))
    question = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=QUIET)

    assert estimate_effect(exact, question).value == pytest.approx(
        estimate_effect(plain, question).value, rel=1e-12
    )


def test_a_refused_ate_offers_the_att_in_words():
    """The message of the KPI names what the data do support, and so does the table."""
    generator = np.random.default_rng(8)
    x = generator.standard_normal(3000)
    t = (generator.random(3000) < 1 / (1 + np.exp(3 - 1.5 * x))).astype(int)
    frame = pd.DataFrame({"x": x, "t": t, "y": x + t + generator.standard_normal(3000)})
    question = EffectQuestion(
        treatment="t", outcome="y", confounders="x", rules=Rules(cross_check=False)
    )

    answer = estimate_effect(frame, question)

    assert answer.reason == "LOW_OVERLAP"
    assert "ATT" in as_estimate(answer).message
    assert "offered instead" in as_table(answer)


def test_a_table_for_people_shows_refutations_and_dropped_rows(trial):
    """Passed or failed, and how many rows went."""
    holes = trial.copy()
    holes.loc[0, "y"] = np.nan
    rules = Rules(cross_check=False, missing="drop", refute=("placebo",), n_simulations=20)
    question = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=rules)

    text = as_table(estimate_effect(holes, question, default_router(), bar))

    assert "1 dropped" in text
    assert "refutation placebo: passed" in text


def test_a_part_that_is_not_there_is_a_key_error(trial):
    """``part`` looks labels up."""
    question = EffectQuestion(treatment="t", outcome="y", rules=QUIET)

    with pytest.raises(KeyError):
        estimate_effect(trial, question).part("none")


def test_a_dose_too_is_refuted(trial):
    """Permuted doses and subsets, without a propensity."""
    generator = np.random.default_rng(9)
    dose = trial["x"] + generator.standard_normal(200)
    rules = Rules(cross_check=False, refute=("placebo", "subset", "sensitivity"), n_simulations=20)

    answer = estimate_effect(
        trial.assign(t=dose, y=dose + trial["y"]),
        EffectQuestion(treatment="t", outcome="y", confounders="x", rules=rules),
    )

    assert [one.name for one in answer.refutations] == ["placebo", "subset", "sensitivity"]
    assert answer.refutations[0].passed


def test_an_exact_fit_says_that_no_doubt_can_be_told():
    """Y = 2 d without noise: 2 with a warning, not a triumph."""
    dose = np.linspace(0, 1, 50)

    answer = estimate_effect(
        pd.DataFrame({"t": dose, "y": 2 * dose}),
        EffectQuestion(treatment="t", outcome="y", treatment_kind="continuous", rules=QUIET),
    )

    assert answer.value == pytest.approx(2.0)
    assert "NO_SPREAD" in answer.warning_codes
