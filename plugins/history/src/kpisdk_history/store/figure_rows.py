"""The columns of recorded results that a history is made of, as plain tuples: they are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from kpisdk_history.store.instants import Instants
from kpisdk_history.store.reading import Reading
from kpisdk_history.store.tables import RESTATEMENTS, RESULTS, RUNS


class FigureRow(NamedTuple):
    """One recorded result of a cut.

    Attributes:
        id: its number, which orders results.
        run_id: the number of its run.
        series: the hash of the cut and the slice.
        figure: the hash of the series and the window.
        period: the name of its calendar bucket; ``None`` without a grain.
        value: what it came to; ``None`` where ``reason`` says why.
        status: ``good``, ``warning``, ``critical`` or ``unknown``.
        reason: why there is no value, or no status.
        low: the lower end of its interval.
        high: the upper end of its interval.
        n: how many rows it was computed from.
        known: whether the data were looked at.
        definition_version: what the KPI was defined by.
        expected_low: the lower end of the range that was expected of it.
        expected_high: the upper end of that range.
        start: where its window begins (UTC); ``None``: at no instant.
        end: where it ends (UTC), which does not belong to it; ``None``: nowhere.
    """

    id: int
    run_id: int
    series: str
    figure: str
    period: str | None
    value: float | None
    status: str
    reason: str | None
    low: float | None
    high: float | None
    n: int | None
    known: bool
    definition_version: str
    expected_low: float | None
    expected_high: float | None
    start: datetime | None
    end: datetime | None


_C = RESULTS.c
_COLUMNS = (
    *(_C.id, _C.run_id, _C.series, _C.figure, _C.period, _C.value, _C.status, _C.reason),
    *(_C.low, _C.high, _C.n, _C.known, _C.definition_version, _C.expected_low, _C.expected_high),
    # As the driver gives them: many rows have few windows, and each instant is read once.
    *(sa.type_coerce(each, sa.types.NullType()) for each in (_C.window_start, _C.window_end)),
)


def newest_of_cuts(
    reading: Reading, kpi_id: str, known_at: datetime | None
) -> Sequence[Mapping[Any, Any]]:
    """The newest result of each cut of a KPI, in the columns that describe the cut.

    A result that failed before it had a window belongs to no cut.

    Args:
        reading: the store.
        kpi_id: the KPI.
        known_at: only what was recorded by that instant; ``None``: all.
    """
    newest = sa.select(sa.func.max(_C.id)).where(_C.kpi_id == kpi_id).group_by(_C.cut)
    if known_at is not None:
        newest = newest.join(RUNS).where(RUNS.c.recorded_at <= known_at)
    # In two: the first is answered by the index alone, and the second has few rows or none.
    bounded = newest.where(_C.window_end.is_not(None))
    open_ended = newest.where(_C.window_end.is_(None), _C.known)
    columns = (_C.id, _C.cut, _C.dimensions, _C.filters, _C.parameters, _C.grain, _C.rule, _C.unit)
    statement = sa.select(*columns).where(_C.id.in_(bounded.union_all(open_ended)))
    return reading.connection.execute(statement.order_by(_C.id)).mappings().all()


def figure_rows(
    reading: Reading,
    kpi_id: str,
    cut: str,
    since: datetime | None,
    known_at: datetime | None,
) -> Sequence[FigureRow]:
    """The results of a cut in the order in which they were recorded.

    Args:
        reading: the store.
        kpi_id: the KPI.
        cut: the hash of the cut.
        since: only windows that end after it, and those without an end; ``None``: all.
        known_at: only what was recorded by that instant; ``None``: all.
    """
    statement = sa.select(*_COLUMNS).where(_C.kpi_id == kpi_id, _C.cut == cut)
    if since is not None:
        statement = statement.where(sa.or_(_C.window_end > since, _C.window_end.is_(None)))
    if known_at is not None:
        statement = statement.join(RUNS).where(RUNS.c.recorded_at <= known_at)
    read = Instants()
    rows = reading.connection.execute(statement).all()
    return sorted(FigureRow._make((*row[:-2], read[row[-2]], read[row[-1]])) for row in rows)


def slices_of(reading: Reading, numbers: Sequence[int]) -> Sequence[tuple[str, str]]:
    """The series of results, each with its slice as JSON.

    Args:
        reading: the store.
        numbers: of results, one a series.
    """
    found: list[tuple[str, str]] = []
    for start in range(0, len(numbers), 500):
        chosen = _C.id.in_(numbers[start : start + 500])
        statement = sa.select(_C.series, _C.slice).where(chosen)
        found += [(row.series, row.slice) for row in reading.connection.execute(statement)]
    return found


def recorded_at(reading: Reading) -> Mapping[int, datetime]:
    """When each run was recorded, by its number."""
    statement = sa.select(RUNS.c.id, RUNS.c.recorded_at)
    return dict(reading.connection.execute(statement).all())


def outages(
    reading: Reading, kpi_id: str, since: datetime | None, known_at: datetime | None
) -> Sequence[datetime]:
    """When a KPI was recorded and its source was away.

    Args:
        reading: the store.
        kpi_id: the KPI.
        since: only those after that instant; ``None``: all.
        known_at: only those by that instant; ``None``: all.
    """
    asked = sa.exists().where(_C.run_id == RUNS.c.id, _C.kpi_id == kpi_id)
    statement = sa.select(RUNS.c.recorded_at).where(sa.not_(RUNS.c.available), asked)
    statement = statement.order_by(RUNS.c.id)
    if since is not None:
        statement = statement.where(RUNS.c.recorded_at > since)
    if known_at is not None:
        statement = statement.where(RUNS.c.recorded_at <= known_at)
    return list(reading.connection.execute(statement).scalars())


def is_recorded(reading: Reading, kpi_id: str) -> bool:
    """Whether there is any result of a KPI.

    Args:
        reading: the store.
        kpi_id: the KPI.
    """
    statement = sa.select(_C.id).where(_C.kpi_id == kpi_id).limit(1)
    return reading.connection.execute(statement).first() is not None


def recorded_kpis(reading: Reading) -> Sequence[str]:
    """The ids of all KPIs that are recorded, in their order.

    Each is looked up as the next one after the last: a DISTINCT would go through all results.
    """
    found: list[str] = []
    statement = sa.select(sa.func.min(_C.kpi_id))
    while (last := reading.connection.execute(statement).scalar()) is not None:
        found.append(last)
        statement = sa.select(sa.func.min(_C.kpi_id)).where(_C.kpi_id > last)
    return found


def restated_figures(
    reading: Reading, figures: Sequence[str]
) -> Sequence[tuple[str, float | None, float | None, str, datetime]]:
    """Restatements of these figures: figure, old, new, reasons (JSON), instant; oldest first.

    Args:
        reading: the store.
        figures: the hashes of the figures.
    """
    found: list[tuple[str, float | None, float | None, str, datetime]] = []
    columns = ("figure", "old", "new", "reasons", "recorded_at")
    for start in range(0, len(figures), 500):
        chunk = figures[start : start + 500]
        statement = (
            sa.select(*(RESTATEMENTS.c[name] for name in columns))
            .where(RESTATEMENTS.c.figure.in_(chunk))
            .order_by(RESTATEMENTS.c.id)
        )
        found += [tuple(row) for row in reading.connection.execute(statement)]
    return found
