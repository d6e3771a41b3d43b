"""A value with its interval on the scale of its thresholds."""

from __future__ import annotations

import attrs

from kpisdk.builtin.pages.axes import Axis
from kpisdk.builtin.pages.trend_points import status_words
from kpisdk.builtin.pages.zones import Zone, zones
from kpisdk.builtin.reports import figure_text as figures
from kpisdk.contracts.results import Result

WIDTH = 160
"""Of the drawing, in its own units."""


@attrs.frozen
class ScaleDrawing:
    """Zones of the statuses from left to right, the interval as a line, the value as a mark.

    ``label`` says the same in words. Without an interval, ``low`` and ``high`` are the value's own
    place.
    """

    label: str
    zones: tuple[Zone, ...]
    low: float
    high: float
    value: float
    has_interval: bool


def scale_of(result: Result) -> ScaleDrawing | None:
    """The drawing of a result; none without a value or thresholds: nothing is made up."""
    value, interval, thresholds = result.value, result.interval, result.thresholds
    if value is None or thresholds is None:
        return None
    bounds = figures.bounds_of(thresholds)
    low, high = (value, value) if interval is None else (interval.low, interval.high)
    axis = Axis.around((value, low, high, *bounds), 0, WIDTH)
    if axis is None:
        return None
    words = [figures.figure(value, result.unit, bounds)]
    if interval is not None:
        words.append(f"interval {figures.span(interval, result.unit, bounds)}")
    words += [f"target {figures.target(thresholds, result.unit)}", status_words(result)]
    return ScaleDrawing(
        label=", ".join(words),
        zones=zones(axis, thresholds),
        low=axis.at(low),
        high=axis.at(high),
        value=axis.at(value),
        has_interval=interval is not None,
    )
