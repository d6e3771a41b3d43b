"""The records that the checked ``kpis`` of a definition file make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from kpisdk import (
    Breakdown,
    Dataset,
    DefinitionError,
    Governance,
    Guardrail,
    Kpi,
    LogicalType,
    Note,
    Parameter,
    RequiredSlice,
    ValueRange,
    ViewColumn,
    ViewFigure,
)
from kpisdk_definitions.example_reader import read_examples
from kpisdk_definitions.grammar import CALCULATIONS, KPI
from kpisdk_definitions.measure_reader import Reading, calculation_of, slice_column
from kpisdk_definitions.operand_reader import AS_OF
from kpisdk_definitions.places import Faults, Node, Place
from kpisdk_definitions.sampling_reader import read_sampling
from kpisdk_definitions.window_reader import read_window, typed

PLAIN = (
    "id",
    "name",
    "workstream",
    "definition",
    "formula",
    "unit",
    "direction",
    "frequency",
    "calculation_type",
    "primary_library",
    "clock",
    "extensive",
    "follow_up",
    "brand",
    "slug",
    "refuses",
    "translations",
)
"""Keys whose values go into the record as they are."""


def read_kpi(node: Node, datasets: Mapping[str, Dataset | Place], faults: Faults) -> Kpi | None:
    """The KPI of a node, or ``None`` with its faults noted.

    The shape has been checked, and its faults are noted. Here the parts with the right shape are
    read nevertheless, so that all that is wrong is told at once.

    Args:
        node: the table of the KPI.
        datasets: what its measures may name; the place of one that is declared and faulty.
        faults: where what is wrong is noted.
    """
    before = len(faults.found)
    node, is_whole = _sound(node)
    parameters = _parameters(node.get("parameters"), faults)
    types = {each.name: each.type for each in parameters}
    reading = Reading(datasets, faults, types)
    has_one = sum(key in node for key in CALCULATIONS) == 1
    calculation = calculation_of(node, reading) if has_one else None
    facts: dict[str, Any] = {key: node[key].plain() for key in PLAIN if key in node}
    facts |= {key: read(node[key], reading) for key, read in _PARTS.items() if key in node}
    if "thresholds" in node:
        facts |= node["thresholds"].plain()
    if "version" in node:
        facts["version"] = str(node["version"].value)
    if calculation is None or not is_whole or len(faults.found) > before:
        return None
    kpi: Kpi | None = _made(
        node, faults, lambda: Kpi(calculation=calculation, parameters=parameters, **facts)
    )
    if kpi is None:
        return None
    _check_columns(node, kpi, reading)
    examples = read_examples(node.get("examples"), kpi, reading)
    if len(faults.found) > before:
        return None
    return _made(node, faults, lambda: attrs.evolve(kpi, examples=examples))


def _sound(node: Node) -> tuple[Node, bool]:
    """The table with its keys that have the right shape alone, and whether all is right."""
    if not isinstance(node.value, dict):
        return Node({}, node.place), False
    kept = {
        key: each
        for key, each in node.items()
        if key in KPI.fields and KPI.fields[key].shape.accepts(each)
    }
    return Node(kept, node.place, node.keys), KPI.accepts(node)


def _made(node: Node, faults: Faults, make: Callable[[], Kpi]) -> Kpi | None:
    try:
        return make()
    except DefinitionError as error:
        for problem in error.problems:
            first = problem.where.replace(",", ".").replace(" of ", ".").split(".")[0]
            key = "thresholds" if first in ("target", "warning", "critical") else first
            place = node.at("name" if key == "slug" and "slug" not in node else key)
            faults.add(place, f"{problem.where}: {problem.what}")
        return None


def _check_columns(node: Node, kpi: Kpi, reading: Reading) -> None:
    """Note columns that are to slice the KPI, or not to, and are none of its table's."""
    named = list(node["dimensions"].value) if "dimensions" in node else []
    if "refuses" in node:
        named += [Node(key, node["refuses"].at(key)) for key in node["refuses"].value]
    if "requires" in node:
        named.append(node["requires"]["column"])
    for column in named:
        slice_column(column, kpi.datasets[0], reading)


def _parameters(node: Node | None, faults: Faults) -> tuple[Parameter, ...]:
    found = []
    for name, each in () if node is None else node.items():
        if name == AS_OF and node is not None:
            faults.add(node.at(name), f":{AS_OF} is the instant of the question; name it otherwise")
        found.append(_parameter(name, each, faults))
    return tuple(found)


def _parameter(name: str, node: Node, faults: Faults) -> Parameter:
    facts = node.plain()
    logical = LogicalType(facts.pop("type"))
    bare = Parameter(name, logical)
    listed = node["choices"].value if "choices" in node else ()
    for each in (*listed, *([node["default"]] if "default" in node else [])):
        fault = bare.fault(typed(each.value, logical))
        if fault is not None:
            faults.add(each.place, fault)
    if "minimum" in facts and not logical.is_numeric:
        faults.add(node.at("minimum"), f"{logical.value} has no minimum")
        del facts["minimum"]
    facts["default"] = typed(facts.get("default"), logical)
    facts["choices"] = tuple(typed(each.value, logical) for each in listed)
    return Parameter(name, logical, **facts)


def _guardrails(node: Node, _: Reading) -> tuple[Guardrail, ...]:
    found = []
    for each in node.value:
        facts = {"kpi": each.value} if isinstance(each.value, str) else dict(each.plain())
        facts["segments"] = tuple(facts.get("segments", ()))
        found.append(Guardrail(facts.pop("kpi"), **facts))
    return tuple(found)


def _requires(node: Node, _: Reading) -> RequiredSlice:
    facts = node.plain()
    note = Note(**facts["note"]) if "note" in facts else None
    return RequiredSlice(facts["column"], facts.get("otherwise"), note)


def _value_range(node: Node, reading: Reading) -> ValueRange | None:
    made: ValueRange | None = reading.made(node, lambda: ValueRange(**node.plain()))
    return made


def _view(node: Node, reading: Reading) -> ViewColumn:
    facts = node.plain()
    beside = [] if "beside" not in node else node["beside"].value
    return ViewColumn(
        facts["view"],
        facts["column"],
        **_figure(facts),
        beside=tuple(
            ViewFigure(
                each["column"].value,
                **_figure(each.plain()),
                window=read_window(each.get("window"), reading.faults),
            )
            for each in beside
        ),
        breakdowns=tuple(
            Breakdown(**{**each, "columns": tuple(each.get("columns", ()))})
            for each in facts.get("breakdowns", ())
        ),
    )


def _figure(facts: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: tuple(facts.get(key, ())) for key in ("measures", "over")}
    return {**found, "factor": float(facts.get("factor", 1.0))}


_PARTS: Mapping[str, Callable[[Node, Reading], Any]] = {
    "window": lambda node, reading: read_window(node, reading.faults),
    "base": lambda node, reading: reading.dataset(node),
    "time_of": lambda node, reading: reading.dataset(node),
    "dimensions": lambda node, _: tuple(node.plain()),
    "value_range": _value_range,
    "sampling": lambda node, _: read_sampling(node),
    "requires": _requires,
    "guardrails": _guardrails,
    "governance": lambda node, _: Governance(**node.plain()),
    "view": _view,
}
"""Keys whose values make records of their own."""
