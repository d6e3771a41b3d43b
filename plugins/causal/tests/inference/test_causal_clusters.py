"""Rows that belong together: errors by clusters, and a warning where they are needed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.errors import ClusterError, EstimatorFailedError, QuestionError
from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import EffectQuestion, MediationQuestion
from kpisdk_causal.questions.rules import Rules


@pytest.fixture
def visits() -> pd.DataFrame:
    """100 patients of 5 visits each, all of a patient treated or none; half the noise is theirs."""
    generator = np.random.default_rng(3)
    patient = np.repeat(np.arange(100), 5)
    own = generator.standard_normal(100)[patient]
    t = generator.integers(0, 2, 100)[patient]
    x = generator.standard_normal(500)
    y = t + x + own + generator.standard_normal(500)
    site = np.where(np.arange(500) % 2, "a", "b")
    return pd.DataFrame({"patient_id": patient, "t": t, "x": x, "y": y, "site": site})


def _ask(frame, confounders=("x",), **fields):
    estimator = fields.pop("estimator", None)
    rules = Rules(cross_check=False, estimator=estimator)
    asked = {"treatment": "t", "outcome": "y", "confounders": confounders, "rules": rules}
    return estimate_effect(frame, EffectQuestion(**{**asked, **fields}))


def test_the_clustered_error_is_that_of_sums_over_patients(visits):
    """Without confounders: residuals by arm, summed by patient, worked out anew."""
    answer = _ask(visits, (), cluster="patient_id")

    arm, y = visits["t"].to_numpy(), visits["y"].to_numpy()
    added = np.zeros(500)
    for level, sign in ((1, 1), (0, -1)):
        rows = arm == level
        added[rows] = sign * (y[rows] - y[rows].mean()) / rows.sum()
    sums = pd.Series(added).groupby(visits["patient_id"]).sum()
    assert answer.std_error == pytest.approx(np.sqrt((sums**2).sum() * 100 / 99))
    assert answer.details["n_clusters"] == 100


@pytest.mark.parametrize("estimator", ["aipw", "interacted_regression", "weighting"])
def test_repeated_rows_make_the_error_larger(visits, estimator):
    """Five visits of a patient are not five patients; the value stays."""
    plain = _ask(visits, estimator=estimator)
    clustered = _ask(visits, estimator=estimator, cluster="patient_id")

    assert clustered.value == plain.value
    assert clustered.std_error > 1.3 * plain.std_error


def test_each_row_written_twice_changes_no_clustered_error(visits):
    """Copies bring nothing: n doubles, and the error stays, but for its small-sample part."""
    twice = pd.concat([visits, visits], ignore_index=True)

    one, two = (_ask(each, cluster="patient_id") for each in (visits, twice))

    assert two.value == pytest.approx(one.value, rel=1e-9)
    assert two.std_error == pytest.approx(one.std_error, rel=0.02)


def test_repeated_patients_are_warned_of_where_no_cluster_is_named(visits):
    """Also where the patient is no column of the question."""
    answer = _ask(visits)

    assert "REPEATED_UNITS" in answer.warning_codes
    assert "REPEATED_UNITS" not in _ask(visits, cluster="patient_id").warning_codes
    assert "REPEATED_UNITS" not in _ask(visits.drop_duplicates("patient_id")).warning_codes


def test_segments_and_mediations_are_clustered_too(visits):
    """Their errors grow as that of the effect does."""
    cut = {"treatment": "t", "outcome": "y", "confounders": ("x",), "segment": "site"}
    quiet = Rules(cross_check=False)
    plain, by_patient = (
        estimate_segments(visits, EffectQuestion(**cut, rules=quiet, cluster=cluster))
        for cluster in (None, "patient_id")
    )
    frame = visits.assign(m=visits["t"] + visits["y"])
    split = {"treatment": "t", "outcome": "y", "mediators": "m", "rules": Rules(n_boot=300)}
    rows, patients = (
        estimate_mediation(frame, MediationQuestion(**split, cluster=cluster))
        for cluster in (None, "patient_id")
    )

    assert by_patient.std_error > 1.3 * plain.std_error
    assert by_patient.part("a").std_error > plain.part("a").std_error
    assert patients.part("total").std_error > 1.3 * rows.part("total").std_error


def test_one_cluster_has_no_spread(visits):
    """And neither treatment nor outcome names whom a row is about."""
    with pytest.raises(ClusterError, match="one cluster"):
        _ask(visits.assign(all="x"), cluster="all")
    with pytest.raises(QuestionError, match="cluster"):
        _ask(visits, cluster="t")


def test_a_cross_fitted_model_sees_no_other_row_of_a_cluster(visits):
    """Ten copies of each row: the noise of a patient is not learnt from the patient's other rows.

    Its variance is 2, half of it the patient's: 100 patients in equal arms leave an error of
    2·√2/10 = 0.28 to a perfect model, and more to any other.
    """
    once = visits.drop_duplicates("patient_id")[["patient_id", "t", "x", "y"]]
    copies = pd.concat([once] * 10, ignore_index=True)

    answer = _ask(copies, estimator="aipw_boosting", cluster="patient_id")

    assert answer.std_error > 0.28


def test_an_arm_that_is_one_cluster_cannot_be_cross_fitted(visits):
    """No other cluster tells anything of that arm."""
    with pytest.raises(EstimatorFailedError, match="within one cluster"):
        _ask(visits.assign(clinic=visits["t"]), estimator="aipw_boosting", cluster="clinic")


def test_a_subset_keeps_its_clusters(visits):
    """The refuter draws rows; the estimator cuts its folds by the clusters of those."""
    rules = Rules(cross_check=False, estimator="aipw_boosting", refute=("subset",), n_simulations=2)

    answer = _ask(visits, cluster="patient_id", rules=rules)

    assert answer.refutations[0].effect is not None
