"""Intervals by students: they hold their value, have a width, and cover what they claim."""

from __future__ import annotations

import numpy as np
import pytest
from dkt_rows import drawn_class
from scipy.stats import bootstrap

from kpisdk_edu_dkt.dkt.evaluation.intervals import (
    _RanksByStudent,
    paired_gain,
    share_with_interval,
    with_intervals,
)
from kpisdk_edu_dkt.dkt.evaluation.metrics import (
    auc,
    score,
    scores,
)
from kpisdk_edu_dkt.dkt.evaluation.resampling import bca, student_draws


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Predictions with many ties, and answers that follow them."""
    rng = np.random.default_rng(3)
    p = np.round(rng.uniform(0.02, 0.98, 2000), 2)
    return p, (rng.random(2000) < p).astype(float)


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


def test_a_draw_is_the_metric_with_students_as_weights() -> None:
    """AUCs of draws are those of the rows, each as often as its student was drawn."""
    p, y, student, _ = drawn_class(12, 3)
    p = np.round(p, 1)  # ties
    ranks = _RanksByStudent(p, y, student, 12)
    times = np.concatenate(list(student_draws(12, 20, 5)))
    expected = [auc(p, y, each[student]) for each in times]

    assert times.sum(axis=1).tolist() == [12.0] * 20
    assert ranks.drawn(5, 20) == pytest.approx(expected)
    # the influence of a student is the slope of the AUC as the student counts a little more
    whole = auc(p, y)
    assert whole is not None
    slope = [
        ((auc(p, y, np.where(student == each, 1.001, 1.0)) or 0.0) - whole) / 0.001
        for each in range(12)
    ]
    assert ranks.influence(whole) == pytest.approx(slope, abs=1e-3)


def test_the_interval_is_efrons() -> None:
    """The mean of skewed values, against SciPy's own bootstrap, to the chance of 5,000 draws."""
    values = np.random.default_rng(1).exponential(1.0, 150)
    drawn = np.concatenate([block @ values / 150 for block in student_draws(150, 5000, 2)])
    found = bca(float(values.mean()), drawn, values - values.mean(), np.ones(len(values)))
    theirs = bootstrap((values,), np.mean, n_resamples=5000, method="BCa", rng=3)

    assert found is not None
    wide = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert found[0] == pytest.approx(theirs.confidence_interval.low, abs=0.05 * wide)
    assert found[1] == pytest.approx(theirs.confidence_interval.high, abs=0.05 * wide)


@pytest.mark.parametrize("seed", range(6))
def test_every_interval_holds_its_value_and_stays_in_range(seed: int) -> None:
    """Few students, ties, and a metric near its end."""
    p, y, student, _ = drawn_class(3 + seed, seed, shift=seed - 2.0)
    if seed == 5:
        y = (p > np.median(p)).astype(float)  # told apart without a fault
    found = with_intervals(scores(p, y), p, y, student, draws=200)

    for name, each in found.items():
        assert each.value is not None, name
        assert each.low is not None, name
        assert each.high is not None, name
        assert 0.0 <= each.low <= each.value <= each.high, name
        assert each.low < each.high, name
        assert each.high <= (np.inf if name == "log_loss" else 1.0)
    assert {each.method for each in found.values()} <= {"bca", "percentile", "wilson"}


def test_intervals_cover() -> None:
    """300 classes of 25 students: accuracy and calibration error are covered as is claimed.

    The accuracy that is expected is the mean chance that a prediction is on the right side; the
    calibration error of the truth itself is 0.
    """
    hits = {"accuracy": 0, "ece": 0}
    far, near = drawn_class(4000, 1), 0.0
    near = float(np.where(far[0] >= 0.5, far[3], 1 - far[3]).mean())
    for seed in range(300):
        p, y, student, _ = drawn_class(25, seed + 2)
        wanted = {name: score(name, p, y) for name in hits}
        found = with_intervals(wanted, p, y, student, seed=seed, draws=300)
        for name, true in (("accuracy", near), ("ece", 0.0)):
            low, high = found[name].low, found[name].high
            hits[name] += low is not None and high is not None and low <= true <= high

    assert 0.92 <= hits["accuracy"] / 300 <= 0.98
    assert hits["ece"] / 300 >= 0.93


def test_a_share_of_all_or_of_none_keeps_an_interval_with_width() -> None:
    """Ten students who are always right: Wilson's end for ten, 10 / (10 + 1.96^2)."""
    p, y, student = np.full(40, 0.9), np.ones(40), np.repeat(np.arange(10), 4)
    found = with_intervals(scores(p, y), p, y, student)["accuracy"]
    none = share_with_interval(np.zeros(10), np.full(10, 3))
    some = share_with_interval(np.arange(10.0) % 3, np.full(10, 3.0))

    assert (found.high, found.low, found.method) == (
        1.0,
        pytest.approx(10 / 13.8415, 1e-4),
        "wilson",
    )
    assert (none.low, none.high) == (0.0, pytest.approx(3.8415 / 13.8415, 1e-4))
    assert (some.value, some.n) == (0.3, 30)
    assert some.low is not None
    assert 0 < some.low < 0.3
    assert share_with_interval(np.zeros(2), np.zeros(2)).reason == "no_rows"


def test_one_student_has_no_interval() -> None:
    """There is nothing to draw from."""
    p, y = np.array([0.2, 0.8]), np.array([0.0, 1.0])

    alone = with_intervals(scores(p, y), p, y, np.zeros(2))

    assert alone["auc"].low is None
    assert {each.interval_reason for each in alone.values()} == {"too_few_units"}
    assert paired_gain(p, 1 - p, y, np.zeros(2)).interval_reason == "too_few_units"
    assert share_with_interval(np.ones(1), np.ones(1)).interval_reason == "too_few_units"


def test_the_gain_is_a_paired_difference() -> None:
    """The gain over itself is zero whoever is drawn: no spread shows; one class has no gain."""
    p, y = np.array([0.2, 0.8, 0.6, 0.4]), np.array([0.0, 1.0, 1.0, 0.0])
    same = paired_gain(p, p, y, np.arange(4))

    assert (same.value, same.low, same.high) == (0.0, None, None)
    assert same.interval_reason == "undefined"
    assert paired_gain(p, 1 - p, y, np.arange(4)).value == 1.0
    assert paired_gain(p, p, np.ones(4), np.arange(4)).reason == "one_class"
