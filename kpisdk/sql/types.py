"""Column types: instants that are always UTC, and logical types as SQLAlchemy types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from kpisdk.contracts.engine_traits import EngineTraits
from kpisdk.contracts.source_kinds import PhysicalColumn
from kpisdk.contracts.time_windows import utc
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql.sqlite_functions import BAD_VALUE


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant. Bound as naive UTC (sessions run in UTC), read back with the zone.

    SQLite holds instants as text; there both sides are compared as fixed-width text with
    microseconds, which sorts as time does.
    """

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002
        return None if value is None else utc(value).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else utc(_known(value, datetime))


class Day(sa.types.TypeDecorator[date]):
    """A calendar day; an instant bound to it becomes its UTC day."""

    impl = sa.Date
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:  # noqa: ARG002
        return utc(value).date() if isinstance(value, datetime) else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:  # noqa: ARG002
        return None if value is None else _known(value, date)


def _known(value: Any, kind: type[Any]) -> Any:
    if isinstance(value, kind):
        return value
    # DuckDB's driver gives what lies outside of the years 1 to 9999 as text.
    what = "a day" if kind is date else "an instant"
    raise ValueError(f"{BAD_VALUE}: {value!r:.80} is not {what} of the years 1 to 9999")


TYPES: dict[LogicalType, sa.types.TypeEngine[Any]] = {
    LogicalType.TEXT: sa.Text(),
    LogicalType.INT: sa.BigInteger(),
    LogicalType.FLOAT: sa.Double(),
    LogicalType.BOOL: sa.Boolean(),
    LogicalType.DATE: Day(),
    LogicalType.TIMESTAMP: Instant(),
    LogicalType.JSON: sa.Text(),
}
"""The SQLAlchemy type that values of a logical type are bound and read with."""


def logical_type(native: sa.types.TypeEngine[Any]) -> LogicalType | None:  # noqa: PLR0911
    """The logical type that a reflected column type amounts to, or ``None``."""
    if isinstance(native, sa.Boolean):
        return LogicalType.BOOL
    if isinstance(native, sa.Integer):
        return LogicalType.INT
    if isinstance(native, sa.Numeric | sa.Float):
        return LogicalType.FLOAT
    if isinstance(native, sa.DateTime):
        return LogicalType.TIMESTAMP
    if isinstance(native, sa.Date):
        return LogicalType.DATE
    if isinstance(native, sa.JSON):
        return LogicalType.JSON
    if isinstance(native, sa.String | sa.Enum | sa.Uuid):
        return LogicalType.TEXT
    return None


ACCEPTED: dict[LogicalType, frozenset[LogicalType]] = {
    LogicalType.TEXT: frozenset({LogicalType.TEXT}),
    LogicalType.INT: frozenset({LogicalType.INT, LogicalType.FLOAT}),
    LogicalType.FLOAT: frozenset({LogicalType.FLOAT, LogicalType.INT}),
    LogicalType.BOOL: frozenset({LogicalType.BOOL}),
    LogicalType.DATE: frozenset({LogicalType.DATE, LogicalType.TIMESTAMP}),
    LogicalType.TIMESTAMP: frozenset({LogicalType.TIMESTAMP, LogicalType.DATE}),
    LogicalType.JSON: frozenset({LogicalType.JSON, LogicalType.TEXT}),
}
"""Which logical types of a source can be read as a declared one without losing anything.

A number column with fractions may stand for an ``int`` (frames and CSV hold nullable integers that
way): it is compared as it is, never rounded.
"""

LOOSE: dict[LogicalType, frozenset[LogicalType]] = {
    LogicalType.BOOL: frozenset({LogicalType.INT}),
    LogicalType.DATE: frozenset({LogicalType.TEXT}),
    LogicalType.TIMESTAMP: frozenset({LogicalType.TEXT}),
}
"""What is accepted beyond that on a loosely typed engine, which has no such types; its values are
checked as they are read."""

UNTYPED = ("NULL", "NUMERIC", "NUM", "ANY")
"""Words of a loosely typed engine for a column that may hold anything, as one that a view computes
or ``CREATE TABLE AS`` made: it is read by its values."""


def says_nothing(column: PhysicalColumn, traits: EngineTraits) -> bool:
    """Whether a column's type tells nothing about its values."""
    return traits.loose_types and column.native.upper() in UNTYPED


def readable(declared: LogicalType, column: PhysicalColumn, traits: EngineTraits) -> bool:
    """Whether a column can be read as ``declared`` on an engine of those traits."""
    if says_nothing(column, traits):
        return True
    if column.logical is None:
        return False
    loose = LOOSE.get(declared, frozenset()) if traits.loose_types else frozenset()
    return column.logical in ACCEPTED[declared] | loose


def aware(value: Any) -> Any:
    """A value that an engine returned: an instant with its zone, a decimal as a plain number.

    A decimal that no number of Python's own is equal to stays one.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, Decimal):
        if value.is_finite() and value == value.to_integral_value():
            return int(value)
        near = float(value)
        return near if not value.is_finite() or Decimal(str(near)) == value else value
    return value
