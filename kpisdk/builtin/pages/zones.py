"""Which status lies where on an axis, by the rule of thresholds."""

from __future__ import annotations

import attrs

from kpisdk.builtin.pages.axes import Axis
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.vocabulary import Direction, Status


@attrs.frozen
class Zone:
    """A stretch of an axis in which values have one status, in the drawing's own units."""

    status: str
    start: float
    length: float


def zones(axis: Axis, bounds: Thresholds | None) -> tuple[Zone, ...]:
    """The stretches of the axis with their statuses; those that lie outside are left out."""
    found = []
    for status, low, high in status_ranges(bounds):
        one = axis.at(axis.low if low is None else low)
        other = axis.at(axis.high if high is None else high)
        if one != other:
            found.append(Zone(status.value, min(one, other), round(abs(one - other), 1)))
    return tuple(found)


def status_ranges(
    bounds: Thresholds | None,
) -> tuple[tuple[Status, float | None, float | None], ...]:
    """The statuses from low to high values, each with its ends; ``None`` is an open one."""
    if bounds is None:
        return ()
    if bounds.direction is Direction.HIGHER:
        low, high = bounds.critical, bounds.target
        order = (Status.CRITICAL, Status.WARNING, Status.GOOD)
    else:
        low, high = bounds.target, bounds.warning
        order = (Status.GOOD, Status.WARNING, Status.CRITICAL)
    return ((order[0], None, low), (order[1], low, high), (order[2], high, None))
