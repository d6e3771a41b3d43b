"""Selects that look at a source before anything is measured: its newest rows, whether any is there.

Each answers one question with one row or few; none of them is a measure of a KPI.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.expression_tree import Expression
from kpisdk.contracts.plans import Dimension, Slicing
from kpisdk.contracts.relations import Relation
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Grain, LogicalType
from kpisdk.sql.bound_tables import BoundTable
from kpisdk.sql.expression_sql import Environment, against_instant, compiled, within
from kpisdk.sql.relation_rows import Tables, open_rows, positions
from kpisdk.sql.scopes import BUCKET, bucket, matches


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
    rows = open_rows(relation, Slicing(), tables, env, window)
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


def duplicate_keys(table: BoundTable) -> Any:
    """One row if the key of a referenced table is not unique: a join would multiply rows."""
    clause, columns = table.clause()
    key = columns[table.key or ""]
    select = sa.select(key).select_from(clause).where(key.is_not(None))
    return select.group_by(key).having(sa.func.count() > 1).limit(1)
