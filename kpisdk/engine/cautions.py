"""Cautions: the warnings that a value deserves whatever computed it, stored it or tracked it."""

from __future__ import annotations

from kpisdk.contracts.estimates import Estimate, Note, few_rows
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.vocabulary import Unit

ABOVE_ONE = "share_above_one"
OUTSIDE = "out_of_range"


def cautious(kpi: Kpi, estimate: Estimate) -> Estimate:
    """The estimate with the warnings of few rows and of a value that the KPI cannot have.

    A metric that words such a warning better has given it already, and none is given twice.
    """
    value = estimate.value
    if value is None:
        return estimate
    given = {note.code for note in estimate.warnings}
    notes = [*_few(kpi, estimate), *_outside(kpi, value)]
    return estimate.with_notes(*(note for note in notes if note.code not in given))


def _few(kpi: Kpi, estimate: Estimate) -> tuple[Note, ...]:
    n = estimate.n
    # A count is exact however small it is: nothing was estimated from its rows.
    return () if kpi.unit is Unit.COUNT and n == estimate.value else few_rows(n)


def _outside(kpi: Kpi, value: float) -> tuple[Note, ...]:
    within = kpi.possible
    if within.holds(value):
        return ()
    hint = "" if kpi.value_range is not None else "; if it can be, declare the KPI's value_range"
    if kpi.unit is Unit.RATIO and value > 1 and within.high == 1:
        return (Note(ABOVE_ONE, f"The value {value:.6g} is above 1, which no share is{hint}."),)
    what = f"The value {value:.6g} lies outside {within}, where this KPI's values can lie{hint}."
    return (Note(OUTSIDE, what),)
