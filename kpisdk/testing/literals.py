"""What the KPIs' own expressions compare columns with, so that rows can match them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.contracts.expression_tree import (
    ColumnRef,
    Comparison,
    Containment,
    Expression,
    Function,
    JsonNumber,
    Literal,
    Membership,
)
from kpisdk.contracts.kpis import Kpi

Words: TypeAlias = dict[str, list[Any]]
"""Column name -> the values that expressions compare it with (JSON columns: the paths read)."""


def literals_of(kpis: Iterable[Kpi]) -> Words:
    """What the predicates and values of the KPIs name, by column, in order of appearance.

    What a derived relation's ``build`` or a calculator's function compares is Python, and unseen.
    """
    found: Words = {}
    for kpi in kpis:
        for expression in _expressions(kpi):
            for node in expression.walk():
                for column, value in _named(node, kpi):
                    known = found.setdefault(column, [])
                    if value not in known:
                        known.append(value)
    return found


def _expressions(kpi: Kpi) -> Iterator[Expression]:
    for option in options_of(kpi.calculation):
        if isinstance(option.calculation, Calculator):
            asked = option.calculation.inputs
            wheres = () if callable(asked) else (ask.where for ask in asked)
            yield from (each for each in wheres if each is not None)
            continue
        for measure in option.calculation.measures().values():
            yield from (each for each in (measure.value, measure.where) if each is not None)


def _named(node: Expression, kpi: Kpi) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Comparison):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, ColumnRef) and isinstance(other, Literal):
                yield one.name, other.value
    elif isinstance(node, Membership):
        column = _column(node.operand)
        for literal in node.values if column else ():
            yield column, literal.value
    elif isinstance(node, Containment) and (column := _column(node.operand)):
        yield column, f"one {node.part} more"
    elif isinstance(node, JsonNumber) and isinstance(node.document, ColumnRef):
        defaults = {each.name: each.default for each in kpi.parameters}
        yield node.document.name, tuple(key.format(**defaults) for key in node.path)


def _column(operand: Expression) -> str:
    """The column that is compared, also under ``same_text``; empty where it is something else."""
    if isinstance(operand, Function) and operand.name == "ascii_lower":
        operand = operand.arguments[0]
    return operand.name if isinstance(operand, ColumnRef) else ""
