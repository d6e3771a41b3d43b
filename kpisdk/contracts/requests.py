"""What a caller wants computed, before it is resolved against a source and a clock."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

import attrs

from kpisdk.contracts.certainty import FamilyMethod, Intervals
from kpisdk.contracts.time_windows import WindowRule, utc
from kpisdk.contracts.vocabulary import Grain
from kpisdk.errors import UsageError, listed, quoted

Filters: TypeAlias = Mapping[str, tuple[Any, ...]]
"""Slice filters: several values of one column are an OR, several columns an AND."""


MOST_GROUPS = 10_000
"""How many groups a KPI is cut into at most, unless the settings or the request say otherwise."""


class Compare(StrEnum):
    """What a value is compared with: the period before it, or the same period a year earlier."""

    PREVIOUS = "previous"
    YEAR = "year"


@attrs.define(eq=False)
class RequestError(UsageError):
    """A part of a request that is not of its kind."""

    part: str
    value: str
    accepted: str

    template = "{part} is {value}; it takes {accepted}."


def _tuples(filters: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    if not isinstance(filters, Mapping):
        raise RequestError("where", quoted(filters), "a mapping of columns to values")
    odd = next((name for name in filters if not isinstance(name, str)), None)
    if odd is not None:
        raise RequestError("A column of where", quoted(odd), "a text")
    return {column: tuple(map(_plain, _several(given))) for column, given in filters.items()}


def _several(given: Any) -> Iterable[Any]:
    """The values of a filter: those of anything that holds several, or the one that it is."""
    is_one = isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable)
    return (given,) if is_one else given


def _plain(value: Any) -> Any:
    """A value as Python's own; what stands for a missing one (NaN, NaT, NA) is ``None``."""
    if hasattr(value, "item"):  # a NumPy scalar, without importing NumPy to ask
        value = value.item()
    if type(value).__name__ in ("NAType", "NaTType") or (
        isinstance(value, float) and math.isnan(value)
    ):
        return None
    return value


def _instant(value: datetime | date | None) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return None if value is None else utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise RequestError("as_of", quoted(value), "a datetime, a date or ISO 8601 text")


def _grain(value: Grain | str | None) -> Grain | None:
    return None if value is None else _named("grain", value, Grain)


def _compare(value: Compare | str | None) -> Compare | None:
    return None if value is None else _named("compare", value, Compare)


def _intervals(value: Intervals | str) -> Intervals:
    return _named("intervals", value, Intervals)


def _family(value: FamilyMethod | str | None) -> FamilyMethod | None:
    return None if value is None else _named("family", value, FamilyMethod)


_Named = TypeVar("_Named", bound=StrEnum)


def _named(part: str, value: Any, kind: type[_Named]) -> _Named:
    try:
        return kind(value)
    except ValueError as error:
        raise RequestError(part, quoted(value), listed(kind)) from error


def _window(value: Any) -> Any:
    if value is None or callable(getattr(value, "resolve", None)):
        return value
    raise RequestError("window", quoted(value), "a text, a Window or a window rule")


def _texts(values: Iterable[str] | str) -> tuple[str, ...]:
    texts = (values,) if isinstance(values, str) else tuple(values)
    odd = next((each for each in texts if not isinstance(each, str)), "")
    if not isinstance(odd, str):
        raise RequestError("A name in a request", quoted(odd), "a text")
    return texts


def _at_least_one(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise RequestError("max_groups", quoted(value), "a whole number, 1 or more")


@attrs.frozen
class Request:
    """What to compute: KPI ids, time, slice, parameters.

    ``window`` and ``as_of`` are the caller's; ``None`` means each KPI's own default. ``where`` maps
    columns to values (``None`` for rows without one), ``by`` names grouping columns. ``use_views``
    lets helper views answer where they give the same number. ``max_groups`` is how many groups (and
    buckets of them) a KPI is cut into at most: one of more is refused, before they fill the memory.
    ``intervals`` says what they take for independent. ``family`` says which statuses are decided
    together; by default those of a KPI's slices by ``holm``, and where ``everything`` was asked
    for, those of all KPIs by ``bh``. ``repeated`` is for those who look again and again: intervals
    that hold at all looks together.
    """

    kpi_ids: tuple[str, ...] = attrs.field(converter=_texts)
    window: WindowRule | None = attrs.field(default=None, converter=_window)
    as_of: datetime | None = attrs.field(default=None, converter=_instant)
    where: Filters = attrs.field(factory=dict, converter=_tuples)
    by: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    grain: Grain | None = attrs.field(default=None, converter=_grain)
    compare: Compare | None = attrs.field(default=None, converter=_compare)
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    fuse: bool = True
    use_cache: bool = True
    use_views: bool = True
    max_groups: int = attrs.field(default=MOST_GROUPS, converter=_at_least_one)
    intervals: Intervals = attrs.field(default=Intervals.UNIT, converter=_intervals)
    family: FamilyMethod | None = attrs.field(default=None, converter=_family)
    repeated: bool = False
    everything: bool = False
