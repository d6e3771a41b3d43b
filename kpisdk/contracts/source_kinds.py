"""Where rows come from, seen from the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import attrs

from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.text_formats import FileFormat
from kpisdk.contracts.vocabulary import LogicalType

ZONED = "WITH TIME ZONE"
"""How the native type of a column ends that holds instants with a zone."""


@attrs.frozen
class PhysicalColumn:
    """A column as the source has it: its name there, its logical type and the engine's word.

    ``logical`` is ``None`` for a type that no logical type covers; ``native`` ends in
    :data:`ZONED` for instants that the engine keeps with a zone.
    """

    name: str
    logical: LogicalType | None
    native: str


class Session(Protocol):
    """One trip to a source: everything read through it sees the same rows, and nothing is written.

    Tables and columns go by their physical names here; mapping is the engine's work.
    """

    @property
    def dialect(self) -> str:
        """The SQLAlchemy dialect's name, such as ``duckdb``, ``sqlite`` or ``postgresql``."""
        ...

    def columns(self, table: str) -> Sequence[PhysicalColumn] | None:
        """The columns of a table or view; ``None``: there is none.

        ``schema.table`` and ``catalog.schema.table`` are allowed, and so are names with dots; see
        :class:`LocatingSession`.
        """
        ...

    def views(self) -> Mapping[str, str]:
        """The views of the source by name, each ``view`` or ``materialized view``."""
        ...

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        """The rows that a SQLAlchemy statement selects.

        Raises:
            QueryError: the statement failed (with the engine's own words, secrets masked).
            StatementTimeoutError: it ran past the source's limit and was cancelled.
            ConnectionLostError: the connection broke; the whole trip may be tried again.
        """
        ...

    def frame(self, statement: Any) -> Any:
        """The same rows as a pandas frame."""
        ...

    def text(self, statement: Any, *, standalone: bool = False) -> str:
        """The statement as the engine receives it, for ``explain``.

        ``standalone`` text needs no values and no functions of ours: it can stand in a view.

        Raises:
            KpisdkError: the engine has no such text for something in a standalone statement.
        """
        ...


@runtime_checkable
class IdentifiedSession(Session, Protocol):
    """A session that tells whether its rows are still those of an earlier one."""

    def identity(self, table: str) -> str | None:
        """What the rows of a table or view depend on beside the source's own fingerprint.

        Two sessions on sources of one fingerprint that give one text see the same rows there. An
        empty text says that the fingerprint tells all; ``None`` that nothing can tell (a view over
        a server elsewhere), and what is computed of it is then not kept.
        """
        ...


@runtime_checkable
class RecordedSession(Session, Protocol):
    """A session that tells what it runs, and on what."""

    def record(self, note: Callable[[str, Any, int], None]) -> None:
        """Call ``note`` with the text, bound values and number of rows of each statement."""
        ...

    def versions(self) -> tuple[str, str]:
        """The engine and the driver, each with its version: ``duckdb 1.4.1``, ``psycopg 3.2``."""
        ...


@runtime_checkable
class LocatingSession(Session, Protocol):
    """A session that can tell which table a name with dots means."""

    def path(self, table: str) -> tuple[str, ...]:
        """Catalog, schema and table, as far as they are named, of a table that was found."""
        ...


@runtime_checkable
class ListingSession(Session, Protocol):
    """A session that can tell which tables there are."""

    def tables(self) -> Sequence[str]:
        """The tables and views by the names that :meth:`Session.columns` takes."""
        ...


class Source(Protocol):
    """Rows that sessions can be opened on."""

    @property
    def identity(self) -> SourceIdentity:
        """Which source it is, without secrets."""
        ...

    @property
    def retries(self) -> int:
        """How often a trip is tried again after a lost connection."""
        ...

    def session(self) -> AbstractContextManager[Session]:
        """A read-only session.

        Raises:
            SourceUnavailableError: the source does not exist or refuses connections.
        """
        ...


class Writer(Protocol):
    """A connection that makes and drops views, opened for that and nothing else."""

    def kind(self, name: str) -> str | None:
        """``view``, ``materialized view`` or ``table``; ``None``: there is nothing of that name."""
        ...

    def columns(self, name: str) -> tuple[str, ...]:
        """The names of the columns of what goes by that name."""
        ...

    def run(self, *statements: str) -> None:
        """Run statements, all of them or none.

        Raises:
            QueryError: one failed, with the engine's own words (secrets masked).
        """
        ...


@runtime_checkable
class WritableSource(Source, Protocol):
    """A source in which views can be made."""

    def writing(self) -> AbstractContextManager[Writer]:
        """A connection that may write.

        Raises:
            SourceUnavailableError: the source refuses one.
        """
        ...


@attrs.frozen
class SourceOptions:
    """How a source is to be opened: settings of it, and the declared types of its columns.

    ``types`` maps physical tables to column types as the installed plugins declare them, so that a
    source without types of its own (CSV) can be read as what it is meant to be; ``csv`` says how
    the texts of its files are written. ``base`` is the folder that a relative path is relative to:
    that of the settings file which names the source, and ``None``, the working folder, for a
    location that a user gives directly.
    """

    name: str
    statement_timeout: float = 60.0
    retries: int = 2
    types: Mapping[str, Mapping[str, LogicalType]] = attrs.field(factory=dict)
    options: Mapping[str, Any] = attrs.field(factory=dict, repr=False)  # it may hold secrets
    base: Path | None = None
    csv: FileFormat = attrs.field(factory=FileFormat)


@attrs.frozen
class SourceKind:
    """A kind of source that a plugin brings: what it recognises and how it opens.

    ``accepts`` looks at a location (a URL, a path, or an object such as a mapping of frames) and
    says whether it is of this kind; it imports nothing heavy. ``open`` makes the source.
    """

    name: str
    accepts: Callable[[Any], bool]
    open: Callable[[Any, SourceOptions], Source]
    description: str = ""
