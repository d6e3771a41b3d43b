"""Columns as an engine stores them, made to hold what their types say."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from kpisdk.sql import standalone
from kpisdk.sql.functions.construct import Construct
from kpisdk.sql.types import Day, Instant


class Finite(Construct):
    """A floating-point column without its not-a-numbers, which count as missing everywhere.

    SQLite needs none of it: it stores a not-a-number as NULL.
    """

    name = "kpisdk_finite"
    type = sa.Double()
    inherit_cache = True


@compiles(Finite)
def _nullif_nan(element: Any, compiler: Any, **kw: Any) -> str:
    return f"nullif({compiler.process(element.clauses, **kw)}, 'NaN'::double precision)"


@compiles(Finite, "duckdb")
def _isnan(element: Any, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    return f"CASE WHEN NOT isnan({column}) THEN {column} END"


class SqliteNumber(Construct):
    """SQLite only: a number column whose texts are refused, and not read as zero."""

    name = "kpisdk_number"
    type = sa.Double()
    inherit_cache = True


@compiles(SqliteNumber)
def _number(element: Any, compiler: Any, **kw: Any) -> str:
    # The function is called for what is no number only: numbers cost no step into Python.
    column = compiler.process(element.clauses, **kw)
    if standalone.is_asked(kw):
        return standalone.sqlite_number(column)
    return (
        f"CASE WHEN typeof({column}) IN ('text', 'blob') THEN kpisdk_not_number({column}) "
        f"ELSE {column} END"
    )


class SqliteFlag(Construct):
    """SQLite only: a bool column in which anything but 0 and 1 is refused."""

    name = "kpisdk_flag"
    type = sa.Boolean()
    inherit_cache = True


@compiles(SqliteFlag)
def _flag(element: Any, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    if standalone.is_asked(kw):
        return standalone.sqlite_flag(column)
    return f"CASE WHEN {column} NOT IN (0, 1) THEN kpisdk_not_flag({column}) ELSE {column} END"


class SqliteInstant(Construct):
    """SQLite only: an instant as fixed-width UTC text, whatever form it is stored in."""

    name = "kpisdk_instant"
    type = Instant()
    inherit_cache = True


@compiles(SqliteInstant)
def _instant_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return standalone.sqlite_instant(text) if standalone.is_asked(kw) else f"kpisdk_instant({text})"


class SqliteDay(Construct):
    """SQLite only: a day as ISO text, from a day or an instant."""

    name = "kpisdk_day"
    type = Day()
    inherit_cache = True


@compiles(SqliteDay)
def _day_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return standalone.sqlite_day(text) if standalone.is_asked(kw) else f"kpisdk_day({text})"


class UtcColumn(Construct):
    """A column of instants with a zone. Sessions run in UTC; a view says so itself."""

    name = "kpisdk_utc"
    type = Instant()
    inherit_cache = True


@compiles(UtcColumn)
def _utc(element: Any, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    return f"({column} AT TIME ZONE 'UTC')" if standalone.is_asked(kw) else str(column)


@compiles(UtcColumn, "duckdb")
def _utc_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    return f"make_timestamp(epoch_us({column}))" if standalone.is_asked(kw) else str(column)
