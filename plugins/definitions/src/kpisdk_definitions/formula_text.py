"""The line that shows readers how a KPI is computed, where its author wrote none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kpisdk_definitions.measure_reader import AGGREGATES
from kpisdk_definitions.places import Node


def formula_of(node: Node) -> str:
    """The calculation of a KPI's checked node in one line."""
    if "first_of" in node:
        options = node["first_of"]["options"].value
        return "first of: " + "; ".join(formula_of(option) for option in options)
    key = next(each for each in _WORDS if each in node)
    return _WORDS[key](node[key])


def _measure(node: Node) -> str:
    key = next(each for each in AGGREGATES if each in node)
    where = f" where {_line(node['where'])}" if "where" in node else ""
    if key == "count":
        return f"count({node['count'].value}{where})"
    name = f"quantile {node['level'].value:g}" if key == "quantile" else key
    return f"{name}({_line(node[key])} of {node['from'].value}{where})"


def _line(node: Node) -> str:
    return " ".join(str(node.value).split())


def _estimated(name: str) -> Callable[[Node], str]:
    def words(node: Node) -> str:
        where = f" where {_line(node['where'])}" if "where" in node else ""
        return f"{name}({_line(node['value'])} of {node['from'].value}{where})"

    return words


def _lift(node: Node) -> str:
    hit, groups = _line(node["hit"]), (node["treated"], node["control"])
    treated, control = (
        f"share({hit} of {node['from'].value} where {_line(group)})" for group in groups
    )
    return f"({treated} - {control}) / {control}"


def _arithmetic(node: Node) -> str:
    parts = "; ".join(f"{name} = {_measure(each)}" for name, each in node["measures"].items())
    return f"{_line(node['value'])}, where {parts}"


_WORDS: Mapping[str, Callable[[Node], str]] = {
    "simple": _measure,
    "ratio": lambda node: f"{_measure(node['numerator'])} / {_measure(node['denominator'])}",
    "mean": _estimated("mean"),
    "median": _estimated("median"),
    "lift": _lift,
    "difference": lambda node: f"{_measure(node['left'])} - {_measure(node['right'])}",
    "arithmetic": _arithmetic,
}
