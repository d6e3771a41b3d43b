"""A store by its place: opened for one transaction at a time, and never held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import sqlalchemy as sa

from kpisdk_history.errors import NoStoreError
from kpisdk_history.store.faults import faults
from kpisdk_history.store.locations import Location
from kpisdk_history.store.reading import Reading
from kpisdk_history.store.upgrading import locked, require_current, upgrade
from kpisdk_history.store.writing import Writing


@attrs.frozen
class Store:
    """Recorded runs, in an SQLite file or on a server.

    Attributes:
        location: where it is.
    """

    location: Location

    @classmethod
    def at(cls, place: str | Path | None = None, base: Path | None = None) -> Store:
        """The store at a path or SQLAlchemy URL; by default ``kpisdk-history.sqlite``.

        Args:
            place: a path (an SQLite file, made when first written to) or a URL.
            base: the folder that a relative path is relative to; by default the working folder.

        Raises:
            StoreUnavailableError: it looks like a URL and is none.
        """
        return cls(Location.of(place, base))

    @property
    def shown(self) -> str:
        """The place, without secrets."""
        return self.location.shown

    def is_there(self) -> bool:
        """Whether anything can have been recorded in it; a server is taken to be there."""
        return self.location.is_there

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction, and the only writer; kept as a whole, or not at all.

        The tables are made, or brought up to date, before it begins.

        Raises:
            StoreError: the store cannot be opened, is full, damaged, foreign or newer.
        """
        engine = self.location.engine(make=True)
        with faults(self.shown, "be written"), locked(engine) as connection:
            if not require_current(connection, self.shown, alone=self._alone):
                upgrade(connection)
            yield Writing(connection, self.shown)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One snapshot.

        Raises:
            NoStoreError: nothing was recorded yet.
            StoreError: the store cannot be opened, is damaged, foreign or newer.
        """
        if not self.is_there():
            raise NoStoreError(self.shown)
        with faults(self.shown, "be read"):
            engine = self.location.engine(make=False)
            if not self._is_current(engine):
                with locked(engine) as connection:
                    if not require_current(connection, self.shown, alone=self._alone):
                        upgrade(connection)
            if engine.dialect.name == "postgresql":
                engine = engine.execution_options(isolation_level="REPEATABLE READ")
            with engine.connect() as connection, connection.begin():
                yield Reading(connection, self.shown)

    @property
    def _alone(self) -> bool:
        return self.location.file is not None

    def _is_current(self, engine: sa.Engine) -> bool:
        with engine.connect() as connection:
            if require_current(connection, self.shown, alone=self._alone):
                return True
            is_ours = bool(sa.inspect(connection).get_table_names())
        if not is_ours:
            raise NoStoreError(self.shown)
        return False
