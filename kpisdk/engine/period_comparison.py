"""Results beside those of the period before, or of the same period a year earlier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import attrs

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.requests import Compare, Request
from kpisdk.contracts.results import Comparison, Result, plain
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.value_ranges import ValueRange
from kpisdk.contracts.vocabulary import Grain, IntervalReason
from kpisdk.engine.intervals.change_intervals import compared
from kpisdk.engine.judgement import FOLLOW_UP, PARTIAL, UNFINISHED
from kpisdk.engine.resolution import ResolvedKpi
from kpisdk.engine.trends import bucket_before, trend_start
from kpisdk.statistics import Side
from kpisdk.windows import bucket_label, bucket_start, bucket_window

Correlation: TypeAlias = Callable[[Result, Result], float]
"""How the value of a result and the one that it is compared with go together, -1 to 1."""

_INCOMPLETE = {
    UNFINISHED: "this period is still running",
    PARTIAL: "this period is not covered whole",
    FOLLOW_UP: "what follows its rows, or those of the other, is not complete yet",
}
"""Warnings of values that stand for a part of what they are named for, and what that is."""


def with_comparisons(
    kpi: ResolvedKpi,
    results: tuple[Result, ...],
    other: tuple[Result, ...],
    request: Request,
    compare: Compare,
    oldest: datetime | None,
    correlation: Correlation,
) -> tuple[Result, ...]:
    """Results with their change: against ``other``, or a trend's buckets against one another.

    A trend comes with ``other`` where its earlier buckets were read by themselves. A change against
    a period within which rows begin (at ``oldest``) carries a warning. ``correlation`` says how the
    two values of a change go together.
    """
    possible = kpi.kpi.possible
    if request.grain is not None:
        shown = _without_earlier(results, kpi, request, request.grain)
        earlier = other or results
        return _trend(shown, earlier, request.grain, compare, oldest, correlation, possible)
    time = next((each for each in kpi.times if each.compared is not None), None)
    if time is None or time.compared is None:
        what = "There is no other period to compare with: the window has an open side, or is none."
        note = Note("not_compared", what)
        return tuple(result.with_notes(note) if result.ok else result for result in results)
    by_slice = {_slice(result): result for result in other}
    against = _Against(
        compare.value, time.compared, oldest, correlation, possible, is_like=time.is_like
    )
    return tuple(against.compared(result, by_slice.get(_slice(result))) for result in results)


def _without_earlier(
    results: tuple[Result, ...], kpi: ResolvedKpi, request: Request, grain: Grain
) -> tuple[Result, ...]:
    """A trend's results without the buckets that were read for comparison only."""
    if not kpi.times:
        return results
    start = trend_start(request.window, kpi.kpi.window, kpi.times[0].as_of, grain)
    return tuple(
        result
        for result in results
        if start is None
        or result.window is None
        or result.window.end is None
        or result.window.end > start
    )


def _slice(result: Result) -> tuple[tuple[str, str], ...]:
    return tuple((name, repr(value)) for name, value in result.slice.items())


def _trend(
    results: tuple[Result, ...],
    other: tuple[Result, ...],
    grain: Grain,
    compare: Compare,
    oldest: datetime | None,
    correlation: Correlation,
    possible: ValueRange,
) -> tuple[Result, ...]:
    by_period = {(result.period, _slice(result)): result for result in other}
    known: dict[str, _Against] = {}
    found = []
    for result in results:
        period, window = result.period, result.window
        if period is None or window is None or window.start is None:
            found.append(result)  # no bucket holds a row: there is nothing to compare
            continue
        if period not in known:
            before = bucket_before(bucket_start(window.start, grain), grain, compare)
            label, whole = bucket_label(before, grain), bucket_window(before, grain)
            known[period] = _Against(
                compare.value, whole, oldest, correlation, possible, period=label
            )
        against = known[period]
        found.append(against.compared(result, by_period.get((against.period, _slice(result)))))
    return tuple(found)


def _side(result: Result) -> Side | IntervalReason | None:
    """A value and its interval, or why it has none."""
    if result.value is None or result.interval is None:
        return result.interval_reason
    return Side(result.value, result.interval)


@attrs.frozen
class _Against:
    """What results are compared with.

    Attributes:
        to: the name of the comparison.
        window: the period.
        oldest: where rows begin.
        correlation: how the values of two results go together.
        possible: the values that the KPI can have.
        is_like: whether the two windows are stretches of one kind.
        period: the label of a bucket.
    """

    to: str
    window: Window
    oldest: datetime | None
    correlation: Correlation
    possible: ValueRange
    is_like: bool = True
    period: str | None = None

    def compared(self, result: Result, other: Result | None) -> Result:
        """The result with its change against another one, or with the reason why it has none."""
        value = None if other is None else other.value
        change = relative = None
        notes: list[Note] = []
        if result.value is not None and other is not None:
            why = incomparable(result, other, self.window, is_like=self.is_like)
            if why is not None:
                notes.append(why)
            elif value is not None:
                change = result.value - value
                relative = change / abs(value) if value else None
                notes += self._beginning()
        comparison = Comparison(self.to, self.window, value, change, relative, self.period)
        if change is not None and other is not None:
            together = self.correlation(result, other)
            sides = _side(result), _side(other)
            comparison = compared(comparison, *sides, together, self.possible)
        warnings = (*result.warnings, *notes) if notes else result.warnings
        return attrs.evolve(result, comparison=comparison, warnings=warnings)

    def _beginning(self) -> list[Note]:
        """The warning of a change against a period within which rows begin."""
        start = self.window.start
        if self.oldest is None or start is None or start.date() >= self.oldest.date():
            return []
        message = (
            f"Rows begin at {plain(self.oldest)}, within {self.window.label}: the change is "
            "against what is there of it."
        )
        return [Note("history_begins", message)]


def incomparable(result: Result, other: Result, window: Window, *, is_like: bool) -> Note | None:
    """The warning of two values between which no change is given; ``None`` where it is.

    Args:
        result: the later value.
        other: what it is compared with.
        window: the period of ``other``.
        is_like: whether the two windows are stretches of one kind.
    """
    if other.value is None:
        return Note("not_compared", f"There is nothing to compare with: {other.message}")
    codes = [note.code for note in result.warnings if note.code in _INCOMPLETE]
    codes += [note.code for note in other.warnings if note.code in _INCOMPLETE]
    if codes:
        what = next(why for code, why in _INCOMPLETE.items() if code in codes)
        message = f"No change is given against {window.label}: {what}."
        return Note("partial_comparison", message)
    if not is_like:
        message = f"No change is given against {window.label}, which is shorter than this window."
        return Note("partial_comparison", message)
    if _answers(result) != _answers(other):
        message = (
            f"No change is given: {result.answered_by} answers here, and {other.answered_by} what "
            "it is compared with."
        )
        return Note("not_comparable", message)
    return None


def _answers(result: Result) -> str | None:
    """What answered, as far as it matters: a helper view gives the same number as its tables."""
    source = result.answered_by
    return None if source is None or source.startswith("view ") else source
