"""A generated data set in files: one DuckDB file, or a folder of CSV or Parquet files."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs

from kpisdk import KpisdkError
from kpisdk_demo.contract import META, TABLES
from kpisdk_demo.generator import Batch, generate
from kpisdk_demo.marks import NotADemoError, is_demo_folder, meta

Progress = Callable[[float], None]
"""Called with the share (0 to 1) of the patients that are done."""

_DUCKDB_TYPES: Final = {
    "text": "VARCHAR",
    "json": "JSON",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}

_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "memory_limit": "128MB",
    "threads": 2,
}
"""Inserts come one batch at a time and need little; without limits a large file's pages, and the
buffers of each core, would fill the memory of a small machine."""


@attrs.define(eq=False)
class DemoWriteError(KpisdkError):
    """A data set that could not be written; what was there before stays.

    Attributes:
        path: the place.
        reason: what the system says.
    """

    path: str
    reason: str

    template = "{path!r} could not be written: {reason}. Nothing was changed."


def write_duckdb(
    path: str | os.PathLike[str],
    scale: float,
    seed: int,
    end: datetime,
    progress: Progress | None = None,
) -> Path:
    """Write the data set as one DuckDB file, which appears (or is replaced) whole or not at all.

    Args:
        path: the file.
        scale: 1 is 10,000 patients.
        seed: a non-negative integer.
        end: the instant (UTC) that every row lies before.
        progress: called with the share that is done.

    Returns:
        The path.

    Raises:
        DemoPlanError: a scale, seed or end that cannot be used.
        DemoWriteError: the file cannot be written.
    """
    import duckdb

    target = Path(path)
    with _beside(target, (OSError, duckdb.Error)) as folder:
        draft = folder / "demo.duckdb"
        with duckdb.connect(str(draft), config=_CONFIG) as connection:
            for table, layout in TABLES.items():
                typed = ", ".join(f"{name} {_DUCKDB_TYPES[kind]}" for name, kind in layout.items())
                connection.execute(f"CREATE TABLE {table} ({typed})")
            connection.execute(f"CREATE TABLE {META} (key VARCHAR, value VARCHAR)")
            connection.executemany(
                f"INSERT INTO {META} VALUES (?, ?)", list(meta(scale, seed, end).items())
            )
            for batch in generate(scale, seed, end):
                connection.register("batch", _arrow(batch))
                connection.execute(f"INSERT INTO {batch.table} SELECT * FROM batch")
                connection.unregister("batch")
                _tell(progress, batch)
        # A log that a broken-off writer left beside the old file must not be played on the new one.
        Path(f"{target}.wal").unlink(missing_ok=True)
        draft.replace(target)
    return target


def write_csv_folder(
    path: str | os.PathLike[str],
    scale: float,
    seed: int,
    end: datetime,
    progress: Progress | None = None,
) -> Path:
    """Write one CSV file per table (UTF-8, header, NULL as an empty field) into a folder.

    Args:
        path: the folder.
        scale: 1 is 10,000 patients.
        seed: a non-negative integer.
        end: the instant (UTC) that every row lies before.
        progress: called with the share that is done.

    Raises:
        DemoPlanError: a scale, seed or end that cannot be used.
        NotADemoError: the folder holds something else.
        DemoWriteError: the folder cannot be written.
    """
    from pyarrow import csv

    return _write_folder(path, ".csv", csv.CSVWriter, (scale, seed, end), progress)


def write_parquet_folder(
    path: str | os.PathLike[str],
    scale: float,
    seed: int,
    end: datetime,
    progress: Progress | None = None,
) -> Path:
    """Write one Parquet file per table into a folder.

    Args:
        path: the folder.
        scale: 1 is 10,000 patients.
        seed: a non-negative integer.
        end: the instant (UTC) that every row lies before.
        progress: called with the share that is done.

    Raises:
        DemoPlanError: a scale, seed or end that cannot be used.
        NotADemoError: the folder holds something else.
        DemoWriteError: the folder cannot be written.
    """
    from pyarrow import parquet

    return _write_folder(path, ".parquet", parquet.ParquetWriter, (scale, seed, end), progress)


def _write_folder(
    path: str | os.PathLike[str],
    suffix: str,
    writer: Callable[[Path, Any], Any],
    arguments: tuple[float, int, datetime],
    progress: Progress | None,
) -> Path:
    import pyarrow as pa

    target = Path(path)
    if target.exists() and not is_demo_folder(target):
        raise NotADemoError(str(target))
    with _beside(target) as folder:
        made = folder / "tables"
        made.mkdir()
        marks = meta(*arguments)
        described = pa.table({"key": list(marks), "value": list(marks.values())})
        with writer(made / f"{META}{suffix}", described.schema) as out:
            out.write_table(described)
        open_writers: dict[str, Any] = {}
        try:
            for batch in generate(*arguments):
                rows = _arrow(batch)
                if batch.table not in open_writers:
                    open_writers[batch.table] = writer(made / f"{batch.table}{suffix}", rows.schema)
                open_writers[batch.table].write_table(rows)
                _tell(progress, batch)
        finally:
            for out in open_writers.values():
                out.close()
        if target.exists():
            shutil.rmtree(target)
        made.replace(target)
    return target


def _arrow(batch: Batch) -> Any:
    import pyarrow as pa

    return pa.table(dict(batch.columns))


def _tell(progress: Progress | None, batch: Batch) -> None:
    if progress is not None:
        progress(batch.done)


@contextmanager
def _beside(target: Path, failures: tuple[type[Exception], ...] = (OSError,)) -> Iterator[Path]:
    """A folder next to the target, so that the last step is a rename on one file system.

    Raises:
        DemoWriteError: the system, or one of ``failures``, kept the target from being written.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.absolute().parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except failures as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())[:300]
        raise DemoWriteError(str(target), reason) from error
