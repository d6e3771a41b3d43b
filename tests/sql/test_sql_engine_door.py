"""The door of engines: what a plugin brings is used, and what nobody brings is refused by name."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest
import sqlalchemy as sa

import kpisdk
from kpisdk import Simple, UnsupportedByEngineError, count, engines, hookimpl, median
from kpisdk.builtin.sources.server_source import _see_that_it_is_known
from kpisdk.engines import Construct, Engine, EngineTraits, Quantile, UnitBucket
from kpisdk.errors import SourceUnavailableError
from kpisdk.sql import rendering
from kpisdk.sql.dialects import BUILT_IN

LOOSE_ONLY = {
    kind for kind in vars(engines).values() if getattr(kind, "__name__", "").startswith("Checked")
}
CONSTRUCTS = {
    kind
    for kind in vars(engines).values()
    if isinstance(kind, type) and issubclass(kind, Construct) and kind is not Construct
}
LOOSE_ONLY = {kind for kind in CONSTRUCTS if kind.__name__.startswith("Checked")}


@pytest.mark.parametrize("engine", BUILT_IN, ids=lambda engine: engine.dialect)
def test_a_built_in_engine_has_words_for_every_construct(engine):
    """The ``Checked…`` constructs are for loosely typed engines alone."""
    missing = CONSTRUCTS - engine.renderings.keys()

    assert missing == (set() if engine.traits.loose_types else LOOSE_ONLY)


@pytest.mark.parametrize("dialect", ["mysql", "oracle", "mssql"])
@pytest.mark.parametrize("kind", sorted(CONSTRUCTS, key=lambda kind: kind.__name__))
def test_a_dialect_without_an_engine_gets_no_words(dialect, kind):
    """Not even those that most engines share: a guess could count other rows."""
    statement = sa.select(kind(sa.column("a"), sa.column("b")))

    with pytest.raises(UnsupportedByEngineError, match=f"'{dialect}' is not supported") as refused:
        statement.compile(dialect=sa.dialects.registry.load(dialect)())

    assert (refused.value.engine, refused.value.construct) == (dialect, kind.__name__)


def test_a_statement_can_be_shown_without_an_engine():
    """For a debugger; what is shown cannot be run anywhere."""
    assert "Quantile(a, b)" in str(sa.select(Quantile(sa.column("a"), sa.column("b"))))


@pytest.fixture
def known(monkeypatch):
    """The engines of the process, as they were before the test."""
    monkeypatch.setattr(rendering, "_ENGINES", dict(rendering.engines()))


def test_a_plugin_brings_an_engine(known, tmp_path, opened, make, visits, source_on, table):
    """Its words reach the database; what it does not word is refused for the KPI that needs it."""
    sqlite = next(each for each in BUILT_IN if each.dialect == "sqlite")
    words = {kind: word for kind, word in sqlite.renderings.items() if kind is not Quantile}

    class Plugin:
        name = "own_engine"

        @hookimpl
        def kpisdk_engines(self):
            return [Engine("basil", EngineTraits("Basil"), words)]

    url = source_on("sqlite", {"core_visits": table({"amount": 1.0})}, [visits])
    counts = make(Simple(count(visits)), "CORE-T-001")
    workspace = kpisdk.Workspace(url, plugins=[Plugin()], cache="off")

    assert "basil" in workspace.registry.engines
    assert "basil" in rendering.engines()
    middle = make(Simple(median(visits, visits["amount"])), "CORE-T-002")
    workspace = opened(url, counts, middle)
    workspace.open_source()
    rendering.register(attrs.evolve(sqlite, renderings=words))
    first, second = workspace.compute("CORE-T-001", "CORE-T-002", window="all")
    assert first.value == 1
    assert (second.value, second.reason) == (None, "query_failed")
    assert "sqlite has no SQL of its own for Quantile" in second.message


def test_of_two_engines_of_one_dialect_the_second_is_told_and_unused(known):
    """The built-in ones come first, so that no plugin changes what KPIs are computed with."""

    class Plugin:
        name = "rival"

        @hookimpl
        def kpisdk_engines(self):
            return [Engine("duckdb", EngineTraits("Mine"), {})]

    registry = kpisdk.Workspace({}, plugins=[Plugin()], cache="off").registry

    assert registry.engines["duckdb"].traits.title == "DuckDB"
    assert any(problem.where == "engine 'duckdb'" for problem in registry.problems)


def test_a_plugin_whose_engines_fail_stops_nobody_else(known, opened, make, table):
    """It is listed with its error, and KPIs are computed."""

    class Plugin:
        name = "broken"

        @hookimpl
        def kpisdk_engines(self):
            raise RuntimeError("no words today")

    workspace = kpisdk.Workspace({}, plugins=[Plugin()], cache="off")

    assert "duckdb" in workspace.registry.engines
    assert any("no words today" in str(problem) for problem in workspace.registry.problems)


def test_nowhere_else_does_the_core_ask_which_engine_it_is():
    """Traits and words say it; a comparison with a dialect's name would forget the next engine."""
    root = Path(kpisdk.__file__).parent
    asks = re.compile(r"dialect\w*(\.name|\(\))? *(==|!=|in \()")
    own = ("testing", "examples")
    found = [
        f"{path.relative_to(root)}: {line.strip()}"
        for path in root.rglob("*.py")
        if path.relative_to(root).parts[0] not in own
        for line in path.read_text().splitlines()
        if asks.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("version", [(12, 22), (9, 6), ()])
def test_a_server_that_is_older_than_its_statements_is_refused(version):
    """What it would answer was never looked at."""
    connection = SimpleNamespace(dialect=SimpleNamespace(server_version_info=version))
    traits = next(each for each in BUILT_IN if each.dialect == "postgresql").traits

    with pytest.raises(SourceUnavailableError, match="13 is the oldest that is supported"):
        _see_that_it_is_known(connection, traits, "crm")


UNITS = ("", "a", "web", "wéb", "x" * 300)
TABLES = {}


def test_equal_units_fall_into_one_bucket_and_others_as_if_by_chance(desk):
    """On every engine, by the hash of its own: among 4,000 buckets five units seldom meet."""
    columns = [
        UnitBucket(sa.literal(unit, sa.Text()), sa.literal_column("4000"))
        for unit in (*UNITS, *UNITS)
    ]

    found = list(desk.session.rows(sa.select(*columns))[0])

    assert found[:5] == found[5:]
    assert len(set(found)) == 5
    assert all(0 <= bucket < 4000 for bucket in found)
