"""The difference of two figures, or their relative change, from their own intervals.

MOVER, the method of variance estimates recovery: each side's own interval says how far its figure
may lie off in either direction, and both are put together as if the limits were that many standard
errors away. It keeps what is good about the intervals (a share's never leaves 0 to 1, a mean's
leans to the side of its skewness), and counts that both sides were read from the same units.
Sources: G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008), 1693-1702; R. G. Newcombe,
Statistics in Medicine 17 (1998), 2635-2650 (paired shares); A. Donner and G. Y. Zou, Statistical
Methods in Medical Research 21 (2012), 347-359 (ratios).
"""

from __future__ import annotations

import math

import attrs

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.bounds import ANY, Bounds, Range, bounded


@attrs.frozen
class Side:
    """One side of a change: a figure and its own interval."""

    value: float
    interval: Interval

    @property
    def below(self) -> float:
        """How far the true figure may lie below."""
        return self.value - self.interval.low

    @property
    def above(self) -> float:
        """How far it may lie above."""
        return self.interval.high - self.value

    @property
    def mirrored(self) -> Side:
        """The same figure with the other sign."""
        low, high = -self.interval.high, -self.interval.low
        return Side(-self.value, attrs.evolve(self.interval, low=low, high=high))


def difference(now: Side, before: Side, correlation: float = 0.0, possible: Range = ANY) -> Bounds:
    """The interval of ``now - before``.

    Args:
        now: the later window, or the group that is compared.
        before: the earlier window, or the group that it is compared with.
        correlation: of the two estimates (:func:`~kpisdk.statistics.correlation_of`); 0 for sides
            that share no units.
        possible: the values that the difference can have: -1 to 1 of shares.
    """
    change = now.value - before.value
    low = change - _reach(now.below, before.above, correlation)
    high = change + _reach(now.above, before.below, correlation)
    return bounded(change, low, high, now.interval.level, _method(now, before), possible)


def relative_change(now: Side, before: Side, correlation: float = 0.0) -> Bounds:
    """The interval of ``(now - before) / |before|``; ``undefined`` where ``before`` may be zero.

    Args:
        now: the later figure.
        before: the figure that it is measured by.
        correlation: of the two estimates; 0 for sides that share no units.
    """
    if before.interval.high < 0:
        found = relative_change(now.mirrored, before.mirrored, correlation)
        if isinstance(found, IntervalReason):
            return found
        return attrs.evolve(found, low=-found.high, high=-found.low)
    if before.interval.low <= 0:
        return IntervalReason.UNDEFINED
    if now.value < 0:
        low, high = (-each for each in _quotient(now.mirrored, before, -correlation)[::-1])
    else:
        low, high = _quotient(now, before, correlation)
    least = -1.0 if now.interval.low >= 0 else None
    method = f"{_method(now, before)}_ratio"
    change = now.value / before.value - 1
    return bounded(change, low - 1, high - 1, now.interval.level, method, (least, None))


def _reach(own: float, other: float, correlation: float) -> float:
    return math.sqrt(max(0.0, own * own + other * other - 2 * correlation * own * other))


def _quotient(above: Side, below: Side, correlation: float) -> tuple[float, float]:
    """The limits of a quotient, nothing of which is negative but perhaps the lower limit above.

    A limit ``r`` solves ``(x - r y)**2 = d**2 - 2 r c d e + r**2 e**2``: Fieller's equation, with
    the distances ``d`` and ``e`` to the limits of ``x`` and ``y`` in the place of standard errors.
    """
    x, y = above.value, below.value
    root, b, _, c = _fieller(x, y, above.below, below.above, correlation)
    low = c / (b + root) if b + root else 0.0
    root, b, a, _ = _fieller(x, y, above.above, below.below, correlation)
    return low, (b + root) / a


def _fieller(
    x: float, y: float, d: float, e: float, correlation: float
) -> tuple[float, float, float, float]:
    a, b, c = y * y - e * e, x * y - correlation * d * e, x * x - d * d
    return math.sqrt(max(0.0, b * b - a * c)), b, a, c


def _method(now: Side, before: Side) -> str:
    both = {now.interval.method, before.interval.method}
    return "newcombe" if both == {"wilson"} else "mover"
