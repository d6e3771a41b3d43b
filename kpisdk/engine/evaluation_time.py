"""When a KPI is evaluated: the instant, its windows, and what is stale."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.requests import Request
from kpisdk.contracts.time_windows import TICK, NewestDay, Window, WindowRule
from kpisdk.contracts.vocabulary import Grain, LogicalType
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.trends import compared_window, trend, trend_with_earlier
from kpisdk.errors import KpisdkError, UsageError
from kpisdk.windows import (
    UnboundedWindowError,
    bucket_start,
    bucket_window,
    buckets,
    is_like,
)

Reached = tuple[tuple[date, datetime], ...]
"""The first days of buckets in order, each with the newest row before the bucket's end."""


MAIN, COMPARED = "main", "compared"
"""The roles of a window: asked for itself, and what that is compared with."""


@attrs.frozen
class EvaluationTime:
    """When a KPI is evaluated: the instant, its window, the one compared with, the newest row.

    ``window`` is what was asked for; :meth:`rows` cuts it at as_of, because a row from the future
    never counts. ``compared`` is the one that it is compared with, and ``is_like`` whether the two
    are stretches of one kind. ``periods`` holds the windows of single buckets where they are not
    the bucket; ``reached`` how far the rows reach by the end of each. ``rule`` is the default
    window of the KPI, whatever was asked for. ``known_until`` is the instant before which no
    further row is expected. ``tiles`` are the buckets of a trend, by the role that they are read
    in: :data:`MAIN`, or :data:`COMPARED` for what it is compared with.
    """

    as_of: datetime
    known_until: datetime
    window: Window | None = None
    compared: Window | None = None
    data_through: datetime | None = None
    periods: Mapping[date, Window] | None = None
    reached: Reached | None = None
    through_as_of: bool = False
    rule: WindowRule | None = None
    is_like: bool = True
    tiles: Mapping[str, tuple[Window, ...]] = attrs.field(factory=dict)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that windows are read in."""
        return (MAIN,) if self.compared is None else (MAIN, COMPARED)

    def in_role(self, role: str) -> EvaluationTime:
        """The time as one role sees it: what is compared with has that window for its own."""
        if role == MAIN or self.compared is None:
            return self
        return attrs.evolve(self, window=self.compared, compared=None)

    @property
    def is_running(self) -> bool:
        """Whether a part of the window is still to come; the state of a day never is."""
        end = None if self.window is None else self.window.end
        return end is not None and end > self.known_until and not self.through_as_of

    def through(self, bucket: date) -> datetime | None:
        """The newest row before the end of a bucket."""
        if self.reached is None:
            return self.data_through
        place = bisect_right(self.reached, bucket, key=lambda each: each[0])
        return self.reached[place - 1][1] if place else None

    def part(self, window: Window, bucket: date, grain: Grain) -> Window:
        """The part of a window that lies in a bucket, which is given by its first day."""
        if self.periods is not None and bucket in self.periods:
            return self.cut(self.periods[bucket])
        whole = bucket_window(datetime.combine(bucket, time()), grain)
        starts = [each for each in (whole.start, window.start) if each is not None]
        ends = [each for each in (whole.end, window.end) if each is not None]
        start, end = max(starts), min(ends)
        return Window(start, end, whole.label) if start < end else whole

    def rows(self, role: str = MAIN) -> Window | None:
        """The window of a role as it applies to rows.

        Raises:
            FutureWindowError: all of it lies at or after as_of.
        """
        window = self.compared if role == COMPARED else self.window
        return None if window is None else self.cut(window)

    def cut(self, window: Window) -> Window:
        """A window without what lies at or after as_of.

        Raises:
            FutureWindowError: nothing is left.
        """
        # The newest day holds the row that made it the newest, which may lie at as_of itself.
        limit = self.as_of + TICK if self.through_as_of else self.as_of
        if window.start is not None and window.start >= limit:
            raise FutureWindowError(window.label, self.as_of)
        if window.end is not None and window.end <= limit:
            return window
        return Window(window.start, limit, window.label)


@attrs.define(eq=False)
class FutureWindowError(UsageError):
    """A window that lies wholly at or after the instant of the request."""

    label: str
    as_of: datetime

    template = (
        "The window {label:quoted} starts at or after {as_of:iso}, the instant that the KPI is "
        "evaluated at (its newest row, or --as-of)."
    )


def as_of_for(
    kpi: Kpi, dataset: Dataset | None, request: Request, frontiers: Frontiers, now: datetime
) -> datetime:
    """The caller's instant; else the clock or the data frontier, never after the clock."""
    if request.as_of is not None:
        return request.as_of
    if kpi.clock or dataset is None:
        return now
    newest = frontiers.newest(dataset, now)
    return now if newest is None else newest + TICK


def evaluation_time(
    kpi: Kpi,
    rule: WindowRule | None,
    dataset: Dataset | None,
    request: Request,
    frontiers: Frontiers,
    now: datetime,
) -> EvaluationTime:
    """Resolve the instant and the windows of one way to a KPI's value.

    Raises:
        KpisdkError: a window that leaves the calendar, or one that cannot be cut or compared.
    """
    if dataset is not None and not frontiers.is_timed(dataset):
        dataset = None  # whoever needs it for a window was refused before
    as_of = as_of_for(kpi, dataset, request, frontiers, now)
    known = _known_until(kpi, dataset, as_of, request, now)
    if rule is None or dataset is None:
        through = None if dataset is None else frontiers.newest(dataset, as_of)
        # What reads no rows (a tracking server) is told of the window all the same.
        is_given = rule is not None and request.window is not None and request.grain is None
        window = request.window.resolve(as_of) if is_given and request.window else None
        return EvaluationTime(as_of, known, window, data_through=through)
    if isinstance(rule, NewestDay):
        return _newest_day(rule, dataset, request, frontiers, as_of)
    asked = request.window or rule
    like = True
    if request.grain is not None:
        given = None if request.window is None else request.window.resolve(as_of)
        window, compared = trend(given, as_of, request.grain, request.compare)
    else:
        window = asked.resolve(as_of)
        compared = _compared(window, asked, request)
        like = compared is None or is_like(window, compared, asked)
    # A row at or after as_of never counts, so the data do not reach further than that either.
    limit = as_of if window.end is None else min(window.end, as_of)
    through = frontiers.newest(dataset, limit)
    reached = None
    if request.grain is not None and (window.start is None or window.start < limit):
        newest = frontiers.by_bucket(dataset, request.grain, Window(None, limit))
        reached = _reached(newest)
    return EvaluationTime(
        as_of, known, window, compared, through, reached=reached, rule=rule, is_like=like
    )


def _reached(newest: Mapping[date, datetime]) -> Reached:
    """How far rows reach by the end of each bucket that has one."""
    found: list[tuple[date, datetime]] = []
    for bucket in sorted(newest):
        before = found[-1][1] if found else newest[bucket]
        found.append((bucket, max(before, newest[bucket])))
    return tuple(found)


def _known_until(
    kpi: Kpi, dataset: Dataset | None, as_of: datetime, request: Request, now: datetime
) -> datetime:
    """The instant before which no further row is expected: as_of, or the end of its last day.

    Where as_of is the newest row's and rows have days and no times, that row's whole day is there,
    unless the clock still stands in it.
    """
    column = None if dataset is None else dataset.time_column
    given = request.as_of is not None or kpi.clock or as_of == now
    if column is None or column.type is not LogicalType.DATE or given:
        return as_of
    day = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return max(as_of, min(day + timedelta(days=1), now))
    except OverflowError:
        return as_of  # the last day of the calendar


def _compared(window: Window, asked: WindowRule, request: Request) -> Window | None:
    """What a window is compared with; nothing, where it has an open side."""
    try:
        return compared_window(window, asked, request.compare)
    except UnboundedWindowError:
        return None


def _newest_day(
    rule: NewestDay, dataset: Dataset, request: Request, frontiers: Frontiers, as_of: datetime
) -> EvaluationTime:
    """A daily snapshot's last state: at as_of, in the window given, or in each bucket."""
    limit = as_of + TICK  # "at or before as_of"
    newest = frontiers.newest(dataset, limit)
    given = None if request.window is None else request.window.resolve(as_of)
    if request.grain is not None:
        shown, earlier = trend_with_earlier(given, as_of, request.grain, request.compare)
        whole = Window(earlier[0].start, shown.end, shown.label) if earlier else shown
        periods: dict[date, Window] = {}
        for tile in (*earlier, *buckets(shown, request.grain)):
            last = frontiers.newest(dataset, min(tile.end or limit, limit))
            if last is not None and tile.contains(last):
                periods[bucket_start(last, request.grain).date()] = rule.resolve(last)
        return EvaluationTime(
            as_of, as_of, whole, None, newest, periods, through_as_of=True, rule=rule
        )
    if given is not None and request.window is not None:
        compared = _compared(given, request.window, request)
        window = _day_in(given, rule, dataset, frontiers, limit)
        if compared is not None:
            compared = _day_in(compared, rule, dataset, frontiers, limit)
        through = frontiers.newest(dataset, min(given.end or limit, limit))
        return EvaluationTime(
            as_of, as_of, window, compared, through, through_as_of=True, rule=rule
        )
    window = rule.resolve(as_of if newest is None else newest)
    compared = compared_window(window, rule, request.compare)
    return EvaluationTime(as_of, as_of, window, compared, newest, through_as_of=True, rule=rule)


def _day_in(
    window: Window, rule: NewestDay, dataset: Dataset, frontiers: Frontiers, limit: datetime
) -> Window:
    newest = frontiers.newest(dataset, min(window.end or limit, limit))
    return rule.resolve(newest) if newest is not None and window.contains(newest) else window


def is_stale(
    kpi: Kpi,
    data_through: datetime | None,
    request: Request,
    now: datetime,
    bucket: Window | None = None,
    settings: Any = None,
) -> bool:
    """Whether the newest row is more than two periods older than when the caller looks.

    Who looks at a bucket of a trend looks from its end, unless it is still running; who takes a
    default window that leaves time for what follows its rows looks from where that ends.
    """
    period = kpi.frequency.period
    if period is None or data_through is None:
        return False
    reference = now if request.as_of is None else request.as_of
    if request.window is not None:
        try:
            end = request.window.resolve(reference).end
        except (KpisdkError, OverflowError):
            end = None  # a window that has no meaning at that very instant (the first of a period)
        reference = reference if end is None else min(end, reference)
    elif kpi.follow_up is not None and bucket is None:
        reference -= timedelta(days=kpi.follow_up.wait(settings))
    if bucket is not None and bucket.end is not None:
        reference = min(bucket.end, reference)
    return reference - data_through > 2 * period
