"""Databases behind a SQLAlchemy URL, opened so that nothing can be written through them."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

import attrs
import sqlalchemy as sa
import sqlalchemy.exc

from kpisdk.builtin.sources.sessions import SqlSession
from kpisdk.builtin.sources.writing import writer
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.sources import Session, Source, SourceOptions, Writer
from kpisdk.errors import MissingDependencyError, SourceUnavailableError
from kpisdk.settings import passwords_of, redact
from kpisdk.sql import sqlite as sqlite_functions

CONNECT_SECONDS = 10
"""How long a server may take to accept a connection."""

EXTRAS = {
    "duckdb": "pip install 'kpisdk[duckdb]'",
    "postgresql": "pip install 'kpisdk[postgres]'",
}
_PACKAGES = {"MySQLdb": "mysqlclient", "mysql": "mysql-connector-python"}
"""Packages of drivers whose modules are called otherwise."""


def fingerprint(*facts: object) -> str:
    """A short stable name for what tells one source from another."""
    return hashlib.sha256("\0".join(map(str, facts)).encode()).hexdigest()[:16]


def database(location: str, options: SourceOptions) -> Source:
    """The source behind a URL.

    Raises:
        SourceUnavailableError: the URL cannot be read, or names a file that does not exist.
        MissingDependencyError: the driver is not installed.
    """
    try:
        url = sa.make_url(location)
        backend = url.get_backend_name()
    except (sqlalchemy.exc.ArgumentError, ValueError):  # ValueError: a port that is no number
        detail = (
            f"{redact(location)} is not a SQLAlchemy URL (dialect://user:password@host/database)"
        )
        raise SourceUnavailableError(options.name, detail) from None
    if backend == "sqlite":
        return SqliteSource(_existing(url, options), options)
    if backend == "duckdb":
        return DuckdbSource(_of_duckdb(_existing(url, options), options), options)
    try:
        url.get_dialect()
    except sqlalchemy.exc.NoSuchModuleError as error:
        detail = (
            f"SQLAlchemy knows no database {url.drivername!r}: it is misspelt, or the package that "
            "brings its dialect is not installed"
        )
        raise SourceUnavailableError(options.name, detail) from error
    return ServerSource(url, options)


def _existing(url: sa.URL, options: SourceOptions) -> Path:
    if not url.database or url.database == ":memory:":
        detail = "an in-memory database of another process cannot be read; name a file"
        raise SourceUnavailableError(options.name, detail)
    path = (options.base or Path()) / Path(url.database).expanduser()
    if not path.is_file():
        detail = f"there is no file {str(path)!r} (a database file is never created by reading it)"
        raise SourceUnavailableError(options.name, detail)
    return path


_QUOTED_ONLY = ("nothing", "returning")
"""Words that SQLite takes for a column only in quotes, and SQLAlchemy does not quote."""


def _of_duckdb(path: Path, options: SourceOptions) -> Path:
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
class SqliteSource:
    """A SQLite file, opened with ``mode=ro``; one transaction is one snapshot."""

    path: Path
    options: SourceOptions

    @property
    def identity(self) -> SourceIdentity:
        return _file_identity("sqlite", self.path, self.options)

    @property
    def retries(self) -> int:
        return self.options.retries

    @contextmanager
    def session(self) -> Iterator[Session]:
        faults: list[list[str]] = []

        def connect() -> sqlite3.Connection:
            location = f"file:{quote(str(self.path.absolute()))}?mode=ro"
            connection = sqlite3.connect(location, uri=True, check_same_thread=False)
            faults.append(sqlite_functions.register(connection))
            return connection

        engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.NullPool)
        names = engine.dialect.identifier_preparer
        names.reserved_words = {*names.reserved_words, *_QUOTED_ONLY}
        with _opened(engine, self.options, frozenset()) as connection:
            raw: Any = connection.connection.driver_connection
            connection.exec_driver_sql("BEGIN")
            with _opening(self.options, frozenset()):
                # The snapshot is taken here, and a writer's lock is met here, by the first read.
                connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").all()
            yield SqlSession(
                connection,
                self.options.name,
                self.options.statement_timeout,
                cancel=raw.interrupt,
                faults=faults[0],
            )

    def writing(self) -> AbstractContextManager[Writer]:
        def connect() -> sqlite3.Connection:
            location = f"file:{quote(str(self.path.absolute()))}?mode=rw"
            return sqlite3.connect(location, uri=True, isolation_level=None)

        engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.NullPool)
        return writer(_opened(engine, self.options, frozenset()), self.options.name)


@attrs.frozen
class DuckdbSource:
    """A DuckDB file, opened read-only; another process that writes to it locks it."""

    path: Path
    options: SourceOptions

    @property
    def identity(self) -> SourceIdentity:
        return _file_identity("duckdb", self.path, self.options)

    @property
    def retries(self) -> int:
        return self.options.retries

    @cached_property
    def _reader(self) -> sa.Engine:
        # It holds no connection, and keeps the statements that it has compiled before.
        return duckdb_engine(f"duckdb:///{self.path}", {"read_only": True})

    def session(self) -> AbstractContextManager[Session]:
        return duckdb_session(self._reader, self.options)

    def writing(self) -> AbstractContextManager[Writer]:
        engine = duckdb_engine(f"duckdb:///{self.path}", {})
        return writer(_opened(engine, self.options, frozenset()), self.options.name)


def duckdb_engine(url: str, connect_args: dict[str, Any]) -> sa.Engine:
    """A DuckDB engine that holds no connection between sessions, so that writers can get in."""
    try:
        # In a transaction, one failed statement would take all later ones with it; and no snapshot
        # is needed where a writer keeps readers out altogether.
        return sa.create_engine(
            url,
            connect_args=connect_args,
            poolclass=sa.pool.NullPool,
            isolation_level="AUTOCOMMIT",
        )
    except (sqlalchemy.exc.NoSuchModuleError, ImportError) as error:
        raise MissingDependencyError("DuckDB", "This source", EXTRAS["duckdb"]) from error


@contextmanager
def duckdb_session(
    engine: sa.Engine,
    options: SourceOptions,
    provide: Callable[[Any, str], None] | None = None,
    confirm: Callable[[], None] | None = None,
) -> Iterator[Session]:
    """A session on DuckDB: UTC, our functions.

    ``provide`` makes a table when it is asked about, and ``confirm`` raises where what was just
    read has changed.
    """
    with _opened(engine, options, frozenset()) as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("SET TimeZone = 'UTC'")
        _register_functions(raw)
        yield SqlSession(
            connection,
            options.name,
            options.statement_timeout,
            cancel=raw.interrupt,
            provide=None if provide is None else partial(provide, raw),
            confirm=confirm,
        )


_REGISTERING = Lock()


def _register_functions(connection: Any) -> None:
    """Bring our function, once: connections of one process to one file share what is registered."""
    import duckdb

    with _REGISTERING:
        try:
            # A function without types of its own would need NumPy to be asked; these are declared.
            connection.create_function(
                "kpisdk_canonical_json",
                sqlite_functions.canonical_json,
                ["VARCHAR"],
                "VARCHAR",
                null_handling="special",
            )
        except duckdb.CatalogException as error:
            # To ask beforehand which functions there are takes longer than most computations.
            if "already exists" not in str(error):
                raise


@attrs.frozen
class ServerSource:
    """A database server. PostgreSQL gives one read-only REPEATABLE READ snapshot a session."""

    url: sa.URL = attrs.field(repr=lambda url: redact(url.render_as_string()))
    options: SourceOptions

    @property
    def identity(self) -> SourceIdentity:
        kind = self.url.get_backend_name()
        where = (
            kind,
            self.url.username,
            self.url.host,
            self.url.port,
            self.url.database,
            sorted(self.url.query.items()),
        )
        return SourceIdentity(self.options.name, kind, fingerprint(*where))

    @property
    def retries(self) -> int:
        return self.options.retries

    @property
    def _is_postgresql(self) -> bool:
        return self.url.get_backend_name() == "postgresql"

    @property
    def _secrets(self) -> frozenset[str]:
        password = {str(self.url.password)} if self.url.password else set()
        return frozenset(passwords_of(self.url.render_as_string(hide_password=False))) | password

    def _engine(self) -> sa.Engine:
        arguments: dict[str, Any] = {}
        if self._is_postgresql and "connect_timeout" not in self.url.query:
            arguments["connect_timeout"] = CONNECT_SECONDS
        try:
            return sa.create_engine(
                self.url, connect_args=arguments, poolclass=sa.pool.NullPool, hide_parameters=True
            )
        except ImportError as error:
            module = error.name or self.url.drivername
            packages = f"pip install {_PACKAGES.get(module, module)}"
            install = EXTRAS.get(self.url.get_backend_name(), packages)
            driver = f"the driver of {self.url.drivername}"
            raise MissingDependencyError(
                driver, f"Source {self.options.name!r}", install
            ) from error

    @cached_property
    def _reader(self) -> sa.Engine:
        # It holds no connection, and keeps the statements that it has compiled before.
        return self._engine()

    @contextmanager
    def session(self) -> Iterator[Session]:
        with _opened(self._reader, self.options, self._secrets) as connection:
            if self._is_postgresql:
                connection = connection.execution_options(  # noqa: PLW2901
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                limit = max(1, round(self.options.statement_timeout * 1000))
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {limit}")
                connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
            yield SqlSession(
                connection,
                self.options.name,
                self.options.statement_timeout,
                secrets=self._secrets,
                savepoints=self._is_postgresql,
            )

    def writing(self) -> AbstractContextManager[Writer]:
        opened = _opened(self._engine(), self.options, self._secrets)
        return writer(opened, self.options.name, self._secrets)


_LOCKED = ("set lock on file", "database is locked", "conflicting lock")
"""What engines say of a file that another process writes to."""


def _file_identity(kind: str, path: Path, options: SourceOptions) -> SourceIdentity:
    try:
        facts = [*traces(path)]
        for beside in (f"{path}-wal", f"{path}.wal"):  # commits that are not in the file yet
            if Path(beside).exists():
                facts += traces(Path(beside))
    except OSError as error:
        raise SourceUnavailableError(options.name, str(error)) from error
    return SourceIdentity(options.name, kind, fingerprint(kind, path.absolute(), *facts))


def traces(path: Path) -> tuple[int, ...]:
    """What a file cannot be changed without leaving: a copy may keep size and time of change."""
    facts = path.stat()
    return (facts.st_mtime_ns, facts.st_size, facts.st_ctime_ns, facts.st_ino)


@contextmanager
def _opened(
    engine: sa.Engine, options: SourceOptions, secrets: frozenset[str]
) -> Iterator[sa.Connection]:
    with _opening(options, secrets):
        connection = engine.connect()
    try:
        yield connection
    finally:
        # Nothing was written; rolling back ends the snapshot whatever state it is in.
        connection.invalidate() if connection.invalidated else connection.close()
        engine.dispose()


@contextmanager
def _opening(options: SourceOptions, secrets: frozenset[str]) -> Iterator[None]:
    """What fails inside means that the source cannot be opened."""
    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, OSError, RuntimeError, ImportError) as error:
        original = getattr(error, "orig", None) or error
        detail = redact(" ".join(str(original).split()), secrets)[:500]
        if any(words in detail.lower() for words in _LOCKED):
            detail = f"another process is writing to it; close that one and try again ({detail})"
        raise SourceUnavailableError(options.name, detail) from error
