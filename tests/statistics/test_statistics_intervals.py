"""Intervals in closed form agree with SciPy and statsmodels to 1e-9."""

from __future__ import annotations

import math
import random

import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from kpisdk.statistics.distributions import student_t_quantile
from kpisdk.statistics.intervals import (
    lift_delta,
    mean_t,
    median_ranks,
    wilson,
)

COUNTS = [(0, 1), (1, 1), (1, 2), (0, 30), (30, 30), (7, 31), (999, 1_000), (123_456, 10_000_000)]


@pytest.mark.parametrize(("successes", "trials"), COUNTS)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_wilson_agrees_with_statsmodels(successes, trials, level):
    """The score interval of a proportion, its ends exactly 0 and 1 where the share is."""
    interval = wilson(successes, trials, level)
    low, high = proportion_confint(successes, trials, 1 - level, "wilson")

    assert interval.low == pytest.approx(low, abs=1e-9)
    assert interval.high == pytest.approx(high, abs=1e-9)
    assert interval.low <= successes / trials <= interval.high
    assert (interval.level, interval.method) == (level, "wilson")


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (2, 1), (-1, 5)])
def test_wilson_has_no_value_outside_proportions(successes, trials):
    """No trials, or a share that is none: no interval."""
    assert wilson(successes, trials) is None


@pytest.mark.parametrize("degrees", [1, 2, 3, 29, 100, 1_000, 10_000, 10_001, 10_000_000])
@pytest.mark.parametrize("p", [0.5, 0.6, 0.9, 0.975, 0.9995, 0.0005, 0.025])
def test_students_quantiles_agree_with_scipy(degrees, p):
    """From one degree of freedom to ten million, both tails."""
    assert student_t_quantile(p, degrees) == pytest.approx(
        stats.t.ppf(p, degrees), rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize("n", [2, 3, 31, 500])
def test_the_interval_of_a_mean_agrees_with_scipy(n):
    """Student's t interval from the sample variance."""
    pick = random.Random(n)
    values = [pick.gauss(3, 2) for _ in range(n)]
    average = math.fsum(values) / n
    variance = math.fsum((value - average) ** 2 for value in values) / (n - 1)

    interval = mean_t(average, variance, n)
    low, high = stats.t.interval(0.95, n - 1, loc=average, scale=stats.sem(values))

    assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize(
    ("variance", "n"), [(None, 5), (1.0, 1), (1.0, 0), (float("nan"), 5), (-1.0, 5)]
)
def test_a_mean_of_too_little_has_no_interval(variance, n):
    """Below two rows, or without a variance, there is nothing to say."""
    assert mean_t(1.0, variance, n) is None


def test_rows_that_are_all_equal_have_an_interval_of_no_width():
    """No variance, no doubt."""
    interval = mean_t(2.0, 0.0, 10)

    assert (interval.low, interval.high) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("hits1", "n1", "hits0", "n0"), [(30, 100, 20, 100), (1, 2, 1, 2), (500, 500, 3, 900)]
)
def test_the_interval_of_a_lift_is_katz_log(hits1, n1, hits0, n0):
    """The delta method on the logarithm of the ratio of two rates, minus 1."""
    ratio = stats.contingency.relative_risk(hits1, n1, hits0, n0)
    low, high = ratio.confidence_interval(0.95)

    interval = lift_delta(hits1, n1, hits0, n0)

    assert interval.low == pytest.approx(low - 1, rel=1e-9)
    assert interval.high == pytest.approx(high - 1, rel=1e-9)


@pytest.mark.parametrize("counts", [(0, 5, 1, 5), (1, 5, 0, 5), (0, 0, 1, 5), (1, 5, 1, 0)])
def test_a_lift_over_a_rate_of_zero_has_no_interval(counts):
    """A logarithm of zero has no value."""
    assert lift_delta(*counts) is None


@pytest.mark.parametrize("n", [*range(1, 70), 1_000, 4_321, 100_000])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_ranks_of_a_median_are_the_binomials(n, level):
    """The largest l with P(B < l) at most the tail, its mirror, and coverage of the level."""
    tail = (1 - level) / 2
    low = int(stats.binom.ppf(tail, n, 0.5))
    low += stats.binom.cdf(low, n, 0.5) <= tail  # ppf gives the first count above the tail
    expected = (low, n + 1 - low) if low >= 1 else None

    ranks = median_ranks(n, level)

    assert ranks == expected
    if ranks is not None:
        covered = stats.binom.cdf(n - ranks[0], n, 0.5) - stats.binom.cdf(ranks[0] - 1, n, 0.5)
        assert covered >= level - 1e-9


def test_no_rows_have_no_ranks():
    """Nothing has no median."""
    assert median_ranks(0) is None
