"""Database servers as a source; PostgreSQL gives one read-only snapshot a session."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property, partial
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.builtin.sources.connections import EXTRAS, opened, opening
from kpisdk.builtin.sources.database_identity import fingerprint
from kpisdk.builtin.sources.sessions import SqlSession
from kpisdk.builtin.sources.view_writer import writer
from kpisdk.contracts.engine_traits import EngineTraits
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import Session, SourceOptions, Writer
from kpisdk.errors import MissingDependencyError, SourceUnavailableError
from kpisdk.settings import passwords_of, redact
from kpisdk.sql.rendering import traits_of

CONNECT_SECONDS = 10
"""How long a server may take to accept a connection."""


_PACKAGES = {"MySQLdb": "mysqlclient", "mysql": "mysql-connector-python"}
"""Packages of drivers whose modules are called otherwise."""


@attrs.frozen
class ServerSource:
    """A database server. PostgreSQL gives one read-only REPEATABLE READ snapshot a session.

    ``connect`` opens the driver's own connection, where a program has an engine of its own.
    """

    url: sa.URL = attrs.field(repr=lambda url: redact(url.render_as_string()))
    options: SourceOptions
    connect: Callable[[], Any] | None = attrs.field(default=None, repr=False)

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
    def _traits(self) -> EngineTraits:
        return traits_of(self.url.get_backend_name())

    @property
    def _secrets(self) -> frozenset[str]:
        password = {str(self.url.password)} if self.url.password else set()
        return frozenset(passwords_of(self.url.render_as_string(hide_password=False))) | password

    def _engine(self) -> sa.Engine:
        arguments: dict[str, Any] = {}
        limit = self._traits.connect_timeout
        if limit is not None and limit not in self.url.query:
            arguments[limit] = CONNECT_SECONDS
        try:
            return sa.create_engine(
                self.url,
                connect_args=arguments,
                poolclass=sa.pool.NullPool,
                hide_parameters=True,
                **({} if self.connect is None else {"creator": self.connect}),
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
        with opened(self._reader, self.options, self._secrets) as connection:
            traits = self._traits
            _see_that_it_is_known(connection, traits, self.options.name)
            limit = max(1, round(self.options.statement_timeout * 1000))
            with opening(self.options, self._secrets, connection):
                if traits.isolation:
                    connection = connection.execution_options(**traits.isolation)  # noqa: PLW2901
                for statement in traits.set_up:
                    connection.exec_driver_sql(statement.format(milliseconds=limit))
            yield SqlSession(
                connection,
                self.options.name,
                self.options.statement_timeout,
                secrets=self._secrets,
                savepoints=traits.savepoints,
                identify=None if traits.snapshot is None else partial(_snapshot, traits.snapshot),
            )

    def writing(self) -> AbstractContextManager[Writer]:
        connected = opened(self._engine(), self.options, self._secrets)
        return writer(connected, self.options.name, self._secrets)


def _see_that_it_is_known(connection: sa.Connection, traits: EngineTraits, name: str) -> None:
    """Refuse a server that is older than any that our statements are for."""
    version = connection.dialect.server_version_info or ()
    if version[: len(traits.oldest)] < traits.oldest:
        found, oldest = (".".join(map(str, each)) for each in (version, traits.oldest))
        detail = f"it is {traits.title} {found}, and {oldest} is the oldest that is supported"
        raise SourceUnavailableError(name, detail)


def _snapshot(query: str, connection: sa.Connection, _table: str) -> str | None:
    """The snapshot that a session reads: another one wherever anything was written meanwhile."""
    found: str | None = connection.exec_driver_sql(query).scalar_one()
    return found
