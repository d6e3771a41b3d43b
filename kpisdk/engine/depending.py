"""Depending: what a stored result depends on, so that new data or another table make a new one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.relations import datasets_of
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.jobs import Job
from kpisdk.engine.times import Frontiers
from kpisdk.errors import ConnectionLostError, KpisdkError
from kpisdk.registry.fingerprint import fingerprint
from kpisdk.sql.tables import BoundTable


def frontier_of(
    job: Job, joined: Iterable[str], catalog: Catalog, frontiers: Frontiers, now: datetime
) -> dict[str, Any]:
    """What of the data a stored result depends on: newest instants, or numbers of rows.

    Args:
        job: the KPI, settled.
        joined: the tables that its slice takes columns from.
        catalog: the tables of the source.
        frontiers: the newest rows of its tables.
        now: the instant of the trip.
    """
    frontier: dict[str, Any] = {}
    ready = [option for option in job.options if option.failure is None]
    asked = [ask.relation for option in ready for ask in option.asked]
    for dataset in (*job.kpi.datasets, *(each for ask in asked for each in datasets_of(ask))):
        table: BoundTable | None = catalog.find(dataset.name)
        if table is None:
            continue
        try:
            timed = frontiers.is_timed(dataset)
            frontier[f"{dataset.name}.{dataset.time if timed else '#'}"] = (
                frontiers.newest(dataset, now) if timed else frontiers.count(dataset)
            )
        except ConnectionLostError:
            raise
        except KpisdkError:
            frontier[dataset.name] = uuid.uuid4().hex  # unknown: then nothing is reused
        frontier[f"{dataset.name} is"] = _place(table)
    for name in sorted(set(joined)):
        frontier[f"{name}.#"] = frontiers.count(Dataset(name, ()))
        frontier[f"{name} is"] = _place(catalog.table(name))
    for option in ready:
        calculation = option.option.calculation
        if isinstance(calculation, Calculator) and calculation.state is not None:
            frontier[f"state of {option.option.name}"] = _state(calculation, job)
        if isinstance(calculation, Calculator) and calculation.extensions:
            brought = [job.extensions(hook) for hook in calculation.extensions]
            frontier[f"extensions of {option.option.name}"] = fingerprint(*brought)
    return frontier


def _place(table: BoundTable) -> list[Any]:
    """Where a dataset is read: settings may map its name, and its columns', to others."""
    called = {name: column.name for name, column in table.columns.items() if name != column.name}
    return [table.physical, dict(sorted(called.items()))]


def _state(calculator: Calculator, job: Job) -> str:
    """The version of what a calculator reads beside rows; one of its own where it cannot say."""
    assert calculator.state is not None  # noqa: S101 - the caller has looked
    try:
        return calculator.state(job.parameters, job.settings)
    except Exception:  # noqa: BLE001 - a plugin's function may raise anything; then nothing is reused
        return uuid.uuid4().hex
