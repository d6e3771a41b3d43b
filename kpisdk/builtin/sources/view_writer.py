"""The one connection of the SDK that may change a source. It creates and drops views."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is to be written.

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import attrs
import sqlalchemy as sa
import sqlalchemy.exc

from kpisdk.builtin.sources.reflection import views_of
from kpisdk.contracts.source_kinds import Writer
from kpisdk.errors import QueryError
from kpisdk.settings import redact
from kpisdk.sql.rendering import traits_of


@attrs.define
class SqlWriter:
    """A :class:`kpisdk.contracts.source_kinds.Writer` over one SQLAlchemy connection."""

    connection: sa.Connection
    name: str
    secrets: frozenset[str] = attrs.field(default=frozenset(), repr=False)

    def kind(self, name: str) -> str | None:
        with self._guarded():
            tables = dict.fromkeys(sa.inspect(self.connection).get_table_names(), "table")
            return (tables | views_of(self.connection)).get(name)

    def columns(self, name: str) -> tuple[str, ...]:
        with self._guarded(), warnings.catch_warnings():
            # A type that SQLAlchemy does not know is no fault: only names are asked for.
            warnings.simplefilter("ignore", sqlalchemy.exc.SAWarning)
            found = sa.inspect(self.connection).get_columns(name)
            return tuple(column["name"] for column in found)

    def run(self, *statements: str) -> None:
        with self._guarded():
            # Nothing is bound, so that a % in a text is one: drivers would take it for a parameter.
            plainly = self.connection.execution_options(no_parameters=True)
            begin = traits_of(self.connection.dialect.name).begin_writing
            if begin is not None:
                plainly.exec_driver_sql(begin)
            for statement in statements:
                plainly.exec_driver_sql(statement)
            self.connection.commit()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except sqlalchemy.exc.SQLAlchemyError as error:
            self.connection.rollback()
            original = getattr(error, "orig", None) or error
            detail = redact(" ".join(str(original).split()), self.secrets)[:500]
            raise QueryError(self.name, detail) from error


@contextmanager
def writer(
    opened: AbstractContextManager[sa.Connection],
    name: str,
    secrets: frozenset[str] = frozenset(),
) -> Iterator[Writer]:
    """A writer over a connection that is closed afterwards."""
    with opened as connection:
        yield SqlWriter(connection, name, secrets)
