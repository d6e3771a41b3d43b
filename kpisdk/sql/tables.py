"""Bound tables: datasets as a source really has them, mapped names and types included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts.sources import ZONED, PhysicalColumn
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import functions
from kpisdk.sql.types import TYPES


@attrs.frozen
class BoundTable:
    """A dataset's table in one source: physical name, and columns by their logical names.

    ``declared`` holds the types that the installed plugins read the columns as; a column that no
    plugin declares keeps the type that the source gives it, and can still slice. A dot in the
    physical name separates a schema from a table, unless it is a ``whole_name``.
    """

    name: str
    physical: str
    dialect: str
    columns: Mapping[str, PhysicalColumn]
    declared: Mapping[str, LogicalType]
    key: str | None = None
    whole_name: bool = False

    def type_of(self, column: str) -> LogicalType | None:
        """The logical type that the column is read as."""
        return self.declared.get(column) or self.columns[column].logical

    def clause(self, alias: str | None = None) -> tuple[sa.FromClause, Columns]:
        """The table for a FROM clause, and its columns as elements by logical name."""
        schema, _, name = self.physical.rpartition(".")
        if self.whole_name:
            schema, name = "", self.physical
        plain = [
            sa.column(column.name, _native(column, self.type_of(logical)))
            for logical, column in self.columns.items()
        ]
        table: Any = sa.table(name, *plain, schema=schema or None)
        if alias is not None:
            table = table.alias(alias)
        return table, Columns(self, table)


class Columns(Mapping[str, Any]):
    """The columns of a bound table as SQLAlchemy elements of their declared types, made on use."""

    def __init__(self, bound: BoundTable, table: sa.FromClause) -> None:
        self._bound = bound
        self._table = table

    def __getitem__(self, name: str) -> Any:
        physical = self._bound.columns[name]
        element: Any = self._table.c[physical.name]
        if physical.native.endswith(ZONED):
            element = functions.UtcColumn(element)
        return _as_declared(element, physical, self._bound.type_of(name), self._bound.dialect)

    def __iter__(self) -> Any:
        return iter(self._bound.columns)

    def __len__(self) -> int:
        return len(self._bound.columns)


def _native(column: PhysicalColumn, declared: LogicalType | None) -> Any:
    logical = column.logical or declared
    return sa.types.NullType() if logical is None else TYPES[logical]


def _as_declared(  # noqa: PLR0911 - one return a pair of types
    element: Any, physical: PhysicalColumn, declared: LogicalType | None, dialect: str
) -> Any:
    found = physical.logical
    if dialect == "sqlite" and declared is not None and declared.is_numeric:
        return functions.SqliteNumber(element, type_=TYPES[declared])
    if dialect == "sqlite" and declared is LogicalType.BOOL:
        return functions.SqliteFlag(element)
    if declared in (LogicalType.FLOAT, LogicalType.INT) and found is LogicalType.FLOAT:
        return functions.Finite(element, type_=sa.Double())
    if dialect == "sqlite" and declared is LogicalType.TIMESTAMP:
        return functions.SqliteInstant(element)
    if dialect == "sqlite" and declared is LogicalType.DATE:
        return functions.SqliteDay(element)
    if declared is LogicalType.DATE and found is LogicalType.TIMESTAMP:
        return sa.type_coerce(sa.cast(element, sa.Date()), TYPES[LogicalType.DATE])
    if declared is LogicalType.TIMESTAMP and found is LogicalType.DATE:
        return sa.type_coerce(sa.cast(element, sa.DateTime()), TYPES[LogicalType.TIMESTAMP])
    if declared is LogicalType.TEXT and physical.native.upper().startswith(
        ("UUID", "ENUM", "USER")
    ):
        return sa.cast(element, sa.Text())
    if declared is None:
        return element
    return sa.type_coerce(element, TYPES[declared]) if found is not declared else element
