"""Figures of the metrics of the core where each row is a unit: in closed form, from its values."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kpisdk.contracts.estimates import Estimate, Interval
from kpisdk.contracts.metric_protocol import Values
from kpisdk.contracts.metrics import Lift, Mean, Median, Ratio
from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.engine.intervals.interval_figures import (
    Figure,
    KnownFigure,
    ShareFigure,
    SpreadFigure,
)
from kpisdk.engine.intervals.metric_shapes import OurMetric
from kpisdk.engine.intervals.moment_parts import part
from kpisdk.engine.intervals.standard_figures import lift_figure, log_figure
from kpisdk.statistics import EffectiveShare, lift_delta, median_ranks

_SIZES = ("treated_hits", "treated", "control_hits", "control")


def row_figure(
    metric: OurMetric | None, made: Estimate, values: Values, level: float
) -> Figure | IntervalReason:
    """The figure of a cell whose rows are independent of one another.

    Args:
        metric: what the value is; ``None`` for a metric of a plugin's own.
        made: its estimate, whose own interval stands where the metric is not of ours.
        values: its measure values, those at the ranks of a median among them.
        level: the level that the ranks were asked at.
    """
    value = made.value
    if value is None:
        return IntervalReason.UNDEFINED
    match metric:
        case Ratio():
            return _share(metric, value, values)
        case Mean():
            return _mean(value, values)
        case Lift():
            return _lift({name: values[name] or 0.0 for name in metric.measures()}, value)
        case Median():
            return ranked_figure(value, values, level, "order_statistic")
    return IntervalReason.UNDEFINED if made.interval is None else KnownFigure(value, made.interval)


def ranked_figure(
    value: float, values: Values, level: float, method: str
) -> Figure | IntervalReason:
    """The figure that lies between the values at two ranks, read as ``low`` and ``high``."""
    low, high = values.get("low"), values.get("high")
    if low is None or high is None:
        return IntervalReason.TOO_FEW_UNITS
    low, high = min(low, value), max(high, value)
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        return IntervalReason.UNDEFINED
    return KnownFigure(value, Interval(low, high, level, method))


def _share(metric: Ratio, value: float, values: Values) -> Figure | IntervalReason:
    rows = values["denominator"] or 0.0
    of_counts = metric.numerator.aggregate.is_count and metric.denominator.aggregate.is_count
    if not of_counts or not rows or not 0 <= value <= 1:
        return IntervalReason.UNDEFINED
    return ShareFigure(EffectiveShare(value, rows))


def _lift(counts: Mapping[str, float], value: float) -> Figure | IntervalReason:
    """On the logarithm; without it, where nobody who was treated is a hit."""
    hits1, n1, hits0, n0 = (counts[name] for name in _SIZES)
    found = lift_delta(hits1, n1, hits0, n0)
    if found is not None and found.low < found.high:
        return log_figure(value, found)
    nested = dict(zip(_SIZES[::2], _SIZES[1::2], strict=True))
    return lift_figure(
        UnitMoments.of_rows(
            {part(name): count for name, count in counts.items()},
            {part(hits): part(rows) for hits, rows in nested.items()},
        ),
        value,
    )


def _mean(value: float, values: Values) -> Figure | IntervalReason:
    n, variance = values["n"] or 0.0, values["variance"]
    if variance is None or n < 2:
        return IntervalReason.TOO_FEW_UNITS
    if not math.isfinite(variance) or variance <= 0:
        return IntervalReason.UNDEFINED
    return SpreadFigure(value, math.sqrt(variance / n), n - 1, "t")


def row_ranks(n: int, level: float) -> tuple[float, float] | None:
    """The levels of the two rows that bound a median of ``n``; the middle of a rank's step each."""
    ranks = median_ranks(n, level)
    return None if ranks is None else ((ranks[0] - 0.5) / n, (ranks[1] - 0.5) / n)
