"""The warnings that a value deserves, and the range that its interval stays within."""

from __future__ import annotations

import attrs

from kpisdk.contracts.estimates import Estimate, Interval, Note, few_rows
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.value_ranges import ValueRange
from kpisdk.contracts.vocabulary import Unit

ABOVE_ONE = "share_above_one"
OUTSIDE = "out_of_range"


def cautious(kpi: Kpi, estimate: Estimate, possible: ValueRange) -> Estimate:
    """The estimate with the warnings of few rows and of a value that the KPI cannot have.

    A metric that words such a warning better has given it already, and none is given twice. The
    interval ends where the values that the KPI can have end.

    Args:
        kpi: whose value it is.
        estimate: as it was made.
        possible: the values that the KPI can have.
    """
    value = estimate.value
    if value is None:
        return estimate
    notes = [*_few(kpi, estimate), *_outside(kpi, value, possible)]
    interval = estimate.interval
    if interval is not None:
        within = _within(possible, value, interval)
        if within is not interval:
            estimate = attrs.evolve(estimate, interval=within)
    if not notes:
        return estimate
    given = {note.code for note in estimate.warnings}
    fresh = [note for note in notes if note.code not in given]
    return estimate.with_notes(*fresh) if fresh else estimate


def _within(possible: ValueRange, value: float, interval: Interval) -> Interval:
    """The part of an interval that is possible, and the value itself, which may be stored nonsense.

    Its method says that it was cut: its width is no multiple of a standard error any more.
    """
    low = interval.low if possible.low is None else max(interval.low, min(possible.low, value))
    high = interval.high if possible.high is None else min(interval.high, max(possible.high, value))
    if low > high or (low == interval.low and high == interval.high):
        return interval
    width = interval.high - interval.low
    if width - (high - low) <= _ROUNDING * width:
        return attrs.evolve(interval, low=low, high=high)
    method = f"{interval.method}, within {possible}".removeprefix(", ")
    return attrs.evolve(interval, low=low, high=high, method=method)


_ROUNDING = 1e-9
"""Less of an interval's width than this is cut by rounding, which differs from engine to engine."""


def _few(kpi: Kpi, estimate: Estimate) -> tuple[Note, ...]:
    n = estimate.n
    # A count is exact however small it is: nothing was estimated from its rows.
    return () if kpi.unit is Unit.COUNT and n == estimate.value else few_rows(n)


def _outside(kpi: Kpi, value: float, within: ValueRange) -> tuple[Note, ...]:
    if within.holds(value):
        return ()
    hint = "" if kpi.value_range is not None else "; if it can be, declare the KPI's value_range"
    if kpi.unit is Unit.RATIO and value > 1 and within.high == 1:
        return (Note(ABOVE_ONE, f"The value {value:.6g} is above 1, which no share is{hint}."),)
    what = f"The value {value:.6g} lies outside {within}, where this KPI's values can lie{hint}."
    return (Note(OUTSIDE, what),)
