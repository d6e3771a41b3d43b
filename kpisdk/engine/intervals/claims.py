"""What a status is worth: whether the whole interval has it, and up to which error rate.

A figure travels with its estimate (:class:`MeasuredEstimate`), so that what judges it later can ask
for other intervals than the one that is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import WindowRule
from kpisdk.contracts.value_ranges import ValueRange
from kpisdk.contracts.vocabulary import Direction, IntervalReason, Status
from kpisdk.engine.intervals.interval_figures import Figure, KnownFigure, LeveledFigure
from kpisdk.engine.intervals.limits import holds, kept
from kpisdk.errors import KpisdkError
from kpisdk.statistics import LEVEL, Bounds, repeated_level, status_p_value

Stricter = Callable[[float], float]
"""From the confidence of all looks together to that of each interval."""

_YEAR = timedelta(days=365)


@attrs.frozen
class MeasuredEstimate(Estimate):
    """An estimate whose interval can be asked for at any level.

    Attributes:
        figure: what its interval is made of; ``None`` where it has none.
    """

    figure: Figure | None = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen
class Claim:
    """What a status is worth.

    Attributes:
        decided: whether it is settled; ``None`` where that is not known.
        status_p: the largest error rate at which it would not be settled; ``None`` where it has no
            interval, or where what is still to come can change it.
    """

    decided: bool | None = None
    status_p: float | None = None


NO_CLAIM = Claim()
"""Of a value without a status, or one whose uncertainty is not known."""


def measured(
    made: Estimate,
    found: Figure | IntervalReason,
    possible: ValueRange,
    unit: str | None = None,
    level: float = LEVEL,
) -> Estimate:
    """An estimate with the interval of its figure, or the reason why it has none.

    Args:
        made: the estimate; without a value it stays as it is.
        found: the figure of its value, or why there is none.
        possible: the values that the KPI can have.
        unit: what was taken as independent (``Sampling.label``); ``None``: what the figure says.
        level: the confidence of the interval that is shown.
    """
    if made.value is None:
        return made
    bounds = found if isinstance(found, IntervalReason) else _bounds(found, level, possible)
    if isinstance(bounds, IntervalReason):
        return attrs.evolve(made, interval=None, interval_reason=bounds)
    if unit is not None:
        bounds = attrs.evolve(bounds, unit=unit)
    figure = None if isinstance(found, IntervalReason) else found
    facts = {
        field.name: getattr(made, field.name)
        for field in attrs.fields(Estimate)
        if field.name not in ("interval", "interval_reason")
    }
    return MeasuredEstimate(**facts, interval=bounds, figure=figure)


def claim_of(
    estimate: Estimate,
    thresholds: Thresholds | None,
    possible: ValueRange,
    *,
    immature: bool = False,
) -> Claim:
    """What the status of an estimate is worth.

    A census is exact, and its status settled. Of a stored value that is not known. What a later row
    can still change is not settled, whatever its interval says.

    Args:
        estimate: with its interval, or the reason for none.
        thresholds: that give the status; ``None`` where there are none, or none that apply.
        possible: the values that the KPI can have.
        immature: whether something can still follow the rows behind the value.
    """
    value = estimate.value
    if value is None or thresholds is None:
        return NO_CLAIM
    if estimate.interval_reason is IntervalReason.CENSUS:
        return Claim(decided=not immature)
    if estimate.interval is None:
        return Claim(decided=False) if immature else NO_CLAIM
    if immature:
        return Claim(decided=False)
    decided = thresholds.judge(value, estimate.interval).decided
    figure = estimate.figure if isinstance(estimate, MeasuredEstimate) else None
    figure = figure or KnownFigure(value, estimate.interval)
    return Claim(decided, status_p(figure, value, thresholds, possible))


def status_p(
    figure: Figure, value: float, thresholds: Thresholds, possible: ValueRange
) -> float | None:
    """The level (one less confidence) at which an interval just reaches another status.

    Where the figure knows the level of each bound, that of the nearest one; otherwise it is
    searched for.
    """
    status = thresholds.judge(value).status
    levels = [
        figure.p_value(bound) for bound in _bounds_of(thresholds, status) if possible.holds(bound)
    ]
    if None in levels:
        return status_p_value(
            lambda level: _bounds(figure, level, possible),
            lambda each: thresholds.judge(each).status,
            value,
        )
    return max((each for each in levels if each is not None), default=0.0)


def one_growing_window(rule: WindowRule | None, as_of: datetime) -> bool:
    """Whether all looks of a year are at one window that grows, and never at another one.

    So it is where the window keeps its start: without a window, between dates, in a period that is
    named. A window that moves along, or begins anew with each month or year, looks at other
    rows.
    """
    if rule is None:
        return True
    try:
        return rule.resolve(as_of).start == rule.resolve(as_of + _YEAR).start
    except (KpisdkError, OverflowError):
        return False


def stricter(units: float | None, *, accumulates: bool) -> Stricter:
    """The level of a single interval, so that those of all looks together keep another one.

    Args:
        units: how many units stand behind the value.
        accumulates: :func:`one_growing_window`.
    """

    def level_of_one(level: float) -> float:
        return repeated_level(units or 1.0, accumulates=accumulates, level=level)

    return level_of_one


def repeated(found: Figure | IntervalReason, one: Stricter) -> Figure | IntervalReason:
    """A figure whose intervals hold at all looks together."""
    return found if isinstance(found, IntervalReason) else LeveledFigure(found, one)


def _bounds(figure: Figure, level: float, possible: ValueRange) -> Bounds:
    found = figure.at(level)
    if isinstance(found, IntervalReason):
        return found
    if isinstance(figure, KnownFigure) and not holds(figure.interval, figure.value):
        return found  # a plugin's mistake: mended it would look right, and its contract shows it
    return kept(found, figure.value, possible)


def _bounds_of(thresholds: Thresholds, status: Status) -> tuple[float, ...]:
    """The bounds at which a status ends."""
    higher = thresholds.direction is Direction.HIGHER
    worst = thresholds.critical if higher else thresholds.warning
    match status:
        case Status.GOOD:
            return (thresholds.target,)
        case Status.CRITICAL:
            return (worst,)
    return (thresholds.target, worst)
