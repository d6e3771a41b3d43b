"""What a calculation yields before it is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk.contracts.vocabulary import IntervalReason, Reason
from kpisdk.errors import DefinitionError, Problem


@attrs.frozen
class Interval:
    """A confidence interval, its level and how it was made.

    ``unit`` is what was taken as independent: ``row``, or the column whose values are the units.
    """

    low: float = attrs.field(converter=float)
    high: float = attrs.field(converter=float)
    level: float = 0.95
    method: str = ""
    unit: str = "row"

    def __attrs_post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)) or self.low > self.high:
            what = f"[{self.low}, {self.high}] is not an ordered pair of finite numbers"
            raise DefinitionError("Interval", [Problem("low, high", what)])


@attrs.frozen
class Note:
    """A warning beside a value: a code that scripts match, and a sentence."""

    code: str
    message: str


SMALL = 30
"""Fewer rows than this behind a value carry a warning."""


def few_rows(n: float | None, what: str = "rows") -> tuple[Note, ...]:
    """The warning of a value that fewer than 30 rows stand behind; none where ``n`` is not known.

    Args:
        n: how many there are.
        what: what is counted: a plural, and what else describes it.
    """
    if n is None or n >= SMALL:
        return ()
    first, space, rest = what.partition(" ")
    counted = f"{first.removesuffix('s')}{space}{rest} stands" if n == 1 else f"{what} stand"
    return (Note("few_rows", f"Only {n:g} {counted} behind the value (fewer than {SMALL})."),)


@attrs.frozen
class Estimate:
    """A value with its uncertainty, or the reason why there is none.

    ``value`` is ``None`` exactly when ``reason`` says why. ``n`` counts the rows (or units) behind
    the value; ``numerator`` and ``denominator`` stand where the value is their quotient.
    ``interval_reason`` says why there is no interval, where the calculation itself knows.
    """

    value: float | None
    reason: Reason | None = None
    message: str | None = None
    interval: Interval | None = None
    n: int | None = attrs.field(default=None, converter=attrs.converters.optional(int))
    numerator: float | None = None
    denominator: float | None = None
    p_value: float | None = None
    warnings: tuple[Note, ...] = ()
    details: Mapping[str, Any] = attrs.field(factory=dict)
    interval_reason: IntervalReason | None = None

    def __attrs_post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            what = f"value {self.value!r} goes with reason {self.reason!r}; give one of the two"
            raise DefinitionError("Estimate", [Problem("value, reason", what)])
        if self.interval is not None and self.interval_reason is not None:
            what = f"there is an interval, and a reason for none: {self.interval_reason.value}"
            raise DefinitionError("Estimate", [Problem("interval, interval_reason", what)])
        if self.value is not None and not math.isfinite(self.value):
            what = f"{self.value!r} is not finite; use Estimate.of, which refuses it with a reason"
            raise DefinitionError("Estimate", [Problem("value", what)])

    @classmethod
    def absent(cls, reason: Reason, message: str, **facts: Any) -> Estimate:
        """An estimate without a value: the reason code and a sentence that says what to do."""
        return cls(value=None, reason=reason, message=message, **facts)

    @classmethod
    def of(cls, value: float | None, **facts: Any) -> Estimate:
        """An estimate of ``value``; ``None``, NaN and infinities become absent, with a reason."""
        if value is None:
            return cls.absent(Reason.NO_ROWS, "No row holds what the formula needs.", **facts)
        if not math.isfinite(value):
            facts.pop("interval", None)
            return cls.absent(
                Reason.NOT_FINITE,
                f"The value came out as {value}: the data hold infinities or not-a-numbers.",
                **facts,
            )
        return cls(value=float(value), **facts)

    def with_notes(self, *notes: Note) -> Estimate:
        """The same estimate with further warnings."""
        return attrs.evolve(self, warnings=(*self.warnings, *notes))
