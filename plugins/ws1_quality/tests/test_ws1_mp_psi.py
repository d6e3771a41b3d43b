"""The public stability index, against its formula worked out by hand and by plain Python."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import minimize_scalar

from kpisdk_ws1_quality import psi
from kpisdk_ws1_quality.logistic_slope import fit, log_odds
from kpisdk_ws1_quality.psi import SampleError

numbers = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=60)


def by_hand(expected, actual, bins):
    """Counting loop over quantile edges, bins closed on the left, both sides smoothed."""
    inner = {float(np.quantile(expected, i / bins)) for i in range(1, bins)}
    edges = [-math.inf, *sorted(inner), math.inf]
    found = 0.0
    for low, high in itertools.pairwise(edges):
        p, q = (
            (sum(low <= value < high for value in sample) + 1) / (len(sample) + len(edges) - 1)
            for sample in (expected, actual)
        )
        found += (q - p) * math.log(q / p)
    return found


def test_a_shift_across_the_median_has_the_value_worked_out_by_hand():
    """Halves (1 + 1) / 4 and (1 + 1) / 4 against (0 + 1) / 4 and (2 + 1) / 4: ln(3) / 4."""
    assert psi([0, 2], [1.5, 3], bins=2) == pytest.approx(math.log(3) / 4)


def test_equal_samples_have_no_drift():
    """The same numbers in another order: exactly zero."""
    assert psi([3, 1, 2, 2], [2, 3, 2, 1]) == 0.0


@settings(max_examples=60, deadline=None)
@given(numbers, numbers, st.integers(2, 12))
def test_the_index_is_that_of_a_counting_loop_and_never_negative(expected, actual, bins):
    """Any two samples, ties and single values included."""
    ours = psi(expected, actual, bins)

    assert ours >= 0
    assert ours == pytest.approx(by_hand(expected, actual, bins), rel=1e-9, abs=1e-12)


def test_missing_numbers_do_not_count():
    """None and NaN are as if they were not there."""
    assert psi([1, None, 2, math.nan, 3], [1, 2]) == psi([1, 2, 3], [1, 2])


@pytest.mark.parametrize(
    ("expected", "actual", "bins", "word"),
    [
        ([], [1], 10, "expected"),
        ([1], [None], 10, "actual"),
        ([1, math.inf], [1], 10, "expected"),
        (["a"], [1], 10, "expected"),
        ([1], [1], 1, "bins"),
        ([1], [1], 2.5, "bins"),
        ([1], [1], True, "bins"),
    ],
)
def test_what_no_index_can_be_taken_of_is_refused_by_name(expected, actual, bins, word):
    """Empty samples, infinities, texts and too few bins: an error that names the argument."""
    with pytest.raises(SampleError, match=f"psi: {word}"):
        psi(expected, actual, bins)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(12, 200),
    st.floats(-3, 3),
    st.floats(-2, 2),
)
def test_the_slope_is_where_the_likelihood_is_flat(seed, n, slope, intercept):
    """The score equations hold at the fitted line, and no other slope is more likely."""
    rng = np.random.default_rng(seed)
    x = log_odds(rng.uniform(0.01, 0.99, n))
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-(intercept + slope * x)))).astype(float)
    y[np.argsort(x)[[0, 1, -2, -1]]] = [1.0, 0.0, 1.0, 0.0]  # never separated

    found = fit(x, y)

    assert found is not None
    miss = 1 / (1 + np.exp(-(found.intercept + found.slope * x))) - y
    assert abs(miss.sum()) < 1e-8 * n
    assert abs((miss * x).sum()) < 1e-8 * n

    def profile(candidate):
        def loss(level):
            eta = level + candidate * x
            return float(np.sum(np.logaddexp(0, eta) - y * eta))

        return minimize_scalar(loss, bracket=(-1, 1)).fun

    assert profile(found.slope) <= profile(found.slope + 0.05) + 1e-9
    assert profile(found.slope) <= profile(found.slope - 0.05) + 1e-9


def test_clipped_probabilities_have_finite_log_odds():
    """0 and 1 count as 1e-6 and 1 - 1e-6."""
    assert log_odds([0.0, 1.0, -3.0]) == pytest.approx(
        [-13.815509557963774, 13.815509557935018, -13.815509557963774]
    )
