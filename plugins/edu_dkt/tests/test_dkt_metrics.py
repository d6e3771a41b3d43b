"""Metrics and baselines against scikit-learn, against definitions, and at their edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dkt_rows import drawn_class
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score, root_mean_squared_error

from kpisdk_edu_dkt.dkt.evaluation.metrics import (
    METRICS,
    auc,
    debiased_ece,
    ece,
    reliability,
    score,
    scores,
)


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Predictions with many ties, and answers that follow them."""
    rng = np.random.default_rng(3)
    p = np.round(rng.uniform(0.02, 0.98, 2000), 2)
    return p, (rng.random(2000) < p).astype(float)


def test_metrics_equal_those_of_scikit_learn_ties_included(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    """AUC, log loss, accuracy and RMSE agree to 1e-9 with an independent implementation."""
    p, y = drawn
    found = scores(p, y)

    assert found["auc"].value == pytest.approx(roc_auc_score(y, p), abs=1e-9)
    assert found["log_loss"].value == pytest.approx(log_loss(y, p), abs=1e-9)
    assert found["rmse"].value == pytest.approx(root_mean_squared_error(y, p), abs=1e-9)
    assert found["accuracy"].value == pytest.approx(accuracy_score(y, p >= 0.5), abs=1e-9)


def test_the_calibration_error_is_the_weighted_gap_of_the_bins(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    """15 bins of equal width, told bin by bin; 1.0 belongs to the last bin."""
    p, y = drawn
    p = np.append(p, 1.0)
    y = np.append(y, 1.0)
    gap = 0.0
    for index in range(15):
        here = (p >= index / 15) & ((p < (index + 1) / 15) | ((index == 14) & (p <= 1)))
        if here.any():
            gap += here.sum() / len(p) * abs(y[here].mean() - p[here].mean())

    assert ece(p, y) == pytest.approx(gap, abs=1e-12)
    table = reliability(p, y)
    assert sum(part.n for part in table) == len(p)
    assert table[0].predicted == pytest.approx(p[p < 1 / 15].mean())


def test_auc_of_four_answers_by_hand() -> None:
    """Pairs (0.8 > 0.4), (0.8 > 0.6), (0.6 > 0.4) and one tie at 0.6: 3.5 of 4."""
    assert auc(np.array([0.8, 0.6, 0.6, 0.4]), np.array([1.0, 1.0, 0.0, 0.0])) == 3.5 / 4


def test_weights_stand_for_repeated_rows(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    """Every metric with whole weights equals the metric of the rows written out."""
    p, y = drawn
    times = np.random.default_rng(1).integers(0, 4, len(p))
    long_p, long_y = np.repeat(p, times), np.repeat(y, times)

    for name, metric in METRICS.items():
        assert metric(p, y, times.astype(float)) == pytest.approx(metric(long_p, long_y)), name


def test_one_class_has_no_auc_but_its_other_metrics() -> None:
    """All answers right: AUC is absent with its reason, the rest has values."""
    found = scores(np.array([0.7, 0.9]), np.array([1.0, 1.0]))

    assert (found["auc"].value, found["auc"].reason) == (None, "one_class")
    assert found["accuracy"].value == 1.0
    assert found["log_loss"].value == pytest.approx(-(math.log(0.7) + math.log(0.9)) / 2)


def test_no_rows_have_no_metrics() -> None:
    """Absent with the reason, never a zero."""
    nothing = np.zeros(0)

    for name in METRICS:
        assert score(name, nothing, nothing).reason == "no_rows"
        assert score(name, nothing, nothing).value is None


def test_the_calibration_error_is_freed_of_what_chance_adds() -> None:
    """Calibrated predictions: plain it grows as answers get fewer, debiased it stays near 0.

    One bin of four answers by hand: the gap is 1/4 with a standard error of 1/4, so that a folded
    normal of mean and deviation 1/4 has mean (sqrt(2 / pi) e^(-1/2) + erf(1 / sqrt 2)) / 4.
    """
    four = np.full(4, 0.5)
    folded = 0.25 * math.sqrt(2 / math.pi) * math.exp(-0.5) + 0.25 * math.erf(1 / math.sqrt(2))
    assert debiased_ece(four, np.array([1.0, 1.0, 1.0, 0.0])) == pytest.approx(
        0.25 - (folded - 0.25)
    )
    plain, debiased = [], []
    for seed in range(40):
        p, y, _, _ = drawn_class(30, seed)
        plain.append(ece(p, y))
        debiased.append(debiased_ece(p, y))
    assert np.mean(debiased) < 0.65 * np.mean(plain)
    p, y, _, truth = drawn_class(3000, 1, shift=0.5)
    # a large error in many answers is left as it is
    assert debiased_ece(p, y) == pytest.approx(ece(p, truth), abs=0.01)
