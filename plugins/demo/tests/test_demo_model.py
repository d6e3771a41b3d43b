"""Stored model figures agree with the rows, by formulas that share no code with the generator."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from kpisdk_demo import evaluation, frames
from kpisdk_demo.scoring import FEATURES

END = pd.Timestamp(2026, 3, 1)
CLOSE = 1e-6


@pytest.fixture(scope="module")
def recent(tables):
    """Scores of the last 30 days."""
    rows = tables["ml_predictions"]
    return rows[rows.prediction_timestamp >= END - pd.Timedelta(days=30)]


@pytest.fixture(scope="module")
def known(recent):
    """Recent scores whose outcome is known."""
    return recent.dropna(subset=["prediction_value", "actual_outcome"])


def stored(rows, column):
    """The one stored value of a column."""
    values = rows[column].dropna().unique()
    assert len(values) == 1
    return values[0]


def test_the_last_thirty_days_are_the_newest_versions(recent, tables):
    """One version made all recent scores; older ones made the rest."""
    assert len(recent.model_version.unique()) == 1
    assert tables["ml_predictions"].model_version.nunique() == 4


def test_stored_roc_auc_is_the_rows(recent, known):
    """Mann–Whitney: (rank sum of the positives − n(n+1)/2) / (n·m), ties at mid-rank."""
    ranks = known.prediction_value.rank()
    positive = known.actual_outcome == 1
    n, m = positive.sum(), (~positive).sum()
    expected = (ranks[positive].sum() - n * (n + 1) / 2) / (n * m)

    assert stored(recent, "model_auc") == pytest.approx(expected, abs=CLOSE)
    assert 0.75 < expected < 0.9


def test_stored_pr_auc_is_the_rows(recent, known):
    """Average precision: precision at each distinct score × the recall that it adds."""
    grouped = known.groupby("prediction_value").actual_outcome.agg(["sum", "count"])[::-1]
    precision = grouped["sum"].cumsum() / grouped["count"].cumsum()
    expected = (precision * grouped["sum"]).sum() / grouped["sum"].sum()

    assert stored(recent, "model_pr_auc") == pytest.approx(expected, abs=CLOSE)


def test_stored_precision_and_recall_are_the_rows(recent, known):
    """At probability 0.5 or more."""
    flagged = known[known.prediction_value >= 0.5]
    positives = known.actual_outcome.sum()

    precision, recall = stored(recent, "model_precision"), stored(recent, "model_recall")
    assert precision == pytest.approx(flagged.actual_outcome.mean(), abs=CLOSE)
    assert recall == pytest.approx(flagged.actual_outcome.sum() / positives, abs=CLOSE)


@pytest.mark.parametrize("k", [5, 10, 20, 100])
def test_stored_recall_at_k_is_the_rows(recent, known, k):
    """Positives among the K highest scores, ties by prediction_id, over all positives."""
    top = known.sort_values(["prediction_value", "prediction_id"], ascending=[False, True]).head(k)
    expected = top.actual_outcome.sum() / known.actual_outcome.sum()

    metrics = json.loads(stored(recent, "rank_metrics"))
    assert metrics[f"recall_at_{k}"] == pytest.approx(expected, abs=CLOSE)


def test_stored_brier_score_is_the_rows(recent, known):
    """Mean squared distance of probability and outcome."""
    expected = ((known.prediction_value - known.actual_outcome) ** 2).mean()

    assert stored(recent, "brier_score") == pytest.approx(expected, abs=CLOSE)


def test_stored_calibration_slope_solves_the_regressions_equations(recent, known):
    """At the maximum of the likelihood the score is zero; the intercept is found by bisection."""
    slope = stored(recent, "calibration_score")
    odds = np.log(known.prediction_value / (1 - known.prediction_value)).to_numpy()
    outcome = known.actual_outcome.to_numpy()
    low, high = -10.0, 10.0
    for _ in range(200):
        intercept = (low + high) / 2
        fitted = 1 / (1 + np.exp(-(intercept + slope * odds)))
        low, high = (intercept, high) if fitted.mean() < outcome.mean() else (low, intercept)

    assert abs((odds * (outcome - fitted)).mean()) < CLOSE
    assert 0.6 < slope < 1.15


def test_stored_fairness_is_the_rows(recent, known, tables):
    """Recall at 0.5 per insurance type of each patient's newest journey."""
    journeys = tables["patient_journeys"].dropna(subset="patient_id").sort_values("created_at")
    insurance = journeys.groupby("patient_id").insurance_type.last()
    positive = known[known.actual_outcome == 1]
    group = positive.patient_id.map(insurance)
    expected = (positive.prediction_value >= 0.5).groupby(group.values).mean()

    by_group = json.loads(stored(recent, "fairness_metrics"))["recall_by_group"]["insurance_type"]
    assert by_group == pytest.approx(expected.to_dict(), abs=CLOSE)


def test_stored_drift_is_the_features(recent, tables):
    """PSI of the recent features against the training bins, within the measurement's noise."""
    newest = tables["ml_preprocessing_metadata"].sort_values("computed_at").iloc[-1]
    trained = json.loads(newest.feature_distributions)
    features = pd.DataFrame([json.loads(text) for text in recent.features.dropna()])
    drift = tables["feature_drift_metrics"]
    drift = drift[drift.measured_at >= END - pd.Timedelta(days=7)]
    measured = drift.groupby("feature_name").psi_value.mean()

    assert set(trained) == set(features) == set(measured.index) == set(FEATURES)
    computed = {}
    for name, bins in trained.items():
        edges = [-math.inf, *bins["edges"], math.inf]
        counts = pd.cut(features[name], edges, right=False).value_counts(sort=False).to_numpy()
        q = (counts + 1) / (counts.sum() + counts.size)
        p = np.array(bins["proportions"])
        computed[name] = ((q - p) * np.log(q / p)).sum()
    assert measured.to_dict() == pytest.approx(computed, rel=0.05)
    assert max(computed, key=computed.get) == "claims_per_quarter"
    assert max(value for name, value in computed.items() if name != "claims_per_quarter") < 0.1


def test_training_proportions_sum_to_one(tables):
    """Each feature has one more share than edges, and the edges rise."""
    for text in tables["ml_preprocessing_metadata"].feature_distributions:
        for bins in json.loads(text).values():
            assert len(bins["proportions"]) == len(bins["edges"]) + 1
            assert sum(bins["proportions"]) == pytest.approx(1)
            assert bins["edges"] == sorted(bins["edges"])


def test_explanations_name_the_features(tables):
    """A score's SHAP values name the features of the score; some scores have none."""
    rows = tables["ml_predictions"]
    explained = rows.dropna(subset="shap_values")

    assert 0 < len(explained) < len(rows)
    assert set(json.loads(explained.shap_values.iloc[0])) == set(FEATURES)


def test_the_second_model_is_not_evaluated(tables):
    """A model type without known outcomes has no stored metrics either."""
    rows = tables["ml_predictions"]
    second = rows[rows.model_type != "conversion_propensity"]

    assert len(second)
    assert second[["actual_outcome", "model_auc", "rank_metrics"]].isna().all().all()


def test_a_version_whose_rows_have_one_class_has_no_metrics():
    """Without a positive and a negative nothing is stored, instead of a zero."""
    scores = frames(0.002, 1, END.to_pydatetime())["ml_predictions"]
    main = scores[scores.model_type == "conversion_propensity"]

    classes = main.groupby("model_version").actual_outcome.nunique()
    undefined = classes[classes < 2].index
    assert main[main.model_version.isin(undefined)].model_auc.isna().all()
    defined = classes[classes == 2].index
    assert main[main.model_version.isin(defined)].model_auc.notna().all()


def test_no_calibration_slope_is_stored_for_separated_classes():
    """Where every positive outscores every negative, the slope is infinite: there is none."""
    negatives, positives = np.zeros(10_001, np.int64), np.zeros(10_001, np.int64)
    negatives[[1_000, 2_000]] = 5
    positives[[8_000, 9_000]] = 5

    assert evaluation.calibration_slope(negatives, positives) is None
    assert evaluation.roc_auc(negatives, positives) == 1.0
