"""Sessions over a SQLAlchemy connection: read, time out, and say what failed in our own words."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
import sqlalchemy as sa
import sqlalchemy.exc
from sqlalchemy.engine.reflection import ObjectKind

from kpisdk.builtin.sources.connections import driver_error
from kpisdk.builtin.sources.csv_faults import without_rows
from kpisdk.builtin.sources.database_faults import (
    BAD_VALUE_WORDS,
    detail_of,
    interrupt_in,
    is_timeout,
    of_statement,
    one_line,
    words_of,
)
from kpisdk.builtin.sources.engine_versions import engine_and_driver
from kpisdk.builtin.sources.reflection import (
    NoSuchSchemaError,
    no_such_schema,
    physical_column,
    schema_of,
    tables_of,
    views_of,
)
from kpisdk.builtin.sources.row_frames import framing
from kpisdk.contracts.source_kinds import PhysicalColumn
from kpisdk.contracts.table_names import in_quotes, readings
from kpisdk.errors import (
    BadValueError,
    ConnectionLostError,
    KpisdkError,
    QueryError,
    ReadError,
    StatementTimeoutError,
    UnsupportedByEngineError,
    listed,
)
from kpisdk.settings import redact
from kpisdk.sql.rendering import STANDALONE, traits_of
from kpisdk.sql.sqlite_functions import BAD_VALUE
from kpisdk.sql.types import aware


@attrs.define(eq=False)
class ReadingChangedError(KpisdkError):
    """The source has changed how it reads a table, so that the same statement is run again."""


_EXPANDED = {"render_postcompile": True}


@attrs.define
class SqlSession:
    """A :class:`kpisdk.contracts.source_kinds.Session` over one SQLAlchemy connection.

    ``cancel`` stops the running statement; ``secrets`` are masked in whatever the engine says;
    ``faults`` collects what SQLite's functions refused; ``provide`` makes a table that is not there
    until it is asked about; ``confirm`` is called after every reading, and raises where what was
    read is not what the session began with; ``explain`` makes what the engine says of a failure an
    error of the source's own; ``identify`` tells the rows of a table from other sessions' where the
    source's fingerprint does not; ``names`` lists the tables that there may be; in
    ``whole_names`` a dot is a letter.
    """

    connection: sa.Connection
    name: str
    timeout: float
    cancel: Callable[[], None] | None = None
    secrets: frozenset[str] = attrs.field(default=frozenset(), repr=False)
    faults: list[str] = attrs.field(factory=list)
    savepoints: bool = False
    provide: Callable[[str], None] | None = None
    confirm: Callable[[], None] | None = None
    explain: Callable[[str], KpisdkError | None] | None = None
    identify: Callable[[sa.Connection, str], str | None] | None = None
    names: Callable[[], Sequence[str]] | None = None
    whole_names: bool = False
    _notes: list[Callable[[str, Any, int], None]] = attrs.field(factory=list)
    _provided: set[str] = attrs.field(factory=set)
    _listed: dict[str, list[Any]] | None = None
    _paths: dict[str, tuple[str, ...]] = attrs.field(factory=dict)

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    def columns(self, table: str) -> Sequence[PhysicalColumn] | None:
        found: dict[tuple[str, ...], list[Any]] = {}
        with self._guarded():
            for path in self._readings(table):
                columns = self._described(path)
                if columns:
                    found[path] = columns
        if len(found) > 1:
            meant = listed(map(in_quotes, found))
            detail = f"{table!r} may mean {meant}: write the one that is meant, with its quotes"
            raise ReadError(self.name, detail)
        for path, columns in found.items():
            self._paths[table] = path
            return [physical_column(column) for column in columns]
        return None

    def path(self, table: str) -> tuple[str, ...]:
        return self._paths.get(table) or self._readings(table)[0]

    def _readings(self, table: str) -> tuple[tuple[str, ...], ...]:
        return ((table,),) if self.whole_names else readings(table)

    def _described(self, path: tuple[str, ...]) -> list[Any]:
        """The columns of the table that a name may mean; none where there is no such table."""
        *places, name = path
        if not places and self.provide is not None and name not in self._provided:
            self._provided.add(name)
            self.provide(name)
        try:
            with warnings.catch_warnings():
                # A type that SQLAlchemy does not know is no fault: it gets no logical type.
                warnings.simplefilter("ignore", sqlalchemy.exc.SAWarning)
                return self._reflected(schema_of(self.connection, tuple(places)), name)
        except (sqlalchemy.exc.NoSuchTableError, NoSuchSchemaError):
            return []

    def _reflected(self, schema: str | None, name: str) -> list[Any]:
        """The columns of a table as SQLAlchemy describes them.

        Some engines list the columns of all tables whichever is requested: one question answers for
        the whole session, unless tables come into being as they are asked about.
        """
        inspector = sa.inspect(self.connection)
        at_once = traits_of(self.dialect).lists_columns_at_once
        if at_once and self.provide is None and schema is None:
            if self._listed is None:
                every = inspector.get_multi_columns(kind=ObjectKind.ANY)
                self._listed = {table: list(columns) for (_, table), columns in every.items()}
            if name in self._listed:
                return self._listed[name]
        with no_such_schema():
            return list(inspector.get_columns(name, schema=schema))

    def views(self) -> Mapping[str, str]:
        if self.whole_names:
            return {}  # the views here are ours, over files or frames
        with self._guarded():
            return views_of(self.connection)

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._taken(
            statement, lambda result: [tuple(aware(value) for value in row) for row in result]
        )
        return found

    def frame(self, statement: Any) -> Any:
        return self._taken(statement, framing())

    def tables(self) -> Sequence[str]:
        """The tables and views of the source; see :class:`ListingSession`."""
        with self._guarded():
            return tables_of(self.connection) if self.names is None else self.names()

    def _taken(self, statement: Any, take: Callable[[Any], Any]) -> Any:
        """What a statement's result is made into, read again where the source reads differently."""
        while True:
            try:
                with self._guarded():
                    result = self.connection.execute(statement)
                    taken = take(result)
            except ReadingChangedError:
                continue
            for note in self._notes:
                note(result.context.statement, result.context.parameters, len(taken))
            return taken

    def record(self, note: Callable[[str, Any, int], None]) -> None:
        self._notes.append(note)

    def versions(self) -> tuple[str, str]:
        return engine_and_driver(self.connection.dialect)

    def identity(self, table: str) -> str | None:
        """What the rows of a table depend on beside the source's own fingerprint."""
        if self.identify is None:
            return ""
        with self._guarded():
            return self.identify(self.connection, table)

    def text(self, statement: Any, *, standalone: bool = False) -> str:
        dialect = self.connection.dialect
        how = {"literal_binds": True, STANDALONE: True} if standalone else _EXPANDED
        text = str(statement.compile(dialect=dialect, compile_kwargs=how))
        # Drivers that mark parameters with % want a plain one doubled; a view's text has none.
        doubled = standalone and dialect.paramstyle in ("format", "pyformat")
        return text.replace("%%", "%") if doubled else text

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Run what is inside as :meth:`_limited` does, on what the session began with."""
        confirm = self.confirm or (lambda: None)
        try:
            with self._limited():
                yield
        except KpisdkError:
            confirm()  # a file that is half written fails in many ways
            raise
        confirm()

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """Run what is inside with the time limit, and turn failures into errors of ours."""
        savepoint = None
        expired = threading.Event()
        try:
            if self.savepoints:
                savepoint = self.connection.begin_nested()
            with self._timed(expired):
                yield
            if savepoint is not None:
                savepoint.commit()
        except sqlalchemy.exc.NoSuchTableError:
            self._undo(savepoint)
            raise
        except UnsupportedByEngineError as error:
            self._undo(savepoint)
            raise QueryError(self.name, error.message) from error
        except (sqlalchemy.exc.SQLAlchemyError, driver_error(self.connection), ValueError) as error:
            explained = self._explained(error, expired=expired.is_set())
            if not isinstance(explained, ConnectionLostError):
                self._undo(savepoint)
            raise explained from error
        except (KeyboardInterrupt, RuntimeError) as error:
            interrupt = interrupt_in(error)
            if interrupt is None:
                raise
            if self.cancel is not None:
                self.cancel()  # or closing would wait for a statement that nobody waits for
            raise interrupt from None

    @contextmanager
    def _timed(self, expired: threading.Event) -> Iterator[None]:
        """Cancel the statement inside when its time is over, where the engine has no limit."""
        if self.cancel is None:
            yield
            return
        timer = threading.Timer(self.timeout, self._expire, (expired,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _undo(self, savepoint: sa.NestedTransaction | None) -> None:
        """Go back to the savepoint; where that fails, the transaction is gone."""
        if savepoint is None or not savepoint.is_active:
            return
        try:
            savepoint.rollback()
        except (sqlalchemy.exc.SQLAlchemyError, driver_error(self.connection)) as error:
            raise ConnectionLostError(self.name, detail_of(error, self.secrets)) from error

    def _expire(self, expired: threading.Event) -> None:
        expired.set()
        if self.cancel is not None:
            self.cancel()

    def _explained(self, error: Exception, *, expired: bool) -> KpisdkError:
        message = without_rows(words_of(error))
        detail = one_line(message, self.secrets)
        refused = self.faults[:1]
        self.faults.clear()
        if expired or is_timeout(error):
            return StatementTimeoutError(self.name, detail, self.timeout)
        known = of_statement(error, self.name, detail)
        if known is not None:
            return known
        own = None if self.explain is None else self.explain(words_of(error))
        if own is not None:
            return own
        words = detail.lower()
        if refused or any(word in words for word in BAD_VALUE_WORDS):
            told = (refused or [detail])[0].removeprefix(f"{BAD_VALUE}: ")
            return BadValueError(self.name, redact(told, self.secrets))
        return QueryError(self.name, detail)
