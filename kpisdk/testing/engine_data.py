"""One data set on every engine: frames, DuckDB, SQLite, PostgreSQL, CSV and Parquet files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.examples.example_tables import Table, write_database


def put(
    engine: str,
    frames: Mapping[str, Any],
    datasets: Iterable[Dataset],
    folder: Path,
    postgresql_url: str | None = None,
) -> Any:
    """Write pandas frames to an engine, typed as the datasets declare, and return the source.

    Args:
        engine: one of :data:`kpisdk.testing.ENGINES`.
        frames: tables by name; a table that no dataset declares keeps the frame's own types.
        datasets: declarations of the tables; several of one name are joined.
        folder: where files are made.
        postgresql_url: an empty database, for ``postgresql``.
    """
    if engine == "frames":
        return dict(frames)
    if engine in ("csv", "parquet"):
        return _files(engine, frames, datasets, folder)
    if engine == "postgresql":
        url = postgresql_url or ""
    else:
        path = folder / f"data.{engine}"
        path.unlink(missing_ok=True)
        url = f"{engine}:///{path}"
    types = _types(datasets)
    tables = [_table(name, frame, types.get(name, {})) for name, frame in frames.items()]
    write_database(url, tables)
    return url


def _types(datasets: Iterable[Dataset]) -> dict[str, dict[str, LogicalType]]:
    found: dict[str, dict[str, LogicalType]] = {}
    for dataset in datasets:
        columns = found.setdefault(dataset.name, {})
        columns.update({column.name: column.type for column in dataset.columns})
        for reference in dataset.references:
            key = reference.to.column(reference.to.keys[0])
            found.setdefault(reference.to.name, {}).setdefault(key.name, key.type)
    return found


def _files(
    engine: str, frames: Mapping[str, Any], datasets: Iterable[Dataset], folder: Path
) -> str:
    target = folder / engine
    target.mkdir(exist_ok=True)
    declared = _types(datasets)
    for name, frame in frames.items():
        if engine == "csv":
            frame.to_csv(target / f"{name}.csv", index=False)
            continue
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = _records(frame)
        fields = []
        for column in frame.columns:
            values = [row[column] for row in rows]
            arrow = _arrow_type(declared.get(name, {}).get(column), values)
            fields.append(pa.array(values, type=arrow))
        table = pa.Table.from_arrays(fields, names=list(frame.columns))
        pq.write_table(table, target / f"{name}.parquet")
    return str(target)


def _arrow_type(logical: LogicalType | None, values: list[Any]) -> Any:
    import pyarrow as pa

    if logical is None:
        return pa.array(values).type
    return {
        LogicalType.TEXT: pa.string(),
        LogicalType.INT: pa.int64(),
        LogicalType.FLOAT: pa.float64(),
        LogicalType.BOOL: pa.bool_(),
        LogicalType.DATE: pa.date32(),
        LogicalType.TIMESTAMP: pa.timestamp("us"),
        LogicalType.JSON: pa.string(),
    }[logical]


def _records(frame: Any) -> list[dict[str, Any]]:
    """A frame's rows with Python values; every kind of missing value is ``None``."""
    rows: list[dict[str, Any]] = frame.astype(object).to_dict("records")
    return [{name: _value(value) for name, value in row.items()} for row in rows]


def _value(value: Any) -> Any:
    if value is None or value != value:  # noqa: PLR0124 - true for NaN and NaT alone
        return None
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value.item() if hasattr(value, "item") else value


def _table(name: str, frame: Any, declared: Mapping[str, LogicalType]) -> Table:
    rows = _records(frame)
    types = {
        column: declared.get(column) or _guessed([row[column] for row in rows])
        for column in frame.columns
    }
    return Table(name, types, rows)


def _guessed(values: list[Any]) -> LogicalType:
    known = next((value for value in values if value is not None), "")
    if isinstance(known, bool):
        return LogicalType.BOOL
    if isinstance(known, int):
        return LogicalType.INT
    if isinstance(known, float):
        return LogicalType.FLOAT
    if isinstance(known, dt.datetime):
        return LogicalType.TIMESTAMP
    return LogicalType.DATE if isinstance(known, dt.date) else LogicalType.TEXT
