"""Values whose interval can be asked for at any level, and what a bound's p-value is.

A result shows one interval, but a family of results and repeated looks need others. So what an
interval is made of (a standard error, an effective number of rows) is worked out once per cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import attrs

from kpisdk.contracts.estimates import Interval
from kpisdk.statistics import (
    ANY,
    Bounds,
    EffectiveShare,
    IntervalAt,
    Range,
    normal_critical,
    normal_tail,
    student_t_critical,
    student_t_tail,
    transformed_interval,
)

MANY = 1e9
"""Degrees of freedom that stand for infinitely many."""


class Figure(Protocol):
    """A value whose interval can be asked for at any level."""

    @property
    def value(self) -> float:
        """The value that its intervals hold."""
        ...

    def at(self, level: float) -> Bounds:
        """The interval at a confidence level, 0 to 1, or why there is none."""
        ...

    def p_value(self, bound: float, /) -> float | None:
        """The level (one less confidence) at which the interval just reaches ``bound``.

        ``None`` where that has no closed form, and is to be searched for.
        """
        ...


@attrs.frozen
class ShareFigure:
    """A share, with as many independent rows as its units are worth."""

    share: EffectiveShare

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.share.share

    def at(self, level: float) -> Bounds:
        """Wilson's interval."""
        return self.share.interval(level)

    def p_value(self, bound: float, /) -> float:
        """By the score test, which Wilson's interval inverts."""
        return self.share.p_value(bound)


@attrs.frozen
class SpreadFigure:
    """A figure with a standard error and its degrees of freedom.

    Attributes:
        value: the figure.
        error: its standard error.
        degrees: degrees of freedom behind the error; infinite where it is known.
        method: for ``Interval.method``.
        possible: the values that the figure can have: with a lower bound the interval is
            symmetric on the logarithm, with both on the logit.
    """

    value: float
    error: float
    degrees: float
    method: str
    possible: Range = ANY

    def at(self, level: float) -> Bounds:
        """Student's interval, on the scale that the possible values ask for."""
        critical = student_t_critical(level, min(self.degrees, MANY))
        return transformed_interval(
            self.value, self.error, critical, level, self.method, self.possible
        )

    def p_value(self, bound: float, /) -> float:
        """By Student's test on the same scale."""
        return min(1.0, 2 * student_t_tail(self._distance(bound), min(self.degrees, MANY)))

    def _distance(self, bound: float) -> float:
        """How many standard errors a bound is away, on the scale of the interval."""
        least, most = self.possible
        value, error = self.value, self.error
        if least is None or value <= least or (most is not None and value >= most):
            return abs(bound - value) / error
        if bound <= least or (most is not None and bound >= most):
            return math.inf
        if most is None:
            above = value - least
            return abs(math.log((bound - least) / above)) * above / error
        here, there = (math.log((x - least) / (most - x)) for x in (value, bound))
        return abs(there - here) * (value - least) * (most - value) / (most - least) / error


@attrs.frozen
class KnownFigure:
    """A figure of which one interval is known: by ranks, or made by a calculator.

    At other levels each side reaches as many times farther as a normal figure's does: what the
    recovery of variance estimates from limits takes it for as well (G. Y. Zou and A. Donner,
    Statistics in Medicine 27, 2008).
    """

    value: float
    interval: Interval

    def at(self, level: float) -> Bounds:
        """The interval itself at its own level, and one of the same shape at another."""
        own = self.interval
        if level == own.level:
            return own
        factor = normal_critical(level) / normal_critical(own.level)
        low = self.value - factor * max(0.0, self.value - own.low)
        high = self.value + factor * max(0.0, own.high - self.value)
        return attrs.evolve(own, low=low, high=high, level=level)

    def p_value(self, bound: float, /) -> float:
        """By how many normal standard errors the bound is away on its side."""
        if bound == self.value:
            return 1.0
        limit = self.interval.high if bound > self.value else self.interval.low
        side = abs(limit - self.value)
        if not side:
            return 0.0
        distance = abs(bound - self.value) / side * normal_critical(self.interval.level)
        return min(1.0, 2 * normal_tail(distance))


@attrs.frozen
class SearchedFigure:
    """A figure whose interval at each level is a calculation of its own."""

    value: float
    interval_at: IntervalAt

    def at(self, level: float) -> Bounds:
        """The interval, calculated."""
        return self.interval_at(level)

    def p_value(self, _bound: float, /) -> None:
        """Without a closed form."""
        return


@attrs.frozen
class LeveledFigure:
    """A figure whose intervals are those of another one at stricter levels: for repeated looks."""

    figure: Figure
    stricter: Callable[[float], float]

    @property
    def value(self) -> float:
        """The same value."""
        return self.figure.value

    def at(self, level: float) -> Bounds:
        """The interval that holds at all looks together with that confidence."""
        found = self.figure.at(self.stricter(level))
        return attrs.evolve(found, level=level) if isinstance(found, Interval) else found

    def p_value(self, _bound: float, /) -> None:
        """Without a closed form."""
        return
