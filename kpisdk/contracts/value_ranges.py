"""Where the value of a KPI can lie, so that one outside it is told of."""

from __future__ import annotations

import math

import attrs

from kpisdk.contracts.vocabulary import Unit
from kpisdk.errors import DefinitionError, Problem


@attrs.frozen
class ValueRange:
    """The least and the largest value that a KPI can take, both included; ``None`` is no bound.

    Raises:
        DefinitionError: the least is not below the largest.
    """

    low: float | None = attrs.field(default=None, converter=attrs.converters.optional(float))
    high: float | None = attrs.field(default=None, converter=attrs.converters.optional(float))

    def __attrs_post_init__(self) -> None:
        given = {"low": self.low, "high": self.high}
        problems = [
            Problem(name, f"{bound} is not a finite number; leave it out where there is no bound")
            for name, bound in given.items()
            if bound is not None and not math.isfinite(bound)
        ]
        low, high = self.low, self.high
        if not problems and low is not None and high is not None and low >= high:
            problems.append(Problem("low, high", f"{low:g} must be below {high:g}"))
        if problems:
            raise DefinitionError("ValueRange", problems)

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies within."""
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            bounds = [f"{self.low:g} and more"] if self.low is not None else []
            bounds += [f"{self.high:g} and less"] if self.high is not None else []
            return "".join(bounds) or "any number"
        return f"{self.low:g} to {self.high:g}"


_BY_UNIT = {Unit.RATIO: ValueRange(0, 1), Unit.PSI: ValueRange(0)}


def range_of_unit(unit: Unit) -> ValueRange:
    """The range of a unit: a ratio is a share, and a stability index is never negative."""
    return _BY_UNIT.get(unit, ValueRange())
