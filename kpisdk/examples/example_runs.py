"""Every example of KPIs on every engine, run through the engine that computes everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum

import attrs

from kpisdk.contracts.kpi_examples import Example
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.errors import KpisdkError
from kpisdk.examples.example_engines import Place, absence, placed
from kpisdk.examples.example_tables import tables_of
from kpisdk.examples.expectations import differences
from kpisdk.registry import Registry
from kpisdk.settings import Settings


class OutcomeState(StrEnum):
    """How an example fared on an engine."""

    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    """It was not run: the engine is not there, or cannot hold the rows; ``remarks`` says why."""


@attrs.frozen
class Outcome:
    """One example on one engine: how it fared, and every difference or the reason."""

    kpi_id: str
    example: str
    engine: str
    state: OutcomeState
    remarks: tuple[str, ...] = ()


def run_examples(
    registry: Registry,
    kpi_ids: Sequence[str],
    engines: Sequence[str],
    settings: Settings | None = None,
    postgresql_url: str | None = None,
) -> Iterator[Outcome]:
    """Run the examples of KPIs, engine by engine.

    Args:
        registry: where the KPIs are registered.
        kpi_ids: their ids.
        engines: some of :data:`kpisdk.examples.example_engines.ENGINES`.
        settings: of which the plugins' tables hold; sources and caches do not matter here.
        postgresql_url: a server, for ``postgresql``.

    Raises:
        UsageError: a name that is not one.
        SourceUnavailableError: the PostgreSQL server refuses a connection.
    """
    chosen = [registry.kpi(each) for each in registry.resolve(kpi_ids)]
    runner = _Runner(registry, attrs.evolve(settings or Settings(), sources={}))
    for engine in engines:
        why = absence(engine, postgresql_url)
        if why is not None:
            for kpi in chosen:
                for name, _ in named(kpi):
                    yield Outcome(kpi.id, name, engine, OutcomeState.ABSENT, (why,))
            continue
        with placed(engine, postgresql_url) as place:
            for kpi in chosen:
                for name, example in named(kpi):
                    state, remarks = runner.run(kpi, example, place)
                    yield Outcome(kpi.id, name, engine, state, remarks)


def named(kpi: Kpi) -> list[tuple[str, Example]]:
    """The examples of a KPI with their names; one without goes by its number."""
    return [
        (example.name or str(number), example)
        for number, example in enumerate(kpi.examples, start=1)
    ]


@attrs.frozen
class _Runner:
    registry: Registry
    settings: Settings

    def run(self, kpi: Kpi, example: Example, place: Place) -> tuple[OutcomeState, tuple[str, ...]]:
        tables = tables_of(kpi.datasets, example.rows)
        if place.engine == "csv" and any(_has_empty_text(each.rows) for each in tables):
            what = "CSV has no empty text: it would be read as no value."
            return OutcomeState.ABSENT, (what,)
        try:
            found = tuple(differences(example, self.results(kpi, example, place.put(tables))))
        except KpisdkError as error:
            found = (error.message,)
        return (OutcomeState.FAILED, found) if found else (OutcomeState.PASSED, ())

    def results(self, kpi: Kpi, example: Example, location: object) -> tuple[Result, ...]:
        from kpisdk.engine.context import ExecutionContext
        from kpisdk.engine.definitions import Definitions
        from kpisdk.engine.execution import compute
        from kpisdk.workspace.opening import open_source

        opened = open_source(location, self.settings, self.registry)
        request = Request(
            kpi_ids=kpi.id,
            window=example.window,
            as_of=example.as_of,
            where=example.where,
            by=example.by,
            grain=example.grain,
            parameters=example.parameters,
            use_cache=False,
            use_views=False,
        )
        context = ExecutionContext(
            Definitions(self.registry, self.settings, is_observed=False),
            opened.source,
            {},
            None,
            lambda: example.as_of or datetime.now(UTC),
        )
        return compute(request, context).results


def _has_empty_text(rows: Sequence[object]) -> bool:
    return any(value == "" for row in rows if isinstance(row, dict) for value in row.values())
