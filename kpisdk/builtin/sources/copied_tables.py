"""Rows that DuckDB cannot read where they lie, copied into it with the types they are read as."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; it is imported when sources are joined.

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.builtin.sources.typed_views import create_view, quoted
from kpisdk.contracts.source_kinds import Session
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import MissingDependencyError, ReadError
from kpisdk.sql.bound_tables import BoundTable

MOST_ROWS = 2_000_000
"""How many rows of one table are copied at most: they are held in memory."""


@attrs.define(eq=False)
class TooManyRowsError(ReadError):
    """A table that is too large to be copied beside those of another source."""

    template = (
        "Source {source!r}: {detail}. Put the tables of this KPI into one source, or name a view "
        "with fewer rows."
    )


def copy_table(
    connection: Any, name: str, session: Session, table: BoundTable, source: str
) -> None:
    """Make the view ``name`` of a DuckDB connection over a copy of a table's rows.

    Args:
        connection: DuckDB's own connection.
        name: what the view is called.
        session: a session of the source that the table lies in.
        table: the table, with the columns that are copied.
        source: the name of that source, for errors.

    Raises:
        TooManyRowsError: the table has more than :data:`MOST_ROWS` rows.
        MissingDependencyError: pyarrow, through which rows are handed over, is not installed.
        ReadError: the table cannot be read.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        subject = f"Reading table {table.physical!r} beside those of another source"
        raise MissingDependencyError("pyarrow", subject, "pip install 'kpisdk[frames]'") from error
    clause, columns = table.clause()
    ((count,),) = session.rows(sa.select(sa.func.count()).select_from(clause))
    if count > MOST_ROWS:
        detail = (
            f"table {table.physical!r} has {count:,} rows, and at most {MOST_ROWS:,} of a table "
            "that DuckDB cannot read itself are read beside those of another source"
        )
        raise TooManyRowsError(source, detail)
    kept = list(columns)
    # A table without a single column of use still has its rows, which may be counted.
    chosen = [columns[each].label(f"c{place}") for place, each in enumerate(kept)]
    rows = session.rows(sa.select(*(chosen or [sa.literal(1).label("c0")])).select_from(clause))
    values = list(zip(*rows, strict=True)) if rows else [()] * max(len(kept), 1)
    arrays = [
        _array(pa, table.type_of(each), found) for each, found in zip(kept, values, strict=False)
    ]
    names = [table.columns[each].name for each in kept]
    if not kept:
        arrays, names = [pa.array(values[0], type=pa.int64())], ["kpisdk_row"]
    held = f"kpisdk_copy_{name}"
    connection.register(held, pa.Table.from_arrays(arrays, names=names))
    create_view(connection, name, f"SELECT * FROM {quoted(held)}")


def _array(pa: Any, logical: LogicalType | None, values: Iterable[Any]) -> Any:
    found = list(values)
    if logical is LogicalType.INT and any(_has_fraction(value) for value in found):
        logical = LogicalType.FLOAT  # a whole number that is none is compared as it is
    word, made = _ARROW[logical or LogicalType.TEXT]
    given = [None if value is None else made(value) for value in found]
    return pa.array(given, type=pa.type_for_alias(word))


def _has_fraction(value: Any) -> bool:
    return value is not None and value != int(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _naive(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo is not None else value


_ARROW: dict[LogicalType, tuple[str, Callable[[Any], Any]]] = {
    LogicalType.TEXT: ("string", str),
    LogicalType.JSON: ("string", _text),
    LogicalType.INT: ("int64", int),
    LogicalType.FLOAT: ("double", float),
    LogicalType.BOOL: ("bool", bool),
    LogicalType.DATE: ("date32", lambda value: value),
    LogicalType.TIMESTAMP: ("timestamp[us]", _naive),
}
"""How Arrow calls the type of a logical one, and what makes a value of it."""
