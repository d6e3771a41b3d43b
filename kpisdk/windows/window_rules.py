"""The window rules that the grammar yields: what each form means at an as-of instant."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import attrs

from kpisdk.contracts.calendar_steps import Step, shift
from kpisdk.contracts.time_windows import Window, utc
from kpisdk.contracts.vocabulary import Grain
from kpisdk.errors import DefinitionError, Problem
from kpisdk.windows.buckets import bucket_label, bucket_start, bucket_window
from kpisdk.windows.window_errors import EmptyWindowError


@attrs.frozen
class CalendarPeriod:
    """``this week``: the one that as_of lies in, to its end; ``last week``: the one before it."""

    grain: Grain = attrs.field(converter=Grain)
    is_current: bool = True

    @property
    def label(self) -> str:
        """``this month``, ``last quarter``."""
        return f"{'this' if self.is_current else 'last'} {self.grain.value}"

    def resolve(self, as_of: datetime) -> Window:
        """The period, whole.

        Raises:
            OutOfCalendarError: the period would leave the years 1 to 9999.
        """
        start = bucket_start(as_of, self.grain)
        if not self.is_current:
            start = shift(start, -1, Step.of(self.grain))
        return attrs.evolve(bucket_window(start, self.grain), label=self.label)


@attrs.frozen
class ToDate:
    """``wtd``, ``mtd``, ``qtd``, ``ytd``: from the start of as_of's period to as_of."""

    grain: Grain = attrs.field(converter=Grain)

    @property
    def label(self) -> str:
        """``mtd``."""
        return f"{self.grain.value[0]}td"

    def resolve(self, as_of: datetime) -> Window:
        """The elapsed part of the period.

        Raises:
            EmptyWindowError: ``as_of`` is the period's first instant.
        """
        start = bucket_start(as_of, self.grain)
        if start == utc(as_of):
            raise EmptyWindowError(self.label, start)
        return Window(start, as_of, self.label)


@attrs.frozen
class CalendarBucket:
    """One named bucket: ``2025``, ``2025-Q1``, ``2025-03``, ``2025-W07``, ``2025-03-14``.

    Raises:
        DefinitionError: ``start`` is not the bucket's first instant, so that equal buckets could be
            unequal rules.
    """

    start: datetime = attrs.field(converter=utc)
    grain: Grain = attrs.field(converter=Grain)

    def __attrs_post_init__(self) -> None:
        first = bucket_start(self.start, self.grain)
        if self.start != first:
            what = f"{self.start.isoformat()} is not the bucket's first instant {first.isoformat()}"
            raise DefinitionError(f"CalendarBucket {self.label}", [Problem("start", what)])

    @property
    def label(self) -> str:
        """``2025-03``."""
        return bucket_label(self.start, self.grain)

    def resolve(self, as_of: datetime) -> Window:  # noqa: ARG002 - the protocol's signature
        """The bucket, whole, whatever ``as_of`` is."""
        return bucket_window(self.start, self.grain)


@attrs.frozen
class Range:
    """Two given bounds, ``start <= t < end``, as :class:`Window` checks them."""

    start: datetime = attrs.field(converter=utc)
    end: datetime = attrs.field(converter=utc)

    def __attrs_post_init__(self) -> None:
        Window(self.start, self.end, self.label)

    @property
    def label(self) -> str:
        """``2025-01-01..2025-06-30``."""
        return range_label(self.start, self.end)

    def resolve(self, as_of: datetime) -> Window:  # noqa: ARG002 - the protocol's signature
        """The range, whatever ``as_of`` is."""
        return Window(self.start, self.end, self.label)


@attrs.frozen
class Everything:
    """``all``: no bound on either side."""

    @property
    def label(self) -> str:
        """``all``."""
        return "all"

    def resolve(self, as_of: datetime) -> Window:  # noqa: ARG002 - the protocol's signature
        """The open window, whatever ``as_of`` is."""
        return Window(label=self.label)


def range_label(start: datetime, end: datetime) -> str:
    """A range as the grammar writes and reads it.

    Whole days give dates, the last one included; otherwise the end is written as an instant, and
    is excluded.
    """
    first, after = utc(start), utc(end)
    if _is_midnight(first) and _is_midnight(after):
        last = after - timedelta(days=1)
        return f"{first.date().isoformat()}..{last.date().isoformat()}"
    left = first.date().isoformat() if _is_midnight(first) else _instant_text(first)
    return f"{left}..{_instant_text(after)}"


def _is_midnight(instant: datetime) -> bool:
    return instant.timetz() == time(0, tzinfo=UTC)


def _instant_text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
