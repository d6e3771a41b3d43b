"""What the tests of this folder share: commands run in the process, on a workspace that is told."""

import contextlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import attrs
import click
import pytest

from kpisdk.cli import main
from kpisdk.cli.installation import Installation
from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.kpis import Governance, Guardrail, Kpi
from kpisdk.contracts.measures import count
from kpisdk.contracts.metrics import Ratio
from kpisdk.contracts.results import Report, Result, SourceIdentity
from kpisdk.contracts.source_kinds import PhysicalColumn
from kpisdk.contracts.trailing_windows import Trailing
from kpisdk.contracts.vocabulary import Status, Unit
from kpisdk.hookspecs import hookimpl
from kpisdk.plugins import load_plugins, loading as loading_room
from kpisdk.registry import Registry

TRIGGERS = Dataset(
    "triggers",
    (
        Column("trigger_id", "text", key=True),
        Column("trigger_timestamp", "timestamp"),
        Column("acceptance_status", "text"),
    ),
    "trigger_timestamp",
)
_DELIVERED = TRIGGERS["acceptance_status"].not_null()


def a_kpi(kpi_id: str, **changes: Any) -> Kpi:
    """A share of triggers with everything a record can say."""
    record: dict[str, Any] = {
        "id": kpi_id,
        "name": "Acceptance Rate",
        "workstream": "ws2_triggers",
        "definition": "Share of delivered triggers that were accepted.",
        "formula": "accepted / delivered",
        "calculation": Ratio(
            count(TRIGGERS, TRIGGERS["acceptance_status"].equals("accepted")),
            count(TRIGGERS, _DELIVERED),
        ),
        "unit": "ratio",
        "target": 0.6,
        "warning": 0.45,
        "critical": 0.3,
        "window": Trailing(30),
        "slug": f"rate_{kpi_id.lower().replace('-', '_')}",
    }
    return Kpi(**{**record, **changes})


class Ours:
    """A plugin with three KPIs and a command."""

    name = "ours"
    __version__ = "1.0"

    @hookimpl
    def kpisdk_kpis(self):
        yield a_kpi(
            "WS2-TR-004",
            guardrails=(Guardrail("WS2-TR-006"),),
            governance=Governance(owner="Field team"),
            translations={"fr": {"definition": "Part des déclencheurs acceptés."}},
            calculation_type="direct",
            primary_library="DoWhy",
        )
        yield a_kpi(
            "WS2-TR-006",
            name="Override Rate",
            direction="lower",
            target=None,
            warning=None,
            critical=None,
        )
        yield a_kpi("BR-001", name="A|B", workstream="brand", window=None)

    @hookimpl
    def kpisdk_commands(self):
        @click.command("koryxa", help="A command of a plugin.")
        def koryxa():
            click.echo("koryxa speaks")
            return 7

        return [koryxa]


def a_result(kpi_id: str = "WS2-TR-004", **facts: Any) -> Result:
    """A good result."""
    said: dict[str, Any] = {
        "kpi_id": kpi_id,
        "name": "Acceptance Rate",
        "workstream": "ws2_triggers",
        "unit": Unit.RATIO,
        "value": 0.7,
        "status": Status.GOOD,
        "decided": True,
    }
    return Result(**{**said, **facts})


@attrs.define
class Outcome:
    """How a command ended: its exit code, and what it printed where."""

    code: int
    out: str
    err: str


@pytest.fixture
def make_result():
    """A good result, of which anything can be said otherwise."""
    return a_result


@pytest.fixture
def make_kpi():
    """A KPI of which anything can be said otherwise."""
    return a_kpi


@pytest.fixture
def here(tmp_path, monkeypatch) -> Installation:
    """An installation in an empty folder, with our plugin and the built-ins and nothing else."""
    monkeypatch.setattr(loading_room, "installed_points", tuple)
    return Installation(tmp_path, {}, [Ours()])


@pytest.fixture
def run(here, capfd) -> Callable[..., Outcome]:
    """Run a command in that installation."""

    def runs(*arguments: str) -> Outcome:
        code = main(list(arguments), here)
        sys.stdout.flush()
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return runs


class FakeSession:
    """A session on tables that are told."""

    dialect = "duckdb"

    def __init__(self, tables: dict[str, dict[str, Any]]) -> None:
        self.tables = tables

    def columns(self, table):
        names = self.tables.get(table)
        if names is None:
            return None
        return [PhysicalColumn(name, kind, str(kind)) for name, kind in names.items()]


class FakeCache:
    """A cache that remembers what it was asked to clear."""

    def __init__(self) -> None:
        self.cleared: list[Any] = []

    def info(self, now: datetime) -> dict[str, Any]:
        assert now.tzinfo is UTC
        return {
            "location": "cache.sqlite",
            "entries": 3,
            "expires": datetime(2026, 1, 1, tzinfo=UTC),
        }

    def clear(self, kpi_id=None) -> int:
        self.cleared.append(kpi_id)
        return 3


@attrs.define
class Told:
    """What the fake workspace answers, and what it was asked."""

    results: tuple[Result, ...] = ()
    notes: tuple[Any, ...] = ()
    error: BaseException | None = None
    tables: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    cache: FakeCache | None = attrs.field(factory=FakeCache)
    made: dict[str, Any] = attrs.field(factory=dict)
    asked: tuple[Any, ...] = ()
    options: dict[str, Any] = attrs.field(factory=dict)
    closed: int = 0


@pytest.fixture
def told(monkeypatch) -> Told:
    """The workspace's room, replaced by one that answers what it is told."""
    answers = Told(results=(a_result(),))

    class Workspace:
        def __init__(self, source=None, *, settings=None, plugins=(), cache=None):
            answers.made = {"source": source, "settings": settings, "cache": cache}
            self.registry = Registry(load_plugins(plugins))
            self.cache = answers.cache

        def __enter__(self):
            return self

        def __exit__(self, *_):
            answers.closed += 1

        def compute(self, *kpi_ids, progress=None, **options):
            answers.asked, answers.options = kpi_ids, options
            if answers.error is not None:
                raise answers.error
            if progress is not None:
                progress("reading triggers", 1, 2)
            return Report(
                answers.results, SourceIdentity("demo", "duckdb", "f"), None, answers.notes
            )

        def explain(self, *kpi_ids, **options):
            answers.asked, answers.options = kpi_ids, options
            return SimpleNamespace(
                to_dict=lambda: {
                    "statements": ["SELECT 1"],
                    "at": datetime(2026, 1, 1, tzinfo=UTC),
                },
                to_text=lambda: "SELECT 1 -- postgresql://me:hunter22@host/db",
            )

        def open_source(self):
            if answers.error is not None:
                raise answers.error
            return SimpleNamespace(
                identity=SourceIdentity("demo", "duckdb", "f"),
                session=lambda: contextlib.nullcontext(FakeSession(answers.tables)),
            )

    room = ModuleType("kpisdk.workspace")
    room.Workspace = Workspace
    monkeypatch.setitem(sys.modules, "kpisdk.workspace", room)
    return answers
