"""The days, ISO weeks, months, quarters and years (UTC) that instants lie in."""

from __future__ import annotations

from datetime import datetime, timedelta

from kpisdk.contracts.calendar_steps import OutOfCalendarError, Step, shift
from kpisdk.contracts.time_windows import TICK, Window, utc
from kpisdk.contracts.vocabulary import Grain
from kpisdk.windows.window_errors import TooManyBucketsError, UnboundedWindowError

MOST_BUCKETS = 10_000
"""More than 27 years of days; a finer cut of a longer window is refused, never truncated."""

TREND_LENGTHS = {
    Grain.DAY: 30,
    Grain.WEEK: 13,
    Grain.MONTH: 12,
    Grain.QUARTER: 8,
    Grain.YEAR: 5,
}
"""How many buckets a trend shows where no window is given."""


def bucket_start(instant: datetime, grain: Grain) -> datetime:
    """The first instant of the bucket that ``instant`` lies in; weeks start on Monday."""
    day = utc(instant).replace(hour=0, minute=0, second=0, microsecond=0)
    if grain is Grain.DAY:
        return day
    if grain is Grain.WEEK:
        # 0001-01-01 is a Monday, so that no week begins before the calendar does.
        return day - timedelta(days=day.weekday())
    if grain is Grain.MONTH:
        return day.replace(day=1)
    if grain is Grain.QUARTER:
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1)


def bucket_end(start: datetime, grain: Grain) -> datetime:
    """The first instant after the bucket that ``start`` (or any instant in it) lies in.

    Raises:
        OutOfCalendarError: the bucket is the last one of the year 9999.
    """
    return shift(bucket_start(start, grain), 1, Step.of(grain))


def bucket_label(start: datetime, grain: Grain) -> str:
    """``2026-02-14``, ``2026-W07``, ``2026-02``, ``2026-Q1``, ``2026``, as the grammar does."""
    first = bucket_start(start, grain)
    # strftime does not pad years below 1000 to four digits on every platform.
    year = f"{first.year:04d}"
    if grain is Grain.DAY:
        return first.date().isoformat()
    if grain is Grain.WEEK:
        iso = first.isocalendar()
        return f"{iso.year:04d}-W{iso.week:02d}"
    if grain is Grain.MONTH:
        return f"{year}-{first.month:02d}"
    if grain is Grain.QUARTER:
        return f"{year}-Q{(first.month + 2) // 3}"
    return year


def bucket_window(instant: datetime, grain: Grain) -> Window:
    """The whole bucket that ``instant`` lies in, labelled as one.

    Raises:
        OutOfCalendarError: the bucket is the last one of the year 9999.
    """
    start = bucket_start(instant, grain)
    return Window(start, bucket_end(start, grain), bucket_label(start, grain))


def buckets(window: Window, grain: Grain) -> tuple[Window, ...]:
    """The buckets that ``window`` touches, oldest first, cut to its bounds.

    They tile the window: no gap, no overlap. Each carries its bucket's label, whether cut or whole.

    Raises:
        UnboundedWindowError: the window has an open side.
        TooManyBucketsError: more than :data:`MOST_BUCKETS`.
    """
    if window.start is None or window.end is None:
        raise UnboundedWindowError(window.label, f"it cannot be cut into one {grain.value} each")
    tiles: list[Window] = []
    start = window.start
    while start < window.end:
        if len(tiles) == MOST_BUCKETS:
            raise TooManyBucketsError(window.label, grain.value, MOST_BUCKETS)
        end = _end_within(start, grain, window.end)
        tiles.append(Window(start, end, bucket_label(start, grain)))
        start = end
    return tuple(tiles)


def _end_within(start: datetime, grain: Grain, limit: datetime) -> datetime:
    try:
        return min(bucket_end(start, grain), limit)
    except OutOfCalendarError:
        # Only the last bucket of the year 9999 has no end of its own; the window's end comes first.
        return limit


def trend_window(as_of: datetime, grain: Grain) -> Window:
    """The window of a request by grain that names none: whole buckets, the current one last.

    The last 30 days, 13 weeks, 12 months, 8 quarters or 5 years. The current bucket is the one of
    the newest instant before ``as_of`` (rows at as_of or later never count), so that an ``as_of``
    on a bucket's first instant shows the bucket just finished and no empty one. The window ends
    where that bucket does; :func:`is_unfinished` tells whether that lies after ``as_of``.

    Raises:
        OutOfCalendarError: the window would leave the years 1 to 9999.
    """
    try:
        newest = utc(as_of) - TICK
    except OverflowError as error:
        raise OutOfCalendarError(utc(as_of), "-1 microsecond") from error
    current = bucket_start(newest, grain)
    count = TREND_LENGTHS[grain]
    start = shift(current, 1 - count, Step.of(grain))
    return Window(start, bucket_end(current, grain), f"last {count} {grain.value}s to date")


def is_unfinished(bucket: datetime, grain: Grain, as_of: datetime) -> bool:
    """Whether the bucket that ``bucket`` lies in was still running at ``as_of``.

    Raises:
        OutOfCalendarError: the bucket is the last one of the year 9999.
    """
    return bucket_end(bucket, grain) > utc(as_of)
