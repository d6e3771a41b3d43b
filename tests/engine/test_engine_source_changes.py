"""Whatever is changed in a source, a cached answer equals an uncached one."""

from __future__ import annotations

import os
import shutil
import sqlite3

import pytest

from kpisdk import (
    Simple,
    total,
)

ENGINES = ["duckdb", "sqlite", "postgresql", "frames"]


def executed(source, *statements):
    """Run statements on a database, on a connection of another writer."""
    if isinstance(source, dict):
        return
    if source.startswith("sqlite"):
        connection = sqlite3.connect(source.removeprefix("sqlite:///"))
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return
    import sqlalchemy as sa

    engine = sa.create_engine(source, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_that_is_updated_or_deleted_in_place(engine, source_on, table, make, visits, both):
    """The newest row stays the newest, and their number may stay too."""
    rows = table({"visit_id": "a", "units": 1}, {"visit_id": "b", "units": 2})
    source = source_on(engine, {"core_visits": rows}, [visits])
    kpi = make(Simple(total(visits, visits["units"])))
    assert both(source, kpi)[0] == 3

    executed(source, "UPDATE core_visits SET units = 7 WHERE visit_id = 'a'")
    if engine == "frames":
        source["core_visits"].loc[0, "units"] = 7
    assert both(source, kpi) == (9, False)

    executed(source, "DELETE FROM core_visits WHERE visit_id = 'b'")
    if engine == "frames":
        source["core_visits"] = source["core_visits"].iloc[:1]
    assert both(source, kpi) == (7, False)


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_where_nothing_changed_the_cached_answer_is_found(
    engine, source_on, table, make, visits, both
):
    """By another workspace too."""
    source = source_on(engine, {"core_visits": table({})}, [visits])

    assert both(source, make()) == (1, False)
    assert both(source, make()) == (1, True)


def test_a_row_that_a_writer_has_in_its_log(tmp_path, table, make, visits, both):
    """SQLite's write-ahead log: the database file stays as it was, and reading changes neither."""
    from kpisdk.testing import put

    rows = {"core_visits": table({"visit_id": "a", "units": 1})}
    url = put("sqlite", rows, [visits], tmp_path)
    kpi = make(Simple(total(visits, visits["units"])))
    writer = sqlite3.connect(url.removeprefix("sqlite:///"))
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE core_visits SET units = 2")
    writer.commit()
    assert [both(url, kpi) for _ in range(2)] == [(2, False), (2, True)]

    writer.execute("UPDATE core_visits SET units = 3")
    writer.commit()

    assert [both(url, kpi) for _ in range(2)] == [(3, False), (3, True)]
    writer.close()


def test_rows_of_another_server_are_not_kept(source_on, table, make, visits, both):
    """PostgreSQL has no number for the transactions of a server that a foreign table stands for."""
    source = source_on("postgresql", {"core_visits": table({})}, [visits])
    executed(
        source,
        "CREATE FOREIGN DATA WRAPPER elsewhere",
        "CREATE SERVER far FOREIGN DATA WRAPPER elsewhere",
        "CREATE FOREIGN TABLE far_away (x integer) SERVER far",
    )

    assert [both(source, make()) for _ in range(2)] == [(1, False), (1, False)]


def test_one_frames_source_is_answered_from_the_cache(opened, table, make, cache):
    """Until a cell of it is another one."""
    frames = {"core_visits": table({"units": 1})}
    workspace = opened(frames, make(), cache=cache)
    workspace.compute("CORE-T-001")
    assert workspace.compute("CORE-T-001")[0].cached

    frames["core_visits"].loc[0, "units"] = 2

    assert not workspace.compute("CORE-T-001")[0].cached


def _rows(*units):
    lines = [f"v{n},2025-06-20T00:00:00Z,{unit}" for n, unit in enumerate(units)]
    return "\n".join(["visit_id,at,units", *lines, ""])


def _same_looks(path, text):
    """Replace a file by another one of its size and time of modification."""
    facts = path.stat()
    other = path.with_suffix(".other")
    other.write_text(text)
    os.utime(other, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    shutil.move(other, path)


@pytest.mark.parametrize("moved", [True, False])
def test_a_file_that_is_replaced_by_one_of_its_looks(
    moved, tmp_path, make, visits, both, overwrite
):
    """Size and time of modification are the same; its content is not."""
    file = tmp_path / "core_visits.csv"
    file.write_text(_rows(1, 2))
    kpi = make(Simple(total(visits, visits["units"])))
    assert both(str(tmp_path), kpi) == (3, False)
    assert both(str(tmp_path), kpi) == (3, True)

    (_same_looks if moved else overwrite)(file, _rows(1, 5))

    assert both(str(tmp_path), kpi) == (6, False)


VIEWS = {
    "a reader": "CREATE VIEW core_visits AS SELECT * FROM read_csv('{folder}/a.csv')",
    "a list": "CREATE VIEW core_visits AS SELECT * FROM read_csv(['{folder}/a.csv'])",
    "a pattern": "CREATE VIEW core_visits AS SELECT * FROM read_csv('{folder}/*.csv')",
    "a bare name": "CREATE VIEW core_visits AS SELECT * FROM '{folder}/a.csv'",
    "a view over a view": (
        "CREATE VIEW first AS SELECT * FROM '{folder}/a.csv'; "
        "CREATE VIEW core_visits AS WITH own AS (SELECT * FROM first) SELECT * FROM own"
    ),
    "a macro": (
        "CREATE MACRO files(p) AS TABLE SELECT * FROM read_csv(p); "
        "CREATE VIEW core_visits AS SELECT * FROM files('{folder}/a.csv')"
    ),
    "a scalar macro": (
        "CREATE MACRO units() AS (SELECT sum(units) FROM '{folder}/a.csv'); "
        "CREATE TABLE plain AS SELECT 'v' visit_id, TIMESTAMP '2025-06-20' \"at\"; "
        "CREATE VIEW core_visits AS SELECT *, units()::BIGINT AS units FROM plain"
    ),
    "a path that is made up": (
        "CREATE VIEW core_visits AS SELECT * FROM read_csv('{folder}/' || 'a.csv')"
    ),
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_file_that_a_view_reads(view, tmp_path, make, visits, both, overwrite):
    """The database does not change where the file does."""
    duckdb = pytest.importorskip("duckdb")
    file, database = tmp_path / "a.csv", tmp_path / "d.duckdb"
    file.write_text(_rows(1, 2))
    with duckdb.connect(str(database)) as connection:
        connection.execute(VIEWS[view].format(folder=tmp_path))
    kpi, url = make(Simple(total(visits, visits["units"]))), f"duckdb:///{database}"
    assert both(url, kpi) == (3, False)
    assert both(url, kpi)[1] == (view not in ("a macro", "a path that is made up"))

    overwrite(file, _rows(1, 5))

    assert both(url, kpi) == (6, False)


def test_a_view_that_reads_no_file_is_answered_from_the_cache(tmp_path, make, visits, both):
    """Functions that make rows of their arguments, queries with names, and tables are no files."""
    duckdb = pytest.importorskip("duckdb")
    database = tmp_path / "d.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "CREATE TABLE days AS SELECT TIMESTAMP '2025-06-20' AS day; "
            "CREATE VIEW core_visits AS WITH n AS (SELECT range AS units FROM range(4)) "
            "SELECT 'v' || units AS visit_id, day AS \"at\", units FROM n, main.days"
        )
    kpi, url = make(Simple(total(visits, visits["units"]))), f"duckdb:///{database}"

    assert both(url, kpi) == (6, False)
    assert both(url, kpi) == (6, True)


def test_two_databases_of_one_name(tmp_path, monkeypatch, table, make, both):
    """As on two machines that share one Redis, each with a source of the same name."""
    from kpisdk.testing import put

    for folder, rows in (("one", [{}]), ("two", [{}, {}])):
        (tmp_path / folder).mkdir()
        put("sqlite", {"core_visits": table(*rows)}, (), tmp_path / folder)
    name = next((tmp_path / "one").iterdir()).name
    found = []
    for folder in ("one", "two"):
        monkeypatch.chdir(tmp_path / folder)
        found.append(both(f"sqlite:///{name}", make()))

    assert found == [(1, False), (2, False)]
