"""Half-open time ranges, and the rules that yield one from an as-of instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

import attrs

from kpisdk.errors import DefinitionError, Problem

TICK = timedelta(microseconds=1)
"""The finest step of an instant; the data frontier lies one tick after the newest row."""


def utc(instant: datetime) -> datetime:
    """The same instant with zone UTC; a naive one is taken as UTC."""
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    return instant.astimezone(UTC)


def _utc_or_none(instant: datetime | None) -> datetime | None:
    return None if instant is None else utc(instant)


@attrs.frozen
class Window:
    """``start <= t < end`` in UTC; ``None`` is an open side. ``label`` is how it was asked for."""

    start: datetime | None = attrs.field(default=None, converter=_utc_or_none)
    end: datetime | None = attrs.field(default=None, converter=_utc_or_none)
    label: str = "all"

    def __attrs_post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            what = f"start {self.start.isoformat()} is not before end {self.end.isoformat()}"
            raise DefinitionError(f"Window {self.label!r}", [Problem("start", what)])

    def contains(self, instant: datetime) -> bool:
        """Whether the instant lies in the window."""
        moment = utc(instant)
        after = self.start is None or moment >= self.start
        return after and (self.end is None or moment < self.end)


class WindowRule(Protocol):
    """What turns an as-of instant into a window: a default of a KPI, or what a user asked for."""

    @property
    def label(self) -> str:
        """How the window was asked for, such as ``last 30 days``."""
        ...

    def resolve(self, as_of: datetime) -> Window:
        """The window at that instant."""
        ...


@attrs.frozen
class NewestDay:
    """The calendar day (UTC) of the newest row at or before as_of: a daily snapshot's last state.

    :meth:`resolve` takes the instant of that newest row, which the engine has read.
    """

    @property
    def label(self) -> str:
        """``newest day``."""
        return "newest day"

    def resolve(self, as_of: datetime) -> Window:
        """The day that ``as_of`` lies in."""
        start = utc(as_of).replace(hour=0, minute=0, second=0, microsecond=0)
        return Window(start, start + timedelta(days=1), self.label)


@attrs.frozen
class Matured:
    """The window of another rule, some days earlier: what follows its rows is known by as_of."""

    rule: WindowRule
    days: int = attrs.field(validator=attrs.validators.ge(1))

    @property
    def label(self) -> str:
        """``last 30 days, 31 days old``."""
        return f"{self.rule.label}, {self.days} days old"

    def resolve(self, as_of: datetime) -> Window:
        """The other rule's window at that instant, so many days earlier."""
        window = self.rule.resolve(utc(as_of) - timedelta(days=self.days))
        return attrs.evolve(window, label=self.label)
