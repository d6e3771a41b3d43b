"""Intervals of F1 and of figures that come with their own standard error."""

from __future__ import annotations

import math

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.bounds import ANY, Bounds, Range, bounded
from kpisdk.statistics.distributions import student_t_critical
from kpisdk.statistics.intervals import LEVEL
from kpisdk.statistics.shares import share_interval


def f1_interval(
    moments: UnitMoments, hits: str, false_alarms: str, misses: str, level: float = LEVEL
) -> Bounds:
    """The interval of F1, ``2 TP / (2 TP + FP + FN)``.

    ``J = TP / (TP + FP + FN)`` is a share of rows and has Wilson's interval; F1 is
    ``2 J / (1 + J)``, which rises with J, so that its limits are those of J transformed.

    Args:
        moments: of a cell; the names of its measures follow.
        hits: true positives.
        false_alarms: false positives.
        misses: false negatives.
        level: the confidence level, 0 to 1.
    """
    sums = {"hits": {hits: 1}, "rows": {hits: 1, false_alarms: 1, misses: 1}}
    found = share_interval(moments.combined(sums), "hits", "rows", level)
    if isinstance(found, IntervalReason):
        return found
    low, high = (2 * each / (1 + each) for each in (found.low, found.high))
    return Interval(low, high, level, "wilson_f1")


def wald_interval(
    value: float,
    standard_error: float,
    degrees: float = math.inf,
    level: float = LEVEL,
    possible: Range = ANY,
) -> Bounds:
    """The interval of a figure that comes with its standard error, a calibration slope's for one.

    Args:
        value: the figure.
        standard_error: of its estimate.
        degrees: of freedom behind the standard error; without them the normal distribution is used.
        level: the confidence level, 0 to 1.
        possible: the values that the figure can have.
    """
    if not math.isfinite(standard_error) or standard_error <= 0:
        return IntervalReason.UNDEFINED
    half = student_t_critical(level, min(degrees, 1e9)) * standard_error
    return bounded(value, value - half, value + half, level, "wald", possible)
