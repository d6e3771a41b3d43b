"""The points of a history: one figure each, as it is known, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

MISSING = "not_recorded"
"""The reason of a period that nobody recorded."""


@attrs.frozen(kw_only=True)
class Point:
    """One period of a series.

    Attributes:
        period: the period's name, or the last day of its window.
        start: where its window begins (UTC).
        end: where it ends (UTC), which does not belong to it.
        value: what it is worth; ``None`` where ``reason`` says why.
        status: ``good``, ``warning``, ``critical`` or ``unknown``.
        reason: why there is no value (``not_recorded`` for a period that nobody recorded), or why
            a value has no status.
        low: the lower end of its interval.
        high: the upper end of its interval.
        n: how many rows it was computed from.
        recorded_at: when it was recorded so; ``None`` for a period that nobody recorded.
        restated: how often a closed period came out differently.
        first: the value that was told first, where it was restated.
        definition_version: what the KPI was defined by.
        definition_changed: whether the point before has another definition.
        expected_low: the lower end of the range that was expected of it when it was first recorded.
        expected_high: the upper end of that range.
        unusual: whether the value lies outside of that range.
    """

    period: str
    start: datetime | None
    end: datetime | None
    value: float | None = None
    status: str = "unknown"
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    recorded_at: datetime | None = None
    restated: int = 0
    first: float | None = None
    definition_version: str | None = None
    definition_changed: bool = False
    expected_low: float | None = None
    expected_high: float | None = None
    unusual: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether there is no value."""
        return self.value is None


@attrs.frozen
class Series:
    """The points of one slice, in the order of their periods.

    Attributes:
        slice: grouping columns to the values of the slice; empty for the whole.
        points: them, the missing ones among them.
    """

    slice: Mapping[str, Any]
    points: tuple[Point, ...]
