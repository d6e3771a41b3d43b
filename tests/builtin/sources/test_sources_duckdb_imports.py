"""What DuckDB imports when statements are run on it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

START = """
import sys, threading
import sqlalchemy as sa
from kpisdk.contracts.source_kinds import SourceOptions
from kpisdk.builtin.sources.database_urls import database

def heavy():
    return [name for name in ("pandas", "numpy", "pyarrow") if sys.modules.get(name)]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "rows.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE rows AS SELECT range AS n FROM range(3)")
    return file


def printed(path: Path, code: str) -> str:
    whole = f"{START}\nsource = database('duckdb:///{path}', SourceOptions('s'))\n"
    done = subprocess.run(
        [sys.executable, "-c", whole + textwrap.dedent(code)],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


BOUND = 'sa.text("SELECT n FROM rows WHERE n > :n").bindparams(n=1)'


def test_a_statement_with_values_imports_no_pandas(path: Path) -> None:
    code = f"""
    with source.session() as session:
        print(session.columns("rows")[0].name, session.rows({BOUND}), heavy())
    """

    assert printed(path, code) == "n [(2,)] []"


def test_pandas_is_there_for_frames_and_for_whoever_imports_it_afterwards(path: Path) -> None:
    code = f"""
    with source.session() as session:
        session.rows({BOUND})
        print(session.frame({BOUND})["n"].tolist(), end=" ")
        import pandas
        bound = sa.text("SELECT n FROM rows WHERE n > :n").bindparams(n=pandas.NA)
        print(session.rows(bound), pandas.DataFrame({{"a": [1]}}).shape)
    """

    assert printed(path, code) == "[2] [] (1, 1)"


def test_a_function_that_a_statement_calls_imports_pandas_as_ever(path: Path) -> None:
    code = """
    def imports(text):
        import pandas
        return pandas.__name__

    with source.session() as session:
        raw = session.connection.connection.driver_connection
        raw.create_function("imports", imports, ["VARCHAR"], "VARCHAR")
        print(session.rows(sa.text("SELECT imports(:a)").bindparams(a="x")))
    """

    assert printed(path, code) == "[('pandas',)]"


def test_another_thread_imports_pandas_while_a_statement_is_run(path: Path) -> None:
    code = """
    from kpisdk.builtin.sources.duckdb_imports import without_pandas
    found = []

    def other():
        import pandas
        found.append(pandas.__name__)

    with without_pandas():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    print(found)
    """

    assert printed(path, code) == "['pandas']"


def test_our_functions_come_with_the_first_statement_that_calls_one(path: Path) -> None:
    code = """
    same = "SELECT kpisdk_canonical_json(:a) = kpisdk_canonical_json(:b)"
    bound = sa.text(same).bindparams(a='{"b":1,"a":2}', b='{ "a":2, "b":1 }')
    with source.session() as session:
        print(heavy(), session.rows(bound), session.rows(bound), end=" ")
    with source.session() as session:
        print(session.rows(bound))
    """

    assert printed(path, code) == "[] [(True,)] [(True,)] [(True,)]"
