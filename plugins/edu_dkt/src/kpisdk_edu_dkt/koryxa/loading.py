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
def reported_as(place: str, scratch: Path) -> Iterator[None]:
    """What DuckDB says of a damaged file, as an error about the log and not about our copy of it.

    Args:
        place: what the log is called.
        scratch: our folder, which messages leave out.

    Raises:
        EventsError: DuckDB could not read what it was given.
    """
    import duckdb

    try:
        yield
    except (duckdb.Error, UnicodeError) as error:
        # its first line has the reason; what follows may quote a row
        reason = str(error).strip().partition("\n")[0].replace(str(scratch), "")[:300]
        raise EventsError(place[:200], reason) from error


@contextmanager
def connected(scratch: Path, memory: str) -> Iterator[Any]:
    """A connection to a DuckDB of its own that spills to ``scratch`` beyond ``memory``.

    Args:
        scratch: a folder for what memory does not hold.
        memory: how much of it there is, such as ``1GB``.

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

    Args:
        connection: DuckDB's.
        events: the path of a Parquet file, or a frame; not read where ``text`` is given.
        text: a CSV file.

    Raises:
        EventsError: the file is no CSV or Parquet, or the object no frame.
    """
    if text is not None:
        connection.execute(f"CREATE TEMP VIEW {RAW} AS SELECT * FROM {_csv(text)}")
        return text.columns
    if isinstance(events, str | Path):
        rows = f"read_parquet({_file(Path(events))})"
    else:
        connection.register("given_events", events)
        rows = "given_events"
    described = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    columns = tuple(name for name, *_ in described)
    casts = ", ".join(
        f"CAST({quoted_name(name)} AS VARCHAR) AS {quoted_name(name)}" for name in columns
    )
    connection.execute(f"CREATE TEMP VIEW {RAW} AS SELECT {casts} FROM {rows}")
    return columns


def written(connection: Any, select: str, target: Path) -> None:
    """Write a select to a Parquet file, and make it the view ``staged_events``.

    Args:
        connection: DuckDB's.
        select: the statement.
        target: the file.
    """
    connection.execute(f"COPY ({select}) TO {_quoted(str(target))} (FORMAT parquet)")
    rows = f"read_parquet({_file(target)})"
    connection.execute(f"CREATE TEMP VIEW {STAGED} AS SELECT * FROM {rows}")


def _csv(text: CsvText) -> str:
    columns = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in text.columns)
    return (
        f"read_csv({_file(text.path)}, auto_detect = false, header = true, "
        f"compression = '{'gzip' if text.is_gzip else 'none'}', "
        f"delim = {_quoted(text.delimiter)}, quote = '\"', escape = '\"', "
        f"columns = {{{columns}}}, store_rejects = true, rejects_limit = 0)"
    )


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _file(path: Path) -> str:
    """A path as a text in which no sign is a pattern of several files."""
    return _quoted("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))


def quoted_name(name: str) -> str:
    """A column's name as it stands in a statement."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
