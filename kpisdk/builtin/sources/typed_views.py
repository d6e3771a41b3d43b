"""Views over raw rows in DuckDB; columns that hold nothing get the type they are declared as."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kpisdk.contracts.vocabulary import LogicalType

DUCKDB_TYPES = {
    LogicalType.TEXT: "VARCHAR",
    LogicalType.INT: "BIGINT",
    LogicalType.FLOAT: "DOUBLE",
    LogicalType.BOOL: "BOOLEAN",
    LogicalType.DATE: "DATE",
    LogicalType.TIMESTAMP: "TIMESTAMP",
    LogicalType.JSON: "VARCHAR",
}
"""DuckDB's word for a logical type."""

_COMPATIBLE = {
    "VARCHAR": {LogicalType.TEXT, LogicalType.JSON},
    "BOOLEAN": {LogicalType.BOOL},
    "DATE": {LogicalType.DATE, LogicalType.TIMESTAMP},
}


def quoted(name: str) -> str:
    """A name as a quoted identifier."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def text(value: str) -> str:
    """A text as a quoted literal."""
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def paths(files: Iterable[str]) -> str:
    """Files as DuckDB takes them, each under its own name.

    DuckDB reads every path as a pattern, which may be that of another file's name.
    """
    names = (re.sub(r"[\[*?]", r"[\g<0>]", file) for file in files)
    # What begins with "~" or "file:" would be another place to it.
    plain = (name if name.startswith("/") else f"./{name}" for name in names)
    return f"[{', '.join(map(text, plain))}]"


def make_view(
    connection: Any,
    name: str,
    rows: str,
    declared: Mapping[str, LogicalType],
    instead: Mapping[str, str] | None = None,
) -> None:
    """A temporary view ``name`` over ``rows`` (a FROM item).

    A column without a single value has no type to speak of; it is given the declared one, so that
    it reads as missing values and not as a wrong type. ``instead`` holds expressions for columns
    that are not taken as they are, or are not there.
    """
    instead = instead or {}
    described = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    suspects = [
        (column, declared[column])
        for column, native, *_ in described
        if column in declared and column not in instead and not _plausible(native, declared[column])
    ]
    empty: set[str] = set()
    if suspects:
        counts = ", ".join(f"count({quoted(column)})" for column, _ in suspects)
        found = connection.execute(f"SELECT {counts} FROM {rows}").fetchone()
        empty = {column for (column, _), n in zip(suspects, found, strict=True) if n == 0}
    items = [
        _item(column, native, declared.get(column), empty)
        for column, native, *_ in described
        if column not in instead
    ]
    items += [f"{expression} AS {quoted(column)}" for column, expression in instead.items()]
    create_view(connection, name, f"SELECT {', '.join(items)} FROM {rows}")


def create_view(connection: Any, name: str, select: str) -> None:
    """A temporary view; a dot is a letter of its name."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {select}")


def _item(column: str, native: str, declared: LogicalType | None, empty: set[str]) -> str:
    name = quoted(column)
    if declared is not None and column in empty:
        return f"CAST(NULL AS {DUCKDB_TYPES[declared]}) AS {name}"
    # DuckDB describes a frame's column without values as INTEGER, and a view over it as "NULL".
    return f"{name}::INTEGER AS {name}" if native == "INTEGER" else name


def _plausible(native: str, declared: LogicalType) -> bool:
    word = native.split("(", maxsplit=1)[0].upper()
    if word.startswith("TIMESTAMP"):
        return declared.is_temporal
    if word in _COMPATIBLE:
        return declared in _COMPATIBLE[word]
    if word in ("DOUBLE", "FLOAT", "DECIMAL") or word.endswith("INT") or word == "INTEGER":
        return declared.is_numeric
    return word in ("JSON", "UUID", "ENUM") and declared in (LogicalType.JSON, LogicalType.TEXT)
