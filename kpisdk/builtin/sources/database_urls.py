"""Which source is behind a SQLAlchemy URL."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa
import sqlalchemy.exc

from kpisdk.builtin.sources.duckdb_source import DuckdbSource, of_duckdb
from kpisdk.builtin.sources.locations import local_path
from kpisdk.builtin.sources.server_source import ServerSource
from kpisdk.builtin.sources.sqlite_source import SqliteSource
from kpisdk.builtin.sources.unsupported_locations import refusal
from kpisdk.contracts.source_kinds import Source, SourceOptions
from kpisdk.errors import SourceUnavailableError
from kpisdk.settings import redact
from kpisdk.sql.rendering import engines, traits_of


def database(location: str, options: SourceOptions) -> Source:
    """The source behind a URL.

    Raises:
        SourceUnavailableError: the URL cannot be read, or names a file that does not exist.
        UnsupportedEngineError: nothing installed supports its engine; nothing is sent to it.
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
    in_file = _IN_FILES.get(backend)
    if in_file is not None:
        return in_file(_existing(url, options), options)
    if backend not in engines():
        exists = _has_a_dialect(backend)
        raise refusal(options.name, url.drivername, engines(), exists=exists)
    return ServerSource(_with_driver(url), options)


_IN_FILES: Mapping[str, Callable[[Path, SourceOptions], Source]] = {
    "sqlite": SqliteSource,
    "duckdb": lambda path, options: DuckdbSource(of_duckdb(path, options), options),
}
"""Engines whose databases are files, by dialect."""


def _has_a_dialect(backend: str) -> bool:
    try:
        sa.dialects.registry.load(backend)
    except sqlalchemy.exc.NoSuchModuleError:
        return False
    return True


def _with_driver(url: sa.URL) -> sa.URL:
    """A URL that names no driver gets the one that we bring, where it is installed."""
    driver = traits_of(url.drivername.partition("+")[0]).driver
    if driver is None or "+" in url.drivername or find_spec(driver) is None:
        return url
    return url.set(drivername=f"{url.drivername}+{driver}")


def _existing(url: sa.URL, options: SourceOptions) -> Path:
    if not url.database or url.database == ":memory:":
        detail = "an in-memory database of another process cannot be read; name a file"
        raise SourceUnavailableError(options.name, detail)
    path = local_path(url.database, options)
    try:
        is_there = path.is_file()
    except OSError as error:
        detail = f"{str(path)!r} cannot be looked at: {error.strerror or error}"
        raise SourceUnavailableError(options.name, detail) from error
    if not is_there:
        detail = f"there is no file {str(path)!r} (a database file is never created by reading it)"
        raise SourceUnavailableError(options.name, detail)
    return path
