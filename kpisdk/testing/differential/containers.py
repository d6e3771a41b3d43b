"""Every container that rows can lie in, by name."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from kpisdk.testing.differential import stored_files, stored_frames, stored_tables
from kpisdk.testing.differential.event_rows import Row
from kpisdk.testing.differential.places import (
    Put,
    as_decimals,
    as_is,
    json_documents,
    unpadded,
)


@attrs.frozen
class Container:
    """One way to store the rows.

    ``put`` writes them and returns the source; ``held`` is what of a row the container can hold
    (a CSV file knows no empty text, ``char(4)`` no trailing blank).
    """

    name: str
    put: Put
    held: Callable[[Row], Row]
    needs: str = ""


def _narrow(row: Row) -> Row:
    return json_documents(as_decimals(row))


def _narrow_and_padded(row: Row) -> Row:
    return _narrow(unpadded(row))


def _writing(put: Put, held: Callable[[Row], Row]) -> Put:
    """``put`` of what is held: a column that takes no junk is given none."""
    return lambda rows, place: put([held(row) for row in rows], place)


CONTAINERS: tuple[Container, ...] = (
    Container("frames of objects", stored_frames.frames_of_objects, as_is),
    Container("frames of decimals", stored_frames.frames_of_decimals, as_decimals),
    Container("typed frames", stored_frames.typed_frames, as_is),
    Container("arrow", stored_frames.arrow, as_is),
    Container("polars", stored_frames.polars, as_is, needs="polars"),
    Container("parquet", stored_files.parquet, as_is),
    Container("parquet parts", stored_files.parquet_parts, as_decimals),
    Container("csv", stored_files.csv_file, as_is),
    Container("csv parts", stored_files.csv_parts, as_is),
    Container("duckdb", stored_tables.duckdb_file(stored_tables.DUCKDB_PLAIN), as_is),
    Container(
        "narrow duckdb",
        _writing(stored_tables.duckdb_file(stored_tables.DUCKDB_NARROW), json_documents),
        _narrow,
    ),
    Container("sqlite", stored_tables.sqlite_file(stored_tables.SQLITE_PLAIN), as_is),
    Container("loose sqlite", stored_tables.sqlite_file(stored_tables.SQLITE_LOOSE), as_is),
    Container("sqlite view", stored_tables.sqlite_file({}, view=True), as_is),
    Container(
        "postgresql",
        stored_tables.postgresql_table(stored_tables.POSTGRESQL_PLAIN),
        as_is,
        needs="postgresql",
    ),
    Container(
        "narrow postgresql",
        _writing(stored_tables.postgresql_table(stored_tables.POSTGRESQL_NARROW), json_documents),
        _narrow_and_padded,
        needs="postgresql",
    ),
)
"""All containers."""
