"""Results beside those of the period before, or of the same period a year earlier."""

from __future__ import annotations

from datetime import datetime

import attrs

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Comparison, Result, plain
from kpisdk.contracts.time_windows import Window
from kpisdk.engine.cell_results import without_earlier
from kpisdk.engine.jobs import Job
from kpisdk.engine.judgement import FOLLOW_UP, PARTIAL, UNFINISHED
from kpisdk.engine.trends import bucket_before
from kpisdk.windows import bucket_label, bucket_start, bucket_window

_INCOMPLETE = {
    UNFINISHED: "this period is still running",
    PARTIAL: "this period is not covered whole",
    FOLLOW_UP: "what follows its rows, or those of the other, is not complete yet",
}
"""Warnings of values that stand for a part of what they are named for, and what that is."""


def with_comparisons(
    job: Job,
    results: tuple[Result, ...],
    other: tuple[Result, ...],
    request: Request,
    oldest: datetime | None,
) -> tuple[Result, ...]:
    """Results with their change: against ``other``, or a trend's buckets against one another.

    A trend comes with ``other`` where its earlier buckets were read by themselves. A change against
    a period within which rows begin (at ``oldest``) carries a warning.
    """
    found = _with_changes(job, results, other, request)
    return tuple(_with_beginning(each, oldest) for each in found)


def _with_beginning(result: Result, oldest: datetime | None) -> Result:
    compared = result.comparison
    if compared is None or compared.change is None or oldest is None:
        return result
    start = compared.window.start
    if start is None or start.date() >= oldest.date():
        return result
    message = (
        f"Rows begin at {plain(oldest)}, within {compared.window.label}: the change is against "
        "what is there of it."
    )
    return result.with_notes(Note("history_begins", message))


def _with_changes(
    job: Job, results: tuple[Result, ...], other: tuple[Result, ...], request: Request
) -> tuple[Result, ...]:
    assert request.compare is not None  # noqa: S101 - asked only where there is one
    if request.grain is not None:
        return _trend(job, results, other, request)
    times = [option.evaluation_time for option in job.options if option.evaluation_time is not None]
    evaluation_time = next((each for each in times if each.compared is not None), None)
    if evaluation_time is None or evaluation_time.compared is None:
        what = "There is no other period to compare with: the window has an open side, or is none."
        note = Note("not_compared", what)
        return tuple(result.with_notes(note) if result.ok else result for result in results)
    by_slice = {_slice(result): result for result in other}
    return tuple(
        _compared(
            result,
            request.compare.value,
            by_slice.get(_slice(result)),
            evaluation_time.compared,
            is_like=evaluation_time.is_like,
        )
        for result in results
    )


def _slice(result: Result) -> tuple[tuple[str, str], ...]:
    return tuple((name, repr(value)) for name, value in result.slice.items())


def _trend(
    job: Job, results: tuple[Result, ...], other: tuple[Result, ...], request: Request
) -> tuple[Result, ...]:
    assert request.grain is not None  # noqa: S101 - the caller has looked
    assert request.compare is not None  # noqa: S101 - the caller has looked
    by_period = {(result.period, _slice(result)): result for result in other or results}
    found = []
    for result in without_earlier(results, job, request):
        start = _start(result, request)
        if start is None:
            found.append(result)
            continue
        before = bucket_before(start, request.grain, request.compare)
        label = bucket_label(before, request.grain)
        then = by_period.get((label, _slice(result)))
        window: Window = bucket_window(before, request.grain)
        found.append(_compared(result, request.compare.value, then, window, period=label))
    return tuple(found)


def _start(result: Result, request: Request) -> datetime | None:
    if result.period is None or result.window is None or result.window.start is None:
        return None  # no bucket holds a row: there is nothing to compare
    assert request.grain is not None  # noqa: S101 - a result with a period is one of a trend
    return bucket_start(result.window.start, request.grain)


def _compared(
    result: Result,
    to: str,
    other: Result | None,
    window: Window,
    *,
    is_like: bool = True,
    period: str | None = None,
) -> Result:
    """The result with its change against another one, or with the reason why it has none."""
    value = None if other is None else other.value
    change = relative = None
    if result.value is not None and other is not None:
        why = _incomparable(result, other, window, is_like=is_like)
        if why is None and value is not None:
            change = result.value - value
            relative = change / abs(value) if value else None
        result = result if why is None else result.with_notes(why)
    comparison = Comparison(to, window, value, change, relative, period)
    return attrs.evolve(result, comparison=comparison)


def _incomparable(result: Result, other: Result, window: Window, *, is_like: bool) -> Note | None:
    """The warning of two values between which no change is given."""
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
