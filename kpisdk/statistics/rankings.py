"""How well scores put the hits before the others (ROC-AUC, average precision)."""

from __future__ import annotations

import math

from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.bounds import SHARE, Bounds, Range, bounded, transformed_interval
from kpisdk.statistics.distributions import student_t_critical
from kpisdk.statistics.intervals import LEVEL
from kpisdk.statistics.shares import EffectiveShare
from kpisdk.statistics.spread import (
    residual_products,
    residual_variance,
    unit_degrees,
    welch_degrees,
)


def auc_interval(
    moments: UnitMoments,
    hits: str,
    others: str,
    hits_placed: str,
    others_placed: str,
    level: float = LEVEL,
) -> Bounds:
    """The interval of the area under the ROC curve, on the logit scale.

    A hit's placement is the share of the others that score lower, those with its score half; that
    of another row is the share of the hits that score higher, likewise. Either kind has the area as
    its mean. With a row per unit this is DeLong's variance (E. R. DeLong et al., Biometrics 44,
    1988), with more rows N. A. Obuchowski's (Biometrics 53, 1997), units with rows of both kinds
    included. The logit keeps the limits between 0 and 1.

    Args:
        moments: of a cell; the names of its measures follow.
        hits: the rows with the outcome.
        others: the rows without.
        hits_placed: the sum of the hits' placements.
        others_placed: the sum of the others' placements.
        level: the confidence level, 0 to 1.
    """
    positives, negatives = moments.total(hits), moments.total(others)
    if not positives or not negatives:
        return IntervalReason.UNDEFINED
    buckets = (moments.filled_by(hits), moments.filled_by(others))
    if min(buckets) < 2:
        return IntervalReason.TOO_FEW_UNITS
    area = moments.total(hits_placed) / positives
    if not 0 < area < 1:
        # Every pair is in order: as many as there are of the fewer kind are known to be.
        area = float(area > 0.5)
        return EffectiveShare(area, min(buckets)).interval(level)
    one = {hits_placed: 1 / positives, hits: -area / positives}
    two = {others_placed: 1 / negatives, others: -area / negatives}
    v1 = residual_variance(moments, one, buckets[0])
    v2 = residual_variance(moments, two, buckets[1])
    variance = v1 + v2 + 2 * residual_products(moments, one, two)
    if variance <= 0:
        return IntervalReason.UNDEFINED
    degrees = welch_degrees((v1, buckets[0] - 1), (v2, buckets[1] - 1))
    critical = student_t_critical(level, degrees)
    error = math.sqrt(variance)
    return transformed_interval(area, error, critical, level, "delong_logit", SHARE)


def logit_interval(
    value: float, error: float, critical: float, level: float, method: str
) -> Bounds:
    """The interval of a score between 0 and 1, ``critical`` standard errors to either side.

    Symmetric on the logit scale, so that its limits keep within.
    """
    return transformed_interval(value, error, critical, level, method, SHARE)


def influence_interval(
    moments: UnitMoments,
    value: float,
    influence: str,
    rows: str,
    level: float = LEVEL,
    possible: Range = SHARE,
    bias: float = 0.0,
) -> Bounds:
    """The interval of a figure whose influence function was summed over rows, by units.

    Average precision, for instance: with ``n_i`` rows and a share of hits ``p_i`` ranked at or
    above hit ``i``, row ``j`` with outcome ``y_j`` contributes ``y_j (p_j - AP)`` and, over the
    hits ``i`` ranked at or below it, the sum of ``(y_j - p_i) / n_i``; ``rows`` then counts hits. A
    hit is among those that its own precision counts, which raises it by about ``(1 - p_i) / (n_i -
    1)``: the mean of that over hits is the ``bias``.

    Args:
        moments: of a cell.
        value: the figure.
        influence: the measure that sums the rows' contributions; it is 0 over all rows.
        rows: the measure that the sum is divided by.
        level: the confidence level, 0 to 1.
        possible: the values that the figure can have; between two the logit keeps the limits.
        bias: by how much the figure of so few rows is too large on average. The interval lies
            about the figure without it, but no farther down than half the figure, and holds the
            figure itself.
    """
    n, buckets = moments.total(rows), moments.filled_by(rows)
    if not n:
        return IntervalReason.UNDEFINED
    if buckets < 2:
        return IntervalReason.TOO_FEW_UNITS
    degrees = unit_degrees(moments, rows)
    error = math.sqrt(moments.product(influence, influence) * (1 + 1 / degrees)) / n
    if not error:
        return IntervalReason.UNDEFINED
    critical = student_t_critical(level, degrees)
    centre = centred(value, bias)
    found = transformed_interval(centre, error, critical, level, "influence_t", possible)
    if isinstance(found, IntervalReason) or not bias:
        return found
    return bounded(value, found.low, found.high, level, found.method, possible)


def centred(value: float, bias: float) -> float:
    """A figure without its bias; half of it stays at least, since the bias is an estimate too."""
    return max(value - bias, value / 2) if value > 0 else value
