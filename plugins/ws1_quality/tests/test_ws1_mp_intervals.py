"""Intervals of computed figures count patients; stored figures have none."""

from __future__ import annotations

import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpisdk import IntervalReason, Workspace
from kpisdk.settings import KpiSettings, Settings
from kpisdk_ws1_quality.logistic_slope import fit

AS_OF = dt.datetime(2025, 2, 1, tzinfo=dt.UTC)
FIGURES = ("WS1-MP-001", "WS1-MP-002", "WS1-MP-003", "WS1-MP-006", "WS1-MP-009")
STORED = ("WS1-MP-001", "WS1-MP-002", "WS1-MP-003", "WS1-MP-005", "WS1-MP-006", "WS1-MP-009")
Z = stats.norm.ppf(0.975)


def predictions(patients=60, each=5):
    """Predictions of patients whose outcomes, scores and features are alike within a patient."""
    generator = np.random.default_rng(11)
    unit = np.repeat(np.arange(patients), each)

    def alike():
        shared, own = (
            generator.standard_normal(patients)[unit],
            generator.standard_normal(len(unit)),
        )
        return 0.6 * shared + 0.8 * own

    outcome = (alike() > 0.4).astype(float)
    value = np.round(1 / (1 + np.exp(-(1.2 * outcome - 0.8 + alike()))), 2)
    # A constant shift of a seventh of a standard deviation since training.
    age = np.round(alike() + 0.15, 3)
    return pd.DataFrame(
        {
            "prediction_id": [f"p{number}" for number in range(len(unit))],
            "model_version": "v1",
            "prediction_timestamp": dt.datetime(2025, 1, 20),
            "patient_id": [f"q{number}" for number in unit],
            "prediction_value": value.clip(0.01, 0.99),
            "actual_outcome": outcome,
            "features": [json.dumps({"age": float(number)}) for number in age],
        }
    )


def answers(frame, source="computed", settings=None, **arguments):
    """The result of each figure."""
    edges = [float(stats.norm.ppf(share)) for share in (0.2, 0.4, 0.6, 0.8)]
    document = json.dumps({"age": {"edges": edges, "proportions": [0.2] * 5}})
    trained = pd.DataFrame(
        [{"computed_at": dt.datetime(2025, 1, 1), "feature_distributions": document}]
    )
    tables = {"ml_predictions": frame, "ml_preprocessing_metadata": trained}
    with Workspace(tables, cache="off", settings=settings) as workspace:
        report = workspace.compute(
            *FIGURES, as_of=AS_OF, parameters={"source": source}, **arguments
        )
        return {result.kpi_id: result for result in report}


@pytest.fixture(scope="module")
def by_patient():
    return answers(predictions())


@pytest.fixture(scope="module")
def by_row():
    """The same rows from a source that has no patient_id."""
    return answers(predictions().drop(columns="patient_id"))


def logit(share):
    return math.log(share / (1 - share))


def test_every_interval_holds_its_value_and_has_a_width(by_patient, by_row):
    for result in (*by_patient.values(), *by_row.values()):
        assert result.interval.low <= result.value <= result.interval.high
        assert result.interval.low < result.interval.high


def test_the_area_has_obuchowskis_error_by_patients(by_patient):
    """Every pair is compared here, and what the pairs of a patient add is added up by hand."""
    frame = predictions()
    score, hit = frame["prediction_value"].to_numpy(), frame["actual_outcome"].to_numpy() == 1
    unit = frame["patient_id"].astype("category").cat.codes.to_numpy()
    wins = (score[hit][:, None] > score[~hit]) + 0.5 * (score[hit][:, None] == score[~hit])
    area, m, k = wins.mean(), hit.sum(), (~hit).sum()
    one = np.bincount(unit[hit], wins.mean(axis=1) - area, 60) / m
    two = np.bincount(unit[~hit], wins.mean(axis=0) - area, 60) / k
    with_hits, with_others = len(np.unique(unit[hit])), len(np.unique(unit[~hit]))
    v1 = with_hits / (with_hits - 1) * (one @ one)
    v2 = with_others / (with_others - 1) * (two @ two)
    either = 60
    error = math.sqrt(v1 + v2 + 2 * either / (either - 1) * (one @ two))

    found = by_patient["WS1-MP-001"]

    assert found.value == pytest.approx(area, rel=1e-12)
    half = (logit(found.interval.high) - logit(found.interval.low)) / 2
    critical = half * area * (1 - area) / error
    # Between the normal quantile and Student's t of the rarer kind of patient.
    fewer = min(with_hits, with_others) - 1
    assert Z * 0.99 < critical < stats.t.ppf(0.975, fewer) * 1.02
    assert found.interval.unit == "patient_id"


def _average_precision(score, hit):
    order = np.argsort(-score, kind="stable")
    steps = 0.0
    for level in np.unique(score[hit]):
        from_here = score >= level
        steps += (hit & (score == level)).sum() * hit[from_here].mean()
    assert len(order) == len(score)
    return steps / hit.sum()


def test_the_error_of_average_precision_is_that_of_leaving_patients_out(by_patient):
    """The jackknife: each patient is left out in turn, and the figure computed anew."""
    frame = predictions()
    score, hit = frame["prediction_value"].to_numpy(), frame["actual_outcome"].to_numpy() == 1
    unit = frame["patient_id"].to_numpy()
    without = [_average_precision(score[unit != q], hit[unit != q]) for q in np.unique(unit)]
    jackknife = math.sqrt(59 / 60 * ((np.array(without) - np.mean(without)) ** 2).sum())

    found = by_patient["WS1-MP-002"]

    value = found.value
    assert value == pytest.approx(_average_precision(score, hit), rel=1e-12)
    half = (logit(found.interval.high) - logit(found.interval.low)) / 2
    with_hits = len(np.unique(unit[hit])) - 1
    # A hit is among those that its own precision counts: the interval lies lower by its mean part.
    from_hit = [score >= each for each in score[hit]]
    itself = [(~hit[each]).sum() / each.sum() / max(each.sum() - 1, 1) for each in from_hit]
    centre = value - np.mean(itself)
    middle = (logit(found.interval.high) + logit(found.interval.low)) / 2
    assert middle == pytest.approx(logit(centre), rel=1e-9)
    error = half * centre * (1 - centre) / stats.t.ppf(0.975, with_hits)
    assert error == pytest.approx(jackknife, rel=0.1)


def test_f1_has_wilsons_interval_on_the_rows_that_patients_are_worth(by_patient):
    """The share TP / (TP + FP + FN) with its design effect, carried over by 2 J / (1 + J).

    Student's t of all patients who count stands for the degrees of freedom, near enough.
    """
    frame = predictions()
    says, hit = frame["prediction_value"] >= 0.5, frame["actual_outcome"] == 1
    tp = (says & hit).groupby(frame["patient_id"]).sum().to_numpy(dtype=float)
    rows = (says | hit).groupby(frame["patient_id"]).sum().to_numpy(dtype=float)
    share, units = tp.sum() / rows.sum(), (rows > 0).sum()
    v = units / (units - 1) * ((tp - share * rows) ** 2).sum() / rows.sum() ** 2
    effect = max(1.0, v * rows.sum() / (share * (1 - share)))
    n = rows.sum() / effect * (Z / stats.t.ppf(0.975, units - 1)) ** 2
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))

    found = by_patient["WS1-MP-003"]

    low, high = (2 * each / (1 + each) for each in (middle - half, middle + half))
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), rel=3e-3)


def test_the_slopes_error_is_that_of_leaving_patients_out():
    frame = predictions()
    x = np.log(frame["prediction_value"] / (1 - frame["prediction_value"])).to_numpy()
    y, unit = frame["actual_outcome"].to_numpy(), np.repeat(np.arange(60), 5)
    without = [fit(x[unit != q], y[unit != q]).slope for q in range(60)]
    jackknife = math.sqrt(59 / 60 * ((np.array(without) - np.mean(without)) ** 2).sum())

    assert fit(x, y, unit).standard_error == pytest.approx(jackknife, rel=0.1)


def test_the_slopes_interval_is_walds_by_patients(by_patient):
    found = by_patient["WS1-MP-006"]

    half = stats.t.ppf(0.975, 59) * found.details["standard_error"]
    assert found.interval.low == pytest.approx(found.value - half, rel=1e-6)
    assert found.interval.high == pytest.approx(found.value + half, rel=1e-6)


def test_rows_of_one_patient_widen_every_interval(by_patient, by_row):
    """A tenth at least: the five rows of a patient are alike."""
    for kpi in ("WS1-MP-001", "WS1-MP-002", "WS1-MP-003", "WS1-MP-009"):
        clumped, loose = by_patient[kpi].interval, by_row[kpi].interval
        assert clumped.high - clumped.low > 1.1 * (loose.high - loose.low), kpi


def test_a_source_without_patients_counts_rows_and_says_so(by_row):
    for result in by_row.values():
        assert result.interval.unit == "row"
        assert "unit_unknown" in [note.code for note in result.warnings]


def test_rows_without_a_patient_are_a_unit_each(by_row):
    """All ids are NULL: the interval by rows, and how many rows there were."""
    found = answers(predictions().assign(patient_id=None))

    for kpi, result in found.items():
        assert result.interval.low == pytest.approx(by_row[kpi].interval.low, rel=1e-9), kpi
        assert result.interval.high == pytest.approx(by_row[kpi].interval.high, rel=1e-9), kpi
        (note,) = [note for note in result.warnings if note.code == "rows_without_unit"]
        assert note.message.startswith("300 row(s)")


def test_rows_count_where_the_request_wants_it_so(by_row):
    """The same intervals as from a source that names no patients, and no warning."""
    found = answers(predictions(), intervals="row")

    for kpi, result in found.items():
        assert result.interval.unit == "row", kpi
        assert result.interval.low == pytest.approx(by_row[kpi].interval.low, rel=1e-9), kpi
        assert result.interval.high == pytest.approx(by_row[kpi].interval.high, rel=1e-9), kpi
        assert "unit_unknown" not in [note.code for note in result.warnings]


def test_settings_name_other_units_of_computed_figures(by_patient):
    """The same ids under another name give the same intervals."""
    frame = predictions()
    frame["hcp_id"] = frame.pop("patient_id")
    settings = Settings(kpis={kpi: KpiSettings("hcp_id") for kpi in FIGURES})

    for kpi, result in answers(frame, settings=settings).items():
        assert result.interval.unit == "hcp_id", kpi
        assert result.interval.low == pytest.approx(by_patient[kpi].interval.low, rel=1e-9), kpi
        assert result.interval.high == pytest.approx(by_patient[kpi].interval.high, rel=1e-9), kpi


def test_an_index_that_sampling_alone_would_give_has_no_drift_below_it(by_row):
    """300 values in 5 bins give 4/300 on average without drift: the index is not far from it."""
    found = by_row["WS1-MP-009"]

    # Bins hold their values, and one more each: 4/300 but for the smoothing.
    assert found.details["without_drift"]["age"] == pytest.approx(4 / 300, rel=0.1)
    assert found.interval.low < found.value - 4 / 300 < found.interval.high


def test_copies_of_a_stored_figure_are_no_sample():
    """Nine figures that somebody else computed: no interval, and the reason is in the result."""
    stored = dict.fromkeys(
        ("model_auc", "model_pr_auc", "model_precision", "model_recall", "brier_score"), 0.83
    )
    frame = predictions().assign(**stored, calibration_score=0.83)
    drift = pd.DataFrame({"psi_value": [0.1] * 50, "measured_at": dt.datetime(2025, 1, 31)})
    with Workspace(
        {"ml_predictions": frame, "feature_drift_metrics": drift}, cache="off"
    ) as workspace:
        report = workspace.compute(*STORED, as_of=AS_OF, parameters={"source": "stored"})

    for result in report:
        assert result.value is not None, result.message
        assert (result.interval, result.decided) == (None, None)
        assert result.interval_reason is IntervalReason.STORED
