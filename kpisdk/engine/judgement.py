"""How an estimate in its slice and window becomes a result with a status."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result, plain, plain_slice
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Reason, Status
from kpisdk.engine.cautions import cautious
from kpisdk.engine.evaluation_time import EvaluationTime, is_stale
from kpisdk.engine.jobs import Job
from kpisdk.engine.threshold_scope import misfit
from kpisdk.engine.trends import covered
from kpisdk.windows import bucket_window, is_unfinished
from kpisdk.windows.buckets import bucket_start

_TICKS = datetime.min.time()


def judge(
    job: Job,
    estimate: Estimate,
    slice_values: tuple[Any, ...],
    bucket: date | None,
    evaluation_time: EvaluationTime | None,
    request: Request,
    now: datetime,
    answered_by: str | None,
) -> Result:
    """The result of one cell: status, rule, freshness, window, and the warnings that go with it."""
    kpi = job.kpi
    estimate = cautious(kpi, estimate)
    window = None if evaluation_time is None else evaluation_time.window
    through = None if evaluation_time is None else evaluation_time.data_through
    notes: tuple[Note, ...] = ()
    period = None
    details = dict(estimate.details)
    if bucket is not None and request.grain is not None and evaluation_time is not None:
        period, window, notes = _period(bucket, evaluation_time, request)
        through = evaluation_time.through(bucket)
    elif window is None and request.window is not None:
        details["window"] = "not applicable"
    elif window is not None and evaluation_time is not None and evaluation_time.is_running:
        notes = (_unfinished(f"The window {window.label!r}", evaluation_time),)
    status, reason, decided = Status.UNKNOWN, estimate.reason, None
    message = estimate.message
    if estimate.value is not None:
        unfit = misfit(job, request, evaluation_time)
        if kpi.thresholds is None:
            reason = Reason.NO_TARGET
        elif unfit is not None:
            reason = Reason.THRESHOLDS_DO_NOT_APPLY
            message = " ".join(filter(None, (message, unfit)))
        else:
            verdict = kpi.thresholds.judge(estimate.value, estimate.interval)
            status, decided = verdict.status, verdict.decided
            if any(note.code == FOLLOW_UP for note in estimate.warnings):
                decided = False  # what is still to come can move it, whatever its interval says
            details["rule"] = verdict.rule
    return Result(
        kpi_id=kpi.id,
        name=kpi.name,
        workstream=kpi.workstream,
        unit=kpi.unit,
        value=estimate.value,
        status=status,
        reason=reason,
        message=message,
        decided=decided,
        interval=estimate.interval,
        interval_reason=estimate.interval_reason,
        numerator=estimate.numerator,
        denominator=estimate.denominator,
        n=estimate.n,
        p_value=estimate.p_value,
        thresholds=kpi.thresholds,
        window=window,
        as_of=None if evaluation_time is None else evaluation_time.as_of,
        data_through=through,
        stale=is_stale(
            kpi, through, request, now, None if bucket is None else window, job.settings
        ),
        slice=plain_slice(dict(zip(job.by, slice_values, strict=False))),
        where=plain_slice(job.where),
        parameters=_given(job, request),
        period=period,
        warnings=(*estimate.warnings, *notes),
        answered_by=answered_by,
        definition_version=job.version,
        computed_at=now,
        details=plain(details),
    )


def _given(job: Job, request: Request) -> dict[str, Any]:
    """The parameters that the request gives to this KPI; of a frame or mapping, its type."""
    simple = (str, int, float, date, type(None))
    return {
        name: plain(value) if isinstance(value, simple) else type(value).__name__
        for name, value in job.parameters.items()
        if name in request.parameters
    }


FOLLOW_UP = "follow_up_incomplete"
"""The warning of rows that are too new for what may follow them."""

PARTIAL = "partial_period"
"""The warning of a period that the window does not cover from its first instant to its last."""

UNFINISHED = "unfinished_period"
"""The warning of a period, or a window, of which a part is still to come."""


def _period(
    bucket: date, evaluation_time: EvaluationTime, request: Request
) -> tuple[str, Window, tuple[Note, ...]]:
    assert request.grain is not None  # noqa: S101 - asked for trends only
    start = bucket_start(datetime.combine(bucket, _TICKS), request.grain)
    whole = bucket_window(start, request.grain)
    if evaluation_time.periods is not None:  # each is the state of one day
        return whole.label, evaluation_time.periods.get(bucket, whole), ()
    notes: list[Note] = []
    asked = evaluation_time.window
    is_open = asked is None or asked.end is None or asked.end >= evaluation_time.as_of
    if is_open and is_unfinished(start, request.grain, evaluation_time.known_until):
        notes.append(_unfinished(f"Period {whole.label}", evaluation_time))
    window = whole if asked is None else covered(whole, asked, evaluation_time.known_until)
    if window != whole:
        message = (
            f"Period {whole.label} is not covered whole: the window has its rows from "
            f"{_iso(window.start)} to {_iso(window.end)} only."
        )
        notes.append(Note(PARTIAL, message))
    return whole.label, window, tuple(notes)


def _unfinished(what: str, evaluation_time: EvaluationTime) -> Note:
    message = f"{what} is unfinished: data count up to {_iso(evaluation_time.as_of)}."
    return Note(UNFINISHED, message)


def _iso(instant: datetime | None) -> str:
    return "the beginning" if instant is None else instant.isoformat()
