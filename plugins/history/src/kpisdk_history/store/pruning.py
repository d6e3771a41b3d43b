"""Old results are taken out of a store, and a summary of them is kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk_history.store.tables import RESTATEMENTS, RESULTS, RUNS, SUMMARIES
from kpisdk_history.store.writing import Writing


@attrs.frozen
class Pruned:
    """What was taken out of a store, and what was kept of it.

    Attributes:
        runs: how many runs were taken out.
        results: how many results were.
        restatements: how many restatements were.
        summaries: how many summaries were kept, one a series.
    """

    runs: int
    results: int
    restatements: int
    summaries: int


def prune(writing: Writing, before: datetime, now: datetime) -> Pruned:
    """Take out the runs that were recorded before an instant, with all that belongs to them.

    What stays is a summary a series, whatever alerts made of them, and always the last run.

    Args:
        writing: the transaction.
        before: runs that were recorded before it go.
        now: when this is.
    """
    connection = writing.connection
    last = sa.select(sa.func.max(RUNS.c.id)).scalar_subquery()
    old = sa.select(RUNS.c.id).where(RUNS.c.recorded_at < before, RUNS.c.id < last)
    summaries = list(_summaries(writing, old, now))
    if summaries:
        connection.execute(sa.insert(SUMMARIES), summaries)
    gone = [
        connection.execute(sa.delete(table).where(column.in_(old))).rowcount
        for table, column in (
            (RESTATEMENTS, RESTATEMENTS.c.run_id),
            (RESULTS, RESULTS.c.run_id),
            (RUNS, RUNS.c.id),
        )
    ]
    return Pruned(gone[2], gone[1], gone[0], len(summaries))


def _summaries(writing: Writing, old: Any, now: datetime) -> Iterator[dict[str, Any]]:
    """What is kept of the results that go, a row a series."""
    connection, c = writing.connection, RESULTS.c
    columns = (c.series, c.kpi_id, c.slice, c.value, c.status, c.definition_version)
    statement = sa.select(*columns, RUNS.c.recorded_at).join(RUNS).where(c.run_id.in_(old))
    counted = (
        sa.select(c.series, sa.func.count())
        .select_from(RESTATEMENTS.join(RESULTS, RESTATEMENTS.c.result_id == c.id))
        .where(RESTATEMENTS.c.run_id.in_(old))
        .group_by(c.series)
    )
    restated: dict[str, int] = dict(connection.execute(counted).all())
    found: dict[str, _Sum] = {}
    for series, kpi_id, sliced, value, status, version, at in connection.execute(statement):
        kept = found.setdefault(series, _Sum(kpi_id, sliced))
        kept.add(value, status, version, at)
    for series, kept in found.items():
        yield {
            "pruned_at": now,
            "series": series,
            "restated": restated.get(series, 0),
            **kept.row(),
        }


@attrs.define
class _Sum:
    kpi_id: str
    slice: str
    values: list[float] = attrs.field(factory=list)
    times: list[datetime] = attrs.field(factory=list)
    statuses: Counter[str] = attrs.field(factory=Counter)
    versions: dict[str, None] = attrs.field(factory=dict)

    def add(self, value: float | None, status: str, version: str, at: datetime) -> None:
        if value is not None:
            self.values.append(value)
        self.times.append(at)
        self.statuses[status] += 1
        self.versions[version] = None

    def row(self) -> dict[str, Any]:
        values = self.values
        return {
            "kpi_id": self.kpi_id,
            "slice": self.slice,
            "first_recorded": min(self.times),
            "last_recorded": max(self.times),
            "results": len(self.times),
            "valued": len(values),
            "least": min(values, default=None),
            "greatest": max(values, default=None),
            "mean": sum(values) / len(values) if values else None,
            "statuses": json.dumps(self.statuses, sort_keys=True),
            "definitions": json.dumps(list(self.versions)),
        }
