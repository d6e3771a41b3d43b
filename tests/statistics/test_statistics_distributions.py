"""Quantiles and tails agree with SciPy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from kpisdk.statistics import (
    student_t_critical,
    student_t_quantile,
    student_t_tail,
    studentized_range_quantile,
)
from kpisdk.statistics.distributions import noncentral_chi_square

DEGREES = [1, 2, 3, 7.5, 12, 30, 999, 9_999, 20_000, 1e6]


@pytest.mark.parametrize("degrees", DEGREES)
@pytest.mark.parametrize("p", [0.2, 0.5, 0.6, 0.9, 0.975, 0.9999, 1 - 1e-7])
def test_students_quantiles_and_tails_are_scipys(p, degrees):
    """At the levels of intervals, and at those that families and a year of looks ask for."""
    t = stats.t.ppf(p, degrees)

    assert student_t_quantile(p, degrees) == pytest.approx(t, rel=1e-7, abs=1e-12)
    assert student_t_tail(t, degrees) == pytest.approx(stats.t.sf(t, degrees), rel=1e-6)


def test_a_critical_value_leaves_half_of_what_may_be_missed_on_each_side():
    """With 11 degrees of freedom 95 % lie within 2.201 (any table)."""
    assert student_t_critical(0.95, 11) == pytest.approx(2.201, abs=5e-4)


@pytest.mark.parametrize("groups", [2, 3, 10, 50])
def test_the_studentized_range_is_scipys(groups):
    """Of two groups it is the difference of two normal variables: root two times 1.96."""
    expected = stats.studentized_range.ppf(0.95, groups, math.inf)

    assert studentized_range_quantile(0.95, groups) == pytest.approx(expected, rel=1e-6)
    assert studentized_range_quantile(0.95, 2) == pytest.approx(1.959964 * math.sqrt(2), rel=1e-5)


@pytest.mark.parametrize("degrees", [4, 9, 19])
@pytest.mark.parametrize("shift", [0.001, 3.0, 100.0])
def test_sankarans_approximation_is_within_a_hundredth(degrees, shift):
    """The noncentral chi-square distribution, from its lower to its upper tail."""
    at = np.linspace(0.2, 3, 15) * (degrees + shift)

    found = [noncentral_chi_square(x, degrees, shift) for x in at]

    assert found == pytest.approx(stats.ncx2.cdf(at, degrees, shift), abs=0.01)
    assert noncentral_chi_square(0.0, degrees, shift) == 0
