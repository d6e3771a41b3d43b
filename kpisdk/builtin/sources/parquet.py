"""A table's Parquet files as DuckDB reads them; none is read from half of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kpisdk.builtin.sources.refusals import refusal
from kpisdk.builtin.sources.views import paths, quoted, text
from kpisdk.errors import listed

_FILE = "kpisdk_file"
"""What the column is called that holds a row's file."""


def parquet_item(connection: Any, table: str, files: Sequence[str]) -> str:
    """A FROM item; a column that parts lack raises where a row of such a part is read."""
    # DuckDB would take a folder called "brand=A" for a column, in place of the files' own.
    options = "hive_partitioning = false, union_by_name = true"
    types = _columns(connection, files)
    instead = {
        column: refusal(_too_wide(table, column), types[column])
        for column in _wide_decimals(connection, files)
        if column in types
    }
    name = ""
    if len(files) > 1:
        name = f", filename = '{_FILE}'"
        found = {file: _columns(connection, [file]) for file in files}
        for column, type_ in types.items():
            holding = [file for file, columns in found.items() if _holds(columns, column)]
            if len(holding) < len(files) and column not in instead:
                instead[column] = _where_it_is(table, column, type_, holding, files)
    rows = f"read_parquet({paths(files)}, {options}{name})"
    if not instead:
        return f"read_parquet({paths(files)}, {options})"
    items = ", ".join(f"{value} AS {quoted(column)}" for column, value in instead.items())
    without = f"EXCLUDE ({_FILE})" if name else ""
    return f"(SELECT * {without} REPLACE ({items}) FROM {rows})"


def _holds(columns: Iterable[str], column: str) -> bool:
    return column.casefold() in map(str.casefold, columns)


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
        f"DESCRIBE SELECT * FROM read_parquet({paths(files)}, "
        "hive_partitioning = false, union_by_name = true)"
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
