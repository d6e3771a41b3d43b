"""From a statement plan to one SQLAlchemy select, and from a calculator's input to another."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from kpisdk.contracts.expression_tree import Expression
from kpisdk.contracts.measures import Aggregate
from kpisdk.contracts.plans import Shape, StatementPlan, Task
from kpisdk.contracts.relations import Derived, Relation
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import constructs
from kpisdk.sql.aggregates import aggregate
from kpisdk.sql.expression_sql import Environment, compiled, within
from kpisdk.sql.plan_rows import Selection, selection
from kpisdk.sql.relation_rows import RelationRows, Tables, open_rows, positions
from kpisdk.sql.rendering import traits_of
from kpisdk.sql.scopes import BUCKET, UNIT, dimension_label, unit_of
from kpisdk.sql.unit_selects import with_moments


def statement(plan: StatementPlan, tables: Tables, dialect: str) -> Any:
    """The select of a plan: slice columns, then the bucket if there is one, then the tasks.

    Its columns are labelled: :func:`~kpisdk.sql.scopes.dimension_label`, ``BUCKET``, and the tasks'
    own labels; with a unit, its moments follow them
    (:class:`~kpisdk.sql.unit_layout.UnitLayout`).
    """
    if plan.unit is not None:
        return with_moments(plan, plan.unit, tables, dialect)
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


def frame(
    plan: StatementPlan,
    columns: tuple[str, ...],
    where: Expression | None,
    tables: Tables,
    dialect: str,
) -> Any:
    """The rows of a relation for a calculator: slice columns, bucket, and the named columns.

    With a unit in the plan, that of each row stands beside them (``UNIT``); a relation whose rows
    are groups has counted its units itself.
    """
    env = Environment(dialect, plan.as_of, plan.parameters)
    unit, relation = plan.unit, plan.relation
    is_grouped = isinstance(relation, Derived) and relation.grouped
    rows = open_rows(relation, plan.slicing, tables, env, plan.window, unit if is_grouped else None)
    selected = [
        element.label(dimension_label(position)) for position, element in enumerate(rows.dimensions)
    ]
    if rows.bucket is not None:
        selected.append(rows.bucket.label(BUCKET))
    if unit is not None and not is_grouped:
        selected.append(unit_of(unit, rows.columns).label(UNIT))
    selected += [_as_read(relation, name, rows, dialect).label(name) for name in columns]
    conditions = list(rows.conditions)
    if plan.window is not None and rows.time is not None:
        condition = within(plan.window, *rows.time)
        if condition is not None:
            conditions.append(condition)
    if where is not None:
        conditions.append(compiled(where, rows.columns, env))
    return sa.select(*selected).select_from(rows.source).where(*conditions)


def _as_read(relation: Relation, name: str, rows: RelationRows, dialect: str) -> Any:
    """A column of a frame.

    JSON comes as text from every engine: a driver would parse it row by row, and calculators that
    want to do so themselves.
    """
    added = relation.adds if isinstance(relation, Derived) else ()
    types = {column.name: column.type for column in (*relation.base.columns, *added)}
    is_json = types.get(name) is LogicalType.JSON and traits_of(dialect).json_as_text
    return sa.cast(rows.columns[name], sa.Text()) if is_json else rows.columns[name]
