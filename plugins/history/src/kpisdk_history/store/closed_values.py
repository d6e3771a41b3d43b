"""The values that were recorded of closed periods, and the ranges that were expected of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from kpisdk_history.store.reading import AT_ONCE, Reading
from kpisdk_history.store.tables import RESULTS, RUNS

_C = RESULTS.c


class ClosedValue(NamedTuple):
    """One recorded value of a period that was over when it was computed.

    Attributes:
        id: its number, which orders results.
        series: the hash of the cut and the slice.
        start: where its window begins (UTC).
        end: where its window ends (UTC).
        value: what it came to; ``None`` where the data had none.
        definition_version: what the KPI was defined by.
        plugin: who brings it, and in which version.
        core: the version of kpisdk.
        recorded_at: when it was recorded (UTC).
    """

    id: int
    series: str
    start: datetime
    end: datetime
    value: float | None
    definition_version: str
    plugin: str | None
    core: str | None
    recorded_at: datetime


def closed_values(
    reading: Reading, kpi_id: str, cut: str, after: datetime
) -> Sequence[ClosedValue]:
    """The values of the closed periods of a cut, in the order in which they were recorded.

    What failed because its source was away says nothing of the data, and is left out.

    Args:
        reading: the store.
        kpi_id: the KPI.
        cut: the hash of the cut.
        after: only windows that begin then or later.
    """
    columns = (_C.id, _C.series, _C.window_start, _C.window_end, _C.value)
    who = (_C.definition_version, _C.plugin, _C.core, RUNS.c.recorded_at)
    statement = (
        sa.select(*columns, *who)
        .join(RUNS)
        .where(_C.kpi_id == kpi_id, _C.cut == cut, _C.window_end > after)
        .where(_C.window_start >= after, _C.window_end <= _C.as_of, _C.known)
        .order_by(_C.id)
    )
    return [ClosedValue._make(row) for row in reading.connection.execute(statement)]


def expected_ranges(reading: Reading, figures: Sequence[str]) -> Iterator[tuple[str, float, float]]:
    """The figures of which a range was expected, each with its ends.

    Args:
        reading: the store.
        figures: the hashes of the figures.
    """
    for start in range(0, len(figures), AT_ONCE):
        chosen = _C.figure.in_(figures[start : start + AT_ONCE])
        statement = sa.select(_C.figure, _C.expected_low, _C.expected_high).where(
            chosen, _C.expected_low.is_not(None)
        )
        for row in reading.connection.execute(statement.order_by(_C.id)):
            yield row.figure, row.expected_low, row.expected_high
