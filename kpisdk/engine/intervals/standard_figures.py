"""Figures of the metrics of the core from the moments of their units, by the method of each.

Parts are named as in :mod:`kpisdk.engine.intervals.moment_parts`.
"""

from __future__ import annotations

import math

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.engine.intervals.interval_figures import (
    MANY,
    Figure,
    SearchedFigure,
    ShareFigure,
    SpreadFigure,
)
from kpisdk.engine.intervals.moment_parts import part
from kpisdk.statistics import (
    LEVEL,
    SHARE,
    Bounds,
    EffectiveShare,
    IntervalAt,
    Range,
    effective_share,
    lift_interval,
    mean_interval,
    quantile_levels,
    quotient_interval,
    student_t_critical,
    unit_degrees,
    welch_degrees,
)

ON_LOGARITHM = "delta_log_ratio"
"""The method of lifts, unless a rate is 0 or 1."""
_RATES = (("treated_hits", "treated"), ("control_hits", "control"))


def share_figure(
    moments: UnitMoments, hits: str, rows: str, possible: Range
) -> Figure | IntervalReason:
    """A quotient of counts: a share by its effective rows, any other as a quotient.

    It is a share where the figure lies between 0 and 1 by what it is, and does in this cell.
    """
    if possible == SHARE:
        found = effective_share(moments, hits, rows)
        if not isinstance(found, IntervalReason):
            return ShareFigure(found)
        if found is not IntervalReason.UNDEFINED:
            return found
    return quotient_figure(moments, hits, rows)


def quotient_figure(moments: UnitMoments, top: str, bottom: str) -> Figure | IntervalReason:
    """A quotient of two totals, a mean among them."""
    below = moments.total(bottom)
    if not below:
        return IntervalReason.UNDEFINED
    return _student(
        moments.total(top) / below,
        lambda level: quotient_interval(moments, top, bottom, level),
        unit_degrees(moments, bottom),
    )


def mean_figure(moments: UnitMoments, value: float, name: str) -> Figure | IntervalReason:
    """A mean, from the deviations of its values."""
    deviations, rows = part(name, "_e"), part(name, "_n")
    return _student(
        value,
        lambda level: mean_interval(moments, value, deviations, rows, level),
        unit_degrees(moments, rows),
    )


def lift_figure(moments: UnitMoments, value: float) -> Figure | IntervalReason:
    """A lift: of the treated over the controls."""
    above, below = _RATES
    hits1, n1, hits0, n0 = (part(each) for each in (*above, *below))

    def interval_at(level: float) -> Bounds:
        return lift_interval(moments, hits1, n1, hits0, n0, level)

    found = interval_at(LEVEL)
    if isinstance(found, IntervalReason):
        return found
    rates = (effective_share(moments, hits1, n1), effective_share(moments, hits0, n0))
    parts = [
        ((1 - each.share) / (each.share * each.n), each.degrees)
        for each in rates
        if isinstance(each, EffectiveShare) and each.share
    ]
    if found.method != ON_LOGARITHM or len(parts) < len(rates):
        return SearchedFigure(value, interval_at)
    return log_figure(value, found, welch_degrees(*parts))


def log_figure(value: float, found: Interval, degrees: float = math.inf) -> Figure:
    """The figure of a lift whose interval is symmetric on the logarithm of its ratio."""
    ratio = 1 + value
    critical = student_t_critical(found.level, min(degrees, MANY))
    error = ratio * math.log((1 + found.high) / ratio) / critical
    return SpreadFigure(value, error, degrees, found.method, (-1.0, None))


def quantile_ranks(
    moments: UnitMoments, name: str, q: float, level: float
) -> tuple[float, float] | IntervalReason:
    """The levels of the discrete quantiles that bound a quantile.

    Each is in the middle of its row's step, so that rounding cannot choose the next row.
    """
    found = quantile_levels(moments, part(name, "_below"), part(name, "_n"), q, level)
    if isinstance(found, IntervalReason):
        return found
    n = moments.total(part(name, "_n"))
    low, high = (min(max(math.ceil(each * n), 1), n) for each in found)
    return (low - 0.5) / n, (high - 0.5) / n


def _student(value: float, interval_at: IntervalAt, degrees: float) -> Figure | IntervalReason:
    """A figure with Student's interval; with one that skewness moved, calculated at each level."""
    found = interval_at(LEVEL)
    if isinstance(found, IntervalReason):
        return found
    if found.method != "t":
        return SearchedFigure(value, interval_at)
    return student_figure(value, found, degrees)


def student_figure(value: float, found: Interval, degrees: float) -> Figure:
    """The figure whose interval by Student's t is known at one level."""
    error = (found.high - found.low) / 2 / student_t_critical(found.level, degrees)
    return SpreadFigure(value, error, degrees, found.method)
