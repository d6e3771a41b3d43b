"""Sessions over a SQLAlchemy connection: read, time out, and say what failed in our own words."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
import sqlalchemy as sa
import sqlalchemy.exc

from kpisdk.contracts.sources import PhysicalColumn
from kpisdk.errors import (
    BadValueError,
    ConnectionLostError,
    KpisdkError,
    MissingDependencyError,
    QueryError,
    StatementTimeoutError,
)
from kpisdk.settings import redact
from kpisdk.sql.sqlite import BAD_VALUE
from kpisdk.sql.types import aware, logical_type

_BAD_VALUE_WORDS = (
    BAD_VALUE,
    "conversion error",
    "could not convert",
    "invalid input syntax",
    "user-defined function raised",
    "out of range for",
    "date/time field value out of range",
)


@attrs.define
class SqlSession:
    """A :class:`kpisdk.contracts.sources.Session` over one SQLAlchemy connection.

    ``cancel`` stops the running statement (engines without a timeout of their own); ``secrets`` are
    masked in whatever the engine says; ``faults`` collects what SQLite's functions refused;
    ``provide`` makes a table that is not there until it is asked about.
    """

    connection: sa.Connection
    name: str
    timeout: float
    cancel: Callable[[], None] | None = None
    secrets: frozenset[str] = frozenset()
    faults: list[str] = attrs.field(factory=list)
    savepoints: bool = False
    provide: Callable[[str], None] | None = None
    _provided: set[str] = attrs.field(factory=set)

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    def columns(self, table: str) -> Sequence[PhysicalColumn] | None:
        schema, _, name = table.rpartition(".")
        try:
            with self._guarded():
                if self.provide is not None and table not in self._provided:
                    self._provided.add(table)
                    self.provide(table)
                found = sa.inspect(self.connection).get_columns(name, schema=schema or None)
        except sqlalchemy.exc.NoSuchTableError:
            return None
        return [
            PhysicalColumn(column["name"], logical_type(column["type"]), str(column["type"]))
            for column in found
        ] or None

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        with self._guarded():
            result = self.connection.execute(statement)
            return [tuple(aware(value) for value in row) for row in result]

    def frame(self, statement: Any) -> Any:
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingDependencyError(
                "pandas", "Reading rows for a calculator", "pip install 'kpisdk[frames]'"
            ) from error
        with self._guarded():
            result = self.connection.execute(statement)
            names = list(result.keys())
            return pd.DataFrame.from_records(result.fetchall(), columns=names, coerce_float=True)

    def text(self, statement: Any) -> str:
        compiled = statement.compile(
            dialect=self.connection.dialect, compile_kwargs={"render_postcompile": True}
        )
        return str(compiled)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Run what is inside with the time limit, and turn failures into errors of ours."""
        expired = threading.Event()
        timer = None
        if self.cancel is not None:
            timer = threading.Timer(self.timeout, self._expire, (expired,))
            timer.daemon = True
            timer.start()
        savepoint = self.connection.begin_nested() if self.savepoints else None
        try:
            yield
        except sqlalchemy.exc.NoSuchTableError:
            raise
        except (sqlalchemy.exc.SQLAlchemyError, self._driver_error, ValueError) as error:
            if savepoint is not None and savepoint.is_active and not _is_lost(error):
                savepoint.rollback()
            raise self._explained(error, expired=expired.is_set()) from error
        else:
            if savepoint is not None:
                savepoint.commit()
        finally:
            if timer is not None:
                timer.cancel()

    @property
    def _driver_error(self) -> type[Exception]:
        """What the driver itself raises, where SQLAlchemy does not stand in between."""
        return getattr(self.connection.dialect.loaded_dbapi, "Error", RuntimeError)

    def _expire(self, expired: threading.Event) -> None:
        expired.set()
        if self.cancel is not None:
            self.cancel()

    def _explained(self, error: Exception, *, expired: bool) -> KpisdkError:
        original = getattr(error, "orig", None) or error
        detail = redact(" ".join(str(original).split()), self.secrets)[:500]
        if expired or _is_timeout(original):
            return StatementTimeoutError(self.name, detail, self.timeout)
        if _is_lost(error):
            return ConnectionLostError(self.name, detail)
        words = detail.lower()
        if self.faults or any(word in words for word in _BAD_VALUE_WORDS):
            said = self.faults[0].removeprefix(f"{BAD_VALUE}: ") if self.faults else detail
            self.faults.clear()
            return BadValueError(self.name, redact(said, self.secrets))
        return QueryError(self.name, detail)


def _is_timeout(original: object) -> bool:
    # PostgreSQL: query_canceled is what statement_timeout raises.
    return getattr(original, "sqlstate", None) == "57014"


def _is_lost(error: Exception) -> bool:
    if getattr(error, "connection_invalidated", False):
        return True
    # PostgreSQL: class 08 is "connection exception", 57P0x is "server shuts down"; a transaction
    # that was sacrificed to another one (class 40) is as worth another try.
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return state.startswith(("08", "57P", "40"))
