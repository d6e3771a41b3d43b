"""An interval or the reason why there is none, kept in range and around its value."""

from __future__ import annotations

import math
from typing import TypeAlias

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.vocabulary import IntervalReason

Bounds: TypeAlias = Interval | IntervalReason
"""An interval, or why there is none; every function of this room gives it."""

Range: TypeAlias = tuple[float | None, float | None]
"""The least and the largest value that a figure can have; ``None`` where there is no bound."""

ANY: Range = (None, None)
"""The range of a figure that can be any number."""

SHARE: Range = (0.0, 1.0)
"""The range of a share, and of every score between 0 and 1."""


def bounded(
    value: float, low: float, high: float, level: float, method: str, possible: Range = ANY
) -> Bounds:
    """An interval within the possible values that holds its own; ``undefined`` if it has no width.

    Args:
        value: the figure that the interval is of.
        low: the lower limit; it may lie outside what is possible, or above the value by rounding.
        high: the upper limit, likewise.
        level: the confidence level, 0 to 1.
        method: how the interval was made, for ``Interval.method``.
        possible: the values that the figure can have.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return IntervalReason.UNDEFINED
    least, most = possible
    low = low if least is None else max(low, least)
    high = high if most is None else min(high, most)
    low, high = min(low, value), max(high, value)
    if low == high:
        return IntervalReason.UNDEFINED
    return Interval(low, high, level, method)


def transformed_interval(
    value: float, error: float, critical: float, level: float, method: str, possible: Range
) -> Bounds:
    """The interval that is symmetric where its figure is unbounded: on the logarithm, or the logit.

    Args:
        value: the figure.
        error: its standard error.
        critical: how many standard errors the interval reaches to either side.
        level: the confidence level that this is, 0 to 1.
        method: for ``Interval.method``.
        possible: the values that the figure can have; a figure on a bound, and one without a lower
            bound, has an interval that is symmetric around it.
    """
    least, most = possible
    reach = critical * error
    low, high = value - reach, value + reach
    if least is not None and value > least:
        above = value - least
        if most is None:
            spread = math.exp(min(reach / above, 700.0))
            low, high = least + above / spread, least + above * spread
        elif value < most:
            width = most - least
            logit = math.log(above / (most - value))
            step = min(reach * width / (above * (most - value)), 700.0)
            low, high = (
                least + width / (1 + math.exp(min(-each, 700.0)))
                for each in (logit - step, logit + step)
            )
    return bounded(value, low, high, level, method, possible)
