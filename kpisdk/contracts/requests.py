"""Requests: what is asked, before it is resolved against a source and a clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.vocabulary import Grain
from kpisdk.contracts.windows import WindowRule, utc

Filters: TypeAlias = Mapping[str, tuple[Any, ...]]
"""Slice filters: several values of one column are an OR, several columns an AND."""


class Compare(StrEnum):
    """What a value is compared with: the period before it, or the same period a year earlier."""

    PREVIOUS = "previous"
    YEAR = "year"


def _tuples(filters: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {
        column: tuple(values) if isinstance(values, list | tuple | set | frozenset) else (values,)
        for column, values in filters.items()
    }


def _instant(value: datetime | None) -> datetime | None:
    return None if value is None else utc(value)


def _grain(value: Grain | str | None) -> Grain | None:
    return None if value is None else Grain(value)


def _compare(value: Compare | str | None) -> Compare | None:
    return None if value is None else Compare(value)


def _texts(values: Iterable[str] | str) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


@attrs.frozen
class Request:
    """What to compute: KPI ids, time, slice, parameters.

    ``window`` and ``as_of`` are the caller's; ``None`` means each KPI's own default. ``where`` maps
    columns to values (``None`` for rows without one), ``by`` names grouping columns. ``use_views``
    lets helper views answer where they give the same number.
    """

    kpi_ids: tuple[str, ...] = attrs.field(converter=_texts)
    window: WindowRule | None = None
    as_of: datetime | None = attrs.field(default=None, converter=_instant)
    where: Filters = attrs.field(factory=dict, converter=_tuples)
    by: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    grain: Grain | None = attrs.field(default=None, converter=_grain)
    compare: Compare | None = attrs.field(default=None, converter=_compare)
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    fuse: bool = True
    use_cache: bool = True
    use_views: bool = True
