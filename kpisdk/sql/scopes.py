"""What a derived relation is built from, for one slice, window and instant."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.expression_tree import Expression
from kpisdk.contracts.plans import Dimension, Slicing, UnitColumn
from kpisdk.contracts.relations import Derived, WindowUse
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import constructs
from kpisdk.sql.bound_tables import BoundTable
from kpisdk.sql.expression_sql import (
    Environment,
    against_instant,
    as_day,
    as_instant,
    bound,
    compiled,
    within,
)
from kpisdk.sql.rendering import traits_of
from kpisdk.sql.types import Day
from kpisdk.sql.waiting_times import still_waiting

BUCKET = "kpisdk_bucket_"
"""Name of the bucket column in a relation's rows."""

UNIT = "kpisdk_unit_"
"""Name of the column of units in the rows of a calculator's input."""


def dimension_label(position: int) -> str:
    """Name of the slice column at that position; it cannot clash with a column of a dataset."""
    return f"kpisdk_dim_{position}_"


def filter_label(position: int) -> str:
    """Name of the filtered column at that position, where rows are kept whatever it holds."""
    return f"kpisdk_filter_{position}_"


class Sliced:
    """The base of a relation with its joins, filters and slice columns."""

    def __init__(
        self,
        base: Dataset,
        slicing: Slicing,
        tables: Callable[[str], BoundTable],
        alias: str | None = None,
    ) -> None:
        self._tables = tables
        clause, self.columns = tables(base.name).clause(alias)
        self.source: Any = clause
        self._joined: dict[str, Mapping[str, Any]] = {}
        self.dimensions = [self.dimension(each) for each in slicing.by]
        self.conditions = [
            matches(self.dimension(each), each.type, values, tables(base.name).dialect)
            for each, values in slicing.filters
        ]

    def dimension(self, dimension: Dimension) -> Any:
        """The element of a slice column, joining the referenced table where there is one."""
        if dimension.via is None or dimension.table is None:
            return self.columns[dimension.name]
        if dimension.table not in self._joined:
            bound_table = self._tables(dimension.table)
            clause, columns = bound_table.clause(f"by_{dimension.via}")
            key = columns[bound_table.key or ""]
            self.source = self.source.outerjoin(clause, key == self.columns[dimension.via])
            self._joined[dimension.table] = columns
        return self._joined[dimension.table][dimension.name]


def matches(column: Any, logical: LogicalType, values: tuple[Any, ...], dialect: str) -> Any:
    """The condition that a column holds one of ``values``; ``None`` stands for no value."""
    known = [
        _sought(value, column, logical, dialect)
        for value in values
        if value is not None and _can_be_stored(value, dialect)
    ]
    conditions = [column.in_(known)] if known else []
    if None in values:
        conditions.append(column.is_(None))
    return sa.or_(*conditions) if conditions else sa.false()


def _sought(value: Any, column: Any, logical: LogicalType, dialect: str) -> Any:
    """A value as a parameter that equals what a column may hold, and nothing near to it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return bound(value, logical)
    is_decimal = isinstance(column.type, sa.Numeric) and not isinstance(column.type, sa.Float)
    if is_decimal and math.isfinite(value):
        return sa.literal(Decimal(str(value)), column.type)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        # A loosely typed engine has no whole numbers of more than 64 bits: it keeps doubles.
        is_loose = traits_of(dialect).loose_types
        return bound(float(value), LogicalType.FLOAT) if is_loose else sa.literal(Decimal(value))
    return bound(float(value) if isinstance(value, Decimal) else value, logical)


def _can_be_stored(value: Any, dialect: str) -> bool:
    """Where texts hold no NUL, binding one fails: no row can have such a value."""
    return not (isinstance(value, str) and "\0" in value) or traits_of(dialect).holds_nul


class RelationScope:
    """The :class:`kpisdk.contracts.relations.Scope` of one statement."""

    def __init__(
        self,
        relation: Derived,
        slicing: Slicing,
        tables: Callable[[str], BoundTable],
        environment: Environment,
        window: Window | None,
        unit: UnitColumn | None = None,
    ) -> None:
        self._relation = relation
        self._slicing = slicing
        self._tables = tables
        self._environment = environment
        self._window = window or Window()
        self._unit = unit

    @property
    def as_of(self) -> datetime:
        return self._environment.as_of

    @property
    def window(self) -> Window:
        return self._window

    @property
    def dialect(self) -> str:
        """The engine's name, for the rare relation that must know it."""
        return self._environment.dialect

    def rows(self) -> Any:
        base = self._relation.base
        sliced = Sliced(base, self._slicing, self._tables)
        conditions = list(sliced.conditions)
        selected = self._declared(base, sliced.columns)
        selected += [
            element.label(dimension_label(position))
            for position, element in enumerate(sliced.dimensions)
        ]
        if self._relation.window_use is WindowUse.ROWS and base.time is not None:
            column, logical = sliced.columns[base.time], base.column(base.time).type
            condition = within(self._window, column, logical)
            if condition is not None:
                conditions.append(condition)
            if self._slicing.grain is not None:
                selected.append(bucket(column, self._slicing).label(BUCKET))
        selected += self._units(sliced)
        statement = sa.select(*selected).select_from(sliced.source).where(*conditions)
        return statement.subquery("base")

    def everyone(self) -> Any:
        base = self._relation.base
        sliced = Sliced(base, attrs.evolve(self._slicing, filters=()), self._tables)
        selected = self._declared(base, sliced.columns)
        selected += [
            element.label(dimension_label(position))
            for position, element in enumerate(sliced.dimensions)
        ]
        selected += [
            sliced.dimension(each).label(filter_label(position))
            for position, (each, _) in enumerate(self._slicing.filters)
        ]
        selected += self._units(sliced)
        return sa.select(*selected).select_from(sliced.source).subquery("everyone")

    def _units(self, sliced: Sliced) -> list[Any]:
        unit = self._unit
        return [] if unit is None else [unit_of(unit, sliced.columns).label(UNIT)]

    @property
    def has_units(self) -> bool:
        return self._unit is not None

    def unit(self, rows: Any) -> Any:
        return rows.c[UNIT] if UNIT in rows.c else sa.cast(sa.null(), sa.String())

    def slice_columns(self, rows: Any) -> list[Any]:
        filters = [filter_label(position) for position in range(len(self._slicing.filters))]
        return [rows.c[name] for name in filters] + self.partition(rows)

    def passes(self, rows: Any) -> Any:
        conditions = [
            matches(rows.c[filter_label(position)], each.type, values, self.dialect)
            for position, (each, values) in enumerate(self._slicing.filters)
        ]
        return sa.and_(sa.true(), *conditions)

    def table(self, dataset: Dataset) -> Any:
        clause, columns = self._tables(dataset.name).clause()
        statement = sa.select(*self._declared(dataset, columns)).select_from(clause)
        return statement.subquery()

    def _declared(self, dataset: Dataset, columns: Mapping[str, Any]) -> list[Any]:
        """The declared columns of a dataset; one that is only passed on may be missing."""
        return [
            columns[each.name].label(each.name)
            for each in dataset.columns
            if each.name not in self._relation.passes or each.name in columns
        ]

    def partition(self, rows: Any) -> list[Any]:
        names = [dimension_label(position) for position in range(len(self._slicing.by))]
        return [rows.c[name] for name in (*names, BUCKET) if name in rows.c]

    def in_slice(self, other: Any) -> Any:
        conditions = [
            matches(other.c[dimension.name], dimension.type, values, self.dialect)
            for dimension, values in self._slicing.filters
            if dimension.name in self._relation.binds
        ]
        return sa.and_(sa.true(), *conditions)

    def bound(self, other: Any) -> list[Any]:
        return [other.c[name] for name in self._bound_labels()]

    def same_group(self, rows: Any, other: Any) -> Any:
        conditions = [
            rows.c[label].is_not_distinct_from(other.c[name])
            for name, label in self._bound_labels().items()
        ]
        return sa.and_(sa.true(), *conditions)

    def _bound_labels(self) -> dict[str, str]:
        return {
            dimension.name: dimension_label(position)
            for position, dimension in enumerate(self._slicing.by)
            if dimension.name in self._relation.binds
        }

    def expression(self, expression: Expression, rows: Any) -> Any:
        return compiled(expression, rows.c, self._environment)

    def _logical(self, element: Any) -> LogicalType:
        is_day = isinstance(element.type, sa.Date | Day)
        return LogicalType.DATE if is_day else LogicalType.TIMESTAMP

    def in_window(self, instant: Any) -> Any:
        condition = within(self._window, instant, self._logical(instant))
        return sa.true() if condition is None else condition

    def before(self, instant: Any, moment: datetime) -> Any:
        return against_instant(instant, self._logical(instant), "<", moment)

    def day(self, instant: Any) -> Any:
        return as_day(instant, self._logical(instant))

    def days_between(self, earlier: Any, later: Any) -> Any:
        first = as_instant(earlier, self._logical(earlier))
        second = as_instant(later, self._logical(later))
        return constructs.DaysBetween(first, second)

    def add_days(self, day: Any, days: int) -> Any:
        return constructs.AddDays(day, bound(days, LogicalType.INT))

    def still_waiting(self, rows: Any, ended: str, so_far: str) -> Any:
        keys = [each.name for each in self.partition(rows)]
        return still_waiting(rows, keys, ended, so_far)

    def byte_order(self, text: Any) -> Any:
        return constructs.ByteOrder(text) if isinstance(text.type, sa.String) else text

    def canonical_json(self, document: Any) -> Any:
        return constructs.CanonicalJson(document)

    def json_number(self, document: Any, *path: str) -> Any:
        return constructs.JsonNumber(document, *(bound(key, LogicalType.TEXT) for key in path))

    def parameter(self, name: str) -> Any:
        return self._environment.parameters[name]


def bucket(column: Any, slicing: Slicing) -> Any:
    """The calendar bucket of a temporal column."""
    assert slicing.grain is not None  # noqa: S101 - callers ask only when there is one
    return constructs.Bucket(column, bound(slicing.grain.value, LogicalType.TEXT))


def unit_of(unit: UnitColumn, columns: Mapping[str, Any]) -> Any:
    """The unit of each row: the value of its column, or the calendar day of that."""
    column = columns[unit.name]
    return as_day(column, unit.type) if unit.by_day else column
