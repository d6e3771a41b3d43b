"""Where a trend begins, the earlier buckets that it is compared with, and buckets cut short."""

from __future__ import annotations

from datetime import datetime

from kpisdk.contracts.requests import Compare
from kpisdk.contracts.time_windows import TICK, Window, WindowRule
from kpisdk.contracts.vocabulary import Grain
from kpisdk.windows import (
    CalendarBucket,
    bucket_start,
    bucket_window,
    buckets,
    previous_window,
    trend_window,
    year_before,
)

_DAYS_BACK = {
    Grain.DAY: (1, 1),
    Grain.WEEK: (7, 7),
    Grain.MONTH: (28, 31),
    Grain.QUARTER: (90, 92),
    Grain.YEAR: (365, 366),
}
"""How many days a bucket has, at least and at most."""


def compared_window(window: Window, rule: WindowRule, compare: Compare | None) -> Window | None:
    """What a window is compared with, if with anything."""
    if compare is None:
        return None
    return (previous_window if compare is Compare.PREVIOUS else year_before)(window, rule)


def trend(
    given: Window | None, as_of: datetime, grain: Grain, compare: Compare | None
) -> tuple[Window, Window | None]:
    """A trend's window, and that of the earlier buckets where these must be read by themselves.

    Buckets are compared with whole ones. Where the window starts with a bucket, it is read from the
    first of the earlier buckets on; where it starts inside one, the rows before its start do not
    count for its own first bucket, and do for the one that the next bucket is compared with.
    """
    shown, earlier = trend_with_earlier(given, as_of, grain, compare)
    if compare is None or shown.start is None or not earlier:
        return shown, None
    first = earlier[0].start
    if earlier[-1].end == shown.start:
        return Window(first, shown.end, shown.label), None
    limit = as_of if shown.end is None else min(shown.end, as_of)
    newest = bucket_start(max(shown.start, limit - TICK), grain)
    last = bucket_window(bucket_before(newest, grain, compare), grain)
    return shown, Window(first, last.end, f"before {shown.label}")


def trend_with_earlier(
    given: Window | None, as_of: datetime, grain: Grain, compare: Compare | None
) -> tuple[Window, tuple[Window, ...]]:
    """A trend's window, and the whole buckets before its first one that the comparison needs."""
    window = given or trend_window(as_of, grain)
    if compare is None or window.start is None:
        return window, ()
    start = bucket_start(window.start, grain)
    first = bucket_before(start, grain, compare)
    if first >= start:
        return window, ()
    return window, buckets(Window(first, start, window.label), grain)


def trend_start(
    given: WindowRule | None, rule: WindowRule | None, as_of: datetime, grain: Grain
) -> datetime | None:
    """The first instant of a trend without the buckets that are there for comparison only.

    Args:
        given: the window of the request.
        rule: the KPI's own window.
        as_of: the instant of the request.
        grain: the buckets.
    """
    asked = None if given is None or rule is None else given.resolve(as_of)
    start = (asked or trend_window(as_of, grain)).start
    return None if start is None else bucket_start(start, grain)


def tiles(window: Window, oldest: datetime | None, grain: Grain) -> tuple[Window, ...]:
    """The buckets of a trend's window, which ends; one without a start begins with the oldest row.

    Raises:
        TooManyBucketsError: it holds more of them than a report can.
    """
    start = oldest if window.start is None else window.start
    if start is None or window.end is None or start >= window.end:
        return ()
    return buckets(Window(start, window.end, window.label), grain)


def bucket_before(start: datetime, grain: Grain, compare: Compare) -> datetime:
    """The start of the bucket that the one at ``start`` is compared with."""
    before = compared_window(bucket_window(start, grain), CalendarBucket(start, grain), compare)
    if before is None or before.start is None:
        return start
    return bucket_start(before.start, grain)


def days_back(grain: Grain, compare: Compare) -> tuple[int, int] | None:
    """How many days before a bucket the one begins that it is compared with, at least and at most.

    ``None`` where as many days before there may be another bucket too: a year before a day or a
    week.
    """
    if compare is Compare.YEAR:
        return None if grain in (Grain.DAY, Grain.WEEK) else (365, 366)
    return _DAYS_BACK[grain]


def covered(bucket: Window, window: Window, as_of: datetime) -> Window:
    """The part of a bucket that a trend's window covers; what as_of cuts off still belongs to it.

    A bucket that lies outside of the window, and is read to compare with, is whole.
    """
    start, end = bucket.start, bucket.end
    if window.start is not None and start is not None:
        start = max(start, window.start)
    if window.end is not None and end is not None and window.end < as_of:
        end = min(end, window.end)
    if start is not None and end is not None and start >= end:
        return bucket
    return Window(start, end, bucket.label)
