"""What the core's own tests share: two small tables, KPIs over them, and a plugin of their own."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from kpisdk import (
    Column,
    Dataset,
    Kpi,
    LogicalType,
    Reference,
    Simple,
    Trailing,
    Unit,
    Workspace,
    count,
    hookimpl,
)
from kpisdk.testing.databases import debian_server, installed

PEOPLE = Dataset(
    "core_people", (Column("person", LogicalType.TEXT, key=True), Column("age", LogicalType.INT))
)
VISITS = Dataset(
    "core_visits",
    (
        Column("visit_id", LogicalType.TEXT, key=True),
        Column("at", LogicalType.TIMESTAMP),
        Column("day", LogicalType.DATE),
        Column("site", LogicalType.TEXT),
        Column("person", LogicalType.TEXT),
        Column("amount", LogicalType.FLOAT),
        Column("units", LogicalType.INT),
        Column("done", LogicalType.BOOL),
        Column("doc", LogicalType.JSON),
    ),
    time="at",
    references=(Reference("person", PEOPLE),),
)

# No test depends on a wall clock: a slow machine is no failure.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
NOW = dt.datetime(2025, 6, 30, 12, 0, tzinfo=dt.UTC)


class FakePlugin:
    """A plugin that brings the KPIs it is given, and tells an observer of results."""

    name = "core_tests"
    __version__ = "1.0"

    def __init__(self, *kpis: Kpi, observer: Callable[[Any], None] | None = None) -> None:
        self._kpis = kpis
        self._observer = observer

    @hookimpl
    def kpisdk_kpis(self) -> tuple[Kpi, ...]:
        """The KPIs."""
        return self._kpis

    @hookimpl
    def kpisdk_computed(self, result: Any) -> None:
        """Pass the result on."""
        if self._observer is not None:
            self._observer(result)


def a_kpi(calculation: Any = None, kpi_id: str = "CORE-T-001", **changes: Any) -> Kpi:
    """A KPI over the last 30 days of visits (their number), of which anything can be changed."""
    record: dict[str, Any] = {
        "id": kpi_id,
        "name": f"Core test {kpi_id}",
        "workstream": "core_tests",
        "definition": "What the test says.",
        "formula": "the test's",
        "calculation": Simple(count(VISITS)) if calculation is None else calculation,
        "unit": Unit.COUNT,
        "window": Trailing(30),
    }
    return Kpi(**{**record, **changes})


def a_visit(**facts: Any) -> dict[str, Any]:
    """One row of visits; what is not said is missing."""
    row = dict.fromkeys(column.name for column in VISITS.columns)
    return {**row, "visit_id": "v", "at": dt.datetime(2025, 6, 20), **facts}


def a_table(*rows: dict[str, Any]) -> Any:
    """Rows as a pandas frame whose columns keep Python values."""
    import pandas as pd

    names = [column.name for column in VISITS.columns]
    return pd.DataFrame([a_visit(**row) for row in rows], columns=names)


@pytest.fixture(scope="session")
def overwrite() -> Callable[[Path, str], None]:
    """``overwrite(path, text)``: a file written where it lies, its time of modification kept.

    With a text of the same length nothing but the content tells that it is another.
    """

    def write(path: Path, text: str) -> None:
        facts = path.stat()
        path.write_text(text)
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    return write


@pytest.fixture(scope="session")
def now() -> dt.datetime:
    """The instant that the tests' clock shows: noon of 30 June 2025."""
    return NOW


@pytest.fixture(scope="session")
def visits() -> Dataset:
    """The dataset ``core_visits``."""
    return VISITS


@pytest.fixture(scope="session")
def people() -> Dataset:
    """The dataset ``core_people``, to which visits refer."""
    return PEOPLE


@pytest.fixture(scope="session")
def make() -> Callable[..., Kpi]:
    """``make(calculation, kpi_id, **changes)``: a KPI over visits."""
    return a_kpi


@pytest.fixture(scope="session")
def table() -> Callable[..., Any]:
    """``table(row, ...)``: visits as a frame, each row given by what it says."""
    return a_table


@pytest.fixture(scope="session")
def opened() -> Callable[..., Workspace]:
    """``opened(source, kpi, ...)``: a workspace on a source, at noon of 30 June 2025, uncached."""

    def make_workspace(
        source: Any,
        *kpis: Kpi,
        observer: Callable[[Any], None] | None = None,
        clock: Callable[[], dt.datetime] = lambda: NOW,
        cache: Any = "off",
        **arguments: Any,
    ) -> Workspace:
        return Workspace(
            source,
            plugins=[FakePlugin(*kpis, observer=observer)],
            cache=cache,
            clock=clock,
            **arguments,
        )

    return make_workspace


@pytest.fixture(scope="session")
def postgresql_15_server() -> Iterator[str]:
    """The URL of a server of Debian's PostgreSQL 15, which has ICU, citext, and no ``IS JSON``."""
    programs = installed(15)
    if programs is None:
        pytest.skip("PostgreSQL 15 is not installed (apt-get install postgresql-15)")
    with debian_server(programs) as url:
        yield url


@pytest.fixture
def answer(table, opened) -> Callable[..., Any]:
    """``answer(rows, kpi, **request)``: the one result of a KPI over these visits."""

    def compute(rows: Any, kpi: Kpi, **request: Any) -> Any:
        workspace = opened({"core_visits": table(*rows)}, kpi)
        (result,) = workspace.compute(kpi.id, **request)
        return result

    return compute
