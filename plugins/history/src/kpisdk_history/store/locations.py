"""Where a store is: the engine for a path or URL, and the name that it may be shown by."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import sqlalchemy as sa

from kpisdk import MissingDependencyError, Settings
from kpisdk_history.errors import StoreUnavailableError
from kpisdk_history.settings import DEFAULT_STORE

PATIENCE = 30.0
"""Seconds that a writer waits for another one to finish."""


@attrs.frozen
class Location:
    """A store's place: a file of SQLite, or the URL of a server.

    Attributes:
        shown: the place without secrets.
        file: the SQLite file; ``None`` on a server.
        url: the URL of the server; ``None`` for a file.
    """

    shown: str
    file: Path | None = None
    url: sa.URL | None = attrs.field(default=None, repr=False)

    @classmethod
    def of(cls, given: str | Path | None, base: Path | None = None) -> Location:
        """The place that a path or SQLAlchemy URL names.

        Args:
            given: a path, a URL, or ``None`` for the default file.
            base: the folder that a relative path is relative to; by default the working folder.

        Raises:
            StoreUnavailableError: it looks like a URL and is none.
        """
        text = str(given or DEFAULT_STORE)
        if "://" not in text:
            return cls._file((base or Path()) / text)
        try:
            url = sa.make_url(text)
        except (sa.exc.ArgumentError, ValueError) as error:
            raise StoreUnavailableError("--store", "it is no SQLAlchemy URL") from error
        if url.get_backend_name() == "sqlite":
            if not url.database or url.database == ":memory:":
                raise StoreUnavailableError(text, "a store in memory would be forgotten at once")
            return cls._file((base or Path()) / url.database)
        return cls(url.render_as_string(hide_password=True), url=url)

    @classmethod
    def _file(cls, path: Path) -> Location:
        return cls(str(path), file=path)

    @property
    def is_there(self) -> bool:
        """Whether there is anything: a server is asked later, a file that is empty is none."""
        return self.file is None or (self.file.is_file() and self.file.stat().st_size > 0)

    def engine(self, *, make: bool) -> sa.Engine:
        """An engine that holds no connection between uses.

        Args:
            make: make an SQLite file that is not there.

        Raises:
            MissingDependencyError: the driver of the URL is not installed.
            StoreUnavailableError: no such dialect.
        """
        try:
            if self.file is not None:
                return _sqlite(self.file, make=make)
            assert self.url is not None  # noqa: S101 - one of both is always there
            return sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        except ModuleNotFoundError as error:
            library = str(error.name)
            raise MissingDependencyError(
                library, f"The store {self.shown}", f"pip install {library}"
            ) from error
        except sa.exc.SQLAlchemyError as error:
            raise StoreUnavailableError(self.shown, str(error)) from error


def _sqlite(path: Path, *, make: bool) -> sa.Engine:
    query = {"mode": "rwc" if make else "rw", "uri": "true"}
    url = sa.URL.create("sqlite", database=f"file:{quote(str(path.resolve()))}", query=query)
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool, connect_args={"timeout": PATIENCE})

    # The driver would begin transactions by itself, after DDL and reads, and commit before others.
    @sa.event.listens_for(engine, "connect")
    def _own_transactions(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        is_writing = connection.get_execution_options().get("kpisdk_writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return engine


def store_location(settings: Settings, given: str | Path | None, own: str | None) -> Location:
    """The store in force: the one given, the one of the settings, else the default beside them.

    Args:
        settings: the settings in force.
        given: what the caller named; relative to the working folder.
        own: what ``[plugins.history]`` names; relative to the settings file.
    """
    if given is not None:
        return Location.of(given)
    folder = None if settings.origin is None else settings.origin.folder
    return Location.of(own, folder)
