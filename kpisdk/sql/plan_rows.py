"""The rows of a plan's statement: which of its relation they are, and what they are grouped by."""

from __future__ import annotations

from typing import Any

import attrs

from kpisdk.contracts.plans import StatementPlan, Task
from kpisdk.contracts.time_windows import Window
from kpisdk.sql.expression_sql import Environment, within
from kpisdk.sql.relation_rows import RelationError, RelationRows, Tables, open_rows
from kpisdk.sql.scopes import BUCKET, dimension_label


@attrs.frozen
class Selection:
    """The rows of a plan's statement.

    Attributes:
        rows: the relation, opened for the plan's slice.
        groups: the labelled slice columns, then the calendar bucket if there is one.
        where: the conditions of the rows that are read.
        span: the smallest window that holds those of all tasks.
    """

    rows: RelationRows
    groups: list[Any]
    where: list[Any]
    span: Window | None

    def within(self, window: Window | None) -> Any:
        """The condition that a row lies in a window; ``None`` if all of the selection do."""
        if window is None or self.rows.time is None or _same_bounds(window, self.span):
            return None
        return within(window, *self.rows.time)


def selection(plan: StatementPlan, tables: Tables, env: Environment) -> Selection:
    """What a plan's statement selects from.

    Raises:
        RelationError: a task has a window and the relation no time, or the relation's own function
            failed.
    """
    rows = open_rows(plan.relation, plan.slicing, tables, env, plan.window)
    span = _hull(plan.tasks)
    where = list(rows.conditions)
    if rows.time is None and any(task.window is not None for task in plan.tasks):
        what = "its rows cannot be chosen by time: it has no time column"
        raise RelationError(plan.relation.name, what)
    if span is not None and rows.time is not None:
        where.append(within(span, *rows.time))
    groups = [
        element.label(dimension_label(position)) for position, element in enumerate(rows.dimensions)
    ]
    if rows.bucket is not None:
        groups.append(rows.bucket.label(BUCKET))
    return Selection(rows, groups, where, span)


def _hull(tasks: tuple[Task, ...]) -> Window | None:
    """The smallest window that holds all tasks' windows; ``None`` if one has no bound at all."""
    windows = [task.window for task in tasks]
    if not windows or any(window is None for window in windows):
        return None
    starts = [window.start for window in windows if window is not None]
    ends = [window.end for window in windows if window is not None]
    start = None if None in starts else min(each for each in starts if each is not None)
    end = None if None in ends else max(each for each in ends if each is not None)
    return None if start is None and end is None else Window(start, end, "hull")


def _same_bounds(window: Window, hull: Window | None) -> bool:
    return hull is not None and (window.start, window.end) == (hull.start, hull.end)
