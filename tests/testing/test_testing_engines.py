"""What plugin authors test with: one data set on every engine, with the types that are declared."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

from kpisdk import Column, Dataset, Reference, Simple, count
from kpisdk.testing import ENGINES, fixtures, put

PEOPLE = Dataset("core_folk", (Column("person", "text", key=True),))
THINGS = Dataset(
    "core_things",
    (
        Column("thing_id", "text"),
        Column("person", "text"),
        Column("day", "date"),
        Column("at", "timestamp"),
        Column("units", "int"),
        Column("share", "float"),
        Column("doc", "json"),
    ),
    "at",
    (Reference("person", PEOPLE),),
)


def frames() -> dict:
    """A row full and a row empty; half of the columns are declared by nobody."""
    zone = dt.timezone(dt.timedelta(hours=2))
    full = {
        "thing_id": "007",
        "person": "p",
        "day": dt.datetime(2025, 6, 20, 5),
        "at": dt.datetime(2025, 6, 20, 1, tzinfo=zone),
        "units": 3.0,
        "share": 1,
        "doc": "{}",
        "told": True,
        "counted": 4,
        "weighed": 0.5,
        "seen": dt.datetime(2025, 6, 20),
        "born": dt.date(2000, 1, 1),
        "said": "x",
        "void": None,
    }
    things = pd.DataFrame([full, dict.fromkeys(full)]).astype(object)
    things["counted"] = pd.array([4, None], dtype="Int64")
    folk = pd.DataFrame({"person": ["p"], "town": ["x"]})
    return {"core_things": things, "core_folk": folk, "core_empty": folk.head(0)}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_data_set_is_the_same_on_every_engine(engine, source_on, opened, make):
    """Zones, missing values, whole numbers as fractions, and columns that nobody declares."""
    kpi = make(
        Simple(
            count(
                THINGS,
                THINGS["thing_id"].equals("007")
                & THINGS["units"].equals(3)
                & THINGS["day"].equals(dt.date(2025, 6, 20))
                & THINGS["at"].equals(dt.datetime(2025, 6, 19, 23))
                & THINGS["doc"].json_kind().equals("empty"),
            )
        ),
        window=None,
    )
    workspace = opened(source_on(engine, frames(), [THINGS]), kpi)

    assert workspace.compute(kpi.id)[0].value == 1
    assert workspace.compute(kpi.id, by=["town"], where={"person": "p"})[0].slice == {"town": "x"}
    for column, value in {"told": True, "counted": 4, "weighed": 0.5, "said": "x"}.items():
        assert workspace.compute(kpi.id, where={column: value})[0].value == 1
    # A column of a CSV file that nobody declares is the text that it is written as.
    seen = "2025-06-20 00:00:00" if engine == "csv" else "2025-06-20"
    assert workspace.compute(kpi.id, where={"born": "2000-01-01", "seen": seen})[0].value == 1


def test_a_server_can_be_given(monkeypatch):
    """``KPISDK_TEST_POSTGRESQL`` names one that is there already."""
    monkeypatch.setenv("KPISDK_TEST_POSTGRESQL", "postgresql+psycopg://elsewhere/test")

    server = fixtures.postgresql_server._get_wrapped_function()()

    assert list(server) == ["postgresql+psycopg://elsewhere/test"]


def shared(folder, root=None):
    """What the fixture gives in a project at ``root``."""
    config = SimpleNamespace(rootpath=root or folder)
    return fixtures.shared_data._get_wrapped_function()(SimpleNamespace(config=config))


def test_shared_data_are_found_or_the_test_is_skipped(tmp_path, monkeypatch):
    """In the folder that a variable names, or beside the project; else there is a reason."""
    given, project = tmp_path / "given", tmp_path / "work" / "project"
    (given / "koryxa").mkdir(parents=True)
    (tmp_path / "shared" / "data" / "koryxa").mkdir(parents=True)
    project.mkdir(parents=True)

    monkeypatch.delenv("KPISDK_SHARED", raising=False)
    assert shared(project) == tmp_path / "shared" / "data"
    monkeypatch.setenv("KPISDK_SHARED", str(given))
    assert shared(project) == given
    monkeypatch.setenv("KPISDK_SHARED", str(project))
    with pytest.raises(pytest.skip.Exception, match="KPISDK_SHARED"):
        shared(project)


def test_files_are_made_anew(tmp_path):
    """A second data set replaces the first."""
    for _ in range(2):
        assert put("duckdb", frames(), [THINGS], tmp_path).startswith("duckdb:///")
        assert put("csv", frames(), [THINGS], tmp_path) == str(tmp_path / "csv")
