"""Files as a source: CSV and Parquet are read in place by DuckDB, other texts made so first."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import attrs

from kpisdk.builtin.sources.cell_advice import setting_of
from kpisdk.builtin.sources.database_identity import fingerprint
from kpisdk.builtin.sources.delimited import DelimitedRows, WiderNumbersError
from kpisdk.builtin.sources.duckdb_source import duckdb_engine, duckdb_session
from kpisdk.builtin.sources.file_tables import SUFFIXES, FileTable, Place
from kpisdk.builtin.sources.parquet import parquet_item
from kpisdk.builtin.sources.sessions import ReadingChangedError
from kpisdk.builtin.sources.text_files import TextFile, TextFiles
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
    UnknownNameError,
    listed,
)
from kpisdk.settings.paths import joined


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

    All go by the identities of a table's files: ``texts`` are the files as they are read, those
    that were made among them, all looked through; ``widths`` what columns are read as; ``broken``
    why they cannot be read.
    """

    files: TextFiles
    texts: dict[tuple[str, ...], tuple[TextFile, ...]] = attrs.field(factory=dict)
    widths: dict[tuple[str, ...], dict[str, str]] = attrs.field(factory=dict)
    broken: dict[tuple[str, ...], str] = attrs.field(factory=dict)


@attrs.frozen
class FilesSource:
    """A file, a folder or a glob. A file's name is its table's; so is that of a folder of parts."""

    location: str
    options: SourceOptions
    _learnt: _Learnt = attrs.field(init=False, eq=False, repr=False)

    @_learnt.default
    def _nothing_yet(self) -> _Learnt:
        return _Learnt(TextFiles(self.options.name))

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

    def tables(self) -> list[FileTable]:
        """The tables by their files; see :meth:`Place.tables`."""
        return self._place.tables()

    def session(self) -> AbstractContextManager[Session]:
        reading = self.reading()
        engine = duckdb_engine("duckdb:///:memory:", {})
        return duckdb_session(
            engine,
            self.options,
            reading.provide,
            reading.confirm,
            reading.explain,
            names=lambda: list(reading.tables),
            whole_names=True,
        )

    def reading(self, called: Mapping[str, str] | None = None) -> FileReading:
        """The tables as they are now, to be read in one session.

        Args:
            called: tables whose views go by another name in that session.

        Raises:
            SourceUnavailableError: there is nothing to read, or a setting is for no table.
        """
        tables = self._place.named()
        _require_known(self.options, tables)
        return FileReading(
            self.options, tables, self._place.folders(), self._learnt, dict(called or {})
        )


@attrs.define
class FileReading:
    """One session's tables, which have to stay as they were when it began."""

    options: SourceOptions
    tables: Mapping[str, FileTable]
    folders: Mapping[str, Path]
    learnt: _Learnt
    called: Mapping[str, str] = attrs.field(factory=dict)
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
        # What is made of a file goes by its sheet as well.
        self._versions[name] = (table.sheet or "", *map(_identity, table.files))
        if (broken := self.learnt.broken.get(self._versions[name])) is not None:
            raise QueryError(self.options.name, broken)
        if table.format == "parquet":
            declared = self.options.types.get(name, {})
            rows = parquet_item(connection, name, table.files)
            make_view(connection, self._view(name), rows, declared)
            return
        self._provide_text(connection, name, table)

    def _provide_text(self, connection: Any, name: str, table: FileTable) -> None:
        version = self._versions[name]
        how = self.options.csv.table(table.name)
        setting = setting_of(self.options.name)
        if version not in self.learnt.texts:
            self.learnt.texts[version] = self.learnt.files.of(table, how, setting)
        rows = DelimitedRows(
            self.options.name,
            name,
            self.learnt.texts[version],
            self.options.types.get(name, {}),
            how,
            setting,
            self.learnt.widths.setdefault(version, {}),
        )
        self._read[name] = rows
        create_view(connection, self._view(name), f"SELECT * FROM {rows.item()}")

    def _view(self, name: str) -> str:
        """What the view over a table is called."""
        return self.called.get(name, name)

    def confirm(self) -> None:
        """See that nothing that was read has been replaced since.

        Raises:
            FilesChangedError: it was; half of an answer would be of the old rows.
        """
        for name in sorted(self._read):
            table = self.tables[name]
            if _state(table) != self._began[table.name]:
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
                create_view(connection, self._view(name), f"SELECT * FROM {rows.item()}")
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


def _require_known(options: SourceOptions, tables: Mapping[str, FileTable]) -> None:
    """Refuse a format for a table that is not there: the one that is meant would go without."""
    for name in options.csv.tables:
        if name.casefold() not in {table.casefold() for table in tables}:
            unknown = UnknownNameError("table", name, tuple(tables)).message
            setting = joined(f"{setting_of(options.name)[1:-1]}.tables", name)
            raise SourceUnavailableError(options.name, f"{setting} is not used. {unknown}")


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
