"""The brand KPIs on every engine: each source is made once a module, to save time."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kpisdk import Workspace
from kpisdk.testing import ENGINES, put

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def workspace_on(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Workspace]]:
    """``workspace_on(engine)``: the module's ``TABLES`` on that engine, put there once."""
    import sqlalchemy as sa
    from brand_data import DATASETS

    made: dict[str, Workspace] = {}
    admins = []

    def database() -> str:
        server = request.getfixturevalue("postgresql_server")
        name = f"test_{uuid.uuid4().hex[:12]}"
        admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with admin.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        admins.append((admin, name))
        return sa.make_url(server).set(database=name).render_as_string(hide_password=False)

    def make(engine: str) -> Workspace:
        assert engine in ENGINES
        if engine not in made:
            url = database() if engine == "postgresql" else None
            folder = tmp_path_factory.mktemp(engine)
            source = put(engine, request.module.TABLES, DATASETS, folder, url)
            made[engine] = Workspace(source, cache="off")
        return made[engine]

    yield make
    for admin, name in admins:
        with admin.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.dispose()
