"""Rows of one patient, HCP or day are alike: an interval that takes them for independent is caught.

The intra-class correlation is estimated from the rows by analysis of variance (A. Donner and
J. J. Koval, Biometrics 36, 1980).
"""

import numpy as np
import pandas as pd
import pytest

from kpisdk_demo.unit_effects import normals, uniforms


def correlation(value: pd.Series, unit: pd.Series) -> float:
    """(MSB - MSW) / (MSB + (n0 - 1) MSW), with n0 the mean size of a unit, corrected for spread."""
    rows = pd.DataFrame({"value": value.astype(float), "unit": unit}).dropna()
    groups = rows.groupby("unit").value
    size, mean = groups.size(), groups.mean()
    units, count = len(size), len(rows)
    between = (size * (mean - rows.value.mean()) ** 2).sum() / (units - 1)
    within = ((rows.value - rows.unit.map(mean)) ** 2).sum() / (count - units)
    typical = (count - (size**2).sum() / count) / (units - 1)
    return (between - within) / (between + (typical - 1) * within)


def delivered(t):
    """Triggers that reached somebody."""
    return t["triggers"].dropna(subset="acceptance_status")


def accepted(t):
    """WS2-TR-004."""
    rows = delivered(t)
    return rows.acceptance_status == "accepted", rows.hcp_id


def overridden(t):
    """WS2-TR-006."""
    rows = delivered(t)
    return rows.acceptance_status == "overridden", rows.hcp_id


def acted(t):
    """WS2-TR-003."""
    return t["triggers"].action_taken.fillna("") != "", t["triggers"].hcp_id


def false_alerts(t):
    """WS2-TR-005."""
    rows = t["triggers"].dropna(subset="false_positive_flag")
    return rows.false_positive_flag, rows.hcp_id


def failed_changes(t):
    """WS2-TR-008."""
    rows = t["triggers"].dropna(subset=["previous_trigger_id", "change_failed"])
    return rows.change_failed, rows.hcp_id


def outcomes(t):
    """WS2-TR-001."""
    rows = t["triggers"].dropna(subset="outcome_value")
    return rows.outcome_value > 0, rows.patient_id


def lead_times(t):
    """WS2-TR-007."""
    rows = t["triggers"].dropna(subset="lead_time_days")
    return rows.lead_time_days, rows.patient_id


def intent(t):
    """BR-002."""
    rows = t["hcp_intent_surveys"].dropna(subset="previous_survey_id")
    return rows.intent_to_prescribe_change, rows.hcp_id


def misses(t):
    """WS1-MP: what a model does not foresee of a patient, it does not foresee again."""
    rows = t["ml_predictions"].dropna(subset="actual_outcome")
    return rows.actual_outcome - rows.prediction_value, rows.patient_id


def explained(t):
    """WS1-MP-007."""
    rows = t["ml_predictions"]
    return rows.shap_values.notna(), rows.patient_id


def lags(t):
    """WS1-DQ-007, by the day of ingestion."""
    rows = t["patient_journeys"]
    return np.log(rows.data_lag_hours), rows.ingestion_timestamp.dt.date


def releases(t):
    """WS1-DQ-009, by the day of completion."""
    rows = t["etl_pipeline_metrics"].dropna(subset="time_to_release_hours")
    return np.log(rows.time_to_release_hours), rows.run_completed_at.dt.date


@pytest.mark.parametrize(
    "read",
    [
        accepted,
        overridden,
        acted,
        false_alerts,
        failed_changes,
        outcomes,
        lead_times,
        intent,
        misses,
        explained,
        lags,
        releases,
    ],
)
def test_rows_of_one_unit_are_alike(tables, read):
    """The intra-class correlation by the unit that the KPI is sampled by is about 0.1."""
    assert 0.04 < correlation(*read(tables)) < 0.2


def test_half_of_the_variance_between_units_is_a_correlation_of_one_half():
    """The share that is asked for is the intra-class correlation of the drawn numbers."""
    unit = np.repeat(np.arange(4_000), 5)
    drawn = normals(np.random.default_rng(1), unit, 0.5)

    assert drawn.mean() == pytest.approx(0, abs=0.05)
    assert drawn.std() == pytest.approx(1, abs=0.03)
    assert correlation(pd.Series(drawn), pd.Series(unit)) == pytest.approx(0.5, abs=0.03)


def test_the_effects_of_a_unit_may_be_shared_with_other_rows():
    """With nothing within units, the rows are the effects themselves."""
    effects = np.array([1.5, -0.5])

    drawn = normals(np.random.default_rng(1), np.array([0, 1, 0]), 1.0, effects)

    assert drawn.tolist() == [1.5, -0.5, 1.5]


@pytest.mark.parametrize("chance", [0.03, 0.145, 0.48, 0.9])
def test_an_event_happens_as_often_as_it_is_said_to(chance):
    """The correlation changes who it happens to, and not how often."""
    drawn = uniforms(np.random.default_rng(2), np.repeat(np.arange(40_000), 2))

    assert (drawn < chance).mean() == pytest.approx(chance, abs=0.01)


def test_no_rows_need_no_units():
    """A cell without triggers draws nothing."""
    assert uniforms(np.random.default_rng(3), np.empty(0, np.int64)).size == 0


def test_versions_store_figures_of_their_own(tables):
    """Each version of a model was better than the one before it, on all figures of its ranking."""
    rows = tables["ml_predictions"]
    rows = rows[rows.model_type == "conversion_propensity"]
    stored = rows.groupby("model_version")[["model_auc", "model_pr_auc", "brier_score"]]

    figures = stored.min()
    assert figures.equals(stored.max())
    assert list(figures.index) == ["5.0.0", "5.0.1", "5.1.0", "5.2.0"]
    assert figures.model_auc.is_monotonic_increasing
    assert figures.brier_score.is_monotonic_decreasing
    assert figures.model_auc.iloc[-1] - figures.model_auc.iloc[0] > 0.05
    for column in ("model_precision", "model_recall", "calibration_score", "fairness_metrics"):
        assert rows.groupby("model_version")[column].first().nunique() == 4
