"""Database files: opened to read, never made, never written, and clear about what hinders."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from kpisdk import (
    MissingDependencyError,
    QueryError,
    Reason,
    Simple,
    SourceOptions,
    SourceUnavailableError,
    count,
)
from kpisdk.builtin.sources.database_urls import database
from kpisdk.builtin.sources.plugin import kpisdk_sources
from kpisdk.builtin.sources.unsupported_locations import UnsupportedEngineError
from kpisdk.errors import BadValueError, StatementTimeoutError

FILES = ("duckdb", "sqlite")
ENDLESS = {
    "duckdb": "SELECT count(*) FROM range(100000000000) a, range(9000) b WHERE a.range <> b.range",
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    ),
}


@pytest.fixture(params=FILES)
def url(request, source_on, table, visits):
    """The URL of a database file with two visits."""
    return source_on(request.param, {"core_visits": table({"units": 1}, {"units": 2})}, [visits])


def path_of(url: str) -> str:
    """The file behind the URL."""
    return str(sa.make_url(url).database)


@pytest.mark.parametrize("engine", FILES)
def test_a_missing_file_is_an_error_and_is_not_made(tmp_path, engine, opened, make):
    """The first thing most drivers do is to create the file."""
    path = tmp_path / f"nothing.{engine}"

    for location in (f"{engine}:///{path}", str(path), path):
        with pytest.raises(SourceUnavailableError, match="never created"):
            opened(location, make()).compute("CORE-T-001")
    assert not path.exists()


@pytest.mark.parametrize("url", ["duckdb://", "sqlite://", "duckdb:///:memory:"])
def test_a_database_in_memory_holds_nothing_to_read(url, opened, make):
    """Another process's memory cannot be read."""
    with pytest.raises(SourceUnavailableError, match="name a file"):
        opened(url, make()).compute("CORE-T-001")


def test_a_file_that_goes_away_makes_every_kpi_absent(url, opened, make):
    """Between opening the source and asking it, files vanish."""
    workspace = opened(url, make(), make(kpi_id="CORE-T-002"))
    workspace.open_source()
    Path(path_of(url)).unlink()

    report = workspace.compute("CORE-T-001", "CORE-T-002")

    assert {result.reason for result in report} == {Reason.SOURCE_UNAVAILABLE}
    assert len(report) == 2


@pytest.mark.parametrize("engine", FILES)
def test_a_file_that_is_no_database_gives_a_reason(tmp_path, engine, opened, make):
    """Junk under the name of a database: absent, with what the engine says of it."""
    path = tmp_path / f"junk.{engine}"
    path.write_text("this is no database " * 200)

    result = opened(str(path), make()).compute("CORE-T-001")[0]

    assert result.value is None
    assert result.reason in (Reason.SOURCE_UNAVAILABLE, Reason.QUERY_FAILED)
    assert "not a" in result.message


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO core_visits (visit_id) VALUES ('x')",
        "DELETE FROM core_visits",
        "DROP TABLE core_visits",
        "CREATE TABLE core_more (a INTEGER)",
        "UPDATE core_visits SET units = 100",
    ],
)
def test_nothing_can_be_written(url, statement, opened, make):
    """Whoever gets at the session's own connection still cannot change a row."""
    workspace = opened(url, make())

    with workspace.open_source().session() as session:
        with pytest.raises(QueryError):
            session.rows(sa.text(statement))
        with pytest.raises(sa.exc.SQLAlchemyError):
            session.connection.exec_driver_sql(statement)

    assert workspace.compute("CORE-T-001")[0].value == 2


def test_a_statement_past_the_limit_is_cancelled(url):
    """The engine is interrupted, and the session answers again afterwards."""
    source = database(url, SourceOptions("core", statement_timeout=0.3))

    with source.session() as session:
        with pytest.raises(StatementTimeoutError) as late:
            session.rows(sa.text(ENDLESS[session.dialect]))
        assert session.rows(sa.text("SELECT count(*) FROM core_visits")) == [(2,)]

    assert "cancelled after 0.3 s" in str(late.value)
    assert "sources.core.statement_timeout" in str(late.value)


def test_a_cancelled_statement_leaves_no_reason_to_a_later_one(source_on, table, visits):
    """What a function refused before the limit came is not what ails the next statement."""
    url = source_on("sqlite", {"core_visits": table({})}, [visits])
    source = database(url, SourceOptions("core", statement_timeout=0.3))

    with source.session() as session:
        session.faults.append("kpisdk-bad-value: 'junk' is not a number")
        with pytest.raises(StatementTimeoutError):
            session.rows(sa.text(ENDLESS["sqlite"]))
        with pytest.raises(QueryError, match="no such table") as later:
            session.rows(sa.text("SELECT 1 FROM core_nothing"))

    assert not isinstance(later.value, BadValueError)


def test_sessions_of_one_source_are_independent(url):
    """No connection is held between trips, so that writers can get in."""
    source = database(url, SourceOptions("core"))
    with source.session() as session:
        assert session.columns("core_visits") is not None
        assert session.columns("core_nothing") is None

    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO core_visits (visit_id) VALUES ('new')")
    engine.dispose()

    with source.session() as session:
        assert session.rows(sa.text("SELECT count(*) FROM core_visits")) == [(3,)]


def test_a_duckdb_file_that_a_writer_holds_is_explained(tmp_path, opened, make):
    """Another process writes: say so, and what to do."""
    path = tmp_path / "locked.duckdb"
    writer = textwrap.dedent("""
        import sys, duckdb
        connection = duckdb.connect(sys.argv[1])
        connection.execute("CREATE TABLE core_visits (visit_id VARCHAR)")
        print("open", flush=True)
        sys.stdin.read()
    """)
    with subprocess.Popen(
        [sys.executable, "-c", writer, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline().strip() == "open"

        result = opened(str(path), make()).compute("CORE-T-001")[0]

        process.stdin.close()
        process.wait()
    assert result.reason is Reason.LOCK_TIMEOUT
    assert "another process is writing to it; close that one and try again" in result.message


def test_a_sqlite_file_that_a_writer_has_locked_says_so(
    source_on, opened, table, make, visits, monkeypatch
):
    """No table is missing and no statement is wrong: the writer is named, and what to do."""
    import sqlite3

    url = source_on("sqlite", {"core_visits": table({})}, [visits])
    writer = sqlite3.connect(path_of(url), isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    at_once = partial(sqlite3.connect, timeout=0)  # SQLite itself waits for five seconds
    monkeypatch.setattr(sqlite3, "connect", at_once)

    result = opened(url, make()).compute("CORE-T-001")[0]
    writer.close()

    assert result.reason is Reason.LOCK_TIMEOUT
    assert "another process is writing to it; close that one and try again" in result.message


def test_a_sqlite_file_is_not_duckdbs(source_on, opened, table, make, visits):
    """DuckDB would fetch an extension from the internet to read it; the right name is told."""
    path = path_of(source_on("sqlite", {"core_visits": table({})}, [visits]))

    with pytest.raises(
        SourceUnavailableError, match=f"is a SQLite file; name it as sqlite:///{path}"
    ):
        opened(f"duckdb:///{path}", make()).compute("CORE-T-001")


@pytest.mark.parametrize("engine", FILES)
@pytest.mark.parametrize("name", ["returning", "nothing", "select", 'a "b"', "1st", "a:b", "%"])
def test_a_column_of_any_name_slices(source_on, opened, table, make, visits, engine, name):
    """Whatever word the engine has a use of its own for."""
    frame = table({}, {}).assign(**{name: ["x", "y"]})
    workspace = opened(source_on(engine, {"core_visits": frame}, [visits]), make())

    assert workspace.compute("CORE-T-001", where={name: "x"})[0].value == 1
    found = workspace.compute("CORE-T-001", by=[name])
    assert [(result.slice, result.value) for result in found] == [
        ({name: "x"}, 1),
        ({name: "y"}, 1),
    ]


def test_a_sqlite_file_that_a_writer_holds_is_still_read(
    tmp_path, source_on, table, visits, opened, make
):
    """An uncommitted row of another connection is no row."""
    import sqlite3

    url = source_on("sqlite", {"core_visits": table({})}, [visits])
    writer = sqlite3.connect(path_of(url), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO core_visits (visit_id, at) VALUES ('x', '2025-06-20')")

    value = opened(url, make()).compute("CORE-T-001")[0].value

    writer.execute("ROLLBACK")
    writer.close()
    assert value == 1


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://me:hunter22@host:port/db",
        "://",
        "nonsense://",
        "postgres ql://me:hunter22@host/db",
    ],
)
def test_a_url_that_is_none_is_refused_without_its_password(location, opened, make):
    """The form is shown, the password is not."""
    with pytest.raises((SourceUnavailableError, MissingDependencyError)) as refused:
        opened(location, make()).compute("CORE-T-001")

    assert "hunter22" not in str(refused.value)


@pytest.mark.parametrize(
    ("location", "advice"),
    [
        ("mysql+pymysql://me:hunter22@127.0.0.1:1/crm", "MySQL compares texts by a collation"),
        ("mariadb://me:hunter22@127.0.0.1:1/crm", "MariaDB compares texts by a collation"),
        ("oracle://me:hunter22@host/db", "A plugin may bring it"),
        ("mssql+pyodbc://me:hunter22@host/db", "A plugin may bring it"),
        ("cockroachdb://me:hunter22@host/db", "A plugin may bring it"),
        ("postgres://me:hunter22@host/db", "Write postgresql[+]psycopg://"),
        ("postgras://me:hunter22@host/db", "Did you mean postgresql[+]psycopg://[?]"),
        ("duckbd:///file.duckdb", "Did you mean duckdb:///FILE[?]"),
        ("snowflake://me:hunter22@account/db", "COPY INTO"),
        ("bigquery://project/set", "EXPORT DATA"),
        ("redshift+psycopg2://me:hunter22@host/db", "UNLOAD"),
        ("s3://bucket/folder", "Copy the files to a folder"),
        ("gs://bucket/folder", "Copy the files to a folder"),
        ("https://example.org/data.csv", "Copy the files to a folder"),
        ("file:///data", "Name the path itself"),
    ],
)
def test_an_engine_without_words_is_refused_before_a_byte_is_sent(location, advice, opened, make):
    """Neither its driver is looked for, nor its host: what is supported is said, and what to do."""
    with pytest.raises(UnsupportedEngineError, match=advice) as refused:
        opened(location, make()).compute("CORE-T-001")

    assert "is not supported" in str(refused.value)
    assert "DuckDB (duckdb:///FILE), SQLite" in str(refused.value)
    assert "hunter22" not in str(refused.value)


@pytest.mark.parametrize("suffix", [".XLS", ".xlsb", ".numbers"])
def test_a_workbook_of_an_old_kind_is_refused_with_two_ways_out(suffix, tmp_path, opened, make):
    """Nothing in it tells an error or a percentage from a number, so that none may be taken."""
    path = tmp_path / f"data{suffix}"
    path.touch()

    with pytest.raises(SourceUnavailableError, match=r"save it as \.xlsx or \.ods, or .* as CSV"):
        opened(str(path), make()).compute("CORE-T-001")


@pytest.mark.parametrize("suffix", [".xlsx", ".XLSM", ".ods"])
def test_a_workbook_that_is_none_is_refused_by_its_name(suffix, tmp_path, opened, make, visits):
    """An empty file is no workbook, whatever it is called; what is said names it."""
    path = tmp_path / f"core_visits{suffix}"
    path.touch()

    kpi = make(Simple(count(visits)), window=None)

    (result,) = opened(str(path), kpi).compute(kpi.id)

    assert result.value is None
    assert f"core_visits{suffix}' cannot be read as a workbook" in result.message


def test_a_url_without_a_driver_takes_the_one_that_we_bring():
    """``kpisdk[postgres]`` brings psycopg; SQLAlchemy would look for psycopg2."""
    source = database("postgresql://me@host/db", SourceOptions("crm"))

    assert source.url.drivername == "postgresql+psycopg"


def test_a_driver_that_is_not_installed_is_named(opened, make):
    """What to install is said, by the name that it goes by."""
    with pytest.raises(MissingDependencyError, match=r"kpisdk\[postgres\]"):
        opened("postgresql+pg8000://me:hunter22@host/db", make()).compute("CORE-T-001")


def test_duckdb_that_is_not_installed_is_named(monkeypatch, tmp_path, opened, make):
    """The extra that brings it is said."""
    import kpisdk.builtin.sources.duckdb_source as room

    def fails(*_, **__):
        raise ImportError("no duckdb")

    monkeypatch.setattr(room.sa, "create_engine", fails)

    with pytest.raises(MissingDependencyError, match=r"kpisdk\[duckdb\]"):
        opened({}, make()).compute("CORE-T-001")


@pytest.mark.parametrize("suffix", [".duckdb", ".ddb", ".sqlite", ".sqlite3", ".db", ".DB"])
def test_bare_paths_are_known_by_their_suffix(tmp_path, suffix):
    """A database file needs no URL."""
    files = next(kind for kind in kpisdk_sources() if kind.name == "files")
    path = tmp_path / f"data{suffix}"
    path.touch()

    kind = files.open(str(path), SourceOptions("core")).identity.kind

    assert kind == ("duckdb" if suffix in (".duckdb", ".ddb") else "sqlite")


def test_identity_follows_the_file(url):
    """A cache tells two files apart, and a file from what it was before."""
    import os

    source = database(url, SourceOptions("core"))
    before = source.identity
    os.utime(path_of(url), (1, 1))

    assert source.identity.fingerprint != before.fingerprint
    assert source.identity == database(url, SourceOptions("core")).identity


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_what_is_committed_beside_the_file_counts(tmp_path, engine):
    """A write-ahead log holds commits that the file itself does not show."""
    path = tmp_path / f"shop.{engine}"
    for write in (f"{path}-wal", f"{path}.wal"):
        path.write_bytes(b"as it was")
        source = database(f"{engine}:///{path}", SourceOptions("core"))
        before = source.identity.fingerprint
        Path(write).write_bytes(b"committed")

        assert source.identity.fingerprint != before


def test_a_copy_that_keeps_size_and_time_is_another_file(url):
    """``cp -p`` and ``rsync -t`` leave both as they were."""
    import os

    source, path = database(url, SourceOptions("core")), Path(path_of(url))
    before, facts = source.identity.fingerprint, path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    other.replace(path)

    assert source.identity.fingerprint != before


def test_threads_may_ask_one_file_at_once(url, opened, make):
    """Connections of one process share what is registered with the file."""
    workspace = opened(url, make())

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: workspace.compute("CORE-T-001")[0].value, range(16)))

    assert len(set(found)) == 1
    assert found[0] is not None


def test_statements_have_a_text(url):
    """``explain`` shows what the engine receives."""
    source = database(url, SourceOptions("core"))

    with source.session() as session:
        text = session.text(sa.select(sa.column("units")).select_from(sa.table("core_visits")))

    assert text.split() == ["SELECT", "units", "FROM", "core_visits"]
