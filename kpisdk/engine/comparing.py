"""Comparing: results beside those of the period before, or of the same period a year earlier."""

from __future__ import annotations

from datetime import datetime

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.contracts.windows import Window
from kpisdk.engine.choosing import without_earlier
from kpisdk.engine.jobs import Job
from kpisdk.engine.judging import compared
from kpisdk.engine.trends import bucket_before
from kpisdk.windows import bucket_label, bucket_start, bucket_window


def with_comparisons(
    job: Job, results: tuple[Result, ...], other: tuple[Result, ...], request: Request
) -> tuple[Result, ...]:
    """Results with their change: against ``other``, or a trend's buckets against one another.

    A trend comes with ``other`` where its earlier buckets were read by themselves.
    """
    assert request.compare is not None  # noqa: S101 - asked only where there is one
    if request.grain is not None:
        return _trend(job, results, other, request)
    windows = [option.moment.compared for option in job.options if option.moment is not None]
    window = next((each for each in windows if each is not None), None)
    if window is None:
        what = "There is no other period to compare with: the window has an open side, or is none."
        return tuple(result.with_notes(Note("not_compared", what)) for result in results)
    by_slice = {_slice(result): result for result in other}
    return tuple(
        compared(result, request.compare.value, by_slice.get(_slice(result)), window)
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
        found.append(compared(result, request.compare.value, then, window, label))
    return tuple(found)


def _start(result: Result, request: Request) -> datetime | None:
    if result.period is None or result.window is None or result.window.start is None:
        return None  # no bucket holds a row: there is nothing to compare
    assert request.grain is not None  # noqa: S101 - a result with a period is one of a trend
    return bucket_start(result.window.start, request.grain)
