"""The records of a store: runs, recorded results, restatements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Run:
    """One call of ``record``, as it is kept.

    Attributes:
        id: its number, which orders runs; 0 before it is kept.
        key: what makes recording it again a no-op (with ``question``).
        question: a hash of what was asked, and of which source.
        attempt: 1, or more where the source was away before under the same key.
        recorded_at: what the clock said (UTC).
        as_of: the instant that was asked for, if one was.
        source_name: the source's name, without secrets.
        source_kind: its kind, ``unavailable`` where it was away.
        synthetic: whether its rows were generated; ``None`` is not known.
        available: whether the source was there.
        settle_after: seconds that a period may move after its end.
        core: the version of kpisdk.
        request: what was asked, as plain JSON values.
    """

    id: int = 0
    key: str
    question: str
    attempt: int = 1
    recorded_at: datetime
    as_of: datetime | None = None
    source_name: str
    source_kind: str
    synthetic: bool | None = None
    available: bool = True
    settle_after: float = 0.0
    core: str
    request: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Recorded:
    """One recorded result by the columns that people query; its JSON stays in the store.

    Attributes:
        id: its number, which orders results.
        run_id: the number of its run.
        recorded_at: when that run was recorded (UTC).
        kpi_id: the KPI.
        cut: a hash of KPI, grouping columns, filters, parameters and the rule of its windows.
        series: a hash of the cut and the slice.
        figure: a hash of the series and the window: recorded twice, it is one number told twice.
        slice: grouping columns to the values of its slice.
        filters: columns to the values that rows had to have.
        parameters: parameters that were given.
        grain: the calendar bucket; ``None`` without one.
        period: the bucket's name, such as ``2026-02``; ``None`` without a grain.
        window_start: where its window begins (UTC); ``None``: at no instant.
        window_end: where it ends (UTC), which does not belong to it; ``None``: nowhere.
        window_label: the window as it was asked for, such as ``last 30 days``.
        value: what it came to; ``None`` where ``reason`` says why.
        unit: the unit of the value.
        status: ``good``, ``warning``, ``critical`` or ``unknown``.
        reason: why there is no value, or no status.
        decided: whether the data settle its status; ``None`` without an interval.
        stale: whether its data ended too early.
        low: the lower end of its interval.
        high: the upper end of its interval.
        n: how many rows it was computed from.
        as_of: the instant that it was computed for.
        data_through: the newest instant of its data.
        known: whether the data were looked at.
        settled: whether its period was over at ``as_of``, and ``settle_after`` more.
        gone: whether the figure was recorded before and not among the results any more.
        definition_version: what the KPI was defined by.
    """

    id: int
    run_id: int
    recorded_at: datetime
    kpi_id: str
    cut: str
    series: str
    figure: str
    slice: Mapping[str, Any]
    filters: Mapping[str, Any]
    parameters: Mapping[str, Any]
    grain: str | None
    period: str | None
    window_start: datetime | None
    window_end: datetime | None
    window_label: str | None
    value: float | None
    unit: str
    status: str
    reason: str | None
    decided: bool | None
    stale: bool
    low: float | None
    high: float | None
    n: int | None
    as_of: datetime | None
    data_through: datetime | None
    known: bool
    settled: bool
    gone: bool
    definition_version: str


@attrs.frozen(kw_only=True)
class Restatement:
    """One figure of a closed period that came out differently than it was recorded before.

    Attributes:
        run_id: the number of the run that found it.
        result_id: the number of the result that differs.
        earlier_id: the number of the one before, which may have been pruned.
        recorded_at: when it was found (UTC).
        kpi_id: the KPI.
        figure: a hash of KPI, slice, filters, parameters and window.
        old: the value before; ``None`` where there was none.
        new: the value now; ``None`` where there is none any more.
        reasons: ``late_rows``, ``changed_rows``, ``definition``, ``package``, ``engine``: all that
            can have moved it.
    """

    run_id: int
    result_id: int
    earlier_id: int
    recorded_at: datetime
    kpi_id: str
    figure: str
    old: float | None
    new: float | None
    reasons: tuple[str, ...]
