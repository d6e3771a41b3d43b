"""The warnings that a value deserves, and the range that its interval stays within."""

from __future__ import annotations

import attrs

from kpisdk.contracts.estimates import Estimate, Note, few_rows
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.value_ranges import ValueRange
from kpisdk.contracts.vocabulary import IntervalReason, Unit
from kpisdk.engine.intervals.limits import holds, kept

ABOVE_ONE = "share_above_one"
OUTSIDE = "out_of_range"


def cautious(kpi: Kpi, estimate: Estimate, possible: ValueRange) -> Estimate:
    """The estimate with the warnings of few rows and of a value that the KPI cannot have.

    A metric that words such a warning better has given it already, and none is given twice. The
    interval ends where the values that the KPI can have end; one without width is none. One that
    does not hold its value is a plugin's mistake, and stays as it was made.

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
    if interval is not None and holds(interval, value):
        within = kept(interval, value, possible)
        if isinstance(within, IntervalReason):
            estimate = attrs.evolve(estimate, interval=None, interval_reason=within)
        elif within is not interval:
            estimate = attrs.evolve(estimate, interval=within)
    if not notes:
        return estimate
    given = {note.code for note in estimate.warnings}
    fresh = [note for note in notes if note.code not in given]
    return estimate.with_notes(*fresh) if fresh else estimate


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
