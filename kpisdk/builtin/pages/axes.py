"""From values to places on a drawing: linear axes with room at the ends and round ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs

_ROOM = 0.08  # of the drawn range, so that nothing lies on the edge
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@attrs.frozen
class Axis:
    """A linear axis: values from ``low`` to ``high`` lie at ``start`` to ``end`` of the drawing."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def around(cls, points: Iterable[float], start: float, end: float) -> Axis | None:
        """An axis that holds all points with room at both ends; none where floats cannot."""
        found = tuple(points)
        low, high = min(found), max(found)
        room = (high - low) * _ROOM or abs(high) * _ROOM or 1.0
        axis = cls(low - room, high + room, start, end)
        return axis if math.isfinite(axis.high - axis.low) else None

    def at(self, value: float) -> float:
        """Where a value lies, to a tenth; beyond the ends it lies at the end."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + min(1.0, max(0.0, share)) * (self.end - self.start), 1)

    def ticks(self, wanted: int = 4) -> tuple[float, ...]:
        """Round values inside the axis, about as many as wanted."""
        raw = (self.high - self.low) / wanted
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(each * power for each in _STEPS if each * power >= raw)
        first = math.ceil(self.low / step)
        last = math.floor(self.high / step)
        return tuple(number * step for number in range(first, last + 1))
