"""DuckDB as a source: a file, and the in-memory database behind files and frames."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any

import attrs
import sqlalchemy as sa
import sqlalchemy.exc

from kpisdk.builtin.sources.connections import EXTRAS, opened
from kpisdk.builtin.sources.database_identity import file_identity
from kpisdk.builtin.sources.duckdb_imports import without_pandas
from kpisdk.builtin.sources.duckdb_views import ViewFiles
from kpisdk.builtin.sources.sessions import SqlSession
from kpisdk.builtin.sources.view_writer import writer
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import Session, SourceOptions, Writer
from kpisdk.errors import KpisdkError, MissingDependencyError, SourceUnavailableError
from kpisdk.sql import sqlite_functions


def of_duckdb(path: Path, options: SourceOptions) -> Path:
    """The path of a file that is not another engine's.

    DuckDB would look for an extension that reads SQLite's, on the internet if it is allowed to.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(len(_SQLITE_MAGIC))
    except OSError as error:
        raise SourceUnavailableError(options.name, str(error)) from error
    if begin == _SQLITE_MAGIC:
        detail = f"{str(path)!r} is a SQLite file; name it as sqlite:///{path}"
        raise SourceUnavailableError(options.name, detail)
    return path


_SQLITE_MAGIC = b"SQLite format 3\0"


@attrs.frozen
class DuckdbSource:
    """A DuckDB file, opened read-only; another process that writes to it locks it."""

    path: Path
    options: SourceOptions

    @property
    def identity(self) -> SourceIdentity:
        return file_identity("duckdb", self.path, self.options)

    @property
    def retries(self) -> int:
        return self.options.retries

    @cached_property
    def _reader(self) -> sa.Engine:
        # It holds no connection, and keeps the statements that it has compiled before.
        return duckdb_engine(f"duckdb:///{self.path}", {"read_only": True})

    def session(self) -> AbstractContextManager[Session]:
        return duckdb_session(self._reader, self.options, identify=_view_identity())

    def writing(self) -> AbstractContextManager[Writer]:
        engine = duckdb_engine(f"duckdb:///{self.path}", {})
        return writer(opened(engine, self.options, frozenset()), self.options.name)


def duckdb_engine(
    url: str, connect_args: dict[str, Any], connect: Callable[[], Any] | None = None
) -> sa.Engine:
    """A DuckDB engine that holds no connection between sessions, so that writers can get in.

    ``connect`` opens DuckDB's own connection, where it is not the URL that says which.
    """
    creator: dict[str, Any] = {}
    if connect is not None:
        creator["creator"] = lambda: _wrapped(connect())
    try:
        # In a transaction, one failed statement would take all later ones with it; and no snapshot
        # is needed where a writer keeps readers out altogether.
        engine = sa.create_engine(
            url,
            connect_args=connect_args,
            poolclass=sa.pool.NullPool,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            **creator,
        )
    except (sqlalchemy.exc.NoSuchModuleError, ImportError) as error:
        raise MissingDependencyError("DuckDB", "This source", EXTRAS["duckdb"]) from error
    sa.event.listen(engine, "before_cursor_execute", _with_functions)
    sa.event.listen(engine, "do_execute", _execute)
    return engine


def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Run a statement with bound values; true: it was run."""
    with without_pandas():
        context.dialect.do_execute(cursor, statement, parameters, context)
    return True


_HAS_FUNCTIONS = "kpisdk_functions"


def _with_functions(
    connection: sa.Connection,
    _cursor: Any,
    statement: str,
    _parameters: Any,
    _context: Any,
    _many: bool,
) -> None:
    """Bring our functions to the first statement that calls one: DuckDB imports NumPy for them."""
    if _HAS_FUNCTIONS in connection.info:
        return
    if any(name in statement for name, *_ in _FUNCTIONS):
        _register_functions(connection.connection.driver_connection)
        connection.info[_HAS_FUNCTIONS] = True  # it goes with the connection of DuckDB itself


def _wrapped(connection: Any) -> Any:
    from duckdb_sqlalchemy import ConnectionWrapper

    return ConnectionWrapper(connection)


@contextmanager
def duckdb_session(
    engine: sa.Engine,
    options: SourceOptions,
    provide: Callable[[Any, str], None] | None = None,
    confirm: Callable[[], None] | None = None,
    explain: Callable[[Any, str], KpisdkError | None] | None = None,
    identify: Callable[[sa.Connection, str], str | None] | None = None,
    *,
    names: Callable[[], Sequence[str]] | None = None,
    whole_names: bool = False,
) -> Iterator[Session]:
    """A session on DuckDB, in UTC.

    ``provide`` makes a table when it is asked about, ``confirm`` raises where what was just read
    has changed, ``explain`` knows the source's own words for a failure, ``identify`` tells the rows
    of a table from those that it had, ``names`` lists what ``provide`` can make, and a dot is a
    letter of ``whole_names``.
    """
    with opened(engine, options, frozenset()) as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("SET TimeZone = 'UTC'")
        yield SqlSession(
            connection,
            options.name,
            options.statement_timeout,
            cancel=raw.interrupt,
            provide=None if provide is None else partial(provide, raw),
            confirm=confirm,
            explain=None if explain is None else partial(explain, raw),
            identify=identify,
            names=names,
            whole_names=whole_names,
        )


def _view_identity() -> Callable[[sa.Connection, str], str | None]:
    """How one session tells what its views read: their texts are looked at once."""
    known: list[ViewFiles] = []

    def identify(connection: sa.Connection, table: str) -> str | None:
        if not known:
            known.append(ViewFiles.of(connection.connection.driver_connection))
        return known[0].identity(table)

    return identify


_REGISTERING = Lock()


_FUNCTIONS = (
    ("kpisdk_json_number", sqlite_functions.json_number_at, ["VARCHAR", "VARCHAR"], "DOUBLE"),
    ("kpisdk_canonical_json", sqlite_functions.canonical_json, ["VARCHAR"], "VARCHAR"),
)


def _register_functions(connection: Any) -> None:
    """Bring our functions, once: connections of one process to one file share what is registered.

    All are registered under one lock, so that where the first one is, the others are.
    """
    import duckdb

    with _REGISTERING:
        for name, function, takes, gives in _FUNCTIONS:
            try:
                # DuckDB needs NumPy for functions in Python: the extra duckdb brings it.
                connection.create_function(name, function, takes, gives, null_handling="special")
            except duckdb.CatalogException as error:
                # To ask beforehand which functions there are takes longer than most computations.
                if "already exists" not in str(error):
                    raise
                return
