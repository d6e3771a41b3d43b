"""How an estimate in its slice and window becomes a result with a status."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import attrs

from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result, plain, plain_slice
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.value_ranges import ValueRange
from kpisdk.contracts.vocabulary import Grain, IntervalReason, Reason, Status
from kpisdk.engine.cautions import cautious
from kpisdk.engine.evaluation_time import EvaluationTime, is_stale
from kpisdk.engine.intervals.claims import NO_CLAIM, Claim, claim_of
from kpisdk.engine.resolution import ResolvedKpi
from kpisdk.engine.threshold_scope import misfit
from kpisdk.engine.trends import covered
from kpisdk.windows import bucket_window, is_unfinished
from kpisdk.windows.buckets import bucket_start

_TICKS = datetime.min.time()

FOLLOW_UP = "follow_up_incomplete"
"""The warning of rows that are too new for what may follow them."""

PARTIAL = "partial_period"
"""The warning of a period that the window does not cover from its first instant to its last."""

UNFINISHED = "unfinished_period"
"""The warning of a period, or a window, of which a part is still to come."""


@attrs.frozen
class _Period:
    """The time of a result: that of the whole window, or that of one bucket of a trend."""

    label: str | None
    window: Window | None
    through: datetime | None
    stale: bool
    notes: tuple[Note, ...] = ()


@attrs.frozen
class _Verdict:
    """What a status rests on."""

    status: Status
    reason: Reason | None
    message: str | None
    claim: Claim = NO_CLAIM
    rule: str | None = None


class Judge:
    """Makes results of one KPI's estimates at one evaluation time.

    What is the same for every cell, or for every cell of a bucket, is worked out once.
    """

    def __init__(
        self, kpi: ResolvedKpi, time: EvaluationTime | None, request: Request, now: datetime
    ) -> None:
        self.kpi = kpi
        self.time = time
        self.request = request
        self.now = now
        self._possible: ValueRange = kpi.kpi.possible
        self._where = plain_slice(kpi.where)
        self._parameters = _given(kpi, request)
        self._periods: dict[date | None, _Period] = {}
        self._misfits: list[str | None] = []

    def result(
        self,
        estimate: Estimate,
        slice_values: tuple[Any, ...] = (),
        bucket: date | None = None,
        answered_by: str | None = None,
    ) -> Result:
        """The result of one cell: status, rule, freshness, window, and the warnings with it.

        Args:
            estimate: the value, or why there is none.
            slice_values: the values of the grouping columns.
            bucket: the first day of the cell's bucket.
            answered_by: the tables, view or option that the value came from.
        """
        kpi = self.kpi.kpi
        estimate = cautious(kpi, estimate, self._possible)
        period = self._period(bucket)
        verdict = self._verdict(estimate)
        details = plain(estimate.details) if estimate.details else {}
        if period.window is None and self.request.window is not None:
            details["window"] = "not applicable"
        if verdict.rule is not None:
            details["rule"] = verdict.rule
        return Result(
            kpi_id=kpi.id,
            name=kpi.name,
            workstream=kpi.workstream,
            unit=kpi.unit,
            value=estimate.value,
            status=verdict.status,
            reason=verdict.reason,
            message=verdict.message,
            decided=verdict.claim.decided,
            interval=estimate.interval,
            interval_reason=_why_none(estimate),
            status_p=verdict.claim.status_p,
            numerator=estimate.numerator,
            denominator=estimate.denominator,
            n=estimate.n,
            p_value=estimate.p_value,
            thresholds=kpi.thresholds,
            window=period.window,
            as_of=None if self.time is None else self.time.as_of,
            data_through=period.through,
            stale=period.stale,
            slice=plain_slice(dict(zip(self.kpi.by, slice_values, strict=False))),
            where=self._where,
            parameters=self._parameters,
            period=period.label,
            warnings=(*estimate.warnings, *period.notes) if period.notes else estimate.warnings,
            answered_by=answered_by,
            definition_version=self.kpi.version,
            computed_at=self.now,
            details=details,
        )

    def _verdict(self, estimate: Estimate) -> _Verdict:
        thresholds = self.kpi.kpi.thresholds
        if estimate.value is None:
            return _Verdict(Status.UNKNOWN, estimate.reason, estimate.message)
        if thresholds is None:
            return _Verdict(Status.UNKNOWN, Reason.NO_TARGET, estimate.message)
        unfit = self._misfit()
        if unfit is not None:
            message = " ".join(filter(None, (estimate.message, unfit)))
            return _Verdict(Status.UNKNOWN, Reason.THRESHOLDS_DO_NOT_APPLY, message)
        return _judged(thresholds, estimate, estimate.value, self._possible)

    def _misfit(self) -> str | None:
        if not self._misfits:
            self._misfits.append(misfit(self.kpi, self.request, self.time))
        return self._misfits[0]

    def _period(self, bucket: date | None) -> _Period:
        if bucket not in self._periods:
            self._periods[bucket] = self._new_period(bucket)
        return self._periods[bucket]

    def _new_period(self, bucket: date | None) -> _Period:
        time, grain = self.time, self.request.grain
        if time is None:
            return _Period(None, None, None, stale=False)
        window, through = time.window, time.data_through
        label: str | None = None
        notes: tuple[Note, ...] = ()
        if bucket is not None and grain is not None:
            label, window, notes = _bucket(bucket, time, grain)
            through = time.through(bucket)
        elif window is not None and time.is_running:
            notes = (_unfinished(f"The window {window.label!r}", time),)
        seen = None if bucket is None else window
        stale = is_stale(self.kpi.kpi, through, self.request, self.now, seen, self.kpi.settings)
        return _Period(label, window, through, stale, notes)


def absent(
    kpi: ResolvedKpi, reason: Reason, message: str, request: Request, now: datetime
) -> Result:
    """The one result of a KPI that has no value anywhere, for one reason."""
    return Judge(kpi, None, request, now).result(Estimate.absent(reason, message))


def _judged(
    thresholds: Thresholds, estimate: Estimate, value: float, possible: ValueRange
) -> _Verdict:
    verdict = thresholds.judge(value)
    immature = any(note.code == FOLLOW_UP for note in estimate.warnings)
    claim = claim_of(estimate, thresholds, possible, immature=immature)
    return _Verdict(verdict.status, estimate.reason, estimate.message, claim, verdict.rule)


def _why_none(estimate: Estimate) -> IntervalReason | None:
    """Why a value has no interval; nothing is said of a value that is not there."""
    if estimate.value is None or estimate.interval is not None:
        return None
    return estimate.interval_reason or IntervalReason.UNDEFINED


def _given(kpi: ResolvedKpi, request: Request) -> dict[str, Any]:
    """The parameters that the request gives to this KPI; of a frame or mapping, its type."""
    simple = (str, int, float, date, type(None))
    return {
        name: plain(value) if isinstance(value, simple) else type(value).__name__
        for name, value in kpi.parameters.items()
        if name in request.parameters
    }


def _bucket(
    bucket: date, time: EvaluationTime, grain: Grain
) -> tuple[str, Window, tuple[Note, ...]]:
    """The label of a bucket, the part of it that the window covers, and what to say of that."""
    start = bucket_start(datetime.combine(bucket, _TICKS), grain)
    whole = bucket_window(start, grain)
    if time.periods is not None:  # each is the state of one day
        return whole.label, time.periods.get(bucket, whole), ()
    notes: list[Note] = []
    asked = time.window
    is_open = asked is None or asked.end is None or asked.end >= time.as_of
    if is_open and is_unfinished(start, grain, time.known_until):
        notes.append(_unfinished(f"Period {whole.label}", time))
    window = whole if asked is None else covered(whole, asked, time.known_until)
    if window != whole:
        message = (
            f"Period {whole.label} is not covered whole: the window has its rows from "
            f"{_iso(window.start)} to {_iso(window.end)} only."
        )
        notes.append(Note(PARTIAL, message))
    return whole.label, window, tuple(notes)


def _unfinished(what: str, time: EvaluationTime) -> Note:
    message = f"{what} is unfinished: data count up to {_iso(time.as_of)}."
    return Note(UNFINISHED, message)


def _iso(instant: datetime | None) -> str:
    return "the beginning" if instant is None else instant.isoformat()
