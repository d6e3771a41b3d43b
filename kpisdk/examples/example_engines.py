"""The engines that examples run on, which of them are there, and rows put onto one of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from kpisdk.errors import SourceUnavailableError
from kpisdk.examples.example_tables import (
    Table,
    as_frames,
    write_csv,
    write_database,
    write_parquet,
)

ENGINES = ("frames", "duckdb", "sqlite", "postgresql", "csv", "parquet")
"""Where a KPI must give the same number."""

_DUCKDB = ("duckdb", "duckdb_sqlalchemy")
_LIBRARIES: Mapping[str, tuple[str, ...]] = {
    "frames": ("pandas", *_DUCKDB),
    "duckdb": _DUCKDB,
    "sqlite": (),
    "postgresql": ("psycopg",),
    "csv": _DUCKDB,
    "parquet": _DUCKDB,
}
_EXTRAS = {"frames": "frames", "postgresql": "postgres"}


def absence(engine: str, postgresql_url: str | None) -> str | None:
    """Why an engine is not there, in a sentence, or ``None``."""
    missing = [name for name in _LIBRARIES[engine] if find_spec(name) is None]
    if missing:
        extra = _EXTRAS.get(engine, "duckdb")
        return f"{', '.join(missing)} is not installed. Run: pip install 'kpisdk[{extra}]'"
    if engine == "postgresql" and not postgresql_url:
        return "No server is named. Give --postgresql URL, or set KPISDK_TEST_POSTGRESQL."
    return None


@attrs.frozen
class Place:
    """Where one engine reads rows: ``put`` writes tables there and gives the location."""

    engine: str
    put: Callable[[Sequence[Table]], Any]


@contextmanager
def placed(engine: str, postgresql_url: str | None = None) -> Iterator[Place]:
    """A place of one's own on an engine; what was written there is gone afterwards.

    On PostgreSQL that is a schema of a new name, so that no table of the database is touched.

    Raises:
        SourceUnavailableError: the server refuses a connection, or to make a schema.
    """
    if engine == "postgresql":
        with _schema(postgresql_url or "") as url:
            yield Place(engine, lambda tables: _database(url, tables))
        return
    with TemporaryDirectory(prefix="kpisdk-examples-", ignore_cleanup_errors=True) as folder:
        yield Place(engine, lambda tables: _local(engine, Path(folder), tables))


def _local(engine: str, folder: Path, tables: Sequence[Table]) -> Any:
    if engine == "frames":
        return as_frames(tables)
    own = folder / os.urandom(6).hex()
    own.mkdir()
    if engine == "csv":
        write_csv(own, tables)
    elif engine == "parquet":
        write_parquet(own, tables)
    else:
        return _database(f"{engine}:///{own / 'data'}.{engine}", tables)
    return str(own)


def _database(url: str, tables: Sequence[Table]) -> str:
    write_database(url, tables)
    return url


@contextmanager
def _schema(url: str) -> Iterator[str]:
    import sqlalchemy as sa

    parts = sa.make_url(url)
    if parts.drivername == "postgresql":
        parts = parts.set(drivername="postgresql+psycopg")
    name = f"kpisdk_examples_{os.urandom(6).hex()}"
    engine = sa.create_engine(parts, poolclass=sa.pool.NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateSchema(name))
    except sa.exc.SQLAlchemyError as error:
        raise SourceUnavailableError("postgresql", _words(error)) from error
    given = parts.query.get("options", "")
    options = f"{given if isinstance(given, str) else ' '.join(given)} -csearch_path={name}".strip()
    try:
        yield parts.update_query_dict({"options": options}).render_as_string(hide_password=False)
    finally:
        with engine.begin() as connection:
            connection.execute(sa.schema.DropSchema(name, cascade=True))
        engine.dispose()


def _words(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())
