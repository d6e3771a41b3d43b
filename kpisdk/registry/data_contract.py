"""The installation's data contract: the union of what all KPIs declare to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import attrs

from kpisdk.contracts.datasets import Column, Dataset, Reference
from kpisdk.contracts.kpis import Kpi
from kpisdk.registry.clashes import Clash

Claims: TypeAlias = dict[tuple[str, str], dict[str, dict[str, set[str]]]]
"""(dataset, aspect) -> reading -> label of the plugin -> ids of the KPIs that claim it."""


THE_KEY = "the key"
"""The aspect of a dataset that says which column is its key."""


def column_aspect(column: str) -> str:
    """The aspect of a dataset that says of which type a column is."""
    return f"column {column!r}"


@attrs.frozen
class Contract:
    """The union of the declared datasets by name, and where declarations contradict each other.

    ``clashes`` maps each contradiction to the KPIs that it concerns. In ``datasets`` the reading
    that came first stands.
    """

    datasets: Mapping[str, Dataset]
    clashes: Mapping[Clash, frozenset[str]]


def contract_of(kpis: Iterable[tuple[Kpi, str]]) -> Contract:
    """The contract of KPIs, each with the label (distribution and version) of its plugin.

    Datasets that a declared one refers to belong to it: their columns are dimensions. A
    contradiction about one of them does not concern the KPI, until it is sliced by them. A reading
    that leaves out a column or the key declares nothing about it; the time column is each KPI's own
    choice.
    """
    readings: dict[str, list[Dataset]] = {}
    claims: Claims = {}
    for kpi, label in kpis:
        read = {dataset.name for dataset in kpi.datasets}
        for dataset in _with_referenced(kpi.datasets):
            known = readings.setdefault(dataset.name, [])
            if dataset not in known:
                known.append(dataset)
            for aspect, reading in _aspects(dataset):
                sides = claims.setdefault((dataset.name, aspect), {})
                concerned = sides.setdefault(reading, {}).setdefault(label, set())
                if dataset.name in read:
                    concerned.add(kpi.id)
    return Contract(
        {name: _union(name, readings[name]) for name in sorted(readings)}, _clashes(claims)
    )


def _with_referenced(datasets: Iterable[Dataset]) -> Iterator[Dataset]:
    for dataset in datasets:
        yield dataset
        yield from _with_referenced(reference.to for reference in dataset.references)


def _aspects(dataset: Dataset) -> Iterator[tuple[str, str]]:
    for column in dataset.columns:
        yield column_aspect(column.name), column.type.value
    for key in dataset.keys:
        yield THE_KEY, repr(key)


def _clashes(claims: Claims) -> dict[Clash, frozenset[str]]:
    found = {}
    for (dataset, aspect), sides in claims.items():
        if len(sides) > 1:
            named = tuple((reading, tuple(sorted(labels))) for reading, labels in sides.items())
            concerned = {
                kpi for labels in sides.values() for kpis in labels.values() for kpi in kpis
            }
            found[Clash(dataset, aspect, named)] = frozenset(concerned)
    return found


def _union(name: str, readings: list[Dataset]) -> Dataset:
    columns: dict[str, Column] = {}
    references: dict[tuple[str, str], Reference] = {}
    key: str | None = None
    for dataset in readings:
        for column in dataset.columns:
            columns.setdefault(column.name, column)
        for reference in dataset.references:
            references.setdefault((reference.column, reference.to.name), reference)
        key = key or next(iter(dataset.keys), None)
    time = next((dataset.time for dataset in readings if dataset.time is not None), None)
    if time is not None and not columns[time].type.is_temporal:
        time = None  # the column's type is in dispute, and the dispute is a clash of its own
    return Dataset(
        name,
        tuple(attrs.evolve(column, key=column.name == key) for column in columns.values()),
        time,
        tuple(references.values()),
    )
