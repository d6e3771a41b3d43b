"""The difference of two results of one KPI, its interval, and which way it points."""

from __future__ import annotations

import math
from enum import StrEnum

import attrs

from kpisdk.contracts.estimates import SMALL, Interval
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Direction


class Movement(StrEnum):
    """What the interval of a change says."""

    BETTER = "better"
    """All of the interval lies on the better side of no change."""
    WORSE = "worse"
    """All of the interval lies on the worse side."""
    OPEN = "open"
    """The interval holds no change at all as well."""
    UNKNOWN = "unknown"
    """There is no difference, or no interval of it, to judge by."""


@attrs.frozen
class Change:
    """``current - baseline`` of one KPI.

    ``value`` and ``interval`` are in the KPI's unit; ``why`` says what is missing where one of them
    is. ``is_few`` is whether fewer than 30 units stand behind either side.
    """

    direction: Direction
    baseline: Result | None
    current: Result | None
    value: float | None = None
    interval: Interval | None = None
    is_few: bool = True
    why: str | None = None

    @property
    def gain(self) -> float | None:
        """The change as an improvement (positive is better), ``None`` where neither is."""
        if self.value is None or self.direction is Direction.CONTEXT:
            return None
        return -self.value if self.direction is Direction.LOWER else self.value

    @property
    def movement(self) -> Movement:
        """What the interval says."""
        if self.interval is None or self.direction is Direction.CONTEXT:
            return Movement.UNKNOWN
        low, high = self.interval.low, self.interval.high
        if self.direction is Direction.LOWER:
            low, high = -high, -low
        if low > 0:
            return Movement.BETTER
        return Movement.WORSE if high < 0 else Movement.OPEN


def change(baseline: Result | None, current: Result | None, direction: Direction) -> Change:
    """The change from ``baseline`` to ``current``, which must come from different units.

    The interval squares and adds what each side's own interval leaves open towards the other (the
    method of variance estimates recovery, MOVER: G. Y. Zou and A. Donner, Statistics in Medicine
    27, 2008, 1693-1702). For two shares with Wilson intervals that is Newcombe's hybrid score
    interval of a difference of proportions (R. G. Newcombe, Statistics in Medicine 17, 1998,
    873-890, method 10); means enter by their t intervals, medians by their order statistics.
    """
    made = Change(direction, baseline, current, is_few=_is_few(baseline) or _is_few(current))
    for side, result in (("baseline", baseline), ("current", current)):
        if result is None or result.value is None:
            said = None if result is None else result.message
            return attrs.evolve(made, why=f"the {side} has no value: {said or 'there are no rows'}")
    assert baseline is not None  # noqa: S101 - looked at in the loop
    assert current is not None  # noqa: S101
    assert baseline.value is not None  # noqa: S101
    assert current.value is not None  # noqa: S101
    made = attrs.evolve(made, value=current.value - baseline.value)
    for side, result in (("baseline", baseline), ("current", current)):
        if result.interval is None:
            return attrs.evolve(made, why=f"the {side} has no interval")
        if result.interval.low == result.interval.high and _is_few(result):
            # Three users without a ticket do not prove that there never will be one.
            return attrs.evolve(made, why=f"the {side}'s few units are all equal")
    return attrs.evolve(made, interval=_difference(baseline, current))


def _is_few(result: Result | None) -> bool:
    return result is None or result.n is None or result.n < SMALL


def _difference(baseline: Result, current: Result) -> Interval:
    before, after = baseline.value or 0.0, current.value or 0.0
    own, other = baseline.interval, current.interval
    assert own is not None  # noqa: S101 - the caller has looked
    assert other is not None  # noqa: S101
    difference = after - before
    low = difference - math.hypot(after - other.low, own.high - before)
    high = difference + math.hypot(other.high - after, before - own.low)
    both_wilson = own.method == other.method == "wilson"
    return Interval(low, high, own.level, "newcombe" if both_wilson else "mover")
