"""The results of a report as trends: one series for each KPI and slice, in order of its periods."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import attrs

from kpisdk.contracts.results import Report, Result, plain
from kpisdk.contracts.time_windows import utc

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"
"""What a sparkline shows where there is no value."""

LONGEST = 24
"""The most periods that a sparkline of a table shows: the newest ones."""


@attrs.frozen
class Series:
    """The results of one KPI in one slice, filter and set of parameters, oldest period first."""

    results: tuple[Result, ...]

    @property
    def newest(self) -> Result:
        """The result of the last period, whether it has a value or not."""
        return self.results[-1]

    @property
    def values(self) -> tuple[float | None, ...]:
        """The value of each period; ``None`` where there is none."""
        return tuple(result.value for result in self.results)


def series_of(report: Report) -> tuple[Series, ...]:
    """The results that are of a calendar bucket, each in its series, in order of appearance."""
    found: dict[tuple[str, ...], list[Result]] = {}
    for result in report.results:
        if result.period is not None:
            found.setdefault(_key(result), []).append(result)
    return tuple(Series(tuple(sorted(results, key=_start))) for results in found.values())


def sparkline(values: Sequence[float | None]) -> str:
    """Values as a line of blocks from the least to the largest, a gap where there is none.

    Each series has a scale of its own; equal values stand in the middle of it.
    """
    there = [value for value in values if value is not None and math.isfinite(value)]
    if not there:
        return GAP * len(values)
    low, high = min(there), max(there)
    return "".join(_block(value, low, high) for value in values)


def marked_spark(values: Iterable[float | None]) -> str:
    """The sparkline of the last :data:`LONGEST` values; dots in front say that there are more."""
    whole = tuple(values)
    cut = whole[-LONGEST:]
    return f"{'…' if len(cut) < len(whole) else ''}{sparkline(cut)}"


def _block(value: float | None, low: float, high: float) -> str:
    if value is None or not math.isfinite(value):
        return GAP
    # Halves, because the difference of the largest numbers is infinite.
    span = high / 2 - low / 2
    share = 0.5 if span <= 0 else (value / 2 - low / 2) / span
    return BLOCKS[min(int(share * len(BLOCKS)), len(BLOCKS) - 1)]


def _key(result: Result) -> tuple[str, ...]:
    told = (result.slice, result.where, result.parameters)
    return (result.kpi_id, *(repr(sorted(plain(each).items())) for each in told))


_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _start(result: Result) -> tuple[datetime, str]:
    start = None if result.window is None else result.window.start
    return (_BEGINNING if start is None else utc(start)), result.period or ""
