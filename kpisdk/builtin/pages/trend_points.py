"""The values of one KPI period by period, as a drawing and the table beside it need them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from kpisdk.builtin.pages.zones import status_ranges
from kpisdk.builtin.reports import figure_text as figures
from kpisdk.contracts.results import Result
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.vocabulary import Unit


@attrs.frozen
class TrendPoint:
    """One period: its value and interval as numbers and as texts, its status, or why it is absent.

    ``period`` is the bucket's label (``2026-02``).
    """

    period: str
    value: float | None
    low: float | None
    high: float | None
    figure: str
    interval: str
    status: str
    reason: str

    @property
    def words(self) -> str:
        """What is said beside the figure: its interval and status, or why it is absent."""
        return ", ".join(part for part in (self.interval, self.reason or self.status) if part)

    @classmethod
    def of(cls, result: Result) -> TrendPoint:
        """The point of a result that has a period."""
        bounds = figures.bounds_of(result.thresholds)
        value, interval = result.value, result.interval
        absent = "" if value is not None or result.reason is None else result.reason.value
        return cls(
            period=result.period or "",
            value=value,
            low=None if interval is None else interval.low,
            high=None if interval is None else interval.high,
            figure="absent" if value is None else figures.figure(value, result.unit, bounds),
            interval="" if interval is None else figures.span(interval, result.unit, bounds),
            status=status_words(result),
            reason=absent.replace("_", " "),
        )


def status_words(result: Result) -> str:
    """The status, and whether it is undecided."""
    return f"{result.status.value}{' (undecided)' if result.decided is False else ''}"


@attrs.frozen
class Trend:
    """The periods of one KPI from old to new, with the unit and thresholds of its values."""

    points: tuple[TrendPoint, ...]
    unit: Unit
    thresholds: Thresholds | None

    @classmethod
    def of(cls, results: Iterable[Result], last: int | None = None) -> Trend | None:
        """The trend of the results of one KPI and slice; none where no period has a value.

        Periods before the oldest value and after the newest are left out: a month that has not
        come is no gap.

        Args:
            results: of one KPI and slice, each with a period, from old to new.
            last: how many periods at most; all of them by default.
        """
        known = trimmed([result for result in results if result.period is not None])
        first = next((place for place, each in enumerate(known) if each.value is not None), 0)
        known = known[first:]
        if not known:
            return None
        shown = known[-last:] if last else known
        bounds = next((each.thresholds for each in reversed(shown) if each.thresholds), None)
        return cls(tuple(map(TrendPoint.of, shown)), shown[-1].unit, bounds)

    def to_zones(self) -> list[list[Any]]:
        """The statuses from low to high values for a script: word, low end, high end."""
        return [[status.value, low, high] for status, low, high in status_ranges(self.thresholds)]

    def to_rows(self) -> list[list[Any]]:
        """The points as plain lists for a script: period, value, low, high, figure, words."""
        return [
            [each.period, each.value, each.low, each.high, each.figure, each.words]
            for each in self.points
        ]

    @property
    def spans(self) -> tuple[float, ...]:
        """All numbers that a drawing must have room for, thresholds left aside."""
        numbers = [(each.value, each.low, each.high) for each in self.points]
        return tuple(each for three in numbers for each in three if each is not None)


def trimmed(results: Sequence[Result]) -> Sequence[Result]:
    """The results up to the newest that has a value."""
    with_value = [position for position, each in enumerate(results) if each.value is not None]
    return results[: with_value[-1] + 1] if with_value else ()
