"""Asks a question of a container, and names every cell whose answer is not the reference's."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from kpisdk.contracts.results import Result
from kpisdk.hookspecs import hookimpl
from kpisdk.testing.differential.containers import Container
from kpisdk.testing.differential.drawn_questions import Cell, Question
from kpisdk.testing.differential.event_rows import AS_OF, Row, missing
from kpisdk.testing.differential.figures import FIGURES, KPIS
from kpisdk.testing.differential.places import COLUMNS, Place
from kpisdk.workspace import Workspace


class Figures:
    """The plugin that brings the figures' KPIs."""

    name = "differential"
    __version__ = "1.0"

    @hookimpl
    def kpisdk_kpis(self) -> Any:
        """The KPIs."""
        return KPIS


def opened(source: Any) -> Workspace:
    """A workspace on a source with the figures' KPIs, an hour after as_of, without a cache."""
    now = AS_OF.replace(tzinfo=dt.UTC) + dt.timedelta(hours=1)
    return Workspace(source, plugins=[Figures()], cache="off", clock=lambda: now)


def disagreements(
    rows: Sequence[Row], question: Question, container: Container, place: Place
) -> list[str]:
    """One line for every figure and cell in which a container's answer is not the right one."""
    workspace = opened(container.put(rows, place))
    report = workspace.compute(*(kpi.id for kpi in KPIS), **question.arguments)
    held = [container.held(row) for row in rows]
    return differences(held, question, report.results)


def differences(rows: Sequence[Row], question: Question, results: Sequence[Result]) -> list[str]:
    """One line for every figure and cell whose result is not the reference's."""
    cells = question.cells(rows)
    found: list[str] = []
    blank = {name for name in COLUMNS if all(missing(row[name]) for row in rows)}
    for figure, kpi in zip(FIGURES, KPIS, strict=True):
        mine = {_cell(each, question): each for each in results if each.kpi_id == kpi.id}
        reasons = {f"{each.reason}: {each.message}" for each in mine.values() if each.reason}
        why = f" ({'; '.join(sorted(reasons)[:2])})" if reasons else ""
        found += [
            f"{figure.name} has no result for {_words(cell, question)}{why}"
            for cell, inside in cells.items()
            if cell not in mine and (inside or question.grain is not None)
        ]
        for cell, result in mine.items():
            inside = cells.get(cell, [])
            right = _finite(figure.reference(inside))
            if figure.counts and result.value is None and (not inside or figure.columns & blank):
                continue  # nothing says zero before the first row, or of a column without a value
            if not _close(result.value, right):
                found.append(
                    f"{figure.name} of {_words(cell, question)} is {result.value!r}, not {right!r}"
                    + (f" ({result.reason}: {result.message})" if result.reason else "")
                )
    return found


def _cell(result: Result, question: Question) -> Cell:
    values = tuple(result.slice.get(name) for name in question.by)
    if not result.slice:
        values = ()
    return values, result.period


def _words(cell: Cell, question: Question) -> str:
    slices = ", ".join(
        f"{name}={value!r}" for name, value in zip(question.by, cell[0], strict=False)
    )
    return " ".join(filter(None, (slices or "everything", cell[1])))


def _finite(right: float | None) -> float | None:
    """What is not finite is no value."""
    return right if right is not None and math.isfinite(right) else None


def _close(value: float | None, right: float | None) -> bool:
    if value is None or right is None:
        return value is right
    return math.isclose(value, right, rel_tol=1e-9, abs_tol=1e-9)
