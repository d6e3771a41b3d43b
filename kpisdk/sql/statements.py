"""From a statement plan to one SQLAlchemy select."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.expressions import Expression
from kpisdk.contracts.measures import Aggregate
from kpisdk.contracts.plans import Dimension, Shape, Slicing, StatementPlan, Task
from kpisdk.contracts.relations import Derived, Relation
from kpisdk.contracts.vocabulary import Grain, LogicalType
from kpisdk.contracts.windows import Window
from kpisdk.sql import constructs
from kpisdk.sql.aggregates import aggregate
from kpisdk.sql.expressions import Environment, against_instant, compiled, within
from kpisdk.sql.relation_rows import (
    OpenRows,
    Selection,
    Tables,
    opened,
    positions,
    selection,
)
from kpisdk.sql.rendering import traits_of
from kpisdk.sql.scopes import BUCKET, bucket, dimension_label, matches
from kpisdk.sql.tables import BoundTable


def statement(plan: StatementPlan, tables: Tables, dialect: str) -> Any:
    """The select of a plan: slice columns, then the bucket if there is one, then the tasks.

    Its columns are labelled: :func:`~kpisdk.sql.scopes.dimension_label`, ``BUCKET``, and the tasks'
    own labels.
    """
    env = Environment(dialect, plan.as_of, plan.parameters)
    chosen = selection(plan, tables, env)
    rows, groups = chosen.rows, chosen.groups
    if plan.shape is Shape.TWO_LEVEL:
        return _two_level(plan, chosen, env)
    measured = [
        aggregate(task.measure, rows.columns, env, chosen.within(task.window)).label(task.label)
        for task in plan.tasks
    ]
    select = sa.select(*groups, *measured).select_from(rows.source).where(*chosen.where)
    return select.group_by(*positions(groups)) if groups else select


def _two_level(plan: StatementPlan, chosen: Selection, env: Environment) -> Any:
    """Group by the counted entity, then count the entities (and sum their rows)."""
    rows, groups = chosen.rows, chosen.groups
    entity = next(task.measure.value for task in plan.tasks if task.measure.value is not None)
    inner: list[Any] = [compiled(entity, rows.columns, env).label("entity")]
    outer: list[tuple[Task, str | None]] = []
    for task in plan.tasks:
        window = chosen.within(task.window)
        if task.measure.aggregate is Aggregate.COUNT:
            inner.append(aggregate(task.measure, rows.columns, env, window).label(task.label))
            outer.append((task, task.label))
            continue
        terms = [window] if window is not None else []
        if task.measure.where is not None:
            terms.append(compiled(task.measure.where, rows.columns, env))
        if terms:
            inner.append(constructs.AnyTrue(sa.and_(*terms)).label(task.label))
        outer.append((task, task.label if terms else None))
    grouped = sa.select(*groups, *inner).select_from(rows.source).where(*chosen.where)
    entities = grouped.group_by(*positions([*groups, inner[0]])).subquery("entities")
    known = entities.c.entity.is_not(None)
    counted = []
    for task, label in outer:
        if task.measure.aggregate is Aggregate.COUNT:
            element: Any = sa.func.coalesce(sa.func.sum(entities.c[task.label]), 0)
        elif label is None:
            element = constructs.CountIf(known)
        else:
            element = constructs.CountIf(sa.and_(known, entities.c[label]))
        counted.append(element.label(task.label))
    keys = [entities.c[group.name] for group in groups]
    select = sa.select(*keys, *counted).select_from(entities)
    return select.group_by(*positions(keys)) if keys else select


def frontier(dataset: Dataset, tables: Tables, before: Any) -> Any:
    """The newest instant of a dataset's time column before an instant (``None``: of all)."""
    clause, columns = tables(dataset.name).clause()
    column = columns[dataset.time or ""]
    newest = sa.select(sa.func.max(column).label("newest")).select_from(clause)
    if before is None:
        return newest
    return newest.where(
        against_instant(column, dataset.column(dataset.time or "").type, "<", before)
    )


def earliest(dataset: Dataset, tables: Tables) -> Any:
    """The oldest instant of a dataset's time column."""
    clause, columns = tables(dataset.name).clause()
    column = columns[dataset.time or ""]
    return sa.select(sa.func.min(column).label("oldest")).select_from(clause)


def frontiers(dataset: Dataset, tables: Tables, grain: Grain, window: Window) -> Any:
    """The newest instant of each calendar bucket that has rows in a window."""
    clause, columns = tables(dataset.name).clause()
    column, logical = columns[dataset.time or ""], dataset.column(dataset.time or "").type
    start = bucket(column, Slicing(grain=grain)).label(BUCKET)
    select = sa.select(start, sa.func.max(column).label("newest")).select_from(clause)
    condition = within(window, column, logical)
    if condition is not None:
        select = select.where(condition)
    return select.group_by(*positions([start]))


def row_count(dataset: Dataset, tables: Tables) -> Any:
    """The number of rows of a dataset."""
    clause, _ = tables(dataset.name).clause()
    return sa.select(sa.func.count()).select_from(clause)


def any_row(
    relation: Relation,
    where: Expression | None,
    tables: Tables,
    env: Environment,
    window: Window | None,
) -> Any:
    """One row if any row of the relation, whatever its slice, satisfies the predicate."""
    rows = opened(relation, Slicing(), tables, env, window)
    select = sa.select(sa.literal(1)).select_from(rows.source).where(*rows.conditions)
    if where is not None:
        select = select.where(compiled(where, rows.columns, env))
    return select.limit(1)


def any_value(table: BoundTable, column: str) -> Any:
    """One row if a column of a table holds a value in any row."""
    clause, columns = table.clause()
    known = columns[column].is_not(None)
    return sa.select(sa.literal(1)).select_from(clause).where(known).limit(1)


def any_match(table: BoundTable, dimension: Dimension, values: tuple[Any, ...]) -> Any:
    """One row if any row of a table passes a filter, whatever its time."""
    clause, columns = table.clause()
    passes = matches(columns[dimension.name], dimension.type, values, table.dialect)
    return sa.select(sa.literal(1)).select_from(clause).where(passes).limit(1)


def examples(dataset: Dataset, names: Iterable[str], tables: Tables, limit: int) -> Any:
    """Distinct values of some columns from rows that have them all.

    Rows with most of the dataset's columns filled come first, and those whose flags are true.
    """
    clause, columns = tables(dataset.name).clause()
    wanted = [columns[name] for name in names]
    filled: Any = sa.literal(0)
    for column in dataset.columns:
        element = columns[column.name]
        known = element.is_(True) if column.type is LogicalType.BOOL else element.is_not(None)
        filled = filled + sa.case((known, 1), else_=0)
    select = sa.select(*wanted).select_from(clause)
    select = select.where(*(element.is_not(None) for element in wanted))
    ranked = select.group_by(*wanted).order_by(sa.func.max(filled).desc(), *wanted)
    return ranked.limit(limit)


def frame(
    plan: StatementPlan,
    columns: tuple[str, ...],
    where: Expression | None,
    tables: Tables,
    dialect: str,
) -> Any:
    """The rows of a relation for a calculator: slice columns, bucket, and the named columns."""
    env = Environment(dialect, plan.as_of, plan.parameters)
    rows = opened(plan.relation, plan.slicing, tables, env, plan.window)
    selected = [
        element.label(dimension_label(position)) for position, element in enumerate(rows.dimensions)
    ]
    if rows.bucket is not None:
        selected.append(rows.bucket.label(BUCKET))
    selected += [_as_read(plan.relation, name, rows, dialect).label(name) for name in columns]
    conditions = list(rows.conditions)
    if plan.window is not None and rows.time is not None:
        condition = within(plan.window, *rows.time)
        if condition is not None:
            conditions.append(condition)
    if where is not None:
        conditions.append(compiled(where, rows.columns, env))
    return sa.select(*selected).select_from(rows.source).where(*conditions)


def _as_read(relation: Relation, name: str, rows: OpenRows, dialect: str) -> Any:
    """A column of a frame.

    JSON comes as text from every engine: a driver would parse it row by row, and calculators that
    want to do so themselves.
    """
    added = relation.adds if isinstance(relation, Derived) else ()
    types = {column.name: column.type for column in (*relation.base.columns, *added)}
    is_json = types.get(name) is LogicalType.JSON and traits_of(dialect).json_as_text
    return sa.cast(rows.columns[name], sa.Text()) if is_json else rows.columns[name]


def duplicate_keys(table: BoundTable) -> Any:
    """One row if the key of a referenced table is not unique: a join would multiply rows."""
    clause, columns = table.clause()
    key = columns[table.key or ""]
    select = sa.select(key).select_from(clause).where(key.is_not(None))
    return select.group_by(key).having(sa.func.count() > 1).limit(1)
