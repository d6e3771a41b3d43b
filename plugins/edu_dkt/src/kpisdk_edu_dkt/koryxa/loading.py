"""Loading: raw text of a CSV file, a Parquet file or a frame, and the typed table made of it.

Both are views of a DuckDB connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kpisdk import MissingDependencyError
from kpisdk_edu_dkt.koryxa.csv_text import CsvText
from kpisdk_edu_dkt.koryxa.errors import EventsError

RAW, STAGED = "raw_events", "staged_events"


@contextmanager
def connected(scratch: Path, memory: str) -> Iterator[Any]:
    """A connection to a DuckDB of its own that spills to ``scratch`` beyond ``memory``.

    Raises:
        MissingDependencyError: DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        install = "pip install 'kpisdk[duckdb]'"
        raise MissingDependencyError("DuckDB", "Reading an events log", install) from error
    config: dict[str, Any] = {
        "memory_limit": memory,
        "temp_directory": str(scratch),
        "threads": "2",
    }
    connection = duckdb.connect(config=config)
    try:
        connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        yield connection
    finally:
        connection.close()


def loaded(connection: Any, events: Any, text: CsvText | None) -> tuple[str, ...]:
    """Make the view ``raw_events``, every column text; the names of its columns.

    Raises:
        EventsError: the file is no CSV or Parquet, or the object no frame.
    """
    import duckdb

    if text is not None:
        connection.execute(f"CREATE TEMP VIEW {RAW} AS SELECT * FROM {_csv(text)}")
        return text.columns
    try:
        if isinstance(events, str | Path):
            rows = f"read_parquet({_quoted(str(events))})"
        else:
            connection.register("given_events", events)
            rows = "given_events"
        described = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    except duckdb.Error as error:
        reason = " ".join(str(error).split())[:300]
        raise EventsError(str(events)[:200], reason) from error
    columns = tuple(name for name, *_ in described)
    casts = ", ".join(
        f'CAST("{_escaped(name)}" AS VARCHAR) AS "{_escaped(name)}"' for name in columns
    )
    connection.execute(f"CREATE TEMP VIEW {RAW} AS SELECT {casts} FROM {rows}")
    return columns


def written(connection: Any, select: str, target: Path) -> None:
    """Write a select to a Parquet file, and make it the view ``staged_events``."""
    rows = _quoted(str(target))
    connection.execute(f"COPY ({select}) TO {rows} (FORMAT parquet)")
    connection.execute(f"CREATE TEMP VIEW {STAGED} AS SELECT * FROM read_parquet({rows})")


def _csv(text: CsvText) -> str:
    columns = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in text.columns)
    return (
        f"read_csv({_quoted(str(text.path))}, auto_detect = false, header = true, "
        f"delim = {_quoted(text.delimiter)}, quote = '\"', escape = '\"', "
        f"columns = {{{columns}}}, store_rejects = true, rejects_limit = 0)"
    )


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _escaped(name: str) -> str:
    return name.replace('"', '""')
