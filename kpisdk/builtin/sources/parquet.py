"""A table's Parquet files as DuckDB reads them; none is read from half of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpisdk.builtin.sources.text_cells import REFUSED, SEPARATOR
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
    found = dict(_columns(connection, file) for file in files)
    every = {column.casefold(): column for columns in found.values() for column in columns}
    items = []
    for folded, column in every.items():
        lacking = [
            file for file, columns in found.items() if folded not in map(str.casefold, columns)
        ]
        if lacking:
            items.append(f"{_refusing(table, column, found, lacking)} AS {quoted(column)}")
    if not items:
        return plain
    rows = f"read_parquet({paths(files)}, {options}, filename = '{_FILE}')"
    return f"(SELECT * EXCLUDE ({_FILE}) REPLACE ({', '.join(items)}) FROM {rows})"


def _columns(connection: Any, file: str) -> tuple[str, list[str]]:
    described = connection.execute(
        f"DESCRIBE SELECT * FROM read_parquet({paths([file])}, hive_partitioning = false)"
    ).fetchall()
    return file, [column for column, *_ in described]


def _refusing(
    table: str, column: str, found: Mapping[str, list[str]], lacking: Sequence[str]
) -> str:
    holding = [file for file in found if file not in lacking]
    why = (
        f"column {column!r} of table {table!r} is in {listed(map(repr, holding), 3)}, and not in "
        f"{listed(map(repr, lacking), 3)}: the parts of a table have the same columns"
    )
    fault = f"error({text(SEPARATOR.join((REFUSED, why)))})"
    parts = ", ".join(map(text, lacking))
    return f"CASE WHEN {_FILE} IN ({parts}) THEN {fault} ELSE {quoted(column)} END"
