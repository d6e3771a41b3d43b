"""SQLite files as a source: one transaction is one snapshot."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import sqlalchemy as sa

from kpisdk.builtin.sources.connections import opened, opening
from kpisdk.builtin.sources.database_identity import file_identity
from kpisdk.builtin.sources.sessions import SqlSession
from kpisdk.builtin.sources.view_writer import writer
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import Session, SourceOptions, Writer
from kpisdk.sql import sqlite_functions

_QUOTED_ONLY = ("nothing", "returning")
"""Words that SQLite takes for a column only in quotes, and SQLAlchemy does not quote."""


@attrs.frozen
class SqliteSource:
    """A SQLite file, opened with ``mode=ro``; one transaction is one snapshot."""

    path: Path
    options: SourceOptions

    @property
    def identity(self) -> SourceIdentity:
        return file_identity("sqlite", self.path, self.options)

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
        with opened(engine, self.options, frozenset()) as connection:
            raw: Any = connection.connection.driver_connection
            connection.exec_driver_sql("BEGIN")
            with opening(self.options, frozenset()):
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
        return writer(opened(engine, self.options, frozenset()), self.options.name)
