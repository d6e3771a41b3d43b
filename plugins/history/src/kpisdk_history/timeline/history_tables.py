"""A history as tables: of points, of series with a sparkline each, of restatements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpisdk import Unit
from kpisdk.reporting import figure, instant, slice_value
from kpisdk_history.timeline.history_record import History
from kpisdk_history.timeline.points import Point, Series
from kpisdk_history.timeline.sparklines import sparkline

POINT_COLUMNS = ("period", "value", "interval", "status", "n", "recorded_at", "marks")
RESTATED_COLUMNS = ("slice", "period", "old", "new", "change", "reasons", "recorded_at")
SERIES_COLUMNS = ("slice", "trend", "first", "last", "status", "periods", "missing", "restated")


def point_table(history: History, series: Series) -> list[dict[str, Any]]:
    """A line a point, in the unit of the KPI; what is missing is called so.

    Args:
        history: what knows the unit.
        series: the series of it to show.
    """
    unit = Unit(history.cut.unit)
    return [
        {
            "period": each.period,
            "value": _value(each, unit),
            "interval": _interval(each, unit),
            "status": "" if each.is_missing else each.status,
            "n": each.n,
            "recorded_at": None if each.recorded_at is None else instant(each.recorded_at),
            "marks": "; ".join(_marks(each, unit)),
        }
        for each in series.points
    ]


def series_table(history: History) -> list[dict[str, Any]]:
    """A line a slice, with its sparkline."""
    unit, lines = Unit(history.cut.unit), []
    for each in history.series:
        there = [point for point in each.points if not point.is_missing]
        lines.append(
            {
                "slice": slice_words(each.slice),
                "trend": trend(each),
                "first": _value(there[0], unit) if there else "",
                "last": _value(there[-1], unit) if there else "missing",
                "status": there[-1].status if there else "",
                "periods": len(each.points),
                "missing": len(each.points) - len(there),
                "restated": sum(1 for point in each.points if point.restated),
            }
        )
    return lines


def restated_table(history: History) -> list[dict[str, Any]]:
    """A line a restatement."""
    unit = Unit(history.cut.unit)
    return [
        {
            "slice": slice_words(each.slice),
            "period": each.period,
            "old": _figure(each.restatement.old, unit),
            "new": _figure(each.restatement.new, unit),
            "change": row["change"],
            "reasons": ", ".join(each.restatement.reasons),
            "recorded_at": instant(each.restatement.recorded_at),
        }
        for each, row in zip(history.restatements, history.restated_rows(), strict=True)
    ]


def trend(series: Series) -> str:
    """The sparkline of a series."""
    return sparkline([point.value for point in series.points])


def slice_words(values: Mapping[str, Any]) -> str:
    """A slice in words: ``brand=Kisqali``."""
    return ", ".join(f"{name}={slice_value(value)}" for name, value in values.items())


def _value(point: Point, unit: Unit) -> str:
    if point.value is not None:
        return figure(point.value, unit)
    return f"missing ({(point.reason or 'no value').replace('_', ' ')})"


def _figure(value: float | None, unit: Unit) -> str:
    return "none" if value is None else figure(value, unit)


def _interval(point: Point, unit: Unit) -> str:
    if point.low is None or point.high is None:
        return ""
    return f"{figure(point.low, unit)} to {figure(point.high, unit)}"


def _marks(point: Point, unit: Unit) -> list[str]:
    found = []
    if point.restated:
        found.append(f"restated, first told as {_figure(point.first, unit)}")
    if point.definition_changed:
        found.append(f"definition {point.definition_version} from here on")
    if point.unusual:
        low, high = (_figure(each, unit) for each in (point.expected_low, point.expected_high))
        found.append(f"unusual, expected {low} to {high}")
    return found
