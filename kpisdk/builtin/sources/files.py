"""CSV and Parquet files as a source: read in place by DuckDB, nothing copied."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import attrs

from kpisdk.builtin.sources.delimited import DelimitedRows
from kpisdk.builtin.sources.duckdb import duckdb_engine, duckdb_session
from kpisdk.builtin.sources.file_identity import fingerprint
from kpisdk.builtin.sources.views import make_view, paths
from kpisdk.contracts.file_identity import file_identity
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.sources import Session, SourceOptions
from kpisdk.errors import ConnectionLostError, ReadError, SourceUnavailableError, listed

SUFFIXES = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
"""File endings that are read, and the format they stand for."""

_LOGS = ("_delta_log", ".hoodie")
"""Logs that say which of a folder's files count; all of them together are not the table."""


@attrs.define(eq=False)
class FilesChangedError(ConnectionLostError):
    """Files were replaced while they were read; the whole trip may be tried again."""

    @property
    def message(self) -> str:
        return (
            f"Source {self.source!r} changed while it was read, so that its rows would have been "
            f"those of two versions: {self.detail}. Try again when nothing writes to it."
        )


@attrs.frozen
class _Table:
    """A table's files; ``fault`` says why they are not the whole of it."""

    name: str
    format: str
    files: tuple[str, ...]
    fault: str | None = None


def _ending(path: Path) -> str | None:
    name = path.name.lower()
    return next(
        (suffix for suffix in sorted(SUFFIXES, key=len)[::-1] if name.endswith(suffix)), None
    )


@attrs.frozen
class FilesSource:
    """A file, a folder or a glob. A file's name is its table's; so is that of a folder of parts."""

    location: str
    options: SourceOptions

    @property
    def identity(self) -> SourceIdentity:
        facts: list[object] = ["files", Path(self.location).absolute()]
        for table in self._tables():
            for file in table.files:
                try:
                    facts += [file, file_identity(file)]
                except OSError as error:
                    detail = f"{file!r} cannot be looked at: {error.strerror or error}"
                    raise SourceUnavailableError(self.options.name, detail) from error
        return SourceIdentity(self.options.name, "files", fingerprint(*facts))

    @property
    def retries(self) -> int:
        return self.options.retries

    def session(self) -> AbstractContextManager[Session]:
        folders = {path.name: path for path in self._paths() if path.is_dir()}
        reading = _Reading(self.options, {table.name: table for table in self._tables()}, folders)
        engine = duckdb_engine("duckdb:///:memory:", {})
        return duckdb_session(engine, self.options, reading.provide, reading.confirm)

    def _paths(self) -> list[Path]:
        path = Path(self.location)
        if path.is_dir():
            return sorted(path.iterdir())
        if path.is_file():
            return [path]
        return sorted(Path(found) for found in glob.glob(self.location))  # noqa: PTH207 - absolute globs too

    def _tables(self) -> list[_Table]:
        paths = self._paths()
        if not paths:
            is_empty = Path(self.location).is_dir()
            detail = (
                f"folder {self.location!r} is empty"
                if is_empty
                else f"there is no file or folder {self.location!r}"
            )
            raise SourceUnavailableError(self.options.name, detail)
        tables = [table for each in paths if (table := _table(each)) is not None]
        if not tables:
            detail = f"{self.location!r} holds none of {listed(SUFFIXES)} files"
            raise SourceUnavailableError(self.options.name, detail)
        names = [table.name for table in tables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            detail = f"more than one file stands for table {listed(twice)}; keep one"
            raise SourceUnavailableError(self.options.name, detail)
        return tables


@attrs.define
class _Reading:
    """One session's tables, which have to stay as they were when it began."""

    options: SourceOptions
    tables: Mapping[str, _Table]
    folders: Mapping[str, Path]
    _began: dict[str, list[object]] = attrs.field(init=False)
    _read: set[str] = attrs.field(init=False, factory=set)

    def __attrs_post_init__(self) -> None:
        self._began = {name: _state(table) for name, table in self.tables.items()}

    def provide(self, connection: Any, name: str) -> None:
        """Make a view over a table's files."""
        table, folder = self.tables.get(name), self.folders.get(name)
        if table is None:
            if folder is not None:
                detail = f"{str(folder)!r} holds none of {listed(SUFFIXES)} files itself"
                raise ReadError(self.options.name, f"{detail}; folders below it are not read")
            return
        if table.fault is not None:
            raise ReadError(self.options.name, table.fault)
        self._read.add(name)
        declared = self.options.types.get(name, {})
        if table.format == "csv":
            rows = DelimitedRows(self.options.name, table.files).item(connection, declared)
            make_view(connection, name, rows, {})
            return
        # DuckDB would take a folder called "brand=A" for a column, in place of the files' own.
        options = "hive_partitioning = false, union_by_name = true"
        make_view(connection, name, f"read_parquet({paths(table.files)}, {options})", declared)

    def confirm(self) -> None:
        """See that nothing that was read has been replaced since.

        Raises:
            FilesChangedError: it was; half of an answer would be of the old rows.
        """
        for name in sorted(self._read):
            table = self.tables[name]
            if _state(table) != self._began[name]:
                raise FilesChangedError(self.options.name, listed(map(repr, table.files), 3))


def _state(table: _Table) -> list[object]:
    """What tells a table's files from others under the same names."""
    found: list[object] = []
    for file in table.files:
        try:
            found.append(file_identity(file, content=False))
        except OSError:
            found.append(None)
    return found


def _table(path: Path) -> _Table | None:
    if path.is_dir():
        return _parts(path)
    ending = _ending(path)
    if ending is None or not path.exists():  # a link may lead nowhere
        return None
    return _Table(path.name[: -len(ending)], SUFFIXES[ending], (str(path),))


def _parts(folder: Path) -> _Table | None:
    """The table whose parts a folder holds; a part that would be left out is a fault of it."""
    inside = sorted(folder.iterdir())
    shown = [each for each in inside if not each.name.startswith(".")]
    parts = [each for each in shown if each.is_file() and _ending(each) is not None]
    if not parts:
        return None
    formats = sorted({SUFFIXES[_ending(part) or ""] for part in parts})
    others = [each.name for each in shown if each not in parts and not each.name.startswith("_")]
    logs = [each.name for each in inside if each.name in _LOGS]
    fault = None
    if logs:
        fault = f"holds {logs[0]!r}, a log of which of its files count, and logs are not read"
    elif others:
        names = listed(map(repr, others))
        fault = (
            f"holds {names} beside its parts, which would be left out: move them away, or begin "
            f"their names with '_' (parts are {listed(SUFFIXES)} files, and none in a folder below)"
        )
    elif len(formats) > 1:
        fault = f"holds {listed(formats)} files: the parts of a table are of one format"
    files = tuple(str(part) for part in parts)
    return _Table(folder.name, formats[0], files, fault and f"the folder {str(folder)!r} {fault}")
