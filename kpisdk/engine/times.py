"""Time: data frontiers, the instant a KPI is evaluated at, its windows, and what is stale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.requests import Request
from kpisdk.contracts.vocabulary import Grain
from kpisdk.contracts.windows import TICK, NewestDay, Window, WindowRule
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.trends import compared_window, trend, trend_with_earlier
from kpisdk.errors import KpisdkError, UsageError, quoted
from kpisdk.sql import statements
from kpisdk.windows import UnboundedWindowError, bucket_start, buckets


def instant_of(value: Any) -> datetime | None:
    """What an engine returned for a time column, as an instant: a day is its midnight UTC."""
    if value is None or isinstance(value, datetime):
        return value
    day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return datetime.combine(day, time(), tzinfo=UTC)


@attrs.define
class Frontiers:
    """The newest rows of datasets before an instant, each read once."""

    catalog: Catalog
    _newest: dict[tuple[str, str, datetime | None], datetime | None] = attrs.field(factory=dict)
    _counts: dict[str, int] = attrs.field(factory=dict)
    _buckets: dict[tuple[str, str, Grain, Window], dict[date, datetime]] = attrs.field(factory=dict)

    def is_timed(self, dataset: Dataset) -> bool:
        """Whether the source has the dataset's time column, and holds instants or days in it."""
        if dataset.time is None:
            return False
        wanted = {dataset.time: dataset.column(dataset.time).type}
        return not self.catalog.faults({dataset.name: wanted})

    def newest(self, dataset: Dataset, before: datetime | None) -> datetime | None:
        """The newest instant of a dataset's time column before ``before``."""
        key = (dataset.name, dataset.time or "", before)
        if key not in self._newest:
            known = self._implied(*key)
            if known is not None:
                return known
            statement = statements.frontier(dataset, self.catalog.table, before)
            self._newest[key] = instant_of(self.catalog.session.rows(statement)[0][0])
        return self._newest[key]

    def _implied(self, name: str, time: str, before: datetime | None) -> datetime | None:
        """The frontier, where one that was read with a later limit already lies before this one."""
        if before is None:
            return None
        for (dataset, column, limit), newest in self._newest.items():
            same = (dataset, column) == (name, time)
            if (
                same
                and (limit is None or before <= limit)
                and newest is not None
                and newest < before
            ):
                return newest
        return None

    def by_bucket(self, dataset: Dataset, grain: Grain, window: Window) -> dict[date, datetime]:
        """The newest instant of each bucket that has rows in the window."""
        key = (dataset.name, dataset.time or "", grain, window)
        if key not in self._buckets:
            statement = statements.frontiers(dataset, self.catalog.table, grain, window)
            rows = self.catalog.session.rows(statement)
            self._buckets[key] = {
                start.date(): newest
                for day, value in rows
                if (start := instant_of(day)) and (newest := instant_of(value))
            }
        return self._buckets[key]

    def count(self, dataset: Dataset) -> int:
        """The number of rows of a dataset: the frontier of one without a time column."""
        if dataset.name not in self._counts:
            statement = statements.row_count(dataset, self.catalog.table)
            self._counts[dataset.name] = int(self.catalog.session.rows(statement)[0][0])
        return self._counts[dataset.name]


@attrs.frozen
class Moment:
    """When a KPI is evaluated: the instant, its window, the one compared with, the newest row.

    ``window`` is what was asked for; :meth:`rows` cuts it at as_of, because a row from the future
    never counts. ``periods`` holds the windows of single buckets where they are not the bucket;
    ``reached`` the newest row of each bucket that has one. ``rule`` is the default window of the
    KPI, whatever was asked for.
    """

    as_of: datetime
    window: Window | None = None
    compared: Window | None = None
    data_through: datetime | None = None
    periods: Mapping[date, Window] | None = None
    reached: Mapping[date, datetime] | None = None
    through_as_of: bool = False
    rule: WindowRule | None = None

    def through(self, bucket: date) -> datetime | None:
        """The newest row before the end of a bucket."""
        if self.reached is None:
            return self.data_through
        before = [newest for start, newest in self.reached.items() if start <= bucket]
        return max(before, default=None)

    def rows(self) -> Window | None:
        """The window as it applies to rows.

        Raises:
            FutureWindowError: all of it lies at or after as_of.
        """
        return None if self.window is None else self.cut(self.window)

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

    @property
    def message(self) -> str:
        return (
            f"The window {quoted(self.label)} starts at or after {self.as_of.isoformat()}, "
            "the instant that the KPI is evaluated at (its newest row, or --as-of)."
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


def moment(
    kpi: Kpi,
    rule: WindowRule | None,
    dataset: Dataset | None,
    request: Request,
    frontiers: Frontiers,
    now: datetime,
) -> Moment:
    """Resolve the instant and the windows of one way to a KPI's value.

    Raises:
        KpisdkError: a window that leaves the calendar, or one that cannot be cut or compared.
    """
    if dataset is not None and not frontiers.is_timed(dataset):
        dataset = None  # whoever needs it for a window was refused before
    as_of = as_of_for(kpi, dataset, request, frontiers, now)
    if rule is None or dataset is None:
        through = None if dataset is None else frontiers.newest(dataset, as_of)
        # What reads no rows (a tracking server) is told of the window all the same.
        is_given = rule is not None and request.window is not None and request.grain is None
        window = request.window.resolve(as_of) if is_given and request.window else None
        return Moment(as_of, window, data_through=through)
    if isinstance(rule, NewestDay):
        return _newest_day(rule, dataset, request, frontiers, as_of)
    asked = request.window or rule
    if request.grain is not None:
        given = None if request.window is None else request.window.resolve(as_of)
        window, compared = trend(given, as_of, request)
    else:
        window = asked.resolve(as_of)
        compared = _compared(window, asked, request)
    # A row at or after as_of never counts, so the data do not reach further than that either.
    limit = as_of if window.end is None else min(window.end, as_of)
    through = frontiers.newest(dataset, limit)
    reached = None
    if request.grain is not None and (window.start is None or window.start < limit):
        reached = frontiers.by_bucket(dataset, request.grain, Window(None, limit))
    return Moment(as_of, window, compared, through, reached=reached, rule=rule)


def _compared(window: Window, asked: WindowRule, request: Request) -> Window | None:
    """What a window is compared with; nothing, where it has an open side."""
    try:
        return compared_window(window, asked, request.compare)
    except UnboundedWindowError:
        return None


def _newest_day(
    rule: NewestDay, dataset: Dataset, request: Request, frontiers: Frontiers, as_of: datetime
) -> Moment:
    """A daily snapshot's last state: at as_of, in the window given, or in each bucket."""
    limit = as_of + TICK  # "at or before as_of"
    newest = frontiers.newest(dataset, limit)
    given = None if request.window is None else request.window.resolve(as_of)
    if request.grain is not None:
        shown, earlier = trend_with_earlier(given, as_of, request)
        whole = Window(earlier[0].start, shown.end, shown.label) if earlier else shown
        periods: dict[date, Window] = {}
        for tile in (*earlier, *buckets(shown, request.grain)):
            last = frontiers.newest(dataset, min(tile.end or limit, limit))
            if last is not None and tile.contains(last):
                periods[bucket_start(last, request.grain).date()] = rule.resolve(last)
        return Moment(as_of, whole, None, newest, periods, through_as_of=True, rule=rule)
    if given is not None and request.window is not None:
        compared = _compared(given, request.window, request)
        window = _day_in(given, rule, dataset, frontiers, limit)
        if compared is not None:
            compared = _day_in(compared, rule, dataset, frontiers, limit)
        through = frontiers.newest(dataset, min(given.end or limit, limit))
        return Moment(as_of, window, compared, through, through_as_of=True, rule=rule)
    window = rule.resolve(as_of if newest is None else newest)
    compared = compared_window(window, rule, request.compare)
    return Moment(as_of, window, compared, newest, through_as_of=True, rule=rule)


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
) -> bool:
    """Whether the newest row is more than two periods older than when the caller looks.

    Who looks at a bucket of a trend looks from its end, unless it is still running.
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
    if bucket is not None and bucket.end is not None:
        reference = min(bucket.end, reference)
    return reference - data_through > 2 * period
