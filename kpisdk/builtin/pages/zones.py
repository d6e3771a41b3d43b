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
    if bounds is None:
        return ()
    if bounds.direction is Direction.HIGHER:
        cuts = (bounds.critical, bounds.target)
        order = (Status.CRITICAL, Status.WARNING, Status.GOOD)
    else:
        cuts = (bounds.target, bounds.warning)
        order = (Status.GOOD, Status.WARNING, Status.CRITICAL)
    ends = [axis.at(each) for each in (axis.low, *cuts, axis.high)]
    found = []
    for status, one, other in zip(order, ends, ends[1:], strict=False):
        if one != other:
            found.append(Zone(status.value, min(one, other), round(abs(one - other), 1)))
    return tuple(found)
