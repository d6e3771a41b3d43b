"""Counters: running totals in the events, of which a user's largest counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk import Column, LogicalType

LARGEST = 2**53
"""Counters above this are no counts: a floating-point number cannot even hold them exactly."""

EVENTS = "events"
"""The number of a user's events, among the aggregates that every relation of users has."""


@attrs.frozen
class Counter:
    """A running total: the user's largest, and how many of its values are not what they should be.

    Missing, negative and impossibly large values do not enter; a fractional one is cut to the whole
    number below it, as the school does.

    Attributes:
        name: the column.
    """

    name: str

    @property
    def columns(self) -> tuple[Column, ...]:
        """The largest value, and the numbers of missing, impossible and fractional ones."""
        names = (self.name, self._called("missing"), self._called("outside"), self._fractional)
        return tuple(Column(each, LogicalType.INT) for each in names)

    def aggregates(self, events: Any) -> Mapping[str, Any]:
        """What is gathered: counts of what is there, since these cost an engine least."""
        from sqlalchemy import BigInteger, and_, case, cast, func

        column = events[self.name]
        is_count = and_(column >= 0, column <= LARGEST)
        # A case and no "and": what is no count may be too large to be cast at all.
        fractional = case((is_count, case((cast(column, BigInteger()) != column, 1))))
        return {
            self.name: func.max(case((is_count, column))),
            self._called("known"): func.count(column),
            self._called("counted"): func.count(case((is_count, column))),
            self._fractional: func.count(fractional),
        }

    def finished(self, people: Any) -> Mapping[str, Any]:
        """What is left when the counts are subtracted from one another, and the whole number."""
        from sqlalchemy import BigInteger, case, cast

        largest = people[self.name]
        known, counted = people[self._called("known")], people[self._called("counted")]
        nearest = cast(largest, BigInteger())
        # Engines round a cast in different ways (or cut); one step down from above is right for
        # all. The largest value's whole number is the largest of the whole numbers.
        return {
            self.name: case((nearest > largest, nearest - 1), else_=nearest),
            self._called("missing"): people[EVENTS] - known,
            self._called("outside"): known - counted,
            self._fractional: people[self._fractional],
        }

    def _called(self, what: str) -> str:
        return f"{self.name}_{what}"

    @property
    def _fractional(self) -> str:
        return self._called("fractional")
