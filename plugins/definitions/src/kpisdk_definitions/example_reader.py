"""The records that the checked ``examples`` of a KPI make, values typed by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kpisdk import Dataset, Example, Expected, Kpi, UnknownNameError, cell_fault, with_referenced
from kpisdk_definitions.grammar import EXPECTED
from kpisdk_definitions.measure_reader import Reading
from kpisdk_definitions.places import Node
from kpisdk_definitions.window_reader import read_instant, read_window, typed


def read_examples(node: Node | None, kpi: Kpi, reading: Reading) -> tuple[Example, ...]:
    """The examples of a KPI; one with faults, which are noted, is left out.

    Args:
        node: the list of examples, if there is one.
        kpi: whose they are.
        reading: what the KPI may refer to, and where faults go.
    """
    found = [_example(each, kpi, reading) for each in (() if node is None else node.value)]
    return tuple(each for each in found if each is not None)


def _example(node: Node, kpi: Kpi, reading: Reading) -> Example | None:
    before = len(reading.faults.found)
    tables = with_referenced(kpi.datasets)
    rows = {
        name: tuple(_row(row, tables[name], reading) for row in each.value)
        for name, each in node["rows"].items()
        if _is_read(name, node["rows"], tables, reading)
    }
    parameters = _parameters(node.get("parameters"), kpi, reading)
    expected = tuple(_expectations(node, reading))
    by, where = node.get("by"), node.get("where")
    asked = {
        "as_of": read_instant(node.get("as_of"), reading.faults),
        "window": read_window(node.get("window"), reading.faults),
        "where": {} if where is None else where.plain(),
        "by": () if by is None else tuple(by.plain()),
        "parameters": parameters,
    }
    asked |= {key: node[key].value for key in ("name", "grain", "tolerance") if key in node}
    if len(reading.faults.found) > before:
        return None
    made: Example | None = reading.made(
        node, lambda: Example(rows=rows, expected=expected, **asked)
    )
    return made


def _is_read(name: str, rows: Node, tables: Mapping[str, Dataset], reading: Reading) -> bool:
    if name not in tables:
        what = UnknownNameError("table that the KPI reads", name, tuple(tables)).message
        reading.faults.add(rows.at(name), what)
    return name in tables


def _row(node: Node, dataset: Dataset, reading: Reading) -> dict[str, Any]:
    types = {column.name: column.type for column in dataset.columns}
    row: dict[str, Any] = {}
    for column, cell in node.items():
        value = typed(cell.value, types.get(column))
        fault = cell_fault(dataset, column, value)
        if fault is not None:
            place = node.at(column) if column not in types else cell.place
            reading.faults.add(place, fault)
        row[column] = value
    return row


def _parameters(node: Node | None, kpi: Kpi, reading: Reading) -> dict[str, Any]:
    found = {}
    for name, each in () if node is None else node.items():
        parameter = kpi.parameter(name)
        if parameter is None:
            known = [one.name for one in kpi.parameters]
            place = each.place if node is None else node.at(name)
            reading.faults.add(place, UnknownNameError("parameter", name, known).message)
        else:
            value = typed(each.value, parameter.type)
            fault = parameter.fault(value)
            if fault is not None:
                reading.faults.add(each.place, fault)
            found[name] = value
    return found


def _expectations(node: Node, reading: Reading) -> Iterator[Expected]:
    results = node.get("results")
    own = [key for key in EXPECTED if key in node]
    if results is None:
        found = _expected(node, reading)
        if found is not None:
            yield found
        return
    for key in own:
        reading.faults.add(node.at(key), f"{key!r} stands in each of the results, not beside them")
    for each in results.value:
        found = _expected(each, reading)
        if found is not None:
            yield found


def _expected(node: Node, reading: Reading) -> Expected | None:
    facts: dict[str, Any] = {
        key: node[key].value for key in ("reason", "status", "n", "period") if key in node
    }
    for key in ("value", "numerator", "denominator"):
        if key in node:
            facts[key] = _number(node[key])
    if "interval" in node:
        facts["interval"] = tuple(_number(end) for end in node["interval"].value)
    if "slice" in node:
        facts["slice"] = node["slice"].plain()
    found: Expected | None = reading.made(node, lambda: Expected(**facts))
    return found


def _number(node: Node) -> float:
    if not isinstance(node.value, str):
        return float(node.value)
    top, _, bottom = node.value.partition("/")
    return int(top) / int(bottom)
