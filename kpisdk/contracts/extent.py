"""Whether a KPI's value grows with its window and its population, as counts and sums do."""

from __future__ import annotations

from kpisdk.contracts.calculators import Calculation, Calculator, options_of
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.vocabulary import Unit


def is_extensive(calculation: Calculation, unit: Unit) -> bool:
    """Whether a calculation's value grows with the rows that it is taken over.

    Counts, distinct counts and sums do; ratios, means, medians and largest values do not. What
    does not say (a calculator, a formula of a plugin's own) is taken by its unit: a count grows.
    """
    return any(_grows(option.calculation, unit) for option in options_of(calculation))


def _grows(calculation: Metric | Calculator, unit: Unit) -> bool:
    said: bool | None = getattr(calculation, "is_extensive", None)
    return unit is Unit.COUNT if said is None else said
