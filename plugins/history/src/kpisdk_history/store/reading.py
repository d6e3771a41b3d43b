"""What a store is asked: runs, results by their columns, restatements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk import KpisdkError, Result
from kpisdk_history.errors import DamagedResultError
from kpisdk_history.store.runs import Recorded, Restatement, Run
from kpisdk_history.store.tables import RESTATEMENTS, RESULTS, RUNS

AT_ONCE = 500
"""Values in one IN: old builds of SQLite allow 999 variables in a statement."""

_ALL_BUT_JSON = [each for each in RESULTS.c if each.name != "json"]
_COLUMNS = [
    RESULTS.c[field.name] for field in attrs.fields(Recorded) if field.name != "recorded_at"
]


@attrs.frozen
class Reading:
    """One snapshot of a store.

    Attributes:
        connection: an open SQLAlchemy connection, in a transaction.
        shown: the store as it may be shown.
    """

    connection: sa.Connection
    shown: str

    def runs(
        self, *, key: str | None = None, question: str | None = None, last: int | None = None
    ) -> tuple[Run, ...]:
        """Runs in the order in which they were recorded.

        Args:
            key: only those of that key.
            question: only those that asked the same.
            last: only so many, the newest ones.
        """
        statement = sa.select(RUNS).order_by(RUNS.c.id.desc())
        if key is not None:
            statement = statement.where(RUNS.c.key == key)
        if question is not None:
            statement = statement.where(RUNS.c.question == question)
        if last is not None:
            statement = statement.limit(last)
        found = self.connection.execute(statement).mappings().all()
        return tuple(
            Run(**{**row, "request": json.loads(row["request"])}) for row in reversed(found)
        )

    def results(
        self,
        *,
        kpi_id: str | None = None,
        run_id: int | None = None,
        cut: str | None = None,
        since: datetime | None = None,
        known_at: datetime | None = None,
    ) -> tuple[Recorded, ...]:
        """Recorded results, in the order in which they were recorded.

        Args:
            kpi_id: only those of a KPI.
            run_id: only those of a run.
            cut: only those of a cut of a KPI.
            since: only of windows that end after that instant.
            known_at: only what was recorded by that instant.
        """
        statement = sa.select(*_COLUMNS, RUNS.c.recorded_at).join(RUNS)
        if kpi_id is not None:
            statement = statement.where(RESULTS.c.kpi_id == kpi_id)
        if run_id is not None:
            statement = statement.where(RESULTS.c.run_id == run_id)
        if cut is not None:
            statement = statement.where(RESULTS.c.cut == cut)
        if since is not None:
            statement = statement.where(RESULTS.c.window_end > since)
        if known_at is not None:
            statement = statement.where(RUNS.c.recorded_at <= known_at)
        rows = self.connection.execute(statement.order_by(RESULTS.c.id)).mappings()
        return tuple(recorded(row) for row in rows)

    def latest(self, figures: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """The last known row of each figure, of those that have one.

        The rows have the columns of ``kpisdk_results`` but for the JSON.
        """
        found: dict[str, Mapping[str, Any]] = {}
        for chunk in _chunks(tuple(figures)):
            newest = (
                sa.select(sa.func.max(RESULTS.c.id))
                .where(RESULTS.c.figure.in_(chunk), RESULTS.c.known)
                .group_by(RESULTS.c.figure)
            )
            rows = sa.select(*_ALL_BUT_JSON).where(RESULTS.c.id.in_(newest))
            read = self.connection.execute(rows).mappings()
            found |= {row["figure"]: {str(key): row[key] for key in row} for row in read}
        return found

    def figures_within(
        self, kpi_id: str, cut: str, span: tuple[datetime, datetime]
    ) -> Iterator[tuple[str, tuple[datetime, datetime]]]:
        """The figures of a cut whose windows lie in a span, each with its window.

        Args:
            kpi_id: the KPI.
            cut: the hash of the cut.
            span: the first instant, and the one that ends it.
        """
        columns = (RESULTS.c.figure, RESULTS.c.window_start, RESULTS.c.window_end)
        inside = sa.and_(
            RESULTS.c.kpi_id == kpi_id,
            RESULTS.c.cut == cut,
            RESULTS.c.window_start >= span[0],
            RESULTS.c.window_end <= span[1],
        )
        for figure, start, end in self.connection.execute(
            sa.select(*columns).where(inside).distinct()
        ):
            yield figure, (start, end)

    def json(self, result_id: int) -> str:
        """The JSON of a recorded result."""
        statement = sa.select(RESULTS.c.json).where(RESULTS.c.id == result_id)
        return str(self.connection.execute(statement).scalar_one())

    def restatements(
        self,
        *,
        kpi_id: str | None = None,
        run_id: int | None = None,
        known_at: datetime | None = None,
    ) -> tuple[Restatement, ...]:
        """Restatements, in the order in which they were found.

        Args:
            kpi_id: only those of a KPI.
            run_id: only those of a run.
            known_at: only what was found by that instant.
        """
        names = [field.name for field in attrs.fields(Restatement)]
        statement = sa.select(*(RESTATEMENTS.c[name] for name in names))
        if kpi_id is not None:
            statement = statement.where(RESTATEMENTS.c.kpi_id == kpi_id)
        if run_id is not None:
            statement = statement.where(RESTATEMENTS.c.run_id == run_id)
        if known_at is not None:
            statement = statement.where(RESTATEMENTS.c.recorded_at <= known_at)
        rows = self.connection.execute(statement.order_by(RESTATEMENTS.c.id)).mappings()
        return tuple(
            Restatement(**{**row, "reasons": tuple(json.loads(row["reasons"]))}) for row in rows
        )

    def result(self, result_id: int) -> Result:
        """The whole of a recorded result.

        Raises:
            DamagedResultError: its JSON is none any more.
        """
        try:
            return Result.from_dict(json.loads(self.json(result_id)))
        except (ValueError, TypeError, KeyError, KpisdkError) as error:
            raise DamagedResultError(self.shown, result_id) from error


def recorded(row: sa.RowMapping) -> Recorded:
    """A row of :meth:`Reading.results` as a record."""
    values = dict(row)
    for name in ("slice", "filters", "parameters"):
        values[name] = json.loads(values[name])
    return Recorded(**values)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
