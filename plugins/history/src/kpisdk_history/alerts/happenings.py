"""What happened once in a run: closed periods that moved, and definitions that were replaced."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from kpisdk import Result
from kpisdk_history.alerts.digests import AlertChange
from kpisdk_history.alerts.rules import CHANGED, RESTATED
from kpisdk_history.alerts.states import HAPPENED
from kpisdk_history.alerts.window_words import window_words
from kpisdk_history.recording.restating import DEFINITION, reasons, restatement_text
from kpisdk_history.store import Restatement, Writing
from kpisdk_history.store.reading import AT_ONCE
from kpisdk_history.store.tables import RESULTS

MOST_PERIODS = 3
"""Restated periods of one KPI and slice that are told one by one."""

_C = RESULTS.c


def restated(
    writing: Writing, found: Sequence[Restatement], names: Mapping[str, str]
) -> list[AlertChange]:
    """One change for each KPI and slice of which closed periods moved.

    Args:
        writing: the transaction of the run.
        found: the run's restatements.
        names: the names of the KPIs, by id.
    """
    rows = _rows(writing, [each.result_id for each in found])
    grouped: dict[str, list[Restatement]] = {}
    for each in found:
        grouped.setdefault(rows[each.result_id]["series"], []).append(each)
    return [
        _restated(series, mine, rows, names.get(mine[0].kpi_id, ""))
        for series, mine in grouped.items()
    ]


def _restated(
    series: str, found: Sequence[Restatement], rows: Mapping[int, Mapping[str, Any]], name: str
) -> AlertChange:
    row = rows[found[-1].result_id]
    told = [
        f"{_window(rows[each.result_id])}{restatement_text(each).removeprefix(each.kpi_id)}"
        for each in found[:MOST_PERIODS]
    ]
    more = len(found) - MOST_PERIODS
    told += [f"{more} more periods"] if more > 0 else []
    return AlertChange(
        alert="",
        event=HAPPENED,
        kinds=(RESTATED,),
        kpi_id=row["kpi_id"],
        name=name,
        slice=json.loads(row["slice"]),
        filters=json.loads(row["filters"]),
        value=row["value"],
        unit=row["unit"],
        status=row["status"],
        reason=row["reason"],
        window=_window(row),
        decided=row["decided"],
        why=f"a closed period came out differently: {'; '.join(told)}.",
        subject=series,
    )


def changed(writing: Writing, run_id: int, results: Sequence[Result]) -> Iterator[AlertChange]:
    """One change for each KPI that is defined otherwise than where it was recorded last.

    Args:
        writing: the transaction of the run, with the run's results written.
        run_id: the run.
        results: those of the run.
    """
    first = {result.kpi_id: result for result in reversed(results)}
    columns = (_C.n, _C.value, _C.plugin, _C.core, _C.engine, _C.driver, _C.definition_version)
    for kpi_id, result in first.items():
        mine = sa.select(*columns).where(_C.kpi_id == kpi_id, _C.known).order_by(_C.id.desc())
        now, before = (
            _first(writing, mine.where(part)) for part in (_C.run_id == run_id, _C.run_id < run_id)
        )
        if now is None or before is None or DEFINITION not in reasons(before, now):
            continue
        yield AlertChange(
            alert="",
            event=HAPPENED,
            kinds=(CHANGED,),
            kpi_id=kpi_id,
            name=result.name,
            unit=result.unit.value,
            why=(
                f"it is defined otherwise from this run on ({before['definition_version']} became "
                f"{now['definition_version']})."
            ),
            subject=kpi_id[:32],
        )


def _window(row: Mapping[str, Any]) -> str | None:
    return window_words(row["window_label"], row["window_start"], row["window_end"])


def _first(writing: Writing, statement: Any) -> dict[str, Any] | None:
    row = writing.connection.execute(statement.limit(1)).mappings().first()
    return None if row is None else {str(key): row[key] for key in row}


def _rows(writing: Writing, numbers: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    columns = (
        *(_C.id, _C.kpi_id, _C.series, _C.slice, _C.filters, _C.value, _C.unit, _C.status),
        *(_C.reason, _C.window_label, _C.window_start, _C.window_end, _C.decided),
    )
    found: dict[int, Mapping[str, Any]] = {}
    for start in range(0, len(numbers), AT_ONCE):
        chosen = sa.select(*columns).where(_C.id.in_(numbers[start : start + AT_ONCE]))
        for row in writing.connection.execute(chosen).mappings():
            found[row["id"]] = {str(key): row[key] for key in row}
    return found
