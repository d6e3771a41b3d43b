"""What was recorded of a KPI, as points, restatements, flat records, JSON values and a frame."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from kpisdk import MissingDependencyError
from kpisdk_history.store import Restatement
from kpisdk_history.timeline.cuts import Cut
from kpisdk_history.timeline.points import Point, Series

SCHEMA_VERSION = 1


@attrs.frozen(kw_only=True)
class RestatedFigure:
    """A restatement of one point.

    Attributes:
        slice: the slice of the point.
        period: its period.
        restatement: the old and the new value, why, and when it was found.
    """

    slice: Mapping[str, Any]
    period: str
    restatement: Restatement


@attrs.frozen(kw_only=True)
class History:
    """What was recorded of a KPI in one cut.

    Attributes:
        kpi_id: the KPI.
        name: its name; its id where it is no longer installed.
        cut: what it was cut by when it was recorded.
        others: the other cuts of it that are in the store.
        series: the points, a series each slice.
        restatements: of these points, in the order in which they were found.
        outages: when it was recorded, and its source was away.
        known_at: the day whose knowledge this is; ``None``: now.
        is_installed: whether the KPI still is.
    """

    kpi_id: str
    name: str
    cut: Cut
    others: tuple[Cut, ...]
    series: tuple[Series, ...]
    restatements: tuple[RestatedFigure, ...]
    outages: tuple[datetime, ...]
    known_at: datetime | None = None
    is_installed: bool = True

    def rows(self) -> list[dict[str, Any]]:
        """One flat record a point: the slice's columns, then the point's fields."""
        return [
            {"kpi_id": self.kpi_id, **_named(each.slice), **attrs.asdict(point)}
            for each in self.series
            for point in each.points
        ]

    def restated_rows(self) -> list[dict[str, Any]]:
        """One flat record a restatement."""
        return [
            {
                "kpi_id": self.kpi_id,
                **_named(each.slice),
                "period": each.period,
                "old": each.restatement.old,
                "new": each.restatement.new,
                "change": _change(each.restatement),
                "reasons": list(each.restatement.reasons),
                "recorded_at": each.restatement.recorded_at,
            }
            for each in self.restatements
        ]

    def to_dict(self) -> dict[str, Any]:
        """The object that ``kpisdk history --format json`` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "kpi_id": self.kpi_id,
            "name": self.name,
            "unit": self.cut.unit,
            "known_at": self.known_at,
            "cut": _cut(self.cut),
            "other_cuts": [_cut(each) for each in self.others],
            "series": [
                {"slice": each.slice, "points": [attrs.asdict(point) for point in each.points]}
                for each in self.series
            ],
            "restatements": self.restated_rows(),
            "outages": list(self.outages),
        }

    def to_frame(self) -> Any:
        """One row a point as a pandas frame; slice columns stand under their own names.

        Raises:
            MissingDependencyError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingDependencyError(
                "pandas", "History.to_frame", "pip install 'kpisdk[frames]'"
            ) from error
        return pd.DataFrame(self.rows())


def _cut(cut: Cut) -> dict[str, Any]:
    raw = attrs.asdict(cut)
    for name in ("id", "newest", "unit"):
        del raw[name]
    return raw


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Slice columns by name; one that is called like a field of a point gets a prefix."""
    own = {"kpi_id", *(field.name for field in attrs.fields(Point))}
    return {f"slice.{name}" if name in own else name: each for name, each in values.items()}


def _change(each: Restatement) -> float | None:
    return None if each.old is None or each.new is None else each.new - each.old
