"""A table that may not be read, and one that somebody else locks: reasons of their own."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

from kpisdk import Reason, Simple, count
from kpisdk.engine.availability import Finding


@pytest.fixture
def url(source_on, table, visits):
    """A PostgreSQL database with one visit."""
    return source_on("postgresql", {"core_visits": table({})}, [visits])


@pytest.fixture
def admin(url):
    """Another connection to the same database, whose statements are committed at once."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        yield connection.exec_driver_sql
    engine.dispose()


def test_a_table_that_may_not_be_read_is_denied(url, admin, opened, make):
    """SQLSTATE 42501: no statement of ours is at fault, and the owner can help."""
    admin("CREATE ROLE core_reader LOGIN")
    admin("GRANT USAGE ON SCHEMA public TO core_reader")
    try:
        by_reader = sa.make_url(url).set(username="core_reader")
        workspace = opened(by_reader.render_as_string(hide_password=False), make(), cache="off")
        result = workspace.compute("CORE-T-001")[0]
        (checked,) = workspace.check("CORE-T-001").kpis
    finally:
        admin("DROP OWNED BY core_reader")
        admin("DROP ROLE core_reader")

    assert (result.value, result.reason) == (None, Reason.PERMISSION_DENIED)
    assert "permission denied for table core_visits" in result.message
    assert "Ask the owner" in result.message
    assert (checked.finding, checked.kind) == (Finding.NOT_CALCULABLE, "permission")


def test_a_table_that_somebody_locks_is_locked(url, admin, opened, make):
    """SQLSTATE 55P03: with a lock time-out of its own, the server says so before our limit."""
    by_options = sa.make_url(url).update_query_dict({"options": "-c lock_timeout=50ms"})
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as other:
        other.exec_driver_sql("LOCK TABLE core_visits IN ACCESS EXCLUSIVE MODE")
        workspace = opened(by_options.render_as_string(hide_password=False), make(), cache="off")
        result = workspace.compute("CORE-T-001")[0]
    engine.dispose()

    assert (result.value, result.reason) == (None, Reason.LOCK_TIMEOUT)
    assert "lock timeout" in result.message


def test_a_sqlite_file_that_is_locked_is_locked(tmp_path, opened, make, visits, monkeypatch):
    """Busy, in SQLite's words: a writer holds the file exclusively."""
    path = tmp_path / "data.sqlite"
    with sqlite3.connect(path) as writer:
        writer.execute("CREATE TABLE core_visits (visit_id TEXT, at TIMESTAMP)")
    monkeypatch.setattr(sqlite3, "connect", _impatient(sqlite3.connect))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    result = opened(str(path), make(Simple(count(visits))), cache="off").compute("CORE-T-001")[0]
    holder.close()

    assert (result.value, result.reason) == (None, Reason.LOCK_TIMEOUT)
    assert "another process is writing to it" in result.message


def _impatient(connect):
    """Connections that wait for no lock."""
    return lambda *arguments, **options: connect(*arguments, **{**options, "timeout": 0})
