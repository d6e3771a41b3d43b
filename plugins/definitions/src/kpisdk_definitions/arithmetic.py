"""A value made of named measures, as data that computes itself."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kpisdk import Estimate, LogicalType, Measure, Reason, Values, behind, expressions as ex
from kpisdk_definitions.expression_reader import read_expression
from kpisdk_definitions.operand_reader import Names
from kpisdk_definitions.sql_text import Fault


@attrs.frozen
class MeasureArithmetic:
    """``expression`` over the values of measures, which it refers to as columns.

    A measure without a value makes the result absent, and so does a division by zero, unless
    ``coalesce`` says what stands in for it.

    Attributes:
        expression: what is computed, over columns that are named like the measures.
        n: the measure that counts the rows; without it they are the rows below a line of division,
            and otherwise the fewest that a part rests on.
    """

    expression: ex.Expression
    n: str | None = None

    def is_extensive(self, inputs: Mapping[str, Measure]) -> bool:
        """Whether the value grows with the rows: a count over a count does not."""
        return _degree(self.expression, inputs) > 0

    def __call__(self, values: Values) -> Estimate:
        n = _rows(self.expression, values) if self.n is None else values[self.n]
        divided: list[float] = []
        value = _value(self.expression, values, divided)
        if value is None and divided:
            what = f"The formula divides {divided[0]:g} by zero."
            return Estimate.absent(Reason.ZERO_DENOMINATOR, what, n=n)
        return Estimate.of(value, n=n)


def read_arithmetic(text: str, measures: Mapping[str, object]) -> ex.Expression | list[Fault]:
    """The expression over measures that ``text`` says, or all that is wrong with it.

    Args:
        text: in SQL.
        measures: what it may name; only their names are looked at.
    """
    names = Names("the measures", dict.fromkeys(measures, LogicalType.FLOAT))
    found = read_expression(text, names)
    if isinstance(found, list):
        return found
    if not found.type.is_numeric or any(not isinstance(node, _KNOWN) for node in found.walk()):
        return [(0, "joins measures and numbers by + - * /, abs and coalesce, and nothing else")]
    return found


_KNOWN = (ex.ColumnRef, ex.Literal, ex.Arithmetic, ex.Function)


ROWS_BEHIND = "n of "
"""Begins the name of the measure that counts what another one rests on."""


def with_rows_behind(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """The measures, and beside each that is no count one that counts the rows it rests on."""
    beside = {
        f"{ROWS_BEHIND}{name}": behind(each)
        for name, each in measures.items()
        if not each.aggregate.is_count
    }
    return {**measures, **beside}


def _rows(node: ex.Expression, values: Values) -> float | None:
    """The rows that a node's value rests on; ``None`` for numbers and for counts by themselves."""
    if isinstance(node, ex.ColumnRef):
        return values.get(f"{ROWS_BEHIND}{node.name}")
    if getattr(node, "operator", "") == "/":
        above, below = node.operands
        known = _rows(below, values)
        if known is None and any(isinstance(each, ex.ColumnRef) for each in below.walk()):
            # Counts alone stand below the line: what is divided by them is a share of their rows.
            known = _value(below, values, [])
        return _rows(above, values) if known is None else max(known, 0.0)
    known_rows = [_rows(each, values) for each in node.operands]
    return min((each for each in known_rows if each is not None), default=None)


def _degree(node: ex.Expression, inputs: Mapping[str, Measure]) -> int:
    """How a node grows with the rows: as they do (1), as their square (2), not at all (0)."""
    if isinstance(node, ex.ColumnRef):
        return int(inputs[node.name].aggregate.is_extensive)
    degrees = [_degree(each, inputs) for each in node.operands]
    operator = getattr(node, "operator", "")
    if operator == "*":
        return sum(degrees)
    if operator == "/":
        return degrees[0] - degrees[1]
    return max(degrees, default=0)


def _value(node: ex.Expression, values: Values, divided: list[float]) -> float | None:
    """The value of a node, NULL as ``None``; what was divided by zero is put into ``divided``."""
    if isinstance(node, ex.ColumnRef):
        return values[node.name]
    if isinstance(node, ex.Literal):
        return float(node.value)  # type: ignore[arg-type] # read_arithmetic lets numbers in alone
    operands = [_value(each, values, divided) for each in node.operands]
    if isinstance(node, ex.Function) and node.name == "coalesce":
        return next((each for each in operands if each is not None), None)
    known = [each for each in operands if each is not None]
    if len(known) < len(operands):
        return None
    if isinstance(node, ex.Function):
        return abs(known[0])
    return _computed(node, known, divided)


def _computed(node: ex.Expression, known: list[float], divided: list[float]) -> float | None:
    left, right = known
    operator = getattr(node, "operator", "")
    if operator == "/":
        if right == 0:
            divided.append(left)
            return None
        return left / right
    if operator == "+":
        return left + right
    return left - right if operator == "-" else left * right
