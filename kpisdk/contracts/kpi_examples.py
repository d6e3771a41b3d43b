"""Rows that go in and results that must come out, as part of a KPI's record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.expression_tree import fits
from kpisdk.contracts.time_windows import WindowRule, utc
from kpisdk.contracts.vocabulary import Grain, LogicalType, Reason, Status
from kpisdk.errors import DefinitionError, Problem, nearest

Row: TypeAlias = Mapping[str, Any]
"""One row: values by column; a column that is not there is NULL."""


def _reason(value: Reason | str | None) -> Reason | None:
    return None if value is None else Reason(value)


def _status(value: Status | str | None) -> Status | None:
    return None if value is None else Status(value)


def _grain(value: Grain | str | None) -> Grain | None:
    return None if value is None else Grain(value)


def _instant(value: datetime | None) -> datetime | None:
    return None if value is None else utc(value)


@attrs.frozen(kw_only=True)
class Expected:
    """One result as it must come out. What is ``None`` is not looked at.

    ``reason`` says why there is no value; ``slice`` and ``period`` say which of several results is
    meant. ``interval`` holds the two ends.

    Raises:
        DefinitionError: nothing is expected, or a value together with a reason for its absence.
    """

    value: float | None = None
    reason: Reason | None = attrs.field(default=None, converter=_reason)
    status: Status | None = attrs.field(default=None, converter=_status)
    interval: tuple[float, float] | None = None
    numerator: float | None = None
    denominator: float | None = None
    n: int | None = None
    slice: Mapping[str, Any] = attrs.field(factory=dict)
    period: str | None = None

    def __attrs_post_init__(self) -> None:
        problems = []
        if self.value is not None and self.reason not in _UNJUDGED:
            problems.append(Problem("reason", f"{self.reason} leaves no value; give only one"))
        if not self.facts:
            problems.append(Problem("expected", "names nothing that must come out, such as value"))
        if problems:
            raise DefinitionError("Expected", problems)

    @property
    def facts(self) -> dict[str, Any]:
        """What is looked at, by the name of the result's field, and what it must be."""
        named = ("value", "reason", "status", "interval", "numerator", "denominator", "n")
        return {name: getattr(self, name) for name in named if getattr(self, name) is not None}


_UNJUDGED = (None, Reason.NO_TARGET, Reason.THRESHOLDS_DO_NOT_APPLY)
"""Reasons that stand beside a value."""


def _expected(given: Expected | Iterable[Expected]) -> tuple[Expected, ...]:
    return (given,) if isinstance(given, Expected) else tuple(given)


def _rows(given: Mapping[str, Iterable[Row]]) -> dict[str, tuple[Row, ...]]:
    return {table: tuple(rows) for table, rows in given.items()}


@attrs.frozen(kw_only=True)
class Example:
    """Rows of the KPI's tables, a question, and what must come out on every engine.

    A table that is not named is empty. ``as_of``, ``window``, ``where``, ``by``, ``grain`` and
    ``parameters`` are as a request has them; without them the KPI's own hold. Numbers may differ
    from the expected ones by ``tolerance`` (absolute, and relative to the larger one).

    Raises:
        DefinitionError: without anything expected, or with a tolerance that is not positive.
    """

    rows: Mapping[str, tuple[Row, ...]] = attrs.field(converter=_rows)
    expected: tuple[Expected, ...] = attrs.field(converter=_expected)
    name: str = ""
    as_of: datetime | None = attrs.field(default=None, converter=_instant)
    window: WindowRule | None = None
    where: Mapping[str, Any] = attrs.field(factory=dict)
    by: tuple[str, ...] = ()
    grain: Grain | None = attrs.field(default=None, converter=_grain)
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    tolerance: float = 1e-9

    def __attrs_post_init__(self) -> None:
        problems = []
        if not self.expected:
            problems.append(Problem("expected", "is empty: the example could not fail"))
        if not self.tolerance > 0:
            problems.append(Problem("tolerance", f"must be above 0; it is {self.tolerance:g}"))
        if problems:
            raise DefinitionError("Example", problems)

    def faults(self, datasets: Iterable[Dataset]) -> list[Problem]:
        """What of its rows is in none of the tables, or does not fit their columns."""
        tables = with_referenced(datasets)
        problems = []
        for name, rows in self.rows.items():
            if name not in tables:
                problems.append(Problem(f"rows.{name}", "is no table that the KPI reads"))
                continue
            for place, row in enumerate(rows, start=1):
                problems += [
                    Problem(f"rows.{name}.{place}.{column}", what)
                    for column, value in row.items()
                    if (what := cell_fault(tables[name], column, value))
                ]
        return problems


def with_referenced(datasets: Iterable[Dataset]) -> dict[str, Dataset]:
    """The datasets and those that they refer to, by name."""
    found: dict[str, Dataset] = {}
    for dataset in datasets:
        found.setdefault(dataset.name, dataset)
        for name, other in with_referenced(each.to for each in dataset.references).items():
            found.setdefault(name, other)
    return found


def cell_fault(dataset: Dataset, column: str, value: Any) -> str | None:
    """What is wrong with a value in a column of an example's row, or ``None``."""
    types = {each.name: each.type for each in dataset.columns}
    if column not in types:
        close = nearest(column, types, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        return f"is not a column of {dataset.name!r}{hint}"
    logical = types[column]
    stored = LogicalType.TEXT if logical is LogicalType.JSON else logical
    if value is None or fits(value, stored):
        return None
    if logical is LogicalType.BOOL:
        return f"{str(value)[:80]!r} is neither true nor false"
    quotes = "; put it in quotes" if stored is LogicalType.TEXT else ""
    return f"{str(value)[:80]!r} is not {logical.value}{quotes}"
