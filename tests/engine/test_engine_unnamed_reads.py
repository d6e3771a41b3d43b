"""What a function reads and nobody named: a cached answer equals an uncached one."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from kpisdk import (
    Calculator,
    Derived,
    Estimate,
    Formula,
    FrameInput,
    Simple,
    count,
    total,
)


def _reads(path):
    return lambda inputs: Estimate.of(float(Path(path).read_text()), n=len(inputs.frames))


def test_a_file_that_a_calculator_names(calculated, tmp_path, overwrite):
    """A model, a graph: it is found in the cache until the file is another one."""
    file = tmp_path / "model"
    file.write_text("1")
    named = {"reads": lambda _parameters, _settings: [file]}
    assert calculated(_reads(file), **named) == (1, False)
    assert calculated(_reads(file), **named) == (1, True)

    overwrite(file, "2")

    assert calculated(_reads(file), **named) == (2, False)


def test_a_folder_that_a_calculator_names(calculated, tmp_path):
    """All of its files, one that is added among them."""
    named = {"reads": lambda _parameters, _settings: [tmp_path]}

    def function(inputs):
        return Estimate.of(float(len(list(tmp_path.iterdir()))), n=len(inputs.frames))

    assert calculated(function, **named) == (0, False)
    (tmp_path / "one").write_text("")
    assert calculated(function, **named) == (1, False)
    assert calculated(function, **named) == (1, True)


def _opens(path):
    def function(inputs):
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as many write it
            return Estimate.of(float(file.read()), n=len(inputs.frames))

    return function


def _by_pandas(path):
    return lambda _inputs: Estimate.of(float(pd.read_csv(path, header=None).iloc[0, 0]))


def _by_sqlite(path):
    def function(inputs):
        connection = sqlite3.connect(f"{path}.db")
        (found,) = connection.execute(f"SELECT {path.read_text()}").fetchone()
        connection.close()
        return Estimate.of(float(found), n=len(inputs.frames))

    return function


def _by_program(path):
    def function(inputs):
        import subprocess

        done = subprocess.run(["cat", path], capture_output=True, check=True)
        return Estimate.of(float(done.stdout), n=len(inputs.frames))

    return function


def _by_duckdb(path):
    def function(inputs):
        duckdb = pytest.importorskip("duckdb")
        with duckdb.connect() as connection:  # DuckDB's own keeps files that it has read
            rows = connection.sql(f"SELECT * FROM read_csv('{path}', header = false)")
            (found,) = rows.fetchone()
        return Estimate.of(float(found), n=len(inputs.frames))

    return function


def _by_presence(path):
    def function(inputs):
        return Estimate.of(float(path.stat().st_mtime_ns == 2) + 1, n=len(inputs.frames))

    return function


@pytest.mark.parametrize(
    "read", [_reads, _opens, _by_pandas, _by_sqlite, _by_program, _by_duckdb, _by_presence]
)
def test_a_file_that_a_calculator_reads_and_does_not_name(read, calculated, tmp_path):
    """It answers, and nothing of it is kept."""
    file = tmp_path / "hidden"
    file.write_text("1")
    assert calculated(read(file)) == (1, False)

    file.write_text("2")
    os.utime(file, ns=(2, 2))

    assert calculated(read(file)) == (2, False)


def test_a_variable_that_a_calculator_reads_and_does_not_name(calculated, monkeypatch):
    """Not kept, unless ``state`` names it."""

    def function(inputs):
        return Estimate.of(float(os.environ["CORE_FIGURE"]), n=len(inputs.frames))

    for figure in ("1", "2"):
        monkeypatch.setenv("CORE_FIGURE", figure)
        assert calculated(function) == (float(figure), False)
    named = {"state": lambda *_: os.environ["CORE_FIGURE"]}
    assert [calculated(function, **named) for _ in range(2)] == [(2, False), (2, True)]


def test_a_state_that_cannot_be_told_keeps_nothing(calculated):
    """``None`` says so, and so does a function that fails."""

    def failing(*_):
        raise OSError

    for state in (lambda *_: None, failing):
        assert [calculated(lambda _inputs: 1.0, state=state)[1] for _ in range(2)] == [False, False]


def test_a_file_that_the_function_of_a_formula_reads(
    opened, source_on, table, make, visits, cache, tmp_path
):
    """A function of a plugin is one, whatever the engine calls what it makes."""
    file = tmp_path / "weight"
    source = source_on("sqlite", {"core_visits": table({})}, [visits])

    def weighted(values):
        return Estimate.of(values["n"] * float(file.read_text()))

    kpi = make(Formula({"n": count(visits)}, weighted))
    for weight in ("1", "2"):
        file.write_text(weight)
        result = opened(source, kpi, cache=cache).compute(kpi.id)[0]
        assert (result.value, result.cached) == (float(weight), False)


def test_a_file_that_the_function_of_a_relation_reads(
    opened, source_on, table, make, visits, cache, tmp_path
):
    """What it builds goes into a statement, which nobody watches: its code says that it reads."""
    import sqlalchemy as sa

    file = tmp_path / "least"
    source = source_on("sqlite", {"core_visits": table({"units": 1}, {"units": 5})}, [visits])

    def build(scope):
        rows = scope.rows()
        return sa.select(*rows.c).where(rows.c["units"] >= int(file.read_text()))

    large = Derived("core_large", visits, build)
    kpi = make(Simple(total(large, large["units"])))
    for least, expected in (("0", 6), ("3", 5)):
        file.write_text(least)
        result = opened(source, kpi, cache=cache).compute(kpi.id)[0]
        assert (result.value, result.cached) == (expected, False)


def test_a_file_that_the_function_of_inputs_reads(opened, table, make, visits, cache, tmp_path):
    """Which columns are needed may stand in a file as well."""
    file = tmp_path / "column"
    file.write_text("site")

    def asks(*_):
        return (FrameInput("rows", visits, (file.read_text(),)),)

    def function(inputs):
        return Estimate.of(float(len(inputs.frames["rows"].columns[0])))

    kpi = make(Calculator(function, asks, visits))
    workspace = opened({"core_visits": table({})}, kpi, cache=cache)
    assert workspace.compute(kpi.id)[0].value == 4

    file.write_text("person")

    assert workspace.compute(kpi.id)[0].value == 6
