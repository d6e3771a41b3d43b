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
    """Whether two intervals are absent alike, or have one method, one level and close ends."""
    if left is None or right is None:
        return left is right
    kinds = (left.level, left.method) == (right.level, right.method)
    return kinds and close(left.low, right.low) and close(left.high, right.high)
