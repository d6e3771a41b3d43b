"""What a program holds open as a source: it is read, and left as it was."""

from __future__ import annotations

import sqlite3

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

from kpisdk import Reason, Simple, SourceUnavailableError, Workspace, total
from kpisdk.workspace.opening import UnreadableSourceError

ROWS = "SELECT '1' visit_id, timestamp '2025-06-20' \"at\", 'a' site, 2.5 amount"


@pytest.fixture
def connection():
    """An open DuckDB connection with one visit."""
    with duckdb.connect() as opened_connection:
        opened_connection.execute(f"CREATE TABLE core_visits AS {ROWS}")
        yield opened_connection


def test_an_open_connection_is_a_source_whose_rows_are_never_old(connection, opened, make, visits):
    """What was written since the last request counts, whatever cache there is."""
    kpi = make(Simple(total(visits, visits["amount"])))
    workspace = opened(connection, kpi, cache="memory")

    first = workspace.compute(kpi.id)[0].value
    connection.execute("UPDATE core_visits SET amount = 4")

    assert (first, workspace.compute(kpi.id)[0].value) == (2.5, 4)
    assert workspace.open_source().identity.kind == "duckdb"


def test_the_programs_own_results_zone_and_transaction_are_left_alone(connection, opened, make):
    """A result that is half fetched, a zone, a transaction that is open."""
    connection.execute("SET TimeZone = 'America/New_York'")
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE mine AS SELECT 1 AS one")
    pending = connection.execute("SELECT * FROM range(3)")
    assert pending.fetchone() == (0,)

    assert opened(connection, make()).compute("CORE-T-001")[0].value == 1

    assert connection.fetchall() == [(1,), (2,)]
    connection.execute("ROLLBACK")
    assert connection.sql("SELECT current_setting('TimeZone')").fetchone() == ("America/New_York",)
    assert connection.sql("SHOW TABLES").fetchall() == [("core_visits",)]


@pytest.mark.parametrize("how", ["registered", "temporary table", "temporary view", "schema"])
def test_what_only_the_connection_sees_is_read_too(how, opened, make, table):
    """Registered frames, temporary tables and views, and tables of the schema in use."""
    with duckdb.connect() as own:
        if how == "registered":
            own.register("core_visits", table({}, {}))
        elif how == "schema":
            own.execute(f"CREATE SCHEMA s; USE s; CREATE TABLE core_visits AS {ROWS}")
        else:
            own.execute(f"CREATE {how.replace('orary', '')} core_visits AS {ROWS}")

        found = opened(own, make()).compute("CORE-T-001")[0]

    assert found.value == (2 if how == "registered" else 1)


def test_tables_of_a_schema_are_named_with_it(connection, opened, make):
    """A dot separates a schema, as it does behind a URL."""
    connection.execute("CREATE SCHEMA mart; ALTER TABLE core_visits RENAME TO core_visits_old")
    connection.execute("CREATE TABLE mart.v AS FROM core_visits_old")

    workspace = opened(connection, make(), tables={"core_visits": "mart.v"})

    assert workspace.compute("CORE-T-001")[0].value == 1


def test_a_closed_connection_is_a_sentence(connection, opened, make):
    """What is closed cannot be read."""
    connection.close()

    (result,) = opened(connection, make()).compute("CORE-T-001")

    assert result.reason is Reason.SOURCE_UNAVAILABLE
    assert "closed" in result.message


def test_a_file_that_the_program_writes_to_says_what_to_pass(tmp_path, opened, make):
    """Two ways of opening one file do not go together in a process."""
    with duckdb.connect(tmp_path / "shop.duckdb") as own:
        own.execute(f"CREATE TABLE core_visits AS {ROWS}")

        (refused,) = opened(tmp_path / "shop.duckdb", make()).compute("CORE-T-001")

        assert "this program has it open otherwise: pass that connection" in refused.message
        assert opened(own, make()).compute("CORE-T-001")[0].value == 1


def test_an_engine_on_a_sqlite_file_is_that_file(tmp_path, opened, make):
    """Opened read-only, beside what the engine holds."""
    with sqlite3.connect(tmp_path / "shop.db") as lite:
        lite.execute("CREATE TABLE core_visits (visit_id TEXT, at TIMESTAMP, site TEXT)")
        lite.execute("INSERT INTO core_visits VALUES ('1', '2025-06-20 00:00:00', 'a')")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'shop.db'}")

    assert opened(engine, make()).compute("CORE-T-001")[0].value == 1


def test_an_engine_on_duckdb_shares_its_database(opened, make):
    """In memory, where nobody else could see it."""
    engine = sa.create_engine("duckdb:///:memory:", poolclass=sa.pool.StaticPool)
    with engine.begin() as own:
        own.exec_driver_sql(f"CREATE TABLE core_visits AS {ROWS}")

    assert opened(engine, make()).compute("CORE-T-001")[0].value == 1
    with engine.connect() as own:
        assert own.exec_driver_sql("SELECT count(*) FROM core_visits").scalar() == 1


def test_an_engine_on_postgresql_connects_in_its_own_way(postgresql_url, opened, make):
    """By a function of the program's, which the URL does not show; its pool stays whole."""
    import psycopg

    url = sa.make_url(postgresql_url)
    parts = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    given = {name: value for name, value in (parts | dict(url.query)).items() if value}

    def connect():
        return psycopg.connect(**given, password=url.password)

    engine = sa.create_engine("postgresql+psycopg://", creator=connect, pool_size=1, max_overflow=0)
    with engine.begin() as own:
        own.exec_driver_sql("DROP TABLE IF EXISTS core_visits")
        own.exec_driver_sql(f"CREATE TABLE core_visits AS {ROWS}")
    try:
        assert opened(engine, make()).compute("CORE-T-001")[0].value == 1
        assert opened(engine, make()).compute("CORE-T-001")[0].value == 1
    finally:
        with engine.begin() as own:
            own.exec_driver_sql("DROP TABLE core_visits")
        engine.dispose()


def test_an_in_memory_sqlite_engine_says_what_to_pass(opened, make):
    """Its one connection is the only one that sees it."""
    with pytest.raises(SourceUnavailableError, match="pass its tables as a mapping of names to fr"):
        opened(sa.create_engine("sqlite://"), make()).compute("CORE-T-001")


@pytest.mark.parametrize(
    ("make_object", "advice"),
    [
        (lambda: pd.DataFrame({"a": [1]}), "A pandas DataFrame is no source: pass a mapping"),
        (lambda: duckdb.sql("SELECT 1"), "{'triggers': frame}"),
        (lambda: duckdb, "pass a connection of it"),
        (lambda: sqlite3.connect(":memory:"), "pass the URL of its database"),
        (lambda: sa.create_engine("sqlite://").connect(), "pass its engine"),
        (lambda: [1, 2], "A list is no source: pass a mapping of table names"),
    ],
)
def test_what_is_no_source_says_what_to_pass(make_object, advice):
    """One sentence."""
    with pytest.raises(UnreadableSourceError) as refused:
        Workspace(make_object()).open_source()

    assert advice in refused.value.message
    assert refused.value.message.count("\n") == 0
