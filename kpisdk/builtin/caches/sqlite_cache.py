"""A cache in an SQLite file, which outlives the process and is shared by several.

Every operation opens the file, does its work in one transaction and closes it: nothing is held
between operations, so forks, threads and other processes cannot get in each other's way.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from kpisdk.builtin.caches.location import default_path, home_folder
from kpisdk.builtin.caches.privacy import exposures, is_link_to_others, make_private
from kpisdk.builtin.caches.stored_instants import from_micros, to_micros
from kpisdk.contracts.cache_backends import CacheEntry
from kpisdk.contracts.file_identity import file_size
from kpisdk.errors import CacheError, Problem, SettingsError, quoted

SCHEMA_VERSION = 1
"""Version of the table below, kept in the file's ``user_version``."""

_APPLICATION_ID = 0x6B706973  # "kpis" in ASCII: the file is ours, and nobody else's database
_KEYS_AT_ONCE = 500  # old builds of SQLite allow 999 variables in a statement

_TABLE = """
    CREATE TABLE results (
        key TEXT PRIMARY KEY, kpi_id TEXT NOT NULL, text TEXT NOT NULL, expires INTEGER NOT NULL
    )
"""
_SCHEMA = (
    _TABLE,
    "CREATE INDEX results_expires ON results (expires)",
    "CREATE INDEX results_kpi ON results (kpi_id)",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


@attrs.frozen
class SqliteCache:
    """Entries in the file at ``path``, made on the first write; ``timeout`` (s) waits for locks."""

    path: Path
    timeout: float = 5.0

    def get(self, keys: tuple[str, ...], now: datetime) -> dict[str, str]:
        """The texts of those keys that are stored and not expired at ``now``.

        Raises:
            CacheError: the file cannot be read, is damaged, or is no cache of this version.
        """
        found: dict[str, str] = {}
        with self._faults("read"), self._existing() as connection:
            if connection is None:
                return {}
            for start in range(0, len(keys), _KEYS_AT_ONCE):
                chunk = keys[start : start + _KEYS_AT_ONCE]
                marks = ", ".join("?" * len(chunk))
                # Rows of other types were written by somebody else, and so was text that is none.
                statement = (
                    f"SELECT key, CAST(text AS BLOB) FROM results WHERE key IN ({marks})"
                    " AND expires > ? AND typeof(expires) = 'integer' AND typeof(text) = 'text'"
                )
                for key, raw in connection.execute(statement, (*chunk, to_micros(now))):
                    with suppress(UnicodeDecodeError):
                        found[key] = raw.decode()
        return found

    def put(self, entries: tuple[CacheEntry, ...], now: datetime) -> None:
        """Store entries, all or none, and drop the expired ones of the whole file.

        Raises:
            CacheError: the file cannot be made or written, is damaged, or is not ours.
        """
        moment = to_micros(now)
        rows = [(each.key, each.kpi_id, each.text, to_micros(each.expires)) for each in entries]
        with self._faults("write"), self._made() as connection:
            connection.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", rows)
            connection.execute("DELETE FROM results WHERE expires <= ?", (moment,))

    def clear(self, kpi_id: str | None = None) -> int:
        """Drop the entries of one KPI, or all; the number dropped, expired ones included.

        Raises:
            CacheError: the file cannot be written, is damaged, or is not ours.
        """
        with self._faults("clear"), self._existing() as connection:
            if connection is None:
                return 0
            if kpi_id is None:
                return connection.execute("DELETE FROM results WHERE TRUE").rowcount
            return connection.execute("DELETE FROM results WHERE kpi_id = ?", (kpi_id,)).rowcount

    def info(self, now: datetime) -> dict[str, Any]:
        """Location, number of live entries, bytes of their texts, oldest expiry, size on disk.

        Raises:
            CacheError: the file cannot be read, is damaged, or is no cache of this version.
        """
        # length() of a text stops at a NUL character; of a blob it is the number of bytes.
        statement = (
            "SELECT count(*), coalesce(sum(length(CAST(text AS BLOB))), 0), min(expires)"
            " FROM results WHERE expires > ? AND typeof(expires) = 'integer'"
        )
        count, size, oldest, on_disk = 0, 0, None, 0
        with self._faults("read"), self._existing() as connection:
            if connection is not None:
                row = connection.execute(statement, (to_micros(now),)).fetchone()
                count, size, oldest = row
                on_disk = file_size(self.path)
        return {
            "backend": "sqlite",
            "location": str(self.path),
            "entries": count,
            "bytes": size,
            "oldest_expiry": None if oldest is None else from_micros(oldest),
            "file_bytes": on_disk,
        }

    @contextmanager
    def _existing(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to the file if it is there, its schema checked; else ``None``."""
        if not self.path.exists():
            yield None
            return
        self._refuse_others()
        with closing(self._connect("rw")) as connection:
            # A file of no bytes is what a process leaves that was stopped while making it.
            yield connection if self._has_schema(connection) else None

    @contextmanager
    def _made(self) -> Iterator[sqlite3.Connection]:
        """A connection in a write transaction, file and schema made where missing."""
        # Results may be confidential: file and folder are made for their owner only.
        make_private(self.path)
        self._refuse_others()
        with closing(self._connect("rw")) as connection:
            if not self._has_schema(connection):
                _write_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            # Asked again under the lock: another process may have made it meanwhile.
            if not self._has_schema(connection):
                for statement in _SCHEMA:
                    connection.execute(statement)
            yield connection
            connection.execute("COMMIT")

    @property
    def remarks(self) -> tuple[str, ...]:
        """What others can do to the file, because of permissions that are not ours to change."""
        try:
            return exposures(self.path)
        except OSError:
            return ()  # what is wrong with the file is said where it is used

    def _refuse_others(self) -> None:
        """Results are not written where a link of somebody else leads, nor read from there."""
        if is_link_to_others(self.path):
            raise OSError("it is a link of, or to a file of, another user")

    def _connect(self, mode: str) -> sqlite3.Connection:
        # As a URI, in which question marks and hashes of the path are quoted.
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, timeout=self.timeout, isolation_level=None)

    def _has_schema(self, connection: sqlite3.Connection) -> bool:
        """Whether the tables are there; a file that is not a cache of this version is refused."""
        # Tables first: another process commits them together with the marks, so that a file with
        # tables is seen with its marks too, however the three looks fall around that commit.
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if tables == 0 and application in (0, _APPLICATION_ID):
            return False
        if application != _APPLICATION_ID:
            raise self._error("read", "it is an SQLite database of something else")
        if version != SCHEMA_VERSION:
            cause = f"it has schema version {version}, and this kpisdk uses {SCHEMA_VERSION}"
            raise self._error("read", cause)
        return True

    @contextmanager
    def _faults(self, action: str) -> Iterator[None]:
        """Turns what the file system, SQLite and encodings object to into CacheError."""
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeError, OverflowError) as error:
            raise self._error(action, str(error).rstrip(".")) from error

    def _error(self, action: str, cause: str) -> CacheError:
        advice = "Delete the file, or name another one as path under [cache] in the settings."
        return CacheError(str(self.path), action, cause, advice)


@attrs.frozen
class UnplacedCache:
    """A cache for which there is no place: it says so when it is used, and results are computed."""

    cause: str

    def get(self, keys: tuple[str, ...], now: datetime) -> dict[str, str]:  # noqa: ARG002 - Cache
        """Nothing.

        Raises:
            CacheError: always.
        """
        raise self._error("read")

    def put(self, entries: tuple[CacheEntry, ...], now: datetime) -> None:  # noqa: ARG002 - Cache
        """Nothing.

        Raises:
            CacheError: always.
        """
        raise self._error("write")

    def clear(self, kpi_id: str | None = None) -> int:  # noqa: ARG002 - part of Cache
        """Nothing.

        Raises:
            CacheError: always.
        """
        raise self._error("clear")

    def info(self, now: datetime) -> dict[str, Any]:  # noqa: ARG002 - part of Cache
        """Nothing.

        Raises:
            CacheError: always.
        """
        raise self._error("read")

    def _error(self, action: str) -> CacheError:
        advice = "Set HOME or XDG_CACHE_HOME, or name a file as path under [cache] in the settings."
        return CacheError("of this user", action, self.cause, advice)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Readers then do not block the writer. The mode is a property of the file."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        # This one statement does not wait for locks. Whoever holds it is making the file too.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise


def open_sqlite(settings: Mapping[str, Any]) -> SqliteCache | UnplacedCache:
    """The cache at ``path`` of the ``[cache]`` table, or in the user's cache folder.

    Nothing is opened or made yet.

    Raises:
        SettingsError: ``path`` is no path.
    """
    given = settings.get("path")
    if given is None:
        try:
            home = home_folder(os.environ)
        except RuntimeError as error:
            return UnplacedCache(str(error).rstrip("."))
        return SqliteCache(default_path(sys.platform, os.environ, home))
    if not isinstance(given, str | Path) or not str(given) or "\0" in str(given):
        what = f"must be the path of a file; it is {quoted(given)}"
        raise SettingsError("The settings", [Problem("cache.path", what)])
    try:
        return SqliteCache(Path(given).expanduser())
    except RuntimeError as error:  # ~somebody, and there is no such user
        what = f"is {quoted(given)}, and {str(error).rstrip('.').lower()}"
        raise SettingsError("The settings", [Problem("cache.path", what)]) from error
