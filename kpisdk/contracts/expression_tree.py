"""Expressions over the columns of a dataset: predicates and values, as data.

An expression is a tree of frozen records. It is never SQL text: the dialect layer compiles it for
the engine at hand, binds every literal, and picks the fastest form. Two expressions that say the
same are equal, so that the planner can compute a shared measure once.

SQL's three-valued logic holds: a comparison with NULL is neither true nor false, and a row counts
only where its predicate is true.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime
from typing import TypeAlias

import attrs

from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import DefinitionError, Problem

Plain: TypeAlias = str | int | float | bool | date | datetime
"""A value that may stand in an expression."""

_PYTHON_TYPES: dict[LogicalType, tuple[type, ...]] = {
    LogicalType.TEXT: (str,),
    LogicalType.INT: (int,),
    LogicalType.FLOAT: (int, float),
    LogicalType.BOOL: (bool,),
    LogicalType.DATE: (date,),
    LogicalType.TIMESTAMP: (datetime,),
    LogicalType.JSON: (),
}


def fits(value: object, logical: LogicalType) -> bool:
    """Whether a Python value can be compared with a column of that logical type."""
    if isinstance(value, bool):
        return logical is LogicalType.BOOL
    if isinstance(value, float) and not math.isfinite(value):
        return False
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return False  # no engine's whole numbers reach so far
    if isinstance(value, str) and not _is_text(value):
        return False
    return isinstance(value, _PYTHON_TYPES[logical])


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False  # half a surrogate pair is no text that a database could hold
    return True


def _refuse(where: str, what: str) -> DefinitionError:
    return DefinitionError("Expression", [Problem(where, what)])


class Expression:
    """Base of all nodes: the operators that build bigger trees.

    Comparisons with ``>``, ``>=``, ``<`` and ``<=``, arithmetic with ``+``, ``-`` and ``*``, logic
    with ``&``, ``|`` and ``~``. Equality is the method :meth:`equals`, because ``==`` compares the
    records themselves.
    """

    type: LogicalType

    def __bool__(self) -> bool:
        # "a < b < c", "x and y" and "not x" would silently drop a part of what is meant.
        raise _refuse("and, or, not", "join predicates with &, | and ~, each in parentheses")

    @property
    def operands(self) -> tuple[Expression, ...]:
        """The sub-expressions."""
        return ()

    def walk(self) -> Iterator[Expression]:
        """This node and all below it."""
        yield self
        for operand in self.operands:
            yield from operand.walk()

    def _compare(self, operator: str, other: Expression | Plain) -> Comparison:
        return Comparison(operator, self, _operand(other, self))

    def equals(self, other: Expression | Plain) -> Comparison:
        """True where both sides are the same value; text is compared exactly."""
        return self._compare("=", other)

    def differs(self, other: Expression | Plain) -> Comparison:
        """True where both sides are known and different."""
        return self._compare("<>", other)

    def __gt__(self, other: Expression | Plain) -> Comparison:
        return self._compare(">", other)

    def __ge__(self, other: Expression | Plain) -> Comparison:
        return self._compare(">=", other)

    def __lt__(self, other: Expression | Plain) -> Comparison:
        return self._compare("<", other)

    def __le__(self, other: Expression | Plain) -> Comparison:
        return self._compare("<=", other)

    def is_in(self, *values: Plain) -> Membership:
        """True where the value is one of ``values``."""
        return Membership(self, tuple(Literal(value, self.type) for value in values))

    def is_null(self) -> NullTest:
        """True where there is no value."""
        return NullTest(self)

    def not_null(self) -> Negation:
        """True where there is a value."""
        return Negation(NullTest(self))

    def is_true(self) -> Comparison:
        """True where a bool column holds true (and not where it is NULL)."""
        return self.equals(True)

    def is_false(self) -> Comparison:
        """True where a bool column holds false (and not where it is NULL)."""
        return self.equals(False)

    def same_text(self, *values: str) -> Membership:
        """True where the text is one of ``values``, ASCII letters compared without case."""
        folded = tuple(Literal(_ascii_lower(value), LogicalType.TEXT) for value in values)
        return Membership(Function("ascii_lower", (self,), LogicalType.TEXT), folded)

    def contains_text(self, *parts: str) -> Expression:
        """True where the text contains one of ``parts``, ASCII letters compared without case."""
        folded = Function("ascii_lower", (self,), LogicalType.TEXT)
        tests = tuple(Containment(folded, _ascii_lower(part)) for part in parts)
        return tests[0] if len(tests) == 1 else Logic("or", tests)

    def __and__(self, other: Expression) -> Logic:
        return Logic("and", (self, other))

    def __or__(self, other: Expression) -> Logic:
        return Logic("or", (self, other))

    def __invert__(self) -> Negation:
        return Negation(self)

    def __add__(self, other: Expression | Plain) -> Arithmetic:
        return Arithmetic("+", self, _operand(other, self))

    def __sub__(self, other: Expression | Plain) -> Arithmetic:
        return Arithmetic("-", self, _operand(other, self))

    def __mul__(self, other: Expression | Plain) -> Arithmetic:
        return Arithmetic("*", self, _operand(other, self))

    def __truediv__(self, other: Expression | Plain) -> Arithmetic:
        """The quotient; NULL where the divisor is zero."""
        return Arithmetic("/", self, _operand(other, self))

    def days_since(self, earlier: Expression) -> Function:
        """Days from ``earlier`` to this instant, with fractions."""
        return Function("days_between", (earlier, self), LogicalType.FLOAT)

    def hours_since(self, earlier: Expression) -> Arithmetic:
        """Hours from ``earlier`` to this instant, with fractions."""
        return self.days_since(earlier) * 24.0

    def or_else(self, other: Expression | Plain) -> Function:
        """This value, or ``other`` where it is NULL."""
        return Function("coalesce", (self, _operand(other, self)), self.type)

    def absolute(self) -> Function:
        """The value without its sign."""
        return Function("abs", (self,), self.type)

    def json_number(self, *path: str, parameters: tuple[str, ...] = ()) -> JsonNumber:
        """The number at that path of a JSON column; NULL where there is none.

        Keys may name KPI parameters in braces, which are then listed in ``parameters``.
        """
        return JsonNumber(self, path, parameters)

    def json_kind(self) -> Function:
        """What a JSON column holds, in one word; NULL where it holds nothing.

        ``junk`` (no JSON), ``null``, ``empty`` (``{}`` or ``[]``), ``object``, ``array`` or
        ``scalar``.
        """
        return Function("json_kind", (self,), LogicalType.TEXT)


def _ascii_lower(text: str) -> str:
    return "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in text)


def _operand(value: Expression | Plain, beside: Expression) -> Expression:
    if isinstance(value, Expression):
        return value
    if beside.type.is_numeric and not isinstance(value, bool) and isinstance(value, int | float):
        return Literal(value, LogicalType.FLOAT if isinstance(value, float) else LogicalType.INT)
    return Literal(value, beside.type)


@attrs.frozen(order=False, cache_hash=True)
class ColumnRef(Expression):
    """A column of the relation that the expression is evaluated over."""

    name: str
    type: LogicalType = attrs.field(converter=LogicalType)


@attrs.frozen(order=False, cache_hash=True)
class Literal(Expression):
    """A constant. It is always bound, never written into a statement."""

    value: Plain
    type: LogicalType = attrs.field(converter=LogicalType)

    def __attrs_post_init__(self) -> None:
        if not fits(self.value, self.type):
            raise _refuse(repr(self.value)[:80], f"cannot be compared with {self.type.value}")


@attrs.frozen(order=False, cache_hash=True)
class ParameterRef(Expression):
    """The value that the request gives to one of the KPI's parameters."""

    name: str
    type: LogicalType = attrs.field(converter=LogicalType)


@attrs.frozen(order=False, cache_hash=True)
class AsOf(Expression):
    """The instant that the request is evaluated at."""

    type: LogicalType = LogicalType.TIMESTAMP


@attrs.frozen(order=False, cache_hash=True)
class Comparison(Expression):
    """Two values compared: ``=``, ``<>``, ``<``, ``<=``, ``>`` or ``>=``."""

    operator: str = attrs.field(validator=attrs.validators.in_(("=", "<>", "<", "<=", ">", ">=")))
    left: Expression
    right: Expression
    type: LogicalType = LogicalType.BOOL

    def __attrs_post_init__(self) -> None:
        left, right = self.left.type, self.right.type
        same = left is right
        both_numeric = left.is_numeric and right.is_numeric
        both_temporal = left.is_temporal and right.is_temporal
        if not (same or both_numeric or both_temporal) or LogicalType.JSON in (left, right):
            raise _refuse(self.operator, f"cannot compare {left.value} with {right.value}")

    @property
    def operands(self) -> tuple[Expression, ...]:
        return (self.left, self.right)


@attrs.frozen(order=False, cache_hash=True)
class Membership(Expression):
    """A value that is one of a list."""

    operand: Expression
    values: tuple[Literal, ...]
    type: LogicalType = LogicalType.BOOL

    def __attrs_post_init__(self) -> None:
        if not self.values:
            raise _refuse("is_in", "needs at least one value")

    @property
    def operands(self) -> tuple[Expression, ...]:
        return (self.operand, *self.values)


@attrs.frozen(order=False, cache_hash=True)
class Containment(Expression):
    """A text that contains ``part`` (exactly; see :meth:`Expression.contains_text`)."""

    operand: Expression
    part: str
    type: LogicalType = LogicalType.BOOL

    def __attrs_post_init__(self) -> None:
        if self.operand.type is not LogicalType.TEXT:
            raise _refuse("contains_text", f"needs text, not {self.operand.type.value}")

    @property
    def operands(self) -> tuple[Expression, ...]:
        return (self.operand,)


@attrs.frozen(order=False, cache_hash=True)
class NullTest(Expression):
    """Whether there is no value."""

    operand: Expression
    type: LogicalType = LogicalType.BOOL

    @property
    def operands(self) -> tuple[Expression, ...]:
        return (self.operand,)


@attrs.frozen(order=False, cache_hash=True)
class Negation(Expression):
    """The opposite of a predicate."""

    operand: Expression
    type: LogicalType = LogicalType.BOOL

    def __attrs_post_init__(self) -> None:
        _require_bool("~", (self.operand,))

    @property
    def operands(self) -> tuple[Expression, ...]:
        return (self.operand,)


@attrs.frozen(order=False, cache_hash=True)
class Logic(Expression):
    """Predicates joined by ``and`` or ``or``."""

    operator: str = attrs.field(validator=attrs.validators.in_(("and", "or")))
    terms: tuple[Expression, ...]
    type: LogicalType = LogicalType.BOOL

    def __attrs_post_init__(self) -> None:
        if not self.terms:
            raise _refuse(self.operator, "needs at least one predicate")
        _require_bool(self.operator, self.terms)

    @property
    def operands(self) -> tuple[Expression, ...]:
        return self.terms


def _require_bool(operator: str, operands: tuple[Expression, ...]) -> None:
    for operand in operands:
        if operand.type is not LogicalType.BOOL:
            raise _refuse(operator, f"joins predicates, and one operand is {operand.type.value}")


@attrs.frozen(order=False, cache_hash=True)
class Arithmetic(Expression):
    """Two numbers joined by ``+``, ``-``, ``*`` or ``/``; division by zero gives NULL."""

    operator: str = attrs.field(validator=attrs.validators.in_(("+", "-", "*", "/")))
    left: Expression
    right: Expression
    type: LogicalType = LogicalType.FLOAT

    def __attrs_post_init__(self) -> None:
        for side in (self.left, self.right):
            if not side.type.is_numeric:
                hint = "; use days_since" if side.type.is_temporal else ""
                raise _refuse(self.operator, f"needs numbers, and one is {side.type.value}{hint}")

    @property
    def operands(self) -> tuple[Expression, ...]:
        return (self.left, self.right)


@attrs.frozen(order=False, cache_hash=True)
class Function(Expression):
    """A function that the dialect layer knows: its name, operands and result type."""

    name: str = attrs.field(
        validator=attrs.validators.in_(
            ("abs", "ascii_lower", "coalesce", "days_between", "json_kind")
        )
    )
    arguments: tuple[Expression, ...]
    type: LogicalType = attrs.field(converter=LogicalType)

    def __attrs_post_init__(self) -> None:
        types = [argument.type for argument in self.arguments]
        if self.name == "coalesce":
            alike = len(set(types)) == 1 or all(each.is_numeric for each in types)
            if not alike:
                words = " with ".join(each.value for each in types)
                raise _refuse("or_else", f"cannot mix {words}")
            return
        for each in types:
            if each not in _TAKES[self.name]:
                wanted = " or ".join(_TAKES[self.name])
                raise _refuse(self.name, f"needs {wanted}, not {each.value}")

    @property
    def operands(self) -> tuple[Expression, ...]:
        return self.arguments


_TAKES: dict[str, tuple[LogicalType, ...]] = {
    "abs": (LogicalType.INT, LogicalType.FLOAT),
    "ascii_lower": (LogicalType.TEXT,),
    "days_between": (LogicalType.DATE, LogicalType.TIMESTAMP),
    "json_kind": (LogicalType.JSON,),
}


@attrs.frozen(order=False, cache_hash=True)
class JsonNumber(Expression):
    """The number at a path of a JSON document; NULL where the path or a number is missing.

    A key may hold the names of ``parameters`` in braces: ``"recall_at_{k}"``.
    """

    document: Expression
    path: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    type: LogicalType = LogicalType.FLOAT

    def __attrs_post_init__(self) -> None:
        if self.document.type is not LogicalType.JSON or not self.path:
            raise _refuse("json_number", "needs a JSON column and a path of at least one key")

    @property
    def operands(self) -> tuple[Expression, ...]:
        return (self.document,)


def column_names(*expressions: Expression | None) -> frozenset[str]:
    """The columns that the expressions read."""
    return frozenset(
        node.name
        for expression in expressions
        if expression is not None
        for node in expression.walk()
        if isinstance(node, ColumnRef)
    )


def parameter_names(*expressions: Expression | None) -> frozenset[str]:
    """The parameters that the expressions refer to."""
    found: set[str] = set()
    for expression in expressions:
        for node in () if expression is None else expression.walk():
            if isinstance(node, ParameterRef):
                found.add(node.name)
            elif isinstance(node, JsonNumber):
                found.update(node.parameters)
    return frozenset(found)
