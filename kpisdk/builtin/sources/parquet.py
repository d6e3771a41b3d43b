"""A table's Parquet files as DuckDB reads them; none is read from half of its parts."""

from __future__ import annotations

from collections.abc import Sequence
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
    plain = f"read_parquet({paths(files)}, {options})"
    if len(files) == 1:
        return plain
    found = {file: _columns(connection, [file]) for file in files}
    items = []
    for column, type_ in _columns(connection, files).items():
        folded = column.casefold()
        holding = [file for file, columns in found.items() if folded in map(str.casefold, columns)]
        if len(holding) < len(files):
            value = _where_it_is(table, column, type_, holding, files)
            items.append(f"{value} AS {quoted(column)}")
    if not items:
        return plain
    rows = f"read_parquet({paths(files)}, {options}, filename = '{_FILE}')"
    return f"(SELECT * EXCLUDE ({_FILE}) REPLACE ({', '.join(items)}) FROM {rows})"


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
