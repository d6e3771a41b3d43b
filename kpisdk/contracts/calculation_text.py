"""How the expressions, measures and calculations of a KPI read in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from kpisdk.contracts.calculators import Calculator, FrameInput, Option
from kpisdk.contracts.expression_tree import (
    Arithmetic,
    AsOf,
    ColumnRef,
    Comparison,
    Containment,
    Expression,
    Function,
    JsonNumber,
    Literal,
    Logic,
    Membership,
    Negation,
    NullTest,
    ParameterRef,
)
from kpisdk.contracts.measures import Aggregate, Measure


def expression_words(node: Expression) -> str:
    """An expression in one line; parameters with a colon before them."""
    return _WORDS[type(node)](node) if type(node) in _WORDS else type(node).__name__


def _inner(node: Expression) -> str:
    words = expression_words(node)
    return f"({words})" if isinstance(node, Logic | Comparison | Arithmetic) else words


def _literal(node: Literal) -> str:
    if isinstance(node.value, bool):
        return str(node.value).lower()
    if isinstance(node.value, str):
        return repr(node.value)
    return node.value.isoformat() if isinstance(node.value, date) else str(node.value)


def _negation(node: Negation) -> str:
    if isinstance(node.operand, NullTest):
        return f"{_inner(node.operand.operand)} is known"
    return f"not {_inner(node.operand)}"


def _json_number(node: JsonNumber) -> str:
    keys = (key if isinstance(key, str) else f":{key.name}" for key in node.path)
    return ".".join([_inner(node.document), *keys])


_WORDS: Mapping[type, Any] = {
    ColumnRef: lambda node: node.name,
    Literal: _literal,
    ParameterRef: lambda node: f":{node.name}",
    AsOf: lambda _: "as_of",
    Comparison: lambda node: f"{_inner(node.left)} {node.operator} {_inner(node.right)}",
    Arithmetic: lambda node: f"{_inner(node.left)} {node.operator} {_inner(node.right)}",
    Membership: lambda node: f"{_inner(node.operand)} in ({', '.join(map(_literal, node.values))})",
    Containment: lambda node: f"{_inner(node.operand)} contains {node.part!r}",
    NullTest: lambda node: f"{_inner(node.operand)} is unknown",
    Negation: _negation,
    Logic: lambda node: f" {node.operator} ".join(map(_inner, node.terms)),
    Function: lambda node: f"{node.name}({', '.join(map(expression_words, node.arguments))})",
    JsonNumber: _json_number,
}


def measure_words(measure: Measure) -> str:
    """A measure in one line: ``count of triggers where acceptance_status = 'accepted'``."""
    name = measure.aggregate.value
    if measure.aggregate is Aggregate.QUANTILE:
        name = "median" if measure.q == 0.5 else f"quantile {measure.q:g}"
    what = "" if measure.value is None else f" {expression_words(measure.value)}"
    words = f"{name}{what} of {measure.relation.name}"
    if measure.where is not None:
        words += f" where {expression_words(measure.where)}"
    if measure.across:
        words += f" (over all of {', '.join(measure.across)})"
    return words


def option_words(option: Option) -> dict[str, Any]:
    """One way to a KPI's value: its kind, and what it asks of the source."""
    calculation = option.calculation
    named = {"option": option.name} if option.name else {}
    if isinstance(calculation, Calculator):
        function = calculation.function
        where = (
            f"{function.__module__}.{getattr(function, '__qualname__', type(function).__name__)}"
        )
        inputs: Any = "chosen by the parameters"
        if not callable(calculation.inputs):
            inputs = {ask.name: _input_words(ask) for ask in calculation.inputs}
        return {**named, "kind": "calculator", "function": where, "inputs": inputs}
    measures = {name: measure_words(each) for name, each in calculation.measures().items()}
    return {**named, "kind": type(calculation).__name__.lower(), "measures": measures}


def part_words(options: Iterable[Option], part: str) -> str:
    """A part of a quotient (``numerator``) in one line, of the first way that has it, or empty."""
    for option in options:
        if not isinstance(option.calculation, Calculator):
            measure = option.calculation.measures().get(part)
            if measure is not None:
                return measure_words(measure)
    return ""


def _input_words(ask: FrameInput) -> str:
    words = f"{', '.join((*ask.columns, *ask.optional))} of {ask.relation.name}"
    return words if ask.where is None else f"{words} where {expression_words(ask.where)}"
