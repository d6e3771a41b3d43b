"""Judging: an estimate in its slice and window becomes a result."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import attrs

from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Comparison, Result, plain
from kpisdk.contracts.vocabulary import Reason, Status
from kpisdk.contracts.windows import Window
from kpisdk.engine.jobs import Job
from kpisdk.engine.times import Moment, is_stale
from kpisdk.windows import bucket_label, bucket_window, is_unfinished
from kpisdk.windows.buckets import bucket_start

_TICKS = datetime.min.time()


def judge(
    job: Job,
    estimate: Estimate,
    slice_values: tuple[Any, ...],
    bucket: date | None,
    moment: Moment | None,
    request: Request,
    now: datetime,
    answered_by: str | None,
) -> Result:
    """The result of one cell: status, rule, freshness, window, and the warnings that go with it."""
    kpi = job.kpi
    window = None if moment is None else moment.window
    through = None if moment is None else moment.data_through
    notes: tuple[Note, ...] = ()
    period = None
    details = dict(estimate.details)
    if bucket is not None and request.grain is not None and moment is not None:
        period, window, notes = _period(bucket, moment, request)
        through = moment.through(bucket)
    elif window is None and request.window is not None:
        details["window"] = "not applicable"
    status, reason, decided = Status.UNKNOWN, estimate.reason, None
    if estimate.value is not None:
        if kpi.thresholds is None:
            reason = Reason.NO_TARGET
        else:
            verdict = kpi.thresholds.judge(estimate.value, estimate.interval)
            status, decided = verdict.status, verdict.decided
            details["rule"] = verdict.rule
    return Result(
        kpi_id=kpi.id,
        name=kpi.name,
        workstream=kpi.workstream,
        unit=kpi.unit,
        value=estimate.value,
        status=status,
        reason=reason,
        message=estimate.message,
        decided=decided,
        interval=estimate.interval,
        numerator=estimate.numerator,
        denominator=estimate.denominator,
        n=estimate.n,
        p_value=estimate.p_value,
        thresholds=kpi.thresholds,
        window=window,
        data_through=through,
        stale=is_stale(kpi, through, request, now),
        slice=plain(dict(zip(job.by, slice_values, strict=False))),
        period=period,
        warnings=(*estimate.warnings, *notes),
        answered_by=answered_by,
        definition_version=job.version,
        computed_at=now,
        details=plain(details),
    )


def _period(bucket: date, moment: Moment, request: Request) -> tuple[str, Window, tuple[Note, ...]]:
    assert request.grain is not None  # noqa: S101 - asked for trends only
    start = bucket_start(datetime.combine(bucket, _TICKS), request.grain)
    whole = bucket_window(start, request.grain)
    window = (moment.periods or {}).get(bucket, whole)
    notes: tuple[Note, ...] = ()
    if is_unfinished(start, request.grain, moment.as_of):
        label = bucket_label(start, request.grain)
        message = f"Period {label} is unfinished: data count up to {moment.as_of.isoformat()}."
        notes = (Note("unfinished_period", message),)
    return whole.label, window, notes


def compared(
    result: Result, to: str, other: Result | None, window: Window, period: str | None = None
) -> Result:
    """The result with its change against another one."""
    value = None if other is None else other.value
    change = relative = None
    if result.value is not None and value is not None:
        change = result.value - value
        relative = change / abs(value) if value else None
    comparison = Comparison(to, window, value, change, relative, period)
    return attrs.evolve(result, comparison=comparison)
