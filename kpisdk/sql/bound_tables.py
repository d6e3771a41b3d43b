"""Datasets as a source really has them, mapped names and types included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts.engine_traits import EngineTraits
from kpisdk.contracts.source_kinds import ZONED, PhysicalColumn
from kpisdk.contracts.table_names import readings
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import constructs
from kpisdk.sql.rendering import traits_of
from kpisdk.sql.types import TYPES, readable, says_nothing


@attrs.frozen
class BoundTable:
    """A dataset's table in one source: physical name, and columns by their logical names.

    ``declared`` holds the types that the installed plugins read the columns as; a column that no
    plugin declares keeps the type that the source gives it, and can still slice.
    """

    name: str
    physical: str
    dialect: str
    columns: Mapping[str, PhysicalColumn]
    declared: Mapping[str, LogicalType]
    key: str | None = None
    path: tuple[str, ...] = ()
    """Catalog, schema and table, as far as they are named; ``physical`` is what a user calls it."""

    def type_of(self, column: str) -> LogicalType | None:
        """The logical type that the column is read as.

        One that cannot be read as it is declared is refused to measures, and slices as what it is:
        read as numbers, the texts 1.0 and 1.00 would be one group and two.
        """
        declared, physical = self.declared.get(column), self.columns[column]
        if declared is None and says_nothing(physical, self.traits):
            return LogicalType.TEXT  # what is none is refused as it is read
        as_text = declared in (LogicalType.TEXT, LogicalType.JSON)
        if declared is None or not (as_text or readable(declared, physical, self.traits)):
            return physical.logical
        return declared

    def binding(self, slices: Iterable[str]) -> tuple[str, dict[str, str], dict[str, Any]]:
        """Where the table is read, its columns of other names, and what ``slices`` are read as."""
        called = {name: each.name for name, each in self.columns.items() if name != each.name}
        types = {name: self.type_of(name) for name in slices if name in self.columns}
        return self.physical, called, types

    @property
    def traits(self) -> EngineTraits:
        """In what the source's engine differs from others."""
        return traits_of(self.dialect)

    def bare(self, *columns: Any) -> Any:
        """The table with these columns, under the names that they have in the source."""
        *places, name = self.path or readings(self.physical)[0]
        mark = self.traits.quote
        quoted = (mark + place.replace(mark, 2 * mark) + mark for place in places)
        schema = sa.sql.quoted_name(".".join(quoted), quote=False) if places else None
        return sa.table(name, *columns, schema=schema)

    def clause(self, alias: str | None = None) -> tuple[sa.FromClause, Columns]:
        """The table for a FROM clause, and its columns as elements by logical name."""
        plain = [
            sa.column(column.name, _native(column, self.type_of(logical)))
            for logical, column in self.columns.items()
        ]
        table: Any = self.bare(*plain)
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
            element = constructs.UtcColumn(element)
        return _as_declared(element, physical, self._bound.type_of(name), self._bound.traits)

    def stored(self, name: str) -> Any:
        """A column as the source has it, whatever it is declared as."""
        return self._table.c[self._bound.columns[name].name]

    def __iter__(self) -> Any:
        return iter(self._bound.columns)

    def __len__(self) -> int:
        return len(self._bound.columns)


def _native(column: PhysicalColumn, declared: LogicalType | None) -> Any:
    logical = column.logical or declared
    return sa.types.NullType() if logical is None else TYPES[logical]


_CHECKED = {
    LogicalType.INT: constructs.CheckedNumber,
    LogicalType.FLOAT: constructs.CheckedNumber,
    LogicalType.BOOL: constructs.CheckedFlag,
    LogicalType.TIMESTAMP: constructs.CheckedInstant,
    LogicalType.DATE: constructs.CheckedDay,
}
_SINGLE = ("REAL", "FLOAT", "FLOAT4")
"""Types whose values have four bytes, where types are what they say."""
_EXACT = ("NUMERIC", "DECIMAL")
"""Types whose values a double may not hold."""
_CAST = ("UUID", "ENUM", "USER")
"""Types that are compared as what they are unless they are made texts."""


def _as_declared(
    element: Any, physical: PhysicalColumn, declared: LogicalType | None, traits: EngineTraits
) -> Any:
    """A column as an element of its declared type: with its values, and no more than these."""
    made = _typed(element, physical, declared, traits)
    if declared is LogicalType.TEXT and not traits.exact_text(physical.native):
        return constructs.ExactText(made)
    return made


def _typed(  # noqa: PLR0911 - one return a pair of types
    element: Any, physical: PhysicalColumn, declared: LogicalType | None, traits: EngineTraits
) -> Any:
    found = physical.logical
    if traits.loose_types and declared is not None:
        if declared in _CHECKED:
            return _CHECKED[declared](element, type_=TYPES[declared])
        if says_nothing(physical, traits):
            return constructs.CheckedText(element, type_=TYPES[declared])
    if declared in (LogicalType.FLOAT, LogicalType.INT) and found is LogicalType.FLOAT:
        # Each number of four bytes is one of eight, and is reckoned with as such from here on.
        single = physical.native.upper() in _SINGLE
        wide = sa.cast(element, sa.Double()) if single else element
        # As a group's key, a decimal is what it is: a double would be that of its neighbours too.
        exact = physical.native.upper().startswith(_EXACT)
        return constructs.Finite(wide, type_=sa.Numeric() if exact else sa.Double())
    if declared is LogicalType.DATE and found is LogicalType.TIMESTAMP:
        return constructs.AsDay(element)
    if declared is LogicalType.TIMESTAMP and found is LogicalType.DATE:
        return constructs.AsInstant(element)
    if declared is LogicalType.TEXT and physical.native.upper().startswith(_CAST):
        return sa.cast(element, sa.Text())
    if declared is None or found is declared:
        return element
    return sa.type_coerce(element, TYPES[declared])
