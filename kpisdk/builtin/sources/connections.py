"""How a connection to a database is opened and closed, and what is reported where it cannot be."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa
import sqlalchemy.exc

from kpisdk.builtin.sources.database_faults import DATABASE_ERRORS, of_opening
from kpisdk.contracts.source_kinds import SourceOptions

EXTRAS = {
    "duckdb": "pip install 'kpisdk[duckdb]'",
    "postgresql": "pip install 'kpisdk[postgres]'",
}


@contextmanager
def opened(
    engine: sa.Engine, options: SourceOptions, secrets: frozenset[str]
) -> Iterator[sa.Connection]:
    """A connection that is closed afterwards, whatever state it is in."""
    with opening(options, secrets, engine):
        connection = engine.connect()
    try:
        yield connection
    finally:
        _close(connection)
        engine.dispose()


def _close(connection: sa.Connection) -> None:
    """End the snapshot. Nothing was written, so that nothing is lost where that fails."""
    faults = (sqlalchemy.exc.SQLAlchemyError, OSError, driver_error(connection))
    try:
        # Rolling back ends the snapshot whatever state it is in.
        connection.invalidate() if connection.invalidated else connection.close()
    except faults:
        with suppress(*faults):
            connection.invalidate()


def driver_error(connection: sa.Connection | sa.Engine) -> type[Exception]:
    """What the driver itself raises, where SQLAlchemy does not stand in between."""
    found: type[Exception] = getattr(connection.dialect.loaded_dbapi, "Error", RuntimeError)
    return found


@contextmanager
def opening(
    options: SourceOptions,
    secrets: frozenset[str],
    engine: sa.Connection | sa.Engine | None = None,
) -> Iterator[None]:
    """What fails inside means that the source cannot be opened, or that the connection broke."""
    own = () if engine is None else (driver_error(engine),)
    try:
        yield
    # AssertionError: SQLAlchemy's, of a server that gives another version than its dialect's.
    except (*DATABASE_ERRORS, *own, AssertionError) as error:
        raise of_opening(error, options.name, secrets) from error
