"""Periods between recorded ones that nobody recorded: told as missing, and never as 0."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median

from kpisdk import Last, Step
from kpisdk_history.timeline.points import MISSING, Point

MOST = 10_000
"""Missing periods that are told one by one; a longer gap is told as one."""

_DAY = timedelta(days=1)


def filled(points: Sequence[Point], grain: str | None) -> tuple[Point, ...]:
    """Points in the order of their periods, with those that are missing between them.

    Args:
        points: recorded ones, sorted by their windows.
        grain: the calendar bucket that they are of; without one their windows move on, and what is
            missing is told by the usual step from one to the next (the median; at least a day).
    """
    found: list[Point] = list(points[:1])
    step = None if grain is not None else _usual_step(points)
    between = _buckets if grain is not None else _moves
    for before, point in itertools.pairwise(points):
        # Mostly nothing is missing, and points are many.
        follows = before.end == (point.start if step is None else point.end and point.end - step)
        if not follows:
            found += between(before, point, grain, step)
        found.append(point)
    return tuple(found)


def _buckets(before: Point, after: Point, grain: str | None, _step: object) -> list[Point]:
    """The calendar buckets between two others, walked back from the later one."""
    if before.end is None or after.start is None or grain is None:
        return []
    one, end = Last(1, Step(grain)), after.start
    found: list[Point] = []
    while end > before.end and len(found) < MOST:
        window = one.resolve(end)
        if window.start is None or window.start < before.end:
            break
        found.append(_missing(window.start, end, grain))
        end = window.start
    return found[::-1]


def _moves(before: Point, after: Point, _grain: object, step: timedelta | None) -> Iterator[Point]:
    """The windows that a moving one passed over."""
    if step is None or before.end is None or after.end is None:
        return
    skipped = min(round((after.end - before.end) / step) - 1, MOST)
    length = None if after.start is None else after.end - after.start
    for number in range(1, skipped + 1):
        end = before.end + number * step
        yield _missing(None if length is None else end - length, end, None)


def _usual_step(points: Sequence[Point]) -> timedelta | None:
    """The median step from one window's end to the next, in whole days; ``None`` for too few."""
    ends = [each.end for each in points if each.end is not None]
    steps = [after - before for before, after in itertools.pairwise(ends)]
    if len(steps) < 2:
        return None
    return max(_DAY, _DAY * round(median(each / _DAY for each in steps)))


def _missing(start: datetime | None, end: datetime, grain: str | None) -> Point:
    if grain is not None and start is not None:
        name = bucket_name(start, grain)
    else:
        name = period_name(start, end, None)
    return Point(period=name, start=start, end=end, reason=MISSING)


@lru_cache(maxsize=4096)
def period_name(start: datetime | None, end: datetime | None, period: str | None) -> str:
    """A period's own name, or the days of its window: the first and the last.

    Args:
        start: where its window begins; ``None``: at no instant.
        end: where it ends, which does not belong to it; ``None``: nowhere.
        period: its own name, if it has one.
    """
    if period is not None:
        return period
    if end is None:
        return "" if start is None else f"from {start:%Y-%m-%d}"
    last = end - timedelta(microseconds=1)
    if start is None or start.date() == last.date():
        return f"{last:%Y-%m-%d}"
    return f"{start:%Y-%m-%d} to {last:%Y-%m-%d}"


def bucket_name(start: datetime, grain: str) -> str:
    """A calendar bucket as windows are written: ``2026-02-14``, ``2026-W07``, ``2026-02``.

    Args:
        start: where the bucket begins.
        grain: ``day``, ``week``, ``month``, ``quarter`` or ``year``.
    """
    year, week, _ = start.isocalendar()
    names = {
        "week": f"{year:04d}-W{week:02d}",
        "month": f"{start.year:04d}-{start.month:02d}",
        "quarter": f"{start.year:04d}-Q{(start.month + 2) // 3}",
        "year": f"{start.year:04d}",
    }
    return names.get(grain, start.date().isoformat())
