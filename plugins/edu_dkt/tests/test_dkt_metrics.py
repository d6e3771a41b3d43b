"""Metrics and baselines against scikit-learn, against definitions, and at their edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score, root_mean_squared_error

from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.features.encoder import fit_encoder
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.judging.intervals import paired_gain, with_intervals
from kpisdk_edu_dkt.dkt.judging.logistic import fit_counts_regression
from kpisdk_edu_dkt.dkt.judging.metrics import METRICS, auc, ece, reliability, score, scores
from kpisdk_edu_dkt.dkt.judging.running_mean import running_means


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


def test_intervals_come_from_students_and_not_from_rows() -> None:
    """100 copies of each answer by the same student leave the interval as wide as it was."""
    rng = np.random.default_rng(0)
    p = rng.uniform(0.2, 0.8, 60)
    y = (rng.random(60) < p).astype(float)
    student = np.arange(60)
    once = with_intervals(scores(p, y), p, y, student, seed=1)["auc"]
    many = with_intervals(
        scores(p, y), np.repeat(p, 100), np.repeat(y, 100), np.repeat(student, 100), seed=1
    )["auc"]

    assert once.low is not None
    assert once.value is not None
    assert once.high is not None
    assert once.low < once.value < once.high
    assert (many.low, many.high) == (pytest.approx(once.low), pytest.approx(once.high))


def test_one_student_has_no_interval() -> None:
    """There is nothing to draw from."""
    p, y = np.array([0.2, 0.8]), np.array([0.0, 1.0])

    assert with_intervals(scores(p, y), p, y, np.zeros(2))["auc"].low is None


def test_the_gain_is_a_paired_difference() -> None:
    """The gain over itself is zero with an interval of zero width; one class has none."""
    p, y = np.array([0.2, 0.8, 0.6, 0.4]), np.array([0.0, 1.0, 1.0, 0.0])
    same = paired_gain(p, p, y, np.arange(4))

    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    assert paired_gain(p, 1 - p, y, np.arange(4)).value == 1.0
    assert paired_gain(p, p, np.ones(4), np.arange(4)).reason == "one_class"


def test_the_counts_regression_equals_scikit_learns(dkt_class: Interactions) -> None:
    """Same penalty, same columns written out in full: the same probabilities to 1e-5."""
    events = as_events(dkt_class.of_students(np.arange(300) < 80))
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)
    ours = fit_counts_regression(encoded, encoder).predict(encoded)

    skill = np.eye(encoder.heads)[encoded.skill[:, 0]]
    phase = np.eye(encoder.query_phases)[encoded.query_phase]
    design = np.hstack([skill, phase, encoded.counts, encoded.query])
    theirs = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10)
    theirs.fit(design.astype(float), encoded.correct)

    assert ours == pytest.approx(theirs.predict_proba(design.astype(float))[:, 1], abs=1e-5)


def test_running_means_by_hand() -> None:
    """One imagined answer at the base rate 0.6, then the answers themselves."""
    columns = {
        "student_id": [1, 1, 1],
        "t": [0, 1, 2],
        "skill_id": ["x", "y", "x"],
        "correct": [1, 0, 0],
    }
    student, pair = running_means(as_events(check(columns, source="s")), 0.6)

    assert student == pytest.approx([0.6, 1.6 / 2, 1.6 / 3])
    assert pair == pytest.approx([0.6, 0.6, 1.6 / 2])


def test_the_counts_regression_of_events_with_several_skills() -> None:
    """Half of each skill's column where an event has two: again scikit-learn's probabilities."""
    rng = np.random.default_rng(2)
    count = 600
    columns = {
        "student_id": np.repeat(np.arange(30), 20),
        "t": np.tile(np.arange(20), 30),
        "skill_id": rng.integers(0, 4, count),
        "correct": np.repeat(rng.integers(0, 2, count // 2), 2),
        "problem_id": np.repeat(np.arange(count // 2), 2),
    }
    events = as_events(check(columns, source="s"))
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)
    skill = np.zeros((len(encoded), encoder.heads))
    for place in range(2):
        skill[np.arange(len(encoded)), encoded.skill[:, place]] += encoded.skill_weight[:, place]
    design = np.hstack([skill, encoded.counts]).astype(float)
    theirs = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10)
    theirs.fit(design, encoded.correct)
    ours = fit_counts_regression(encoded, encoder).predict(encoded)

    assert encoded.skill.shape[1] == 2
    assert ours == pytest.approx(theirs.predict_proba(design)[:, 1], abs=1e-5)


def test_ten_thousand_skills_are_no_burden() -> None:
    """The skill block stays a diagonal: no square of 10,000 x 10,000 is ever made."""
    rng = np.random.default_rng(2)
    columns = {
        "student_id": np.repeat(np.arange(500), 40),
        "t": np.tile(np.arange(40), 500),
        "skill_id": rng.integers(0, 10_000, 20_000),
        "correct": rng.integers(0, 2, 20_000),
    }
    events = as_events(check(columns, source="s"))
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)

    assert len(encoder.skills) > 8000
    assert np.isfinite(fit_counts_regression(encoded, encoder).predict(encoded)).all()
