"""A small drawing of a value with its interval on the scale of its thresholds (inline SVG)."""

from __future__ import annotations

import math
from html import escape

import attrs

from kpisdk.builtin.reports import figure_text as figures
from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.results import Result
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.vocabulary import Direction, Status

_WIDTH, _HEIGHT = 160.0, 22.0
_MARGIN = 0.08  # of the drawn range, so that nothing lies on the edge


def bar(result: Result) -> str:
    """An SVG element: zones of the statuses, the interval as a line, the value as a dot.

    Empty where there is no value, no interval or no threshold: nothing is drawn then that could
    be taken for one.
    """
    value, interval, thresholds = result.value, result.interval, result.thresholds
    if value is None or interval is None or thresholds is None:
        return ""
    scale = _Scale.around(value, interval.low, interval.high, *figures.bounds_of(thresholds))
    if not math.isfinite(scale.high - scale.low):
        return ""
    middle = f"{_HEIGHT / 2:g}"
    zones = "".join(_zone(scale, *zone) for zone in _zones(scale, thresholds))
    start, end = scale.x(interval.low), scale.x(interval.high)
    line = f'<line class="interval" x1="{start}" x2="{end}" y1="{middle}" y2="{middle}"/>'
    dot = f'<circle class="value" cx="{scale.x(value)}" cy="{middle}" r="3.5"/>'
    label = escape(_label(value, interval, thresholds, result))
    return (
        f'<svg class="bar" role="img" aria-label="{label}" width="{_WIDTH:g}"'
        f' height="{_HEIGHT:g}" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}">'
        f"<title>{label}</title>{zones}{line}{dot}</svg>"
    )


@attrs.frozen
class _Scale:
    """From values to horizontal positions."""

    low: float
    high: float

    @classmethod
    def around(cls, *points: float) -> _Scale:
        low, high = min(points), max(points)
        margin = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
        return cls(low - margin, high + margin)

    def x(self, value: float) -> str:
        return f"{(value - self.low) / (self.high - self.low) * _WIDTH:.1f}"


def _zones(scale: _Scale, bounds: Thresholds) -> tuple[tuple[Status, float, float], ...]:
    """Statuses from left to right, as the rule of thresholds has them."""
    if bounds.direction is Direction.HIGHER:
        return (
            (Status.CRITICAL, scale.low, bounds.critical),
            (Status.WARNING, bounds.critical, bounds.target),
            (Status.GOOD, bounds.target, scale.high),
        )
    return (
        (Status.GOOD, scale.low, bounds.target),
        (Status.WARNING, bounds.target, bounds.warning),
        (Status.CRITICAL, bounds.warning, scale.high),
    )


def _zone(scale: _Scale, status: Status, start: float, end: float) -> str:
    left = float(scale.x(start))
    width = float(scale.x(end)) - left
    return (
        f'<rect class="zone {status.value}" x="{left:.1f}" y="6" width="{width:.1f}" height="10"/>'
    )


def _label(value: float, interval: Interval, thresholds: Thresholds, result: Result) -> str:
    against = figures.bounds_of(thresholds)
    parts = (
        figures.figure(value, result.unit, against),
        f"interval {figures.span(interval, result.unit, against)}",
        f"target {figures.target(thresholds, result.unit)}",
        result.status.value,
    )
    return ", ".join(parts)
