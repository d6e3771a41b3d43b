"""How long a season is, and how many of them a range is made of."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from kpisdk import Last, Step

SEASONS = {"day": 7, "week": 52, "month": 12, "quarter": 4}
"""Periods to a season by their grain; years, and windows that move, have none."""

LEAST = 3
"""Seasons that have to be recorded, each of their periods with a value."""

MOST = 10
"""Seasons that are looked back at: what is older says little of what comes next."""


@lru_cache(maxsize=64)
def periods_before(start: datetime, grain: str) -> tuple[tuple[datetime, datetime], ...]:
    """The calendar buckets before an instant, oldest first; as many as are looked back at.

    Args:
        start: where the next bucket begins.
        grain: the calendar bucket.
    """
    one, end = Last(1, Step(grain)), start
    found: list[tuple[datetime, datetime]] = []
    for _ in range(MOST * SEASONS[grain]):
        window = one.resolve(end)
        if window.start is None or window.start >= end:
            break
        found.append((window.start, end))
        end = window.start
    return tuple(reversed(found))
