"""What a program holds open as a source: DuckDB connections and SQLAlchemy engines."""
# ruff: noqa: TID253
# Engines are SQLAlchemy's; the plugin imports this file when a source is opened.

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.builtin.sources.database_identity import fingerprint
from kpisdk.builtin.sources.database_urls import database
from kpisdk.builtin.sources.duckdb_source import duckdb_engine, duckdb_session
from kpisdk.builtin.sources.frame_kinds import copy_rows
from kpisdk.builtin.sources.server_source import ServerSource
from kpisdk.builtin.sources.typed_views import quoted, text
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import Session, Source, SourceOptions
from kpisdk.errors import SourceUnavailableError


@attrs.frozen
class DuckdbConnectionSource:
    """An open DuckDB connection; ``connection`` gives it.

    A session reads through a cursor of it, which sees what is committed and leaves the program's
    own results, transaction and settings alone. Temporary tables and registered frames, which a
    cursor does not see, are copied as they are requested.
    """

    connection: Callable[[], Any]
    options: SourceOptions
    _fingerprint: str = attrs.field(
        init=False, factory=lambda: fingerprint("duckdb connection", uuid.uuid4())
    )

    @property
    def identity(self) -> SourceIdentity:
        return SourceIdentity(self.options.name, "duckdb", self._fingerprint)

    @property
    def retries(self) -> int:
        return 0

    def session(self) -> AbstractContextManager[Session]:
        engine = duckdb_engine("duckdb:///:memory:", {}, self._cursor)
        # Nothing tells what the program has written since: no result is kept.
        return duckdb_session(engine, self.options, self._provide, identify=lambda *_: None)

    def _cursor(self) -> Any:
        own = self.connection()
        cursor = own.cursor()
        ((path,),) = own.sql("SELECT current_setting('search_path')").fetchall()
        if path:  # the program chose a schema (USE)
            cursor.execute(f"SET search_path = {text(path)}")
        return cursor

    def _provide(self, cursor: Any, name: str) -> None:
        own = self.connection()
        # A relation runs beside the program's own pending result, and takes nothing of it away.
        found = own.sql(
            "SELECT 1 FROM duckdb_tables() WHERE temporary AND NOT internal "
            f"AND table_name = {text(name)} UNION ALL SELECT 1 FROM duckdb_views() "
            f"WHERE temporary AND NOT internal AND view_name = {text(name)}"
        ).fetchall()
        if found:
            copy_rows(cursor, name, own.sql(f"FROM {quoted(name)}"))


def of_engine(engine: Any, options: SourceOptions) -> Source:
    """The source behind a SQLAlchemy engine.

    Raises:
        SourceUnavailableError: it is an in-memory database that only its own connection sees.
        UnsupportedEngineError: nothing installed supports the engine's database.
    """
    backend = engine.url.get_backend_name()
    if backend == "duckdb":
        return DuckdbConnectionSource(partial(_driver_connection, engine), options)
    if backend == "sqlite":
        if not engine.url.database or engine.url.database == ":memory:":
            detail = (
                "an in-memory SQLite database is seen by its own connection alone: pass its tables "
                "as a mapping of names to frames, or an engine on a file"
            )
            raise SourceUnavailableError(options.name, detail)
        return database(engine.url.render_as_string(hide_password=False), options)
    # The URL may leave out what the engine's own way of connecting knows: certificates, tokens.
    url = engine.url.set(drivername=f"{engine.dialect.name}+{engine.dialect.driver}")
    source = database(url.render_as_string(hide_password=False), options)
    if isinstance(source, ServerSource):
        return attrs.evolve(source, connect=partial(_detached, engine))
    return source


def _driver_connection(engine: sa.Engine) -> Any:
    borrowed = engine.raw_connection()
    try:
        return borrowed.driver_connection
    finally:
        borrowed.close()


def _detached(engine: sa.Engine) -> Any:
    """A connection as the engine opens them, which its pool does not expect back."""
    borrowed = engine.raw_connection()
    connection = borrowed.dbapi_connection
    borrowed.detach()
    return connection
