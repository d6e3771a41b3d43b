"""The unit of a model's figures, the patient: within one, predictions are not independent."""

import attrs

from kpisdk import Estimate, Interval, IntervalReason, Note, Sampling

UNIT = "patient_id"
"""The column whose values are the units."""


def with_bounds(made: Estimate, bounds: Interval | IntervalReason) -> Estimate:
    """The estimate with its interval, or with the reason why it has none.

    Args:
        made: the estimate.
        bounds: the interval, or why there is none.
    """
    if made.value is None:
        return made
    if isinstance(bounds, Interval):
        return attrs.evolve(made, interval=bounds)
    return attrs.evolve(made, interval_reason=bounds)


def unit_notes(sampling: Sampling, unknown: float) -> tuple[Note, ...]:
    """The note of rows that name no unit, counted where they were grouped.

    Args:
        sampling: what the rows are a sample of.
        unknown: rows whose unit is NULL; each of them is a unit of its own.
    """
    if sampling.unit is None or not unknown:
        return ()
    words = f"{unknown:g} row(s) have no {sampling.unit}: each is a unit of its own."
    return (Note("rows_without_unit", words),)
