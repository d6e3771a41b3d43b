"""Comparing results of two computations: equal but for the last bits of a floating-point sum.

Engines add in parallel and in any order, so that two runs over one table may differ there.
"""

from __future__ import annotations

import math

from kpisdk.contracts.estimates import Interval


def close(left: float | None, right: float | None, tolerance: float = 1e-9) -> bool:
    """Whether two values are absent alike, or differ by at most ``tolerance``."""
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=tolerance, abs_tol=tolerance)


def same_interval(left: Interval | None, right: Interval | None) -> bool:
    """Whether two intervals are absent alike, or of one kind (method, level, unit), ends close."""
    if left is None or right is None:
        return left is right
    return _kind(left) == _kind(right) and _close_ends(left, right)


def same_across_engines(left: Interval | None, right: Interval | None) -> bool:
    """Whether two intervals are absent alike, or of one kind and as close as two engines come.

    By rows the ends are close. By units each engine spreads the units over buckets of its own, so
    that the two are estimates of one interval: they overlap.
    """
    if left is None or right is None:
        return left is right
    if _kind(left) != _kind(right):
        return False
    if left.unit == "row":
        return _close_ends(left, right)
    return max(left.low, right.low) <= min(left.high, right.high)


def _kind(interval: Interval) -> tuple[float, str, str]:
    return interval.level, interval.method, interval.unit


def _close_ends(left: Interval, right: Interval) -> bool:
    return close(left.low, right.low) and close(left.high, right.high)
