"""From expression records to SQLAlchemy elements over the columns of a relation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts import expression_tree as ex
from kpisdk.contracts.time_windows import Window, utc
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import constructs
from kpisdk.sql.moving import Moving
from kpisdk.sql.types import TYPES


@attrs.frozen
class Environment:
    """What an expression may refer to besides columns: parameters, the instant, the dialect."""

    dialect: str
    as_of: datetime
    parameters: Mapping[str, Any] = attrs.field(factory=dict)


def compiled(
    expression: ex.Expression, columns: Mapping[str, Any], environment: Environment
) -> Any:
    """The element that computes ``expression``; every literal in it is bound."""
    return _COMPILERS[type(expression)](expression, columns, environment)


def bound(value: Any, logical: LogicalType) -> Any:
    """A value as a bound parameter of a logical type; a moving instant is worked out on read."""
    if isinstance(value, Moving):
        return value.point(logical)
    return sa.literal(value, TYPES[logical])


def within(window: Window, column: Any, logical: LogicalType) -> Any:
    """The condition that a temporal column lies in a window; ``None`` for an unbounded one."""
    conditions = []
    if window.start is not None:
        conditions.append(against_instant(column, logical, ">=", window.start))
    if window.end is not None:
        conditions.append(against_instant(column, logical, "<", window.end))
    return sa.and_(*conditions) if conditions else None


def against_instant(column: Any, logical: LogicalType, operator: str, instant: datetime) -> Any:
    """A temporal column compared with an instant.

    A day counts as its midnight UTC. The instant is turned into the day that gives the same answer
    for every row, so that the column itself stays bare and an index on it can be used.
    """
    if isinstance(instant, Moving):
        return _OPERATORS[operator](column, instant.point(logical, operator))
    if logical is LogicalType.TIMESTAMP:
        return _OPERATORS[operator](column, bound(instant, logical))
    moment = utc(instant)
    midnight = moment == moment.replace(hour=0, minute=0, second=0, microsecond=0)
    day = moment.date()
    if operator in ("=", "<>") and not midnight:
        # No day is that instant; of a missing day it is unknown, so that a negation is unknown too.
        return column != column if operator == "=" else column == column  # noqa: PLR0124
    if operator in (">=", "<") and not midnight:
        day += timedelta(days=1)
    return _OPERATORS[operator](column, bound(day, LogicalType.DATE))


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _comparison(node: ex.Comparison, columns: Mapping[str, Any], env: Environment) -> Any:
    left, right, operator = node.left, node.right, node.operator
    if isinstance(right, ex.Literal) and right.type is LogicalType.BOOL and operator == "=":
        flag = compiled(left, columns, env)
        return flag if right.value else sa.not_(flag)
    if left.type.is_temporal and right.type.is_temporal:
        return _temporal(left, right, operator, columns, env)
    sides = [compiled(side, columns, env) for side in (left, right)]
    if left.type is LogicalType.TEXT and operator not in ("=", "<>"):
        sides = [constructs.ByteOrder(side) for side in sides]
    return _OPERATORS[operator](*sides)


def _temporal(
    left: ex.Expression,
    right: ex.Expression,
    operator: str,
    columns: Mapping[str, Any],
    env: Environment,
) -> Any:
    fixed = _fixed_instant(right, env)
    if fixed is not None:
        return against_instant(compiled(left, columns, env), left.type, operator, fixed)
    fixed = _fixed_instant(left, env)
    if fixed is not None:
        mirrored = _MIRRORED[operator]
        return against_instant(compiled(right, columns, env), right.type, mirrored, fixed)
    sides = [compiled(side, columns, env) for side in (left, right)]
    if left.type is not right.type:
        sides = [
            as_instant(element, side.type)
            for element, side in zip(sides, (left, right), strict=True)
        ]
    return _OPERATORS[operator](*sides)


def _fixed_instant(node: ex.Expression, env: Environment) -> datetime | None:
    if isinstance(node, ex.AsOf):
        return env.as_of
    value: Any = None
    if isinstance(node, ex.Literal):
        value = node.value
    elif isinstance(node, ex.ParameterRef):
        value = env.parameters[node.name]
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, date):
        return utc(datetime(value.year, value.month, value.day))  # noqa: DTZ001 - utc() adds the zone
    return None


def as_instant(element: Any, logical: LogicalType) -> Any:
    """A temporal element as an instant: a day becomes its midnight UTC."""
    return element if logical is LogicalType.TIMESTAMP else constructs.AsInstant(element)


def as_day(element: Any, logical: LogicalType) -> Any:
    """A temporal element as its calendar day, UTC."""
    return element if logical is LogicalType.DATE else constructs.AsDay(element)


def _arithmetic(node: ex.Arithmetic, columns: Mapping[str, Any], env: Environment) -> Any:
    # As doubles: the engines' own integers and decimals wrap, overflow or are cut to a scale.
    left: Any = sa.cast(compiled(node.left, columns, env), sa.Double())
    right: Any = sa.cast(compiled(node.right, columns, env), sa.Double())
    if node.operator == "+":
        return left + right
    if node.operator == "-":
        return left - right
    if node.operator == "*":
        return left * right
    return left / sa.func.nullif(right, bound(0.0, LogicalType.FLOAT), type_=sa.Double())


def _function(node: ex.Function, columns: Mapping[str, Any], env: Environment) -> Any:
    arguments = [compiled(argument, columns, env) for argument in node.arguments]
    if node.name == "days_between":
        return constructs.DaysBetween(*arguments)
    if node.name == "ascii_lower":
        return constructs.AsciiLower(*arguments)
    if node.name == "coalesce":
        return sa.func.coalesce(*arguments)
    if node.name == "json_kind":
        return constructs.JsonKind(*arguments)
    return sa.func.abs(sa.cast(arguments[0], sa.Double()))


def _membership(node: ex.Membership, columns: Mapping[str, Any], env: Environment) -> Any:
    values = [bound(literal.value, literal.type) for literal in node.values]
    return compiled(node.operand, columns, env).in_(values)


def _logic(node: ex.Logic, columns: Mapping[str, Any], env: Environment) -> Any:
    terms = [compiled(term, columns, env) for term in node.terms]
    return sa.and_(*terms) if node.operator == "and" else sa.or_(*terms)


def _json_number(node: ex.JsonNumber, columns: Mapping[str, Any], env: Environment) -> Any:
    keys = list(node.path)
    for name in node.parameters:
        keys = [key.replace(f"{{{name}}}", str(env.parameters[name])) for key in keys]
    path = [bound(key, LogicalType.TEXT) for key in keys]
    return constructs.JsonNumber(compiled(node.document, columns, env), *path)


_COMPILERS: dict[type, Callable[[Any, Mapping[str, Any], Environment], Any]] = {
    ex.ColumnRef: lambda node, columns, _: columns[node.name],
    ex.Literal: lambda node, _, __: bound(node.value, node.type),
    ex.ParameterRef: lambda node, _, env: bound(env.parameters[node.name], node.type),
    ex.AsOf: lambda _, __, env: bound(env.as_of, LogicalType.TIMESTAMP),
    ex.Comparison: _comparison,
    ex.Membership: _membership,
    ex.Containment: lambda node, columns, env: constructs.Contains(
        compiled(node.operand, columns, env), bound(node.part, LogicalType.TEXT)
    ),
    ex.NullTest: lambda node, columns, env: compiled(node.operand, columns, env).is_(None),
    ex.Negation: lambda node, columns, env: sa.not_(compiled(node.operand, columns, env)),
    ex.Logic: _logic,
    ex.Arithmetic: _arithmetic,
    ex.Function: _function,
    ex.JsonNumber: _json_number,
}
