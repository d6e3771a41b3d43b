"""Bad input, one behaviour each: one patient's counterfactual."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.effects.counterfactual import estimate_counterfactual
from kpisdk_causal.questions.question import (
    CounterfactualQuestion,
    EffectQuestion,
)
from kpisdk_causal.questions.rules import Rules


def _rules(**fields):
    return Rules(cross_check=False, **fields)


def _patients(trial):
    return trial.assign(patient=[f"p{number}" for number in range(200)])


def _about(patient, **fields):
    effect = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=_rules(**fields))
    return CounterfactualQuestion(id_column="patient", id=patient, effect=effect)


def test_an_unknown_patient_is_refused_without_the_ids_of_others(trial):
    """How many there are is told, and of nobody who it is."""
    patients = _patients(trial)
    with pytest.raises(errors.UnknownIdError, match=r"no patient 'nobody' among") as refused:
        estimate_counterfactual(patients, _about("nobody"))

    words = set(str(refused.value).replace("'", " ").replace(",", " ").split())
    assert not words & {str(each) for each in patients["patient"]} - {str(len(patients))}


def test_a_patient_with_two_rows_is_refused(trial):
    """Which of the rows is meant cannot be guessed."""
    doubled = pd.concat([_patients(trial), _patients(trial).head(1)])

    with pytest.raises(errors.RepeatedIdError, match="2 rows"):
        estimate_counterfactual(doubled, _about("p0"))


def test_a_patient_whose_row_was_dropped_is_told_why(trial):
    """Not "unknown": the row is there, and has a gap."""
    holes = _patients(trial)
    holes.loc[0, "x"] = np.nan

    with pytest.raises(errors.MissingValuesError, match="'x'"):
        estimate_counterfactual(holes, _about("p0", missing="drop"))
