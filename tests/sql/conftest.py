"""Tables written by hand on each database engine, and a session that reads them."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

from kpisdk import Dataset, SourceOptions
from kpisdk.builtin.sources.database_urls import database
from kpisdk.contracts.source_kinds import Session
from kpisdk.engine.catalog import Catalog
from kpisdk.settings import TableMapping
from kpisdk.sql.expression_sql import Environment, compiled

sys.path.insert(0, str(Path(__file__).parent))  # makes the modules beside the tests importable

DATABASES = ("duckdb", "sqlite", "postgresql", "postgresql_15")
"""The last one is Debian's: ICU collations, citext, and none of the later versions' functions."""
AS_OF = dt.datetime(2025, 1, 2, tzinfo=dt.UTC)


@attrs.define
class Desk:
    """One engine's tables, open for reading."""

    dialect: str
    session: Session
    catalog: Catalog
    parameters: dict[str, Any] = attrs.field(factory=dict)

    @property
    def environment(self) -> Environment:
        """The second of January 2025, and the parameters."""
        return Environment(self.dialect, AS_OF, self.parameters)

    def column(self, table: str, build: Callable[[Any], Any]) -> list[Any]:
        """``build(columns)`` for every row of a table, in the order of its ``id``."""
        clause, columns = self.catalog.table(table).clause()
        select = sa.select(build(columns)).select_from(clause).order_by(columns["id"])
        return [row[0] for row in self.session.rows(select)]

    def values(self, table: str, expression: Any) -> list[Any]:
        """An expression for every row of a table."""
        return self.column(table, lambda columns: compiled(expression, columns, self.environment))

    def one(self, table: str, build: Callable[[Any], Any]) -> Any:
        """``build(columns)``, an aggregate, over the whole table."""
        clause, columns = self.catalog.table(table).clause()
        return self.session.rows(sa.select(build(columns)).select_from(clause))[0][0]


def _url(dialect: str, folder: Path, request: pytest.FixtureRequest) -> str:
    if dialect.startswith("postgresql"):
        return str(request.getfixturevalue(f"{dialect}_server"))
    return f"{dialect}:///{folder / f'cells.{dialect}'}"


@pytest.fixture(scope="module", params=DATABASES)
def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """The module's ``TABLES`` (DDL with ``{schema}``, statements) on each engine in turn.

    On PostgreSQL they stand in a schema of their own, to which the datasets are mapped.
    """
    url = _url(request.param, tmp_path_factory.mktemp("sql"), request)
    dialect = sa.make_url(url).get_backend_name()
    tables: dict[str, tuple[Dataset, Callable[[str, str], list[str]]]] = request.module.TABLES
    schema = "core_sql." if dialect == "postgresql" else ""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        if schema:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS core_sql CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA core_sql")
        for name, (_, statements) in tables.items():
            for statement in statements(f"{schema}{name}", dialect):
                connection.exec_driver_sql(statement)
    engine.dispose()
    source = database(url, SourceOptions("core"))
    mappings = {name: TableMapping(f"{schema}{name}") for name in tables}
    contract = {name: dataset for name, (dataset, _) in tables.items()}
    with source.session() as session:
        yield Desk(dialect, session, Catalog(session, "core", contract, mappings))
