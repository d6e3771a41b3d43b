"""SQL text, parsed by sqlglot, as the records that the planner knows.

The text ends here. What goes on are records, whose literals are bound; what the records cannot say
is refused with its position, and nothing of a parsed tree is left aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from kpisdk import (
    Expression,
    LogicalType,
    expressions as ex,
    nearest,
    quoted,
)
from kpisdk_definitions.callable_functions import FUNCTIONS, INSTEAD
from kpisdk_definitions.operand_reader import Names, Operands, Refused
from kpisdk_definitions.sql_text import (
    SUPPORTED,
    Fault,
    call_of,
    is_text,
    parsed,
    shown,
)

if TYPE_CHECKING:
    from sqlglot import exp


def read_expression(text: str, names: Names) -> Expression | list[Fault]:
    """The value that ``text`` says, or all that is wrong with it.

    Args:
        text: in SQL.
        names: what it may refer to.
    """
    return _read(text, names, is_predicate=False)


def read_predicate(text: str, names: Names) -> Expression | list[Fault]:
    """The condition that ``text`` says, or all that is wrong with it.

    Args:
        text: in SQL.
        names: what it may refer to.
    """
    return _read(text, names, is_predicate=True)


def _read(text: str, names: Names, *, is_predicate: bool) -> Expression | list[Fault]:
    tree = parsed(text)
    if isinstance(tree, list):
        return tree
    reader = _Reader(names, text)
    try:
        found = reader.predicate(tree) if is_predicate else reader.value(tree)
    except Refused:
        return reader.faults
    except RecursionError:
        return [(0, "is nested too deeply to be read")]
    return reader.faults or found


@attrs.define(eq=False)
class _Reader(Operands):
    """One walk over a parsed tree, collecting the faults on the way."""

    def predicate(self, node: exp.Expr) -> Expression:
        found = self.value(node)
        if found.type is not LogicalType.BOOL:
            what = f"{shown(node)} is {found.type.value}, not a condition; compare it with a value"
            raise self.refuse(node, what)
        if isinstance(found, _CONDITIONS):
            return found
        # A flag by itself counts where it is true, as records say it.
        return found.is_true()

    def value(self, node: exp.Expr, beside: LogicalType | None = None) -> Expression:
        """The record of a node; a text ``beside`` a temporal value is read as one."""
        read = _READERS.get(type(node).__name__)
        if read is None:
            raise self.refuse(node, f"{shown(node)} is not supported. {SUPPORTED}")
        used = {*_USED.get(type(node).__name__, ()), *_HARMLESS}
        spare = [key for key, each in node.args.items() if each and key not in used]
        if spare:
            words = ", ".join(_WORDS.get(key, key.upper()) for key in spare)
            what = f"{words} is not supported (in {shown(node)}). {SUPPORTED}"
            raise self.refuse(node, what)
        return read(self, node, beside)

    def sides(self, left: exp.Expr, right: exp.Expr) -> tuple[Expression, Expression]:
        """Two operands; the one that is a text takes the temporal type of the other."""
        if is_text(left) and not is_text(right):
            second, first = self.sides(right, left)
            return first, second
        beside: list[LogicalType] = []

        def first_side() -> Expression:
            found = self.value(left)
            beside.append(found.type)
            return found

        first, second = self.each(
            first_side, lambda: self.value(right, beside[0] if beside else None)
        )
        return first, second

    def comparison(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        if any(type(each).__name__ == "Null" for each in (node.this, node.expression)):
            raise self.refuse(node, "a comparison with NULL is never true; use IS NULL")
        left, right = self.sides(node.this, node.expression)
        operator = _COMPARISONS[type(node).__name__]
        return self.made(node, lambda: ex.Comparison(operator, left, right))

    def arithmetic(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        left, right = self.each(lambda: self.value(node.this), lambda: self.value(node.expression))
        operator = _ARITHMETIC[type(node).__name__]
        return self.made(node, lambda: ex.Arithmetic(operator, left, right))

    def negative(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        found = self.value(node.this)
        if isinstance(found, ex.Literal) and found.type.is_numeric:
            number: Any = found.value
            return ex.Literal(-number, found.type)
        zero = ex.Literal(0, LogicalType.INT)
        return self.made(node, lambda: ex.Arithmetic("-", zero, found))

    def logic(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        left, right = self.each(
            lambda: self.predicate(node.this), lambda: self.predicate(node.expression)
        )
        return left & right if type(node).__name__ == "And" else left | right

    def membership(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        operand = self.value(node.this)
        values = self.each(
            *(lambda each=each: self.value(each, operand.type) for each in node.expressions)
        )
        for each, found in zip(node.expressions, values, strict=True):
            if not isinstance(found, ex.Literal):
                raise self.refuse(each, f"{shown(each)} in IN (…) is no constant; use = and OR")
        literals = [found.value for found in values if isinstance(found, ex.Literal)]
        if operand.type.is_temporal:
            kept = tuple(found for found in values if isinstance(found, ex.Literal))
            odd = next((each for each in kept if each.type is not operand.type), None)
            if odd is not None:
                what = f"{odd.value} is {odd.type.value}, and the column {operand.type.value}"
                raise self.refuse(node, what)
        return self.made(node, lambda: operand.is_in(*literals))

    def between(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        def bound(operator: str, other: exp.Expr) -> Expression:
            left, right = self.sides(node.this, other)
            return self.made(node, lambda: ex.Comparison(operator, left, right))

        low, high = self.each(
            lambda: bound(">=", node.args["low"]), lambda: bound("<=", node.args["high"])
        )
        return low & high

    def test(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        operand, word = self.value(node.this), type(node.expression).__name__
        if word == "Null":
            return operand.is_null()
        if word != "Boolean":
            raise self.refuse(node, "IS is followed by NULL, TRUE or FALSE; use = for values")
        if operand.type is not LogicalType.BOOL:
            raise self.refuse(node, f"{shown(node.this)} is {operand.type.value}, and has no truth")
        # SQL's IS TRUE is false, and never unknown, where there is no value.
        return operand.equals(bool(node.expression.this)) & operand.not_null()

    def like(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        operand = self.value(node.this)
        if operand.type is not LogicalType.TEXT or not is_text(node.expression):
            raise self.refuse(node, "LIKE needs a text column and a constant pattern")
        pattern, folds = str(node.expression.this), type(node).__name__ == "ILike"
        part = pattern[1:-1] if len(pattern) > 1 and pattern[0] == pattern[-1] == "%" else pattern
        if "%" in part or "_" in part or "\\" in part or not part:
            what = f"the pattern {quoted(pattern)} is none of 'word' and '%part%'; use "
            raise self.refuse(node.expression, f"{what}contains(column, 'part') for odd characters")
        if part == pattern:
            found: Expression = operand.same_text(part) if folds else operand.equals(part)
        else:
            found = operand.contains_text(part) if folds else ex.Containment(operand, part)
        return ~found if node.args.get("negate") else found

    def function(self, node: exp.Expr, beside: LogicalType | None) -> Expression:
        name, arguments = call_of(node)
        function = FUNCTIONS.get(name)
        if function is None:
            close = nearest(name, FUNCTIONS, 1)
            hint = f"did you mean {close[0]}?" if close else SUPPORTED
            what = f"the function {name} is not supported; {INSTEAD.get(name, hint)}"
            raise self.refuse(node, what)
        if not function.least <= len(arguments) <= function.most:
            wanted = f"{function.least}" + " or more" * (function.least < function.most)
            what = f"{name} takes {wanted} arguments, and this has {len(arguments)}"
            raise self.refuse(node, what)
        first = self.value(arguments[0], beside)
        if not function.texts:
            rest = self.each(
                *(lambda each=each: self.value(each, first.type) for each in arguments[1:])
            )
            return self.made(node, lambda: function.make(first, *rest))
        odd = next((each for each in arguments[1:] if not is_text(each)), None)
        if odd is not None:
            raise self.refuse(odd, f"{name} takes constant texts after the column")
        texts = [str(each.this) for each in arguments[1:]]
        if name == "json_number":
            return self.made(node, lambda: first.json_number(*texts, parameters=self.named(texts)))
        return self.made(node, lambda: function.make(first, *texts))

    def named(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The parameters whose names stand in braces in the keys of a JSON path."""
        found = [name for key in keys for name in _BRACED.findall(key)]
        return tuple(dict.fromkeys(name for name in found if name in self.names.parameters))


_BRACED = re.compile(r"\{([a-z][a-z0-9_]*)\}")

_CONDITIONS = (
    ex.Comparison,
    ex.Membership,
    ex.Containment,
    ex.NullTest,
    ex.Negation,
    ex.Logic,
)
"""Records that are conditions by themselves."""

_COMPARISONS = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_ARITHMETIC = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/"}


_Read: TypeAlias = Callable[[_Reader, Any, LogicalType | None], Expression]
_READERS: dict[str, _Read] = {
    "Column": _Reader.column,
    "Placeholder": _Reader.parameter,
    "Literal": _Reader.literal,
    "Boolean": lambda _, node, __: ex.Literal(bool(node.this), LogicalType.BOOL),
    "Cast": _Reader.cast,
    "Paren": lambda reader, node, beside: reader.value(node.this, beside),
    "Not": lambda reader, node, _: ~reader.predicate(node.this),
    "Neg": _Reader.negative,
    "And": _Reader.logic,
    "Or": _Reader.logic,
    "In": _Reader.membership,
    "Between": _Reader.between,
    "Is": _Reader.test,
    "Like": _Reader.like,
    "ILike": _Reader.like,
    **dict.fromkeys(_COMPARISONS, _Reader.comparison),
    **dict.fromkeys(_ARITHMETIC, _Reader.arithmetic),
    **dict.fromkeys(
        (
            "Abs",
            "Anonymous",
            "Avg",
            "Coalesce",
            "Contains",
            "Count",
            "CurrentDate",
            "CurrentTimestamp",
            "DateDiff",
            "Lower",
            "Max",
            "Min",
            "Sum",
            "Upper",
        ),
        _Reader.function,
    ),
}
_WORDS = {"query": "a subquery", "db": "a name with two dots"}
_HARMLESS = frozenset({"this", "expression", "expressions"})
_USED: Mapping[str, Sequence[str]] = {
    "Column": ("table",),
    "Cast": ("to", "_type"),
    "Between": ("low", "high"),
    "Like": ("negate",),
    "ILike": ("negate",),
    "Count": ("big_int",),
    "CurrentDate": (),
    "DateDiff": ("unit", "big_int"),
    "Literal": ("is_string",),
    "Identifier": ("quoted",),
}
"""What the readers look at of each node beside its operands; anything else is refused."""
