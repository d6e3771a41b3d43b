"""What every interval keeps to: it holds its value, stays among the possible ones, has a width."""

from __future__ import annotations

import attrs

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.value_ranges import ValueRange
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics import Bounds

_ROUNDING = 1e-9
"""Less of an interval's width than this is cut by rounding, which differs from engine to engine."""


def holds(interval: Interval, value: float) -> bool:
    """Whether a value lies within its interval, the ends included."""
    return interval.low <= value <= interval.high


def kept(interval: Interval, value: float, possible: ValueRange) -> Bounds:
    """The part of an interval that is possible, and the value itself, which may be stored nonsense.

    Its method says that it was cut: its width is no multiple of a standard error any more.

    Args:
        interval: as it was made, by whomever.
        value: the value that it is of.
        possible: the values that the KPI can have.

    Returns:
        ``undefined`` for an interval without width, which would promise what nobody knows.
    """
    low, high = min(interval.low, value), max(interval.high, value)
    if possible.low is not None:
        low = max(low, min(possible.low, value))
    if possible.high is not None:
        high = min(high, max(possible.high, value))
    if low == high:
        return IntervalReason.UNDEFINED
    if low == interval.low and high == interval.high:
        return interval
    width = interval.high - interval.low
    if width - (high - low) <= _ROUNDING * width:
        return attrs.evolve(interval, low=low, high=high)
    method = f"{interval.method}, within {possible}".removeprefix(", ")
    return attrs.evolve(interval, low=low, high=high, method=method)
