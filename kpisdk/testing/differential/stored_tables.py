"""Rows as tables and views of databases, in plain types and in those that warehouses have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from kpisdk.testing.differential.event_rows import SMALL_UNITS, Row
from kpisdk.testing.differential.places import (
    COLUMNS,
    Place,
    Put,
    as_decimals,
    without_not_a_number,
)

DUCKDB_PLAIN = {
    "happened_at": "TIMESTAMP",
    "day": "DATE",
    "amount": "DOUBLE",
    "units": "BIGINT",
    "done": "BOOLEAN",
}
DUCKDB_NARROW = {
    "happened_at": "TIMESTAMPTZ",
    "day": "TIMESTAMP",
    "site": "VARCHAR COLLATE NOCASE",
    "person": "VARCHAR COLLATE NOACCENT.NOCASE",
    "amount": "DECIMAL(18,6)",
    "units": "INTEGER",
    "done": "BOOLEAN",
    "doc": "JSON",
}


def duckdb_file(types: dict[str, str]) -> Put:
    """A table of a DuckDB file; types not given are VARCHAR."""

    def put(rows: Sequence[Row], place: Place) -> Any:
        import duckdb

        path = place.folder / "data.duckdb"
        stored = rows if types is DUCKDB_PLAIN else [as_decimals(row) for row in rows]
        wide = any(row["units"] not in SMALL_UNITS for row in rows)
        with duckdb.connect(str(path)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            columns = ", ".join(
                f"{name} {'HUGEINT' if wide and name == 'units' else types.get(name, 'VARCHAR')}"
                for name in COLUMNS
            )
            connection.execute(f"CREATE TABLE events ({columns})")
            _insert(connection.execute, stored, "?")
        return f"duckdb:///{path}"

    return put


def _insert(execute: Callable[..., Any], rows: Sequence[Row], mark: str) -> None:
    marks = ", ".join([mark] * len(COLUMNS))
    for row in rows:
        execute(f"INSERT INTO events VALUES ({marks})", [row[name] for name in COLUMNS])


SQLITE_PLAIN = {"amount": "FLOAT", "units": "BIGINT", "done": "BOOLEAN", "happened_at": "TIMESTAMP"}
SQLITE_LOOSE = {"site": "TEXT COLLATE NOCASE", "person": "TEXT COLLATE RTRIM"}


def sqlite_file(types: dict[str, str], *, view: bool = False) -> Put:
    """A table; or a view over one whose columns all hold text, of which it computes its own."""

    def put(rows: Sequence[Row], place: Place) -> Any:
        import sqlite3

        path = place.folder / "data.sqlite"
        columns = ", ".join(f"{name} {types.get(name, '')}" for name in COLUMNS)
        stored = [
            {name: _sqlite_value(value) for name, value in without_not_a_number(row).items()}
            for row in rows
        ]
        with sqlite3.connect(path) as connection:
            connection.execute(f"CREATE TABLE events ({columns})")
            _insert(connection.execute, stored, "?")
            if view:
                connection.execute("ALTER TABLE events RENAME TO raw_events")
                picked = ", ".join(
                    f"CAST({name} AS {_CASTS[name]}) AS {name}" if name in _CASTS else name
                    for name in COLUMNS
                )
                connection.execute(f"CREATE VIEW events AS SELECT {picked} FROM raw_events")
        connection.close()
        return f"sqlite:///{path}"

    return put


_CASTS = {"amount": "REAL", "units": "INTEGER"}


def _sqlite_value(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    return value.isoformat() if isinstance(value, dt.date) else value


POSTGRESQL_PLAIN = {
    "happened_at": "timestamp",
    "day": "date",
    "amount": "double precision",
    "units": "bigint",
    "done": "boolean",
}
POSTGRESQL_NARROW = {
    "happened_at": "timestamptz",
    "day": "timestamp",
    "site": "site_name",
    "person": "char(4)",
    "amount": "numeric(18,6)",
    "units": "small_number",
    "done": "boolean",
    "doc": "jsonb",
}


def postgresql_table(types: dict[str, str]) -> Put:
    """A table of an emptied PostgreSQL database; types not given are text."""

    def put(rows: Sequence[Row], place: Place) -> Any:
        import psycopg

        plain = types is POSTGRESQL_PLAIN
        stored = rows if plain else [as_decimals(row) for row in rows]
        wide = any(row["units"] not in SMALL_UNITS for row in rows)
        columns = ", ".join(f"{name} {types.get(name, 'text')}" for name in COLUMNS)
        with psycopg.connect(place.postgresql.replace("+psycopg", "", 1)) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute("SET TIME ZONE 'UTC'")
            if not plain:
                connection.execute(f"CREATE DOMAIN site_name AS {_caseless(connection)}")
                number = "numeric(25,0)" if wide else "integer"
                connection.execute(f"CREATE DOMAIN small_number AS {number}")
            connection.execute(f"CREATE TABLE events ({columns})")
            _insert(connection.execute, stored, "%s")
        return place.postgresql

    return put


def _caseless(connection: Any) -> str:
    """A text type that takes ``a`` for ``A``, as far as the server was built with one."""
    import psycopg

    extensions = "SELECT count(*) FROM pg_available_extensions WHERE name = 'citext'"
    if connection.execute(extensions).fetchone()[0]:
        connection.execute("CREATE EXTENSION IF NOT EXISTS citext SCHEMA public")
        return "citext"
    try:
        with connection.transaction():
            connection.execute(
                "CREATE COLLATION caseless "
                "(provider = icu, locale = 'und-u-ks-level1', deterministic = false)"
            )
    except psycopg.errors.FeatureNotSupported:
        return "text"
    return "text COLLATE caseless"
