"""How far a mean stability index may be off: sampling alone makes it larger than what it is of.

An index is a sum of squares to second order. Of ``n`` independent values without any drift it is
``(B - 1) / n`` on average over ``B`` bins, and follows a chi-square distribution; with drift, a
noncentral one, whose noncentrality is the drift. Values of one unit are added up first, and
features of the same units are taken together, so that neither counts as more than it is. The stored
distribution is taken as exact: how many rows it was made of is not stored.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk import Interval, IntervalReason

BUCKETS = 1000
"""More units than this share buckets, which stand for them."""

NOT_NEGATIVE = (0.0, None)
"""Where an index lies."""


@attrs.frozen
class Binned:
    """The values of a feature in production, by bin and by bucket of units.

    Attributes:
        expected: share of each bin in training, shape (B,), all above 0.
        actual: share of each bin in production, smoothed, shape (B,), all above 0.
        counts: values by bucket of units and bin, shape (G, B).
    """

    expected: Any
    actual: Any
    counts: Any


def counts_by_bucket(bins: Any, units: Any, size: int) -> Any:
    """The values of each bucket of units in each bin, shape (G, B).

    Args:
        bins: bin of each value, 0 to B - 1, shape (n,).
        units: code of the unit of each value, shape (n,).
        size: B.
    """
    import numpy as np

    buckets = units % BUCKETS
    rows = int(buckets.max()) + 1
    return np.bincount(buckets * size + bins, minlength=rows * size).reshape(rows, size)


def null_mean(feature: Binned) -> float:
    """The index that the feature's values would have on average without any drift.

    ``(B - 1) / n`` where values are independent; more where the values of a unit are alike.
    """
    deviations = _deviations(feature)
    return float(((deviations**2).sum(axis=0) / feature.actual).sum() * _few(deviations))


def mean_interval(features: Mapping[str, Binned], value: float) -> Interval | IntervalReason:
    """The interval of the mean index of several features.

    The index ``f(q)`` of shares ``q`` with covariance ``C`` has the mean ``f + tr(H C) / 2`` and
    the variance ``g' C g + tr(H C H C) / 2``, with its slopes ``g`` and its curvatures ``H``. A
    multiple of a noncentral chi-square variable with this mean and variance stands for it.

    Args:
        features: those that the mean is over.
        value: the mean.
    """
    import numpy as np

    parts = [_deviations(each) for each in features.values()]
    rows = max(len(each) for each in parts)
    if _filled(*parts) < 2:
        return IntervalReason.TOO_FEW_UNITS
    p = np.concatenate([each.expected for each in features.values()])
    q = np.concatenate([each.actual for each in features.values()])
    deviations = np.hstack([_padded(each, rows) for each in parts]) * np.sqrt(_few(*parts))
    slopes = (np.log(q / p) + 1 - p / q) / len(features)
    curvatures = (1 / q + p / q**2) / len(features)
    bent = deviations * np.sqrt(curvatures)
    # The products by bins and those by buckets have the same eigenvalues: the fewer are taken.
    products = bent @ bent.T if len(bent) < bent.shape[1] else bent.T @ bent
    bias, curved = float(np.trace(products)) / 2, float((products**2).sum()) / 2
    largest = float(np.linalg.eigvalsh(products)[-1]) / 2
    sloped = float(((deviations @ slopes) ** 2).sum())
    # Smoothing draws all shares together, and the index with them.
    raw = np.concatenate(
        [each.counts.sum(axis=0) / each.counts.sum() for each in features.values()]
    )
    return _chi_square_interval(value, float(slopes @ (raw - q)), bias, curved, sloped, largest)


def _chi_square_interval(
    value: float, smoothed: float, bias: float, curved: float, sloped: float, largest: float
) -> Interval | IntervalReason:
    """The drifts at which the index is just not too large, and just not too small.

    Args:
        value: the index.
        smoothed: what smoothing took from it.
        bias: what sampling adds to it on average.
        curved: its variance without any drift.
        sloped: its variance by the slopes alone.
        largest: the scale of the direction in which shares are least certain.
    """
    from kpisdk.statistics import LEVEL, bounded
    from kpisdk.statistics.distributions import bisect, noncentral_chi_square

    if bias <= 0 or curved <= 0:
        return IntervalReason.UNDEFINED
    observed = value + smoothed
    drift = max(0.0, observed - bias)
    still = curved / (2 * bias)
    # Slopes are seen with the same error as the shares: without drift they are all error, and the
    # direction of a small drift is unknown. Then it is taken to be the least certain one.
    seen = max(0.0, sloped - 2 * curved) / (4 * max(drift, bias))
    known = drift / (drift + bias)
    moved = max(still, known * seen + (1 - known) * largest)

    def at_most(drift: float) -> float:
        """The probability of an index no larger than this one, at a drift."""
        scale = (2 * bias * still + 4 * drift * moved) / (2 * bias + 4 * drift)
        return noncentral_chi_square(observed / scale, bias / scale, drift / scale)

    tail = (1 - LEVEL) / 2
    low, high = (
        0.0 if at_most(0.0) <= wanted else bisect(at_most, wanted) for wanted in (1 - tail, tail)
    )
    return bounded(value, low, high, LEVEL, "noncentral_chi_square", NOT_NEGATIVE)


def _deviations(feature: Binned) -> Any:
    """What each bucket adds to the shares' errors, shape (G, B): their squares sum to variances."""
    counts = feature.counts
    totals = counts.sum(axis=1, keepdims=True)
    return (counts - totals * (counts.sum(axis=0) / counts.sum())) / counts.sum()


def _few(*deviations: Any) -> float:
    """``G / (G - 1)`` of the buckets that hold a value."""
    count = _filled(*deviations)
    return count / (count - 1) if count > 1 else 1.0


def _filled(*deviations: Any) -> int:
    import numpy as np

    filled = np.zeros(max(len(each) for each in deviations), dtype=bool)
    for each in deviations:
        filled[: len(each)] |= each.any(axis=1)
    return int(filled.sum())


def _padded(deviations: Any, rows: int) -> Any:
    import numpy as np

    return np.vstack([deviations, np.zeros((rows - len(deviations), deviations.shape[1]))])
