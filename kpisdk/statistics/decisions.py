"""How strongly the data say that a status is the status it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from kpisdk.contracts.estimates import Interval
from kpisdk.statistics.bounds import Bounds

IntervalAt = Callable[[float], Bounds]
"""From a confidence level to the interval of one figure at that level."""

_STEPS = 24
"""Halvings of the exponent of p, which is then known to about 2e-6, relative."""


def status_p_value(
    interval_at: IntervalAt, status_of: Callable[[float], Hashable], value: float
) -> float | None:
    """The smallest level (one less confidence) at which the interval still has one status.

    A status is decided at confidence ``1 - p`` and above no other: a p-value of "the true figure
    has another status". Families of results are judged by it
    (:func:`~kpisdk.statistics.holm`).

    Args:
        interval_at: gives the interval of the figure at a confidence level between 0 and 1; wider
            at higher levels.
        status_of: the status of a figure; statuses are ordered along the axis, so that both limits
            having one means that all between have it.
        value: the figure.

    Returns:
        0 to 1, or ``None`` where there is no interval to decide by.
    """
    wanted = status_of(value)

    def is_decided(p: float) -> bool | None:
        found = interval_at(1 - p)
        if not isinstance(found, Interval):
            return None
        return {status_of(found.low), status_of(found.high)} == {wanted}

    if is_decided(0.05) is None:
        return None
    # In powers of ten: what matters of a small p is its size.
    low, high = -12.0, 0.0
    if is_decided(10**low):
        return 10**low
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if is_decided(10**middle):
            high = middle
        else:
            low = middle
    return min(1.0, float(10**high))
