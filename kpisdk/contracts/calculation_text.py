"""How the expressions, measures and calculations of a KPI read in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from kpisdk.contracts.calculators import Calculator, FirstOf, FrameInput, Option
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
    column_names,
)
from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.metrics import Lift, Mean, Median, Ratio
from kpisdk.contracts.plain_metrics import Difference, Formula, Simple


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


def formula_words(calculation: Metric | FirstOf) -> str:
    """A calculation in one line: what a KPI's formula says where its author writes none."""
    if isinstance(calculation, FirstOf):
        return f"first of: {'; '.join(map(_option_formula, calculation.options))}"
    return str(_FORMULAS.get(type(calculation), _any_metric)(calculation))


def _option_formula(option: Option) -> str:
    calculation = option.calculation
    return option.name if isinstance(calculation, Calculator) else formula_words(calculation)


def _part(measure: Measure) -> str:
    """A measure as part of a longer line: in brackets where it would run into what follows it."""
    words = measure_words(measure)
    return f"({words})" if measure.where is not None or measure.across else words


def _lift(metric: Lift) -> str:
    hit = f"share of {metric.relation.name} with {_inner(metric.hit)}"
    treated, control = map(expression_words, (metric.treated, metric.control))
    return (
        f"(treated - control) / control, where treated = {hit} where {treated}; "
        f"control = {hit} where {control}"
    )


def _formula(metric: Formula) -> str:
    """By the expression that the function says it computes, and by its name otherwise."""
    said, inputs = getattr(metric.function, "expression", None), metric.inputs
    if isinstance(said, Expression):
        head, used = expression_words(said), column_names(said)
    else:
        named = getattr(metric.function, "__name__", type(metric.function).__name__)
        head, used = f"{named}({', '.join(inputs)})", frozenset(inputs)
    parts = (f"{name} = {measure_words(each)}" for name, each in inputs.items() if name in used)
    return f"{head}, where {'; '.join(parts)}"


def _any_metric(metric: Metric) -> str:
    parts = ", ".join(map(_part, metric.measures().values()))
    return f"{type(metric).__name__.lower()}({parts})"


_FORMULAS: Mapping[type, Any] = {
    Simple: lambda metric: measure_words(metric.measure),
    Ratio: lambda metric: f"{_part(metric.numerator)} / {_part(metric.denominator)}",
    Mean: lambda metric: measure_words(metric.measures()["mean"]),
    Median: lambda metric: measure_words(metric.measures()["median"]),
    Difference: lambda metric: f"{_part(metric.left)} - {_part(metric.right)}",
    Lift: _lift,
    Formula: _formula,
}


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
