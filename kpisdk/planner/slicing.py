"""Which columns a relation can be filtered and grouped by, and the values it takes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.plans import Dimension, Slicing
from kpisdk.contracts.relations import Derived, Relation
from kpisdk.contracts.time_windows import utc
from kpisdk.contracts.vocabulary import Grain, LogicalType
from kpisdk.errors import UsageError, listed, nearest, quoted

if TYPE_CHECKING:
    from kpisdk.sql.bound_tables import BoundTable


@attrs.define(eq=False)
class UnsupportedSliceError(UsageError):
    """A slice column that a KPI's tables do not carry; it is refused, never ignored."""

    kpi_id: str
    column: str
    supported: tuple[str, ...]
    why: str = ""

    @property
    def message(self) -> str:
        start = f"{self.kpi_id} cannot be sliced by {quoted(self.column)}"
        reason = f": {self.why}" if self.why else ""
        if not self.supported:
            return f"{start}{reason}. No column slices it."
        close = nearest(self.column, self.supported)
        hint = f" Did you mean {listed(close)}?" if close else ""
        return f"{start}{reason}.{hint} It can be sliced by: {listed(self.supported, 40)}."


@attrs.define(eq=False)
class SliceValueError(UsageError):
    """A slice value that cannot be a value of its column."""

    column: str
    value: str
    type: LogicalType

    @property
    def message(self) -> str:
        return (
            f"{quoted(self.value)} cannot be a value of column {self.column!r}, "
            f"which holds {self.type.value}."
        )


def dimension(
    relation: Relation, name: str, table: Callable[[str], BoundTable | None]
) -> Dimension | None:
    """The slice column ``name`` of a relation: its base's own column, or a referenced table's."""
    if isinstance(relation, Derived) and relation.closed and name not in relation.binds:
        return None
    base: Dataset = relation.base
    own = table(base.name)
    if own is not None and name in own.columns:
        logical = own.type_of(name)
        if logical is None or logical is LogicalType.JSON:
            return None
        return Dimension(name, logical)
    for reference in base.references:
        other = table(reference.to.name)
        via_known = own is not None and reference.column in own.columns
        key_known = other is not None and reference.to.keys[0] in other.columns
        if other is not None and via_known and key_known and name in other.columns:
            logical = other.type_of(name)
            if logical is not None and logical is not LogicalType.JSON:
                return Dimension(name, logical, reference.column, reference.to.name)
    return None


def dimensions(relation: Relation, table: Callable[[str], BoundTable | None]) -> tuple[str, ...]:
    """All slice columns that a relation carries."""
    base: Dataset = relation.base
    names: dict[str, None] = {}
    for dataset in (base, *(reference.to for reference in base.references)):
        facts = table(dataset.name)
        for name in () if facts is None else facts.columns:
            if dimension(relation, name, table) is not None:
                names[name] = None
    return tuple(sorted(names))


def slicing(
    relation: Relation,
    where: Mapping[str, tuple[Any, ...]],
    by: Iterable[str],
    grain: Grain | None,
    table: Callable[[str], BoundTable | None],
) -> Slicing | str:
    """How the relation is filtered and grouped; the name of a column that it does not carry."""
    filters = []
    for name, values in where.items():
        found = dimension(relation, name, table)
        if found is None:
            return name
        filters.append((found, tuple(_sought(name, value, found.type) for value in values)))
    groups = []
    for name in by:
        found = dimension(relation, name, table)
        if found is None:
            return name
        groups.append(found)
    return Slicing(tuple(filters), tuple(groups), grain)


# Python's own reading takes 1_0 for 10, blanks around it, and the digits of any script.
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(
    r"[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?|inf(inity)?)", re.IGNORECASE
)
_WORDS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def _sought(name: str, value: Any, logical: LogicalType) -> Any:
    """A value that rows are filtered by; digits that 64 bits do not hold stay what they are.

    Raises:
        SliceValueError: it cannot be a value of its column.
    """
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if isinstance(value, str):
        is_number = bool((_WHOLE if logical is LogicalType.INT else _NUMBER).fullmatch(value))
    if logical.is_numeric and is_number:
        exact = Decimal(value)
        if logical is LogicalType.INT and exact.is_finite() and exact == int(exact):
            return int(exact) if -_WIDEST <= exact < _WIDEST else coerced(name, value, logical)
        near = float(exact)
        if exact.is_finite() and math.isinf(near):
            raise SliceValueError(name, str(value)[:200], logical)  # and no row's infinity
        if exact.is_finite() and Decimal(repr(near)) != exact:
            return exact
    return coerced(name, value, logical)


_WIDEST = 2**127
"""Whole numbers of databases have 128 bits at most."""


def coerced(name: str, value: Any, logical: LogicalType) -> Any:
    """A slice value (text, on a command line) as a value of its column.

    Raises:
        SliceValueError: it cannot be one.
    """
    if value is None:
        return None
    try:
        return _CONVERTERS[logical](value)
    except (ValueError, TypeError, KeyError, OverflowError, UnicodeError):
        raise SliceValueError(name, str(value)[:200], logical) from None


def _text(value: Any) -> str:
    if not isinstance(value, str | int | float | date | UUID | Decimal):
        raise TypeError(value)
    text = str(value)
    text.encode()  # a lone surrogate is no text that a database could hold
    return text


def _int(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError(value)
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise ValueError(value)
    number = int(value)
    if not isinstance(value, str) and number != value:
        raise ValueError(value)
    if not -(2**63) <= number < 2**63:
        raise OverflowError(number)
    return number


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError(value)
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return float(value)


def _bool(value: Any) -> bool:
    return value if isinstance(value, bool) else _WORDS[str(value).lower()]


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return utc(value).date()
    return value if isinstance(value, date) else date.fromisoformat(value)


def _timestamp(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


_CONVERTERS: dict[LogicalType, Callable[[Any], Any]] = {
    LogicalType.TEXT: _text,
    LogicalType.INT: _int,
    LogicalType.FLOAT: _float,
    LogicalType.BOOL: _bool,
    LogicalType.DATE: _date,
    LogicalType.TIMESTAMP: _timestamp,
    LogicalType.JSON: _text,
}
