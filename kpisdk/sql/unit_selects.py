"""Unit moments in SQL: measures, and their products over buckets of units, from one scan.

::

    SELECT keys, combined measures, sum(x * y) ..., count(*)
    FROM (SELECT keys, bucket(unit) AS bucket, measures ... GROUP BY keys, bucket)
    GROUP BY keys

Why this form: tried by hand on DuckDB, five KPIs by ``hcp_id`` over 1.5 M rows, CPU with the same
statement without units as 1.0, the best of four runs on a busy machine (good to about 0.2): nested,
native hash 1.4; the 1,000 bucket rows themselves 1.4; grouped by unit first 1.8; one count per
pattern of all predicates 1.6; filtered counts in the place of ``count_if``, or sums of flags, 1.5;
MD5, in another such trial, 3.9 where the native hash had 1.6. ``CASE WHEN unit IS NULL THEN
hash(key)`` took half as much again as no care for NULL, as the key of each row is then read; rows
without a unit as a second branch took 0 to 9 % more, where there were none.

All eight trigger KPIs (``benchmarks/unit_intervals.py``, CPU, best of two runs) against the best
statements by hand without intervals, and against those that return the buckets as rows: 1.46 and
1.14 on DuckDB (10 M rows); 1.83 and 1.12 on PostgreSQL (1 M rows), by brand 1.86 and 1.35.

Deviations from a cell's mean are taken by a window over its buckets, not over its rows. Distinct
counts group by the counted value within the bucket first. A quantile's rows below are counted
against the cells' quantiles, which the same statement joins.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from kpisdk.contracts.measures import Aggregate
from kpisdk.contracts.plans import StatementPlan, UnitColumn
from kpisdk.sql import constructs
from kpisdk.sql.expression_sql import Environment, compiled
from kpisdk.sql.plan_rows import Selection, selection
from kpisdk.sql.relation_rows import Tables, positions
from kpisdk.sql.unit_buckets import UNIT_BUCKET, Share, counts_units, is_known, shares
from kpisdk.sql.unit_columns import (
    BucketColumn,
    bucket_columns,
    centres,
    levels,
    parts,
    same_cell,
    value,
)
from kpisdk.sql.unit_layout import FLOATING, UnitLayout
from kpisdk.sql.unit_neighbours import beside_earlier, shared_with_earlier
from kpisdk.sql.unit_parts import entity_of

ENTITY = "kpisdk_entity_"
LARGEST = 1e150
"""What is larger is not squared: the square would be no number, or an error of the whole."""
LARGEST_CUBED = 1e100
"""What is larger is squared and not cubed."""


def with_moments(plan: StatementPlan, unit: UnitColumn, tables: Tables, dialect: str) -> Any:
    """The select of a plan with units: the columns of one without, then those of its layout.

    See :class:`~kpisdk.sql.unit_layout.UnitLayout`, which reads its rows.
    """
    layout = UnitLayout.of(plan)
    env = Environment(dialect, plan.as_of, plan.parameters)
    chosen = selection(plan, tables, env)
    nested = _nested(plan, unit)
    merged, _ = _buckets(plan, unit, layout, chosen, env)
    held = _bounded(layout, merged).subquery("bounded") if layout.has_floating else merged
    if plan.back is not None:
        held = beside_earlier(layout, held, [each.name for each in chosen.groups], plan.back)
    keys = [held.c[group.name] for group in chosen.groups]
    measured = [value(task, held.c, nested=nested).label(task.label) for task in plan.tasks]
    select = sa.select(*keys, *measured, *_moments(layout, held.c)).select_from(held)
    return select.group_by(*positions(keys)) if keys else select


def bucket_rows(plan: StatementPlan, unit: UnitColumn, tables: Tables, dialect: str) -> Any:
    """The buckets themselves: slice columns, calendar bucket, unit bucket, parts by their names.

    For what moments do not tell; a plan whose filters choose one cell keeps the rows few.
    """
    layout = UnitLayout.of(plan)
    env = Environment(dialect, plan.as_of, plan.parameters)
    chosen = selection(plan, tables, env)
    held, number = _buckets(plan, unit, layout, chosen, env)
    keys = [held.c[group.name] for group in chosen.groups]
    return sa.select(*keys, number, *(held.c[part] for part in layout.parts)).select_from(held)


def _nested(plan: StatementPlan, unit: UnitColumn) -> bool:
    """Whether no counted value can lie in two buckets, since values are units."""
    entity = entity_of(task.measure for task in plan.tasks)
    return entity is None or counts_units(unit, entity)


def _buckets(
    plan: StatementPlan,
    unit: UnitColumn,
    layout: UnitLayout,
    chosen: Selection,
    env: Environment,
) -> tuple[Any, Any]:
    """One row per cell and bucket with the columns and parts of all tasks; its bucket column."""
    pieces, columns = _pieces(plan, unit, layout, chosen, env)
    nested = _nested(plan, unit)
    keys = [group.name for group in chosen.groups]
    own_keys = [pieces.c[key] for key in keys]
    entity = None if nested else pieces.c[ENTITY]
    added = [each for task in plan.tasks for each in centres(task, pieces.c, own_keys, entity)]
    held = sa.select(*pieces.c, *added).subquery("centred") if added else pieces
    made = [each for task in plan.tasks for each in parts(task, held.c, nested=nested)]
    if made:
        labelled = [each.element.label(each.label) for each in made]
        held = sa.select(*held.c, *labelled).subquery("parts")
        columns = [*columns, *made]
    if ENTITY in held.c:
        groups = [held.c[key] for key in (*keys, UNIT_BUCKET)]
        totals = [each.merge(held.c[each.label]).label(each.label) for each in columns]
        grouped = sa.select(*groups, *totals).select_from(held).group_by(*positions(groups))
        held = grouped.subquery("merged")
    return held, held.c[UNIT_BUCKET]


def _pieces(
    plan: StatementPlan,
    unit: UnitColumn,
    layout: UnitLayout,
    chosen: Selection,
    env: Environment,
) -> tuple[Any, list[BucketColumn]]:
    """The rows grouped by cell, bucket and counted value, and the columns that this gives."""
    source, columns = chosen.rows.source, []
    quantiles = tuple(t for t in plan.tasks if t.measure.aggregate is Aggregate.QUANTILE)
    of_cell: Any = {}
    if quantiles:
        table, of_cell = levels(quantiles, chosen, env)
        pairs = zip(chosen.groups, table.c, strict=False)
        on = [same_cell(group.element, column) for group, column in pairs]
        # Each row's cell is there. Of an inner join PostgreSQL would expect hardly a row (it knows
        # no selectivity of these conditions), and sort what it had better hash.
        source = source.join(table, sa.and_(sa.true(), *on), isouter=True)
    for task in plan.tasks:
        columns += bucket_columns(task, chosen, env, of_cell.get(task.label))
    entity = entity_of(task.measure for task in plan.tasks)
    extra = [] if entity is None else [compiled(entity, chosen.rows.columns, env).label(ENTITY)]
    branches = []
    for share in shares(unit, plan.relation, chosen.rows, env.dialect):
        groups = [*chosen.groups, share.bucket.label(UNIT_BUCKET), *extra]
        about = _about_units(layout, share, chosen)
        elements = [each.element.label(each.label) for each in (*columns, *about)]
        select = sa.select(*groups, *elements).select_from(source)
        branches.append(select.where(*chosen.where, *share.where).group_by(*positions(groups)))
    whole = branches[0] if len(branches) == 1 else sa.union_all(*branches)
    return whole.subquery("pieces"), [*columns, *about]


def _about_units(layout: UnitLayout, share: Share, chosen: Selection) -> list[BucketColumn]:
    """Rows, rows without a unit and the least hash, of each window."""
    found: list[BucketColumn] = []
    for position, window in enumerate(layout.windows):
        inside = chosen.within(window)
        unknown = share.unknown if inside is None else sa.and_(inside, share.unknown)
        rows = sa.func.count() if inside is None else constructs.CountIf(inside)
        found += [
            BucketColumn(f"w{position}_rows", rows),
            BucketColumn(f"w{position}_unknown", constructs.CountIf(unknown)),
        ]
        if share.hash is not None:
            seen = share.hash if inside is None else sa.case((inside, share.hash))
            least = sa.func.min(seen)
            found.append(BucketColumn(f"w{position}_hash", least, sa.func.min))
    return found


def _bounded(layout: UnitLayout, held: Any) -> Any:
    """The buckets with floating parts that can be squared, and none in the place of the others."""
    made = []
    for part in layout.floating:
        number: Any = sa.cast(sa.func.coalesce(held.c[part], 0), sa.Double())
        made.append(sa.case((sa.func.abs(number) < LARGEST, number)).label(part + FLOATING))
    return sa.select(*held.c, *made)


def _moments(layout: UnitLayout, held: Any) -> list[Any]:
    """The columns that :class:`UnitLayout` reads, in its order."""
    found: list[Any] = []
    for position in range(len(layout.windows)):
        rows = held[f"w{position}_rows"]
        known = sa.and_(rows > 0, is_known(held[UNIT_BUCKET]))
        label = f"w{position}_hash"
        least = sa.case((known, held[label])) if label in held else sa.null()
        found += [
            sa.func.sum(rows),
            constructs.CountIf(rows > 0),
            sa.func.sum(held[f"w{position}_unknown"]),
            constructs.CountIf(known),
            sa.cast(sa.func.sum(least), sa.Double()) if label in held else sa.null(),
        ]
    numbers = layout.numbers(held)
    for part in layout.parts:
        found += [sa.func.sum(numbers[part]), constructs.CountIf(held[layout.column(part)] != 0)]
    for one, other in layout.pairs:
        product: Any = sa.func.sum(numbers[one] * numbers[other])
        doubtful = dict.fromkeys(each for each in (one, other) if each in layout.floating)
        if doubtful:
            whole = [sa.func.count(held[each + FLOATING]) == sa.func.count() for each in doubtful]
            product = sa.case((sa.and_(*whole), product))
        found.append(product)
    found += [
        sa.func.sum(held[f"{task.label}_split"]) if f"{task.label}_split" in held else sa.null()
        for task in layout.distinct
    ]
    found += [_cubes(numbers[part]) for part in layout.cubed]
    found += shared_with_earlier(layout, held)
    return [each.label(f"moment_{place}") for place, each in enumerate(found)]


def _cubes(number: Any) -> Any:
    """The sum of the cubes of a part; NULL where one of them would be no number."""
    bounded = sa.case((sa.func.abs(number) < LARGEST_CUBED, number))
    cubes = sa.func.sum(bounded * bounded * bounded)
    return sa.case((sa.func.count(bounded) == sa.func.count(), cubes))
