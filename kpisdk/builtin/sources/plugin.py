"""The hooks of the built-in sources, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kpisdk.contracts.engine_traits import Engine
from kpisdk.contracts.source_kinds import Source, SourceKind, SourceOptions
from kpisdk.hookspecs import hookimpl

DATABASE_FILES = {
    ".duckdb": "duckdb",
    ".ddb": "duckdb",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
}
"""Suffixes by which a bare path is known to be a database file."""


def _is_frames(location: Any) -> bool:
    return isinstance(location, Mapping)


def _is_url(location: Any) -> bool:
    return isinstance(location, str) and "://" in location


def _is_path(location: Any) -> bool:
    return isinstance(location, str | Path) and not _is_url(location)


def _is_duckdb_connection(location: Any) -> bool:
    return _is_of(location, "DuckDBPyConnection", ("duckdb", "_duckdb"))


def _is_engine(location: Any) -> bool:
    return _is_of(location, "Engine", ("sqlalchemy",))


def _is_of(location: Any, name: str, libraries: tuple[str, ...]) -> bool:
    """Whether a location is of a library's type, which is not imported to find out."""
    return any(
        base.__name__ == name and base.__module__.partition(".")[0] in libraries
        for base in type(location).__mro__
    )


def _open_duckdb_connection(location: Any, options: SourceOptions) -> Source:
    from kpisdk.builtin.sources.program_objects import DuckdbConnectionSource

    return DuckdbConnectionSource(lambda: location, options)


def _open_engine(location: Any, options: SourceOptions) -> Source:
    from kpisdk.builtin.sources.program_objects import of_engine

    return of_engine(location, options)


def _open_frames(location: Any, options: SourceOptions) -> Source:
    from kpisdk.builtin.sources.frame_source import FramesSource

    return FramesSource(location, options)


def _open_url(location: Any, options: SourceOptions) -> Source:
    from kpisdk.builtin.sources.database_urls import database
    from kpisdk.builtin.sources.unsupported_locations import require_no_text_format

    require_no_text_format(options)
    return database(str(location), options)


def _open_path(location: Any, options: SourceOptions) -> Source:
    from kpisdk.builtin.sources.locations import local_path

    path = local_path(location, options)
    scheme = DATABASE_FILES.get(path.suffix.lower())
    if scheme is not None and not _is_folder(path):
        return _open_url(f"{scheme}:///{path}", options)
    from kpisdk.builtin.sources.unsupported_locations import old_workbook

    refused = old_workbook(options.name, str(location))
    if refused is not None:
        raise refused
    from kpisdk.builtin.sources.file_source import FilesSource

    return FilesSource(str(path), options)


@hookimpl
def kpisdk_engines() -> Iterable[Engine]:
    """DuckDB, SQLite, PostgreSQL."""
    from kpisdk.sql.dialects import BUILT_IN

    return BUILT_IN


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # what may not be looked at is told as a file
        return False


@hookimpl
def kpisdk_sources() -> Iterable[SourceKind]:
    """Frames, what a program holds open, SQLAlchemy URLs, and paths."""
    yield SourceKind(
        "frames",
        _is_frames,
        _open_frames,
        "a mapping of table names to frames (pandas, polars, Arrow tables, DuckDB relations)",
    )
    yield SourceKind(
        "connection", _is_duckdb_connection, _open_duckdb_connection, "an open DuckDB connection"
    )
    yield SourceKind("engine", _is_engine, _open_engine, "a SQLAlchemy engine")
    yield SourceKind("database", _is_url, _open_url, "a SQLAlchemy URL")
    yield SourceKind(
        "files", _is_path, _open_path, "a folder, file or glob of CSV, Parquet, .xlsx or .ods files"
    )
