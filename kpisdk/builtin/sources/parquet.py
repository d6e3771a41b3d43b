"""A table's Parquet files as DuckDB reads them; none is read from half of its parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kpisdk.builtin.sources.typed_views import paths, quoted, text
from kpisdk.builtin.sources.unreadable_columns import refusal
from kpisdk.errors import listed

_FILE = "kpisdk_file"
"""What the column is called that holds a row's file."""

_OPTIONS = "hive_partitioning = false, union_by_name = true"
# DuckDB would take a folder called "brand=A" for a column, in place of the files' own.

_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_DIGITS = 38
"""The most digits that DuckDB's DECIMAL holds."""
_FLOATS = ("FLOAT", "DOUBLE")
_WHOLE_DIGITS = {
    "TINYINT": 3,
    "UTINYINT": 3,
    "SMALLINT": 5,
    "USMALLINT": 5,
    "INTEGER": 10,
    "UINTEGER": 10,
    "BIGINT": 19,
    "UBIGINT": 20,
}
"""How many digits the whole numbers of a type have."""


def parquet_item(connection: Any, table: str, files: Sequence[str]) -> str:
    """A FROM item; a column that parts lack raises where a row of such a part is read."""
    found = {file: _columns(connection, [file]) for file in files}
    types = _columns(connection, files)
    mixed = _mixed(types, found)
    types |= mixed
    instead = {
        column: refusal(_too_wide(table, column), types[column])
        for column in _wide_decimals(connection, files)
        if column in types
    }
    for column, type_ in types.items():
        holding = [file for file, columns in found.items() if _type_in(columns, column)]
        if len(holding) < len(files) and column not in instead:
            instead[column] = _where_it_is(table, column, type_, holding, files)
    name = f", filename = '{_FILE}'" if instead else ""
    rows = _rows(table, found, mixed, name)
    if not instead:
        return rows
    items = ", ".join(f"{value} AS {quoted(column)}" for column, value in instead.items())
    without = f"EXCLUDE ({_FILE})" if name else ""
    return f"(SELECT * {without} REPLACE ({items}) FROM {rows})"


def _rows(
    table: str, found: Mapping[str, Mapping[str, str]], mixed: Mapping[str, str], name: str
) -> str:
    """The rows of files; those of one type each are read together where types differ.

    DuckDB's own union of unlike types cuts decimals, takes whole numbers for floats of four bytes,
    and leaves out days that are earlier than an instant of the same day.
    """
    groups: dict[tuple[str | None, ...], list[str]] = {}
    for file, columns in found.items():
        held = tuple(_type_in(columns, column) for column in mixed)
        groups.setdefault(held, []).append(file)
    parts = []
    for held, files in groups.items():
        rows = f"read_parquet({paths(files)}, {_OPTIONS}{name})"
        items = ", ".join(
            f"{_as(table, column, native, mixed[column])} AS {quoted(column)}"
            for column, native in zip(mixed, held, strict=True)
            if native is not None
        )
        parts.append(f"SELECT * REPLACE ({items}) FROM {rows}" if items else f"FROM {rows}")
    return f"({' UNION ALL BY NAME '.join(parts)})" if mixed else parts[0].removeprefix("FROM ")


def _mixed(types: Mapping[str, str], found: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The columns whose types differ from part to part, with a type that holds them all."""
    mixed = {}
    for column, type_ in types.items():
        held = {native for each in found.values() if (native := _type_in(each, column))}
        if len(held) > 1:
            mixed[column] = _common(held, type_)
    return mixed


def _common(held: Iterable[str], otherwise: str) -> str:
    """A type that holds all values of some others; DuckDB's choice where that is no number."""
    shapes = []
    for native in held:
        decimal = _DECIMAL.fullmatch(native)
        if native in _FLOATS:
            return "DOUBLE" if otherwise in _FLOATS else otherwise
        if decimal is not None:
            width, scale = map(int, decimal.groups())
            shapes.append((width - scale, scale))
        elif native in _WHOLE_DIGITS:
            shapes.append((_WHOLE_DIGITS[native], 0))
        else:
            return otherwise
    scale = max(scale for _, scale in shapes)
    if not scale and not otherwise.startswith(("DECIMAL", "DOUBLE")):
        return otherwise
    width = max(whole for whole, _ in shapes) + scale
    return f"DECIMAL({width},{scale})" if width <= _DIGITS else "DOUBLE"


def _as(table: str, column: str, native: str, type_: str) -> str:
    """A column as the common type; a whole number that would become another one is refused."""
    name = quoted(column)
    cast = f"CAST({name} AS {type_})"
    decimal = _DECIMAL.fullmatch(native)
    is_whole = native in _WHOLE_DIGITS or (decimal is not None and decimal[2] == "0")
    if type_ != "DOUBLE" or not is_whole:
        return cast
    why = (
        f"column {column!r} of table {table!r} holds whole numbers in one part that no double "
        "holds, and fractions in another: write all parts with one type"
    )
    inexact = f"abs(CAST({name} AS DOUBLE)) >= {2**53}"
    return f"CASE WHEN {inexact} THEN {refusal(why, type_)} ELSE {cast} END"


def _type_in(columns: Mapping[str, str], column: str) -> str | None:
    """The type of a column in a part; ``None`` where the part lacks it."""
    folded = column.casefold()
    return next((type_ for name, type_ in columns.items() if name.casefold() == folded), None)


def _wide_decimals(connection: Any, files: Sequence[str]) -> set[str]:
    """Columns of decimals that DuckDB has no type for: it takes their bytes for other numbers."""
    found = connection.execute(
        f"SELECT DISTINCT name FROM parquet_schema({paths(files)}) "
        "WHERE precision > 38 AND num_children IS NULL"
    ).fetchall()
    return {name for (name,) in found}


def _too_wide(table: str, column: str) -> str:
    return (
        f"column {column!r} of table {table!r} holds decimals of more than 38 digits, which cannot "
        "be read; write it with fewer, or as double"
    )


def _columns(connection: Any, files: Sequence[str]) -> dict[str, str]:
    """The columns of files with their types."""
    described = connection.execute(
        f"DESCRIBE SELECT * FROM read_parquet({paths(files)}, {_OPTIONS})"
    ).fetchall()
    return {column: type_ for column, type_, *_ in described}


def _where_it_is(
    table: str, column: str, type_: str, holding: Sequence[str], files: Sequence[str]
) -> str:
    lacking = [file for file in files if file not in holding]
    why = (
        f"column {column!r} of table {table!r} is in {listed(map(repr, holding), 3)}, and not in "
        f"{listed(map(repr, lacking), 3)}: the parts of a table have the same columns"
    )
    known = ", ".join(text(each) for file in holding for each in (file, f"./{file}"))
    return f"CASE WHEN {_FILE} IN ({known}) THEN {quoted(column)} ELSE {refusal(why, type_)} END"
