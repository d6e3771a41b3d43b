"""Moving instants: points in time that a view works out each time it is read.

A statement binds the instants of its request; a view outlives the request that made it. A
:class:`Moving` instant goes through window rules and relations like any other, and where a
statement would bind it, the engine's own clock stands instead.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql.rendering import Element
from kpisdk.sql.types import Day, Instant

SENTINEL = 8123
"""The year in which moving instants lie for those who only compare them."""
FIXED = re.compile(r"'(79|8[01])[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""A constant of those times: whoever wrote it into a view took a moving instant for a fixed one."""


class Moving(datetime):
    """Now, or the newest row's instant, rounded down to its day or not, and so much ahead of it.

    Adding a span and setting the time of day to midnight yield moving instants; everything else
    sees a datetime in the year :data:`SENTINEL`.
    """

    origin: Any
    floored: bool
    ahead: timedelta

    @classmethod
    def clock(cls) -> Self:
        """The engine's clock at the start of the transaction (the statement, on SQLite), UTC."""
        return cls._at(NowUtc(), floored=False, ahead=timedelta())

    @classmethod
    def newest(cls, instant: Any) -> Self:
        """What a scalar subquery finds: the time column of the newest row."""
        return cls._at(instant, floored=False, ahead=timedelta())

    @classmethod
    def _at(cls, origin: Any, *, floored: bool, ahead: timedelta) -> Self:
        hour = 0 if floored else 12
        apparent = datetime(SENTINEL, 7, 1, hour, tzinfo=UTC) + ahead
        made = cls(*apparent.timetuple()[:6], apparent.microsecond, tzinfo=UTC)
        made.origin, made.floored, made.ahead = origin, floored, ahead
        return made

    def __add__(self, span: timedelta) -> Self:
        return self._at(self.origin, floored=self.floored, ahead=self.ahead + span)

    def __sub__(self, other: Any) -> Any:
        return self + -other if isinstance(other, timedelta) else super().__sub__(other)

    def replace(self, *values: Any, **fields: Any) -> Any:
        midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
        if values or fields != midnight or self.ahead:
            return super().replace(*values, **fields)
        return self._at(self.origin, floored=True, ahead=self.ahead)

    def point(self, logical: LogicalType, operator: str = "=") -> MovingPoint:
        """The element to compare a column of that type with.

        A day counts as its midnight: from an instant on (``>=``, ``<``) means from the first
        midnight that is not before it.
        """
        if logical is LogicalType.TIMESTAMP:
            return MovingPoint(self, None)
        return MovingPoint(self, "ceil" if operator in (">=", "<") else "floor")


class NowUtc(Element):
    """The engine's clock as a UTC timestamp without zone, whatever zone the session is in."""

    inherit_cache = True
    type = Instant()


class MovingPoint(Element):
    """A moving instant in a statement: as an instant, or as a day rounded up or down."""

    inherit_cache = False

    def __init__(self, instant: Moving, day: str | None) -> None:
        self.instant = instant
        self.day = day
        self.type = Instant() if day is None else Day()


def point(element: MovingPoint, compiler: Any, **kw: Any) -> str:
    """The words of engines that have instants and intervals."""
    instant = element.instant
    text: str = compiler.process(instant.origin, **kw)
    text = f"CAST(CAST({text} AS DATE) AS TIMESTAMP)" if instant.floored else text
    if not isinstance(instant.origin, NowUtc) and not instant.floored:
        text = f"CAST({text} AS TIMESTAMP)"
    if instant.ahead.days:
        text = f"({text} + INTERVAL '{instant.ahead.days} days')"
    rest = instant.ahead - timedelta(days=instant.ahead.days)
    if rest:
        text = f"({text} + INTERVAL '{rest // timedelta(microseconds=1)} microseconds')"
    if element.day is None:
        return text
    if element.day == "ceil":
        text = f"{text} + INTERVAL '1 day' - INTERVAL '1 microsecond'"
    return f"CAST({text} AS DATE)"


def point_sqlite(element: MovingPoint, compiler: Any, **kw: Any) -> str:
    """SQLite's words: texts, and modifiers of its date functions."""
    instant = element.instant
    modifiers = ["'start of day'"] if instant.floored else []
    if instant.ahead.days:
        modifiers.append(f"'{instant.ahead.days} days'")
    # SQLite's clock and arithmetic know milliseconds: the finest step is kept in the last digits.
    tick = instant.ahead - timedelta(days=instant.ahead.days)
    if element.day == "ceil":
        modifiers += ["'1 day'"] if tick else ["'1 day'", "'-0.001 seconds'"]
    arguments = ", ".join([str(compiler.process(instant.origin, **kw)), *modifiers])
    if element.day is not None:
        return f"date({arguments})"
    last = f"{tick // timedelta(microseconds=1):03d}"
    return f"(strftime('%Y-%m-%d %H:%M:%f', {arguments}) || '{last}')"
