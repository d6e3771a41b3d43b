"""The newest and the oldest rows of datasets, each read once in an execution."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Grain
from kpisdk.engine.catalog import Catalog
from kpisdk.sql import probe_statements


def instant_of(value: Any) -> datetime | None:
    """What an engine returned for a time column, as an instant: a day is its midnight UTC."""
    if value is None or isinstance(value, datetime):
        return value
    day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return datetime.combine(day, time(), tzinfo=UTC)


@attrs.define
class Frontiers:
    """The newest rows of datasets before an instant, and the oldest, each read once."""

    catalog: Catalog
    _newest: dict[tuple[str, str, datetime | None], datetime | None] = attrs.field(factory=dict)
    _oldest: dict[tuple[str, str], datetime | None] = attrs.field(factory=dict)
    _counts: dict[str, int] = attrs.field(factory=dict)
    _buckets: dict[tuple[str, str, Grain, Window], dict[date, datetime]] = attrs.field(factory=dict)

    def is_timed(self, dataset: Dataset) -> bool:
        """Whether the source has the dataset's time column, and holds instants or days in it."""
        if dataset.time is None:
            return False
        wanted = {dataset.time: dataset.column(dataset.time).type}
        return not self.catalog.faults({dataset.name: wanted})

    def newest(self, dataset: Dataset, before: datetime | None) -> datetime | None:
        """The newest instant of a dataset's time column before ``before``."""
        key = (dataset.name, dataset.time or "", before)
        if key not in self._newest:
            known = self._implied(*key)
            if known is not None:
                return known
            statement = probe_statements.frontier(dataset, self.catalog.table, before)
            self._newest[key] = instant_of(self.catalog.session.rows(statement)[0][0])
        return self._newest[key]

    def _implied(self, name: str, time: str, before: datetime | None) -> datetime | None:
        """The frontier, where one that was read with a later limit already lies before this one."""
        if before is None:
            return None
        for (dataset, column, limit), newest in self._newest.items():
            same = (dataset, column) == (name, time)
            if (
                same
                and (limit is None or before <= limit)
                and newest is not None
                and newest < before
            ):
                return newest
        return None

    def oldest(self, dataset: Dataset) -> datetime | None:
        """The oldest instant of a dataset's time column; ``None`` where there is no row."""
        key = (dataset.name, dataset.time or "")
        if key not in self._oldest:
            statement = probe_statements.earliest(dataset, self.catalog.table)
            self._oldest[key] = instant_of(self.catalog.session.rows(statement)[0][0])
        return self._oldest[key]

    def by_bucket(self, dataset: Dataset, grain: Grain, window: Window) -> dict[date, datetime]:
        """The newest instant of each bucket that has rows in the window."""
        key = (dataset.name, dataset.time or "", grain, window)
        if key not in self._buckets:
            statement = probe_statements.frontiers(dataset, self.catalog.table, grain, window)
            rows = self.catalog.session.rows(statement)
            self._buckets[key] = {
                start.date(): newest
                for day, value in rows
                if (start := instant_of(day)) and (newest := instant_of(value))
            }
        return self._buckets[key]

    def count(self, dataset: Dataset) -> int:
        """The number of rows of a dataset: the frontier of one without a time column."""
        if dataset.name not in self._counts:
            statement = probe_statements.row_count(dataset, self.catalog.table)
            self._counts[dataset.name] = int(self.catalog.session.rows(statement)[0][0])
        return self._counts[dataset.name]
