"""How a connection to a database is opened and closed, and what is said where it cannot be."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa
import sqlalchemy.exc

from kpisdk.contracts.sources import SourceOptions
from kpisdk.errors import SourceUnavailableError
from kpisdk.settings import redact

EXTRAS = {
    "duckdb": "pip install 'kpisdk[duckdb]'",
    "postgresql": "pip install 'kpisdk[postgres]'",
}


_LOCKED = ("set lock on file", "database is locked", "conflicting lock")
"""What engines say of a file that another process writes to."""

_ELSEWHERE = "same database file with a different configuration"
"""What DuckDB says of a file that the same process has open, to write to it for instance."""


@contextmanager
def opened(
    engine: sa.Engine, options: SourceOptions, secrets: frozenset[str]
) -> Iterator[sa.Connection]:
    """A connection that is closed afterwards, whatever state it is in."""
    with opening(options, secrets):
        connection = engine.connect()
    try:
        yield connection
    finally:
        # Nothing was written; rolling back ends the snapshot whatever state it is in. What was read
        # is complete, and a connection that is too dead to be closed takes nothing of it away.
        with suppress(sqlalchemy.exc.SQLAlchemyError):
            connection.invalidate() if connection.invalidated else connection.close()
        engine.dispose()


@contextmanager
def opening(options: SourceOptions, secrets: frozenset[str]) -> Iterator[None]:
    """What fails inside means that the source cannot be opened."""
    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, OSError, RuntimeError, ImportError) as error:
        original = getattr(error, "orig", None) or error
        detail = redact(" ".join(str(original).split()), secrets)[:500]
        if any(words in detail.lower() for words in _LOCKED):
            detail = f"another process is writing to it; close that one and try again ({detail})"
        if _ELSEWHERE in detail:
            detail = "this program has it open otherwise: pass that connection as the source"
        raise SourceUnavailableError(options.name, detail) from error
