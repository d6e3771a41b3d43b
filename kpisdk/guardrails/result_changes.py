"""The change between two results of one KPI, absolute and relative, each with its interval.

Both sides are taken for independent. Units that are on both (patients in two windows) usually pull
both figures the same way, and the intervals are then wider than they need be, not narrower.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Direction, IntervalReason
from kpisdk.statistics import Side, difference, relative_change


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

    Attributes:
        direction: the way in which the KPI gets better.
        baseline: the result that is compared with.
        current: the one that is compared.
        value: the difference, in the KPI's unit.
        interval: of the difference.
        why: what is missing where there is no value, or no interval.
        relative: the difference over the size of the baseline; 0.1 is a tenth more.
        relative_interval: of the relative change.
        relative_why: what is missing where that has no interval.
        is_exact: whether both sides are exact for their windows (a census), and so is the change:
            it has no interval, and needs none.
    """

    direction: Direction
    baseline: Result | None
    current: Result | None
    value: float | None = None
    interval: Interval | None = None
    why: str | None = None
    relative: float | None = None
    relative_interval: Interval | None = None
    relative_why: str | None = None
    is_exact: bool = False

    @property
    def limits(self) -> Interval | None:
        """Its interval, or the change itself where that is exact, so that the change lies there."""
        return _point(self.value) if self.is_exact else self.interval

    @property
    def relative_limits(self) -> Interval | None:
        """The same of the relative change."""
        return _point(self.relative) if self.is_exact else self.relative_interval

    @property
    def gain(self) -> float | None:
        """The change as an improvement (positive is better), ``None`` where neither is."""
        if self.value is None or self.direction is Direction.CONTEXT:
            return None
        return -self.value if self.direction is Direction.LOWER else self.value

    @property
    def movement(self) -> Movement:
        """What the interval says, or the change itself where it is exact."""
        gains = gains_of(self.limits, self.direction)
        if gains is None:
            return Movement.UNKNOWN
        if gains[0] > 0:
            return Movement.BETTER
        return Movement.WORSE if gains[1] < 0 else Movement.OPEN

    def to_dict(self) -> dict[str, Any]:
        """The change as plain JSON values, of each side its value and its number of rows."""
        from kpisdk.contracts.json_records import written

        sides = {
            f"{name}{end}": getattr(side, field, None)
            for name, side in (("baseline", self.baseline), ("current", self.current))
            for end, field in (("", "value"), ("_n", "n"))
        }
        facts = {
            "change": self.value,
            "interval": self.interval,
            "relative": self.relative,
            "relative_interval": self.relative_interval,
            "exact": self.is_exact,
            "direction": self.direction,
            "movement": self.movement,
            "why": self.why,
            "relative_why": self.relative_why,
        }
        document: dict[str, Any] = written(sides | facts)
        return document


def gains_of(interval: Interval | None, direction: Direction) -> tuple[float, float] | None:
    """The limits of a change as improvements, positive is better; ``None`` where neither is one."""
    if interval is None or direction is Direction.CONTEXT:
        return None
    if direction is Direction.LOWER:
        return -interval.high, -interval.low
    return interval.low, interval.high


def change(
    baseline: Result | None,
    current: Result | None,
    direction: Direction,
    refusal: str | None = None,
) -> Change:
    """The change from ``baseline`` to ``current``.

    Intervals come from the sides' own (:func:`kpisdk.statistics.difference` and
    :func:`~kpisdk.statistics.relative_change`). Two figures that are exact for their windows have
    an exact change, without an interval.

    Args:
        baseline: the earlier result, or that of another group.
        current: the result that is compared with it.
        direction: the way in which the KPI gets better.
        refusal: why no change is given between the two, if none is.
    """
    made = Change(direction, baseline, current)
    before, after = _value(baseline), _value(current)
    for side, result in (("baseline", baseline), ("current", current)):
        if _value(result) is None:
            known = None if result is None else result.message
            said = f"the {side} has no value: {known or 'there are no rows'}"
            return attrs.evolve(made, why=said, relative_why=said)
    if refusal is not None:
        return attrs.evolve(made, why=refusal, relative_why=refusal)
    if before is None or after is None:
        return made
    moved = after - before
    relative = moved / abs(before) if before else None
    made = attrs.evolve(made, value=moved, relative=relative)
    if _is_exact(baseline) and _is_exact(current):
        return attrs.evolve(
            made, is_exact=True, relative_why=_NO_BASELINE if relative is None else None
        )
    for side, result in (("baseline", baseline), ("current", current)):
        if _interval(result) is None:
            said = f"the {side} {_without_interval(result)}"
            return attrs.evolve(made, why=said, relative_why=said)
    return _with_intervals(made, before, after)


_NO_BASELINE = "the baseline may be 0, and nothing is relative to that"


def _with_intervals(made: Change, before: float, after: float) -> Change:
    own, other = _interval(made.current), _interval(made.baseline)
    if own is None or other is None:
        return made
    sides = Side(after, own), Side(before, other)
    absolute, relative = difference(*sides), relative_change(*sides)
    if isinstance(absolute, IntervalReason):
        said = "no interval of the difference is known"
        return attrs.evolve(made, why=said, relative_why=said)
    made = attrs.evolve(made, interval=attrs.evolve(absolute, unit=own.unit))
    if isinstance(relative, IntervalReason):
        return attrs.evolve(made, relative_why=_NO_BASELINE)
    return attrs.evolve(made, relative_interval=attrs.evolve(relative, unit=own.unit))


def _value(result: Result | None) -> float | None:
    return None if result is None else result.value


def _interval(result: Result | None) -> Interval | None:
    """A result's interval; one without width is none, because equal units prove nothing."""
    interval = None if result is None else result.interval
    return None if interval is None or interval.low == interval.high else interval


def _is_exact(result: Result | None) -> bool:
    return result is not None and result.interval_reason is IntervalReason.CENSUS


def _point(value: float | None) -> Interval | None:
    return None if value is None else Interval(value, value, 1.0, "exact")


_WITHOUT = {
    IntervalReason.CENSUS: "is exact for its window and has no interval",
    IntervalReason.STORED: "was computed elsewhere, and how uncertain it is was not stored",
    IntervalReason.TOO_FEW_UNITS: "has a single unit, which shows no spread",
    IntervalReason.UNDEFINED: "has no interval: its units are all alike, or none is known for it",
    IntervalReason.NOT_ASKED: "has no interval, because none was requested",
}


def _without_interval(result: Result | None) -> str:
    reason = None if result is None else result.interval_reason
    if reason is not None:
        return _WITHOUT[reason]
    is_flat = result is not None and result.interval is not None
    return "has units that are all alike" if is_flat else "has no interval"
