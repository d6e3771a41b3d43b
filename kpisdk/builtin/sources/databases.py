"""Which source is behind a SQLAlchemy URL."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
import sqlalchemy.exc

from kpisdk.builtin.sources.duckdb import DuckdbSource, of_duckdb
from kpisdk.builtin.sources.server import ServerSource
from kpisdk.builtin.sources.sqlite import SqliteSource
from kpisdk.contracts.sources import Source, SourceOptions
from kpisdk.errors import SourceUnavailableError
from kpisdk.settings import redact


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
        return DuckdbSource(of_duckdb(_existing(url, options), options), options)
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
