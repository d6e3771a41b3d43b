"""Relation rows: a relation opened for one slice, from which statements select."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.plans import Slicing, StatementPlan, Task
from kpisdk.contracts.relations import Derived, Relation, WindowUse
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.contracts.windows import Window
from kpisdk.errors import KpisdkError, QueryError
from kpisdk.sql.expressions import Environment, within
from kpisdk.sql.scopes import BUCKET, RelationScope, Sliced, bucket, dimension_label
from kpisdk.sql.tables import BoundTable

Tables = Callable[[str], BoundTable]
"""Looks up the bound table of a dataset by its name."""


@attrs.frozen
class OpenRows:
    """A relation opened for a slice: FROM clause, columns, slice columns, conditions."""

    source: Any
    columns: Mapping[str, Any]
    dimensions: list[Any]
    conditions: list[Any]
    time: tuple[Any, LogicalType] | None
    bucket: Any


def opened(
    relation: Relation, slicing: Slicing, tables: Tables, env: Environment, window: Window | None
) -> OpenRows:
    """A relation opened for a slice."""
    if isinstance(relation, Dataset):
        sliced = Sliced(relation, slicing, tables)
        time = None
        # One that the source lacks is none: whoever needs it for a window was refused before.
        if relation.time is not None and relation.time in sliced.columns:
            time = (sliced.columns[relation.time], relation.column(relation.time).type)
        return OpenRows(
            sliced.source,
            sliced.columns,
            sliced.dimensions,
            sliced.conditions,
            time,
            bucket(time[0], slicing) if slicing.grain and time else None,
        )
    scope = RelationScope(relation, slicing, tables, env, window)
    source = _built(relation, scope, slicing)
    dimensions = [source.c[dimension_label(position)] for position in range(len(slicing.by))]
    time, in_bucket = None, None
    if relation.window_use is WindowUse.OUTSIDE and relation.base.time is not None:
        name = relation.base.time
        time = (source.c[name], relation.base.column(name).type)
        in_bucket = bucket(time[0], slicing) if slicing.grain else None
    elif BUCKET in source.c:
        in_bucket = source.c[BUCKET]
    return OpenRows(source, source.c, dimensions, [], time, in_bucket)


@attrs.define(eq=False)
class RelationError(QueryError):
    """A derived relation's own function failed: the fault of the plugin that brings it."""

    template = "The relation {source!r} could not be built: {detail}"


@attrs.frozen
class Selection:
    """The rows of a plan's statement: what they are grouped by, and which of them are read.

    ``groups`` are the labelled slice columns, then the calendar bucket if there is one; ``span`` is
    the smallest window that holds those of all tasks.
    """

    rows: OpenRows
    groups: list[Any]
    where: list[Any]
    span: Window | None

    def within(self, window: Window | None) -> Any:
        """The condition that a row lies in a window; ``None`` if all of the selection do."""
        if window is None or self.rows.time is None or same_bounds(window, self.span):
            return None
        return within(window, *self.rows.time)


def selection(plan: StatementPlan, tables: Tables, env: Environment) -> Selection:
    """What a plan's statement selects from.

    Raises:
        RelationError: a task has a window and the relation no time; its own function failed.
    """
    rows = opened(plan.relation, plan.slicing, tables, env, plan.window)
    span = hull(plan.tasks)
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


def _built(relation: Derived, scope: RelationScope, slicing: Slicing) -> Any:
    try:
        source = relation.build(scope).subquery(relation.name)
    except KpisdkError:
        raise
    except Exception as error:  # a plugin's function may raise anything
        raise RelationError(relation.name, f"{type(error).__name__}: {error}") from error
    lost = [
        dimension.name
        for position, dimension in enumerate(slicing.by)
        if dimension_label(position) not in source.c
    ]
    if lost:
        what = f"it does not pass on the slice columns of scope.rows() (of {', '.join(lost)})"
        raise RelationError(relation.name, what)
    return source


def hull(tasks: tuple[Task, ...]) -> Window | None:
    """The smallest window that holds all tasks' windows; ``None`` if one has no bound at all."""
    windows = [task.window for task in tasks]
    if not windows or any(window is None for window in windows):
        return None
    starts = [window.start for window in windows if window is not None]
    ends = [window.end for window in windows if window is not None]
    start = None if None in starts else min(each for each in starts if each is not None)
    end = None if None in ends else max(each for each in ends if each is not None)
    return None if start is None and end is None else Window(start, end, "hull")


def same_bounds(window: Window, other: Window | None) -> bool:
    """Whether two windows hold the same instants, whatever they are called."""
    return other is not None and (window.start, window.end) == (other.start, other.end)


def positions(groups: Sequence[Any]) -> list[Any]:
    """What to group by when these are the first selected columns."""
    # Grouping by the labelled elements themselves would bind a bucket's literal twice, and
    # PostgreSQL would then not see the two as one expression.
    return [sa.text(str(position)) for position in range(1, len(groups) + 1)]
