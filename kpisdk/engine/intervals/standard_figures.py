"""Figures of the metrics of the core from the moments of their units, by the method of each.

Parts are named as in :mod:`kpisdk.engine.intervals.moment_parts`.
"""

from __future__ import annotations

import math

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.engine.intervals.interval_figures import (
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
    IntervalAt,
    Range,
    effective_share,
    lift_interval,
    mean_interval,
    quantile_levels,
    quotient_interval,
    student_t_critical,
    unit_degrees,
)


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

    def interval_at(level: float) -> Bounds:
        return lift_interval(
            moments,
            part("treated_hits"),
            part("treated"),
            part("control_hits"),
            part("control"),
            level,
        )

    found = interval_at(LEVEL)
    if isinstance(found, IntervalReason):
        return found
    return SearchedFigure(value, interval_at)


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
