"""Both ends of an interval as texts that differ: rounded alike, it would look like certainty."""

from __future__ import annotations

from collections.abc import Callable

from kpisdk.contracts.estimates import Interval

_SPARE = 17
"""So many further digits tell any two floats apart."""


def ends_apart(interval: Interval, word: Callable[[float, int], str]) -> tuple[str, str]:
    """The two ends in as few further digits as tell them apart.

    Args:
        interval: what is shown.
        word: a number as text, with so many digits more than usual.
    """
    for more in range(_SPARE):
        low, high = word(interval.low, more), word(interval.high, more)
        if low != high:
            return low, high
    return repr(interval.low), repr(interval.high)
