"""Rows as CSV and Parquet files, whole or in parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from kpisdk.testing.differential.event_rows import SMALL_UNITS, Row, missing
from kpisdk.testing.differential.places import COLUMNS, Place, as_decimals
from kpisdk.testing.differential.stored_frames import arrow_table


def parquet(rows: Sequence[Row], place: Place) -> Any:
    """One file of several row groups."""
    import pyarrow.parquet as pq

    pq.write_table(arrow_table(rows), place.folder / "events.parquet", row_group_size=4)
    return str(place.folder)


def parquet_parts(rows: Sequence[Row], place: Place) -> Any:
    """Two parts; amounts as decimals of another scale in each, units as small as they fit."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = place.folder / "events"
    folder.mkdir()
    whole = arrow_table([as_decimals(row) for row in rows])
    fits = all(row["units"] in SMALL_UNITS for row in rows)
    half = len(rows) // 2
    for number, scale in enumerate((6, 9)):
        part = whole.slice(0, half) if number == 0 else whole.slice(half)
        amounts = pa.array(
            [
                None if each is None else Decimal(repr(each)).quantize(Decimal(1).scaleb(-scale))
                for each in part.column("amount").to_pylist()
            ],
            type=pa.decimal128(30, scale),
        )
        part = part.set_column(COLUMNS.index("amount"), "amount", amounts)
        if fits:
            units = part.column("units").cast(pa.int32())
            part = part.set_column(COLUMNS.index("units"), "units", units)
        pq.write_table(part, folder / f"part-{number}.parquet")
    return str(place.folder)


def _field(value: Any) -> str:
    if missing(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _write_csv(path: Path, rows: Sequence[Row], field: Callable[[Any], str] = _field) -> None:
    import csv
    import gzip
    import io

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([field(row[name]) for name in COLUMNS] for row in rows)
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def csv_file(rows: Sequence[Row], place: Place) -> Any:
    """One file, with quoted fields and Windows line ends."""
    _write_csv(place.folder / "events.csv", rows)
    return str(place.folder)


def csv_parts(rows: Sequence[Row], place: Place) -> Any:
    """Three parts, one of them compressed; numbers with blanks around them, instants with zones."""

    def loose(value: Any) -> str:
        if isinstance(value, dt.datetime):
            return value.isoformat() + "+00:00"
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return f" {_field(value)} " if is_number and not missing(value) else _field(value)

    folder = place.folder / "events"
    folder.mkdir()
    for number, suffix in enumerate((".csv", ".csv.gz", ".csv")):
        _write_csv(folder / f"part-{number}{suffix}", rows[number::3], loose)
    return str(place.folder)
