"""How far a population has moved, beyond what two samples of one would show."""

from __future__ import annotations

from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.bounds import Bounds, bounded
from kpisdk.statistics.distributions import bisect, noncentral_chi_square
from kpisdk.statistics.intervals import LEVEL

_LOWER_PART = 0.6
"""How much of what an interval may miss lies below it."""


def null_stability(bins: int, expected: float, actual: float) -> float:
    """The population stability index to expect of two samples of one population.

    ``(bins - 1) (1 / expected + 1 / actual)``: B. Yurdakul, Statistical properties of population
    stability index, Western Michigan University, 2018.

    Args:
        bins: how many bins the values were put into.
        expected: the rows of the reference.
        actual: the rows that are compared with it.
    """
    return (bins - 1) * (1 / expected + 1 / actual)


def stability_interval(
    value: float,
    bins: int,
    expected: float,
    actual: float,
    design_effect: float = 1.0,
    level: float = LEVEL,
) -> Bounds:
    """The interval of a population stability index: 0 is in it unless the population has moved.

    Over ``1 / expected + 1 / actual`` the index is a noncentral chi-square variable with ``bins -
    1`` degrees of freedom and the true index as its noncentrality; the limits are the true indices
    for which the observed one is just not too large, or too small.

    Args:
        value: the observed index, 0 or more.
        bins: how many bins the values were put into.
        expected: the rows of the reference.
        actual: the rows that are compared with it.
        design_effect: how many times fewer rows the units are worth, 1 for independent rows.
        level: the confidence level, 0 to 1.
    """
    if bins < 2 or min(expected, actual) <= 0:
        return IntervalReason.UNDEFINED
    scale = (1 / expected + 1 / actual) * max(1.0, design_effect)
    # Where nothing moved the lower limit alone can miss: it has the larger part of what may.
    missed = (1 - level) * _LOWER_PART
    low, high = (
        scale * _noncentrality(value / scale, bins - 1, wanted)
        for wanted in (1 - missed, 1 - level - missed)
    )
    return bounded(value, low, high, level, "noncentral_chi_square", (0.0, None))


def _noncentrality(observed: float, degrees: int, wanted: float) -> float:
    """The noncentrality at which the observed or less has the wanted probability; 0 if none has."""

    def at_most(noncentrality: float) -> float:
        return noncentral_chi_square(observed, degrees, noncentrality)

    return 0.0 if at_most(0.0) <= wanted else bisect(at_most, wanted)
