"""A store is made, brought up to date under a lock, or refused, before anything else is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from kpisdk import listed
from kpisdk_history.errors import ForeignStoreError, NewerStoreError
from kpisdk_history.store.tables import METADATA
from kpisdk_history.store.versions import HEAD, VERSION_TABLE

_LOCK = 0x6B706973  # "kpis" in ASCII: the number of our lock on a server
_OURS = "kpisdk_"


def require_current(connection: sa.Connection, shown: str, *, alone: bool) -> bool:
    """Whether the store is there and of this program's version.

    Args:
        connection: an open connection.
        shown: the store as it may be shown.
        alone: the database is a file of the store's own: tables of others make it foreign.

    Raises:
        ForeignStoreError: the database holds something else.
        NewerStoreError: a newer program made it.
    """
    names = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE not in names:
        strange = names if alone else names & METADATA.tables.keys()
        if strange:
            what = f"it has tables of others ({listed(sorted(strange), 4)})"
            raise ForeignStoreError(shown, what)
        return False
    found = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars()
    version = next(iter(found), None)
    if version is None:
        return False
    if not version.isdigit():
        raise ForeignStoreError(shown, f"its schema is called {version!r}")
    if version > HEAD:
        raise NewerStoreError(shown, version, HEAD)
    return bool(version == HEAD)


def upgrade(connection: sa.Connection) -> None:
    """Run the migrations that are missing, in the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def locked(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction in which nobody else writes to the store; committed at the end.

    SQLite has one writer anyway; PostgreSQL, MySQL and MariaDB have named locks. Other engines run
    it SERIALIZABLE, in which the later of two writers fails.
    """
    name = engine.dialect.name
    options = {"kpisdk_writing": True}
    if name not in ("sqlite", "postgresql", "mysql", "mariadb"):
        options = {"isolation_level": "SERIALIZABLE"}  # type: ignore[dict-item]
    with engine.connect().execution_options(**options) as connection:
        with connection.begin():
            if name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            elif name in ("mysql", "mariadb"):
                connection.execute(sa.select(sa.func.get_lock(f"{_OURS}history", 30)))
            yield connection
        if name in ("mysql", "mariadb"):
            connection.execute(sa.select(sa.func.release_lock(f"{_OURS}history")))
