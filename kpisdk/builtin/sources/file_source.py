"""CSV and Parquet files as a source: read in place by DuckDB, nothing copied."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import attrs

from kpisdk.builtin.sources.csv_headers import is_compressed
from kpisdk.builtin.sources.database_identity import fingerprint
from kpisdk.builtin.sources.delimited import DelimitedRows, WiderNumbersError
from kpisdk.builtin.sources.duckdb_source import duckdb_engine, duckdb_session
from kpisdk.builtin.sources.file_tables import SUFFIXES, FileTable, Place
from kpisdk.builtin.sources.gzip_files import require_whole
from kpisdk.builtin.sources.parquet import parquet_item
from kpisdk.builtin.sources.sessions import ReadingChangedError
from kpisdk.builtin.sources.typed_views import create_view, make_view
from kpisdk.builtin.sources.unreadable_columns import refused
from kpisdk.contracts.file_identity import file_identity
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import Session, SourceOptions
from kpisdk.errors import (
    ConnectionLostError,
    KpisdkError,
    QueryError,
    ReadError,
    SourceUnavailableError,
    listed,
)


@attrs.define(eq=False)
class FilesChangedError(ConnectionLostError):
    """Files were replaced while they were read; the whole trip may be tried again."""

    template = (
        "Source {source!r} changed while it was read, so that its rows would have been those of "
        "two versions: {detail}. Try again when nothing writes to it."
    )


@attrs.define(eq=False)
class BrokenFileError(ConnectionLostError):
    """A file on which DuckDB gave up altogether; the other tables may be read in a new session."""

    template = "Source {source!r} could not answer: {detail}"


@attrs.define
class _Learnt:
    """What reading files has shown, so that no later session has to find it out again.

    All go by the identities of a table's files: ``whole`` holds those whose compressed files were
    read to their end; ``widths`` what columns are read as; ``broken`` why they cannot be read.
    """

    whole: set[tuple[str, ...]] = attrs.field(factory=set)
    widths: dict[tuple[str, ...], dict[str, str]] = attrs.field(factory=dict)
    broken: dict[tuple[str, ...], str] = attrs.field(factory=dict)


@attrs.frozen
class FilesSource:
    """A file, a folder or a glob. A file's name is its table's; so is that of a folder of parts."""

    location: str
    options: SourceOptions
    _learnt: _Learnt = attrs.field(init=False, factory=_Learnt, eq=False, repr=False)

    @property
    def _place(self) -> Place:
        return Place(self.options.name, self.location)

    @property
    def identity(self) -> SourceIdentity:
        facts: list[object] = ["files"]
        try:
            facts.append(Path(self.location).absolute())
        except OSError as error:
            detail = f"{self.location!r} is in a working folder that is no longer there"
            raise SourceUnavailableError(self.options.name, detail) from error
        for table in self._place.tables():
            for file in table.files:
                # One that may not be read is told where it is read; others are none the worse.
                facts += [file, _identity(file)]
        return SourceIdentity(self.options.name, "files", fingerprint(*facts))

    @property
    def retries(self) -> int:
        return self.options.retries

    def session(self) -> AbstractContextManager[Session]:
        tables = {table.name: table for table in self._place.tables()}
        reading = _Reading(self.options, tables, self._place.folders(), self._learnt)
        engine = duckdb_engine("duckdb:///:memory:", {})
        return duckdb_session(
            engine,
            self.options,
            reading.provide,
            reading.confirm,
            reading.explain,
            whole_names=True,
        )


@attrs.define
class _Reading:
    """One session's tables, which have to stay as they were when it began."""

    options: SourceOptions
    tables: Mapping[str, FileTable]
    folders: Mapping[str, Path]
    learnt: _Learnt
    _began: dict[str, tuple[str, ...]] = attrs.field(init=False)
    _read: dict[str, DelimitedRows | None] = attrs.field(init=False, factory=dict)
    _versions: dict[str, tuple[str, ...]] = attrs.field(init=False, factory=dict)

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
        self._read[name] = None
        self._versions[name] = tuple(map(_identity, table.files))
        if (broken := self.learnt.broken.get(self._versions[name])) is not None:
            raise QueryError(self.options.name, broken)
        if table.format == "csv":
            self._provide_text(connection, table)
            return
        declared = self.options.types.get(name, {})
        make_view(connection, name, parquet_item(connection, name, table.files), declared)

    def _provide_text(self, connection: Any, table: FileTable) -> None:
        version = self._versions[table.name]
        if version not in self.learnt.whole:
            for file in filter(is_compressed, table.files):
                require_whole(self.options.name, file)
            self.learnt.whole.add(version)
        rows = DelimitedRows.of(
            self.options.name,
            table.name,
            table.files,
            self.options.types.get(table.name, {}),
            self.learnt.widths.setdefault(version, {}),
        )
        self._read[table.name] = rows
        create_view(connection, table.name, f"SELECT * FROM {rows.item()}")

    def confirm(self) -> None:
        """See that nothing that was read has been replaced since.

        Raises:
            FilesChangedError: it was; half of an answer would be of the old rows.
        """
        for name in sorted(self._read):
            table = self.tables[name]
            if _state(table) != self._began[name]:
                raise FilesChangedError(self.options.name, listed(map(repr, table.files), 3))

    def explain(self, connection: Any, message: str) -> KpisdkError | None:
        """What DuckDB says of rows, in our words and without them."""
        if (column := refused(self.options.name, message)) is not None:
            return column
        if any(words in message for words in _CRASHES):
            return self._crashed()
        for name, rows in self._read.items():
            if rows is None:
                continue
            fault = rows.fault(message)
            if isinstance(fault, WiderNumbersError):
                self.learnt.widths[self._versions[name]][fault.column] = fault.width
                create_view(connection, name, f"SELECT * FROM {rows.item()}")
                return ReadingChangedError()
            if fault is not None:
                return fault
        return None

    def _crashed(self) -> KpisdkError | None:
        """The files at fault, which the next session leaves alone; ``None``: none is found."""
        for name, rows in self._read.items():
            fault = None if rows is None else rows.row_fault()
            if fault is not None:
                self.learnt.broken[self._versions[name]] = fault.detail
                return BrokenFileError(self.options.name, fault.detail)
        return None


_CRASHES = ("INTERNAL Error", "FATAL Error", "has been invalidated")
"""What DuckDB says where it gives up; it does so over a file that is not UTF-8 far down."""


def _state(table: FileTable) -> tuple[str, ...]:
    """What tells a table's files from others under the same names, at a glance."""
    return tuple(_identity(file, content=False) for file in table.files)


def _identity(file: str, *, content: bool = True) -> str:
    try:
        return file_identity(file, content=content)
    except OSError as error:
        return f"{file} cannot be looked at: {error.strerror}"
