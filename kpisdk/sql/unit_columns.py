"""What a statement with units takes per bucket, and how measures are made of it.

A measure's columns are aggregates over the rows of one bucket; each is merged over buckets by a
sum, a least or a largest value. From them follow the measure's value over a cell and its parts
(:mod:`kpisdk.sql.unit_parts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.metric_protocol import behind
from kpisdk.contracts.plans import Task
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import constructs
from kpisdk.sql.aggregates import aggregate
from kpisdk.sql.expression_sql import Environment, bound, compiled
from kpisdk.sql.plan_rows import Selection

Merge = Callable[[Any], Any]


@attrs.frozen
class BucketColumn:
    """A number of each bucket: its label, its aggregate over rows, and how buckets are merged."""

    label: str
    element: Any
    merge: Merge = sa.func.sum


def bucket_columns(
    task: Task, chosen: Selection, env: Environment, level: Any = None
) -> list[BucketColumn]:
    """What a task takes per bucket; ``level`` is the cell's own value of a quantile."""
    measure, label = task.measure, task.label
    extra = chosen.within(task.window)

    def made(measure: Measure) -> Any:
        return aggregate(measure, chosen.rows.columns, env, extra)

    match measure.aggregate:
        case Aggregate.COUNT | Aggregate.SUM:
            return [BucketColumn(label, made(measure))]
        case Aggregate.MIN | Aggregate.MAX:
            is_least = measure.aggregate is Aggregate.MIN
            merge = sa.func.min if is_least else sa.func.max
            return [BucketColumn(label, made(measure), merge)]
        case Aggregate.DISTINCT:
            counted = sa.and_(*_conditions(measure, chosen, env, extra))
            held = sa.case((constructs.AnyTrue(counted), 1), else_=0)
            return [BucketColumn(label, held)]
        case Aggregate.QUANTILE:
            below = (
                *_conditions(measure, chosen, env, extra),
                _value(measure, chosen, env) < level,
            )
            return [
                BucketColumn(label, sa.func.max(level), sa.func.max),
                BucketColumn(f"{label}_n", made(behind(measure))),
                BucketColumn(f"{label}_below", constructs.CountIf(sa.and_(*below))),
            ]
    columns = [
        BucketColumn(f"{label}_s", made(attrs.evolve(measure, aggregate=Aggregate.SUM))),
        BucketColumn(f"{label}_n", made(behind(measure))),
    ]
    if measure.aggregate is Aggregate.VARIANCE:
        columns.append(BucketColumn(f"{label}_v", made(measure), sa.func.max))
    return columns


def _value(measure: Measure, chosen: Selection, env: Environment) -> Any:
    if measure.value is None:
        raise ValueError(f"a {measure.aggregate.value} has no value")
    return compiled(measure.value, chosen.rows.columns, env)


def _conditions(
    measure: Measure, chosen: Selection, env: Environment, extra: Any
) -> tuple[Any, ...]:
    """What is true of the rows whose value a measure reads."""
    found = [_value(measure, chosen, env).is_not(None)]
    if extra is not None:
        found.append(extra)
    if measure.where is not None:
        found.append(compiled(measure.where, chosen.rows.columns, env))
    return tuple(found)


def centres(task: Task, held: Any, keys: list[Any], entity: Any) -> list[Any]:
    """What a bucket's columns are compared with: numbers of the whole cell.

    The mean, for what is taken from it; and in how many buckets a counted value lies, where
    ``entity`` is the column of such values and they are not the units themselves.
    """
    label, kind = task.label, task.measure.aggregate
    if kind in (Aggregate.MEAN, Aggregate.VARIANCE):
        whole = sa.func.sum(_double(held[f"{label}_s"])).over(partition_by=keys or None)
        rows = sa.func.sum(held[f"{label}_n"]).over(partition_by=keys or None)
        return [(whole / sa.func.nullif(_double(rows), _zero())).label(f"{label}_m")]
    if kind is Aggregate.DISTINCT and entity is not None:
        buckets = sa.func.sum(held[label]).over(partition_by=[*keys, entity])
        return [buckets.label(f"{label}_buckets")]
    return []


def parts(task: Task, held: Any, *, nested: bool) -> list[BucketColumn]:
    """The parts of a task that are not among its columns, from these and the centres."""
    label, kind = task.label, task.measure.aggregate
    if kind is Aggregate.DISTINCT and not nested:
        buckets = _double(held[f"{label}_buckets"])
        once = _double(held[label]) / sa.func.nullif(buckets, _zero())
        split = sa.case((sa.and_(held[label] == 1, buckets > 1), 1), else_=0)
        return [BucketColumn(f"{label}_once", once), BucketColumn(f"{label}_split", split)]
    if kind not in (Aggregate.MEAN, Aggregate.VARIANCE):
        return []
    whole, n = _double(held[f"{label}_s"]), _double(held[f"{label}_n"])
    mean = held[f"{label}_m"]
    deviation = sa.case((n > 0, whole - n * mean), else_=_zero())
    found = [BucketColumn(f"{label}_e", deviation)]
    if kind is Aggregate.VARIANCE:
        within = sa.func.coalesce(held[f"{label}_v"] * (n - 1), _zero())
        apart = whole / n - mean
        squares = sa.case((n > 0, within + n * apart * apart), else_=_zero())
        found.append(BucketColumn(f"{label}_q", squares))
    return found


def value(task: Task, held: Any, *, nested: bool) -> Any:
    """A task's value over the buckets of a cell, as one statement without units gives it."""
    label, kind = task.label, task.measure.aggregate
    match kind:
        case Aggregate.MIN:
            return sa.func.min(held[label])
        case Aggregate.MAX | Aggregate.QUANTILE:
            return sa.func.max(held[label])
        case Aggregate.SUM:
            return sa.func.sum(held[label])
        case Aggregate.MEAN | Aggregate.VARIANCE:
            n = _double(sa.func.sum(held[f"{label}_n"]))
            if kind is Aggregate.MEAN:
                whole = sa.func.sum(_double(held[f"{label}_s"]))
                return whole / sa.func.nullif(n, _zero())
            spread = _double(sa.func.sum(held[f"{label}_q"])) / sa.func.nullif(n - 1, _zero())
            # Where an infinity leaves an engine without a not-a-number nothing, that is not taken
            # for too few rows.
            infinite = sa.func.max(sa.func.abs(_double(held[f"{label}_s"])))
            return sa.case((n > 1, sa.func.coalesce(spread, infinite)))
    counted = f"{label}_once" if kind is Aggregate.DISTINCT and not nested else label
    total = sa.func.coalesce(sa.func.sum(held[counted]), 0)
    return sa.cast(sa.func.round(total), sa.BigInteger())


def levels(
    tasks: tuple[Task, ...], chosen: Selection, env: Environment
) -> tuple[Any, Mapping[str, Any]]:
    """The cells' quantiles as a table to join, and its columns by the tasks' labels.

    Its first columns are the selection's groups.
    """
    made = [
        aggregate(each.measure, chosen.rows.columns, env, chosen.within(each.window)).label(
            each.label
        )
        for each in tasks
    ]
    select = sa.select(*chosen.groups, *made).select_from(chosen.rows.source)
    grouped = select.where(*chosen.where)
    if chosen.groups:
        grouped = grouped.group_by(*(sa.text(str(1 + each)) for each in range(len(chosen.groups))))
    table = grouped.cte("levels")
    return table, {each.label: table.c[each.label] for each in tasks}


def same_cell(left: Any, right: Any) -> Any:
    """That two columns hold one group, both without a value included, so that joins can be hashed.

    Engines hash equality alone, and texts of two doubles may be equal where these are not.
    """
    texts = (sa.func.coalesce(sa.cast(each, sa.Text()), "") for each in (left, right))
    one, other = texts
    return sa.and_(one == other, left.is_not_distinct_from(right))


def _double(element: Any) -> Any:
    return sa.cast(element, sa.Double())


def _zero() -> Any:
    return bound(0.0, LogicalType.FLOAT)
