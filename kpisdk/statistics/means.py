"""The quotient of a total and a count or another total, skewed values included."""

from __future__ import annotations

import math

import attrs

from kpisdk.contracts.unit_moments import UnitMoments, triples
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.bounds import ANY, Bounds, Range, bounded
from kpisdk.statistics.distributions import student_t_critical
from kpisdk.statistics.intervals import LEVEL
from kpisdk.statistics.spread import residual_products, unit_degrees

_ROUNDING = 1e-13
_SMALL_SAMPLES = 4
"""How much a sample skewness falls short of the true one, over the number of equal units; the
heavier the tail, the more (:func:`_lift`)."""
_INWARD = 0.75
"""How much of the transformation's move towards the mean is made, where units are of equal sizes.

Measured (``benchmarks/coverage.py``): without transformation 30 log-normal values (sigma 1) are
covered in 88 %, and so in 95 %. A skewness that is estimated from few large units is noise, and its
inward side is what would cost coverage, so that less of it is made the less equal the units are.
"""


@attrs.frozen
class _Residuals:
    """What each bucket adds to a figure beyond its share, summed over buckets.

    Attributes:
        squares: the sum of the squared residuals, in units of the figure.
        cubes: the sum of the cubed ones; ``None`` where it was not read.
        noise: the part of ``squares`` that rounding may have made up.
    """

    squares: float
    cubes: float | None
    noise: float


def mean_interval(
    moments: UnitMoments,
    value: float,
    deviations: str,
    rows: str,
    level: float = LEVEL,
    possible: Range = ANY,
) -> Bounds:
    """The interval of a mean by units, from the deviations of its values.

    Any figure that is a mean of what each row contributes has it too: average precision, for
    instance, with its influence function in the place of deviations.

    Args:
        moments: of a cell; with the cube of ``deviations`` (``(deviations,) * 3``) skewness counts.
        value: the mean.
        deviations: the measure that sums the values less their mean.
        rows: the measure that counts the values.
        level: the confidence level, 0 to 1.
        possible: the values that the mean can have.
    """
    n = moments.total(rows)
    if not n:
        return IntervalReason.UNDEFINED
    own = (deviations,) * 3
    cubes = moments.cube(*own) / n**3 if own in moments.cubes else None
    squares = moments.product(deviations, deviations) / n**2
    noise = (_ROUNDING * value) ** 2 * moments.product(rows, rows) / n**2
    return _interval(moments, value, rows, _Residuals(squares, cubes, noise), level, possible)


def quotient_interval(
    moments: UnitMoments, top: str, bottom: str, level: float = LEVEL, possible: Range = ANY
) -> Bounds:
    """The interval of ``top / bottom`` by units: of a mean, or of a quotient of two totals.

    Args:
        moments: of a cell; with the cubes of both measures (``triples((top, bottom))``) skewness
            counts.
        top: the total of the values.
        bottom: the number of values, or another total.
        level: the confidence level, 0 to 1.
        possible: the values that the quotient can have.
    """
    below = moments.total(bottom)
    if not below:
        return IntervalReason.UNDEFINED
    value = moments.total(top) / below
    weights = {top: 1 / below, bottom: -value / below}
    squares = residual_products(moments, weights, weights)
    sizes = moments.product(top, top) + value**2 * moments.product(bottom, bottom)
    residuals = _Residuals(squares, _cubes(moments, top, bottom), _ROUNDING * sizes / below**2)
    return _interval(moments, value, bottom, residuals, level, possible)


def _interval(
    moments: UnitMoments,
    value: float,
    rows: str,
    residuals: _Residuals,
    level: float,
    possible: Range,
) -> Bounds:
    """Student's interval, its limits moved by the skewness of the residuals.

    The transformation that takes the skewness out of a studentised mean: P. Hall, Journal of the
    Royal Statistical Society B 54 (1992), 221-228.
    """
    buckets = moments.filled_by(rows)
    if buckets < 2:
        return IntervalReason.TOO_FEW_UNITS
    if residuals.squares <= residuals.noise:
        return IntervalReason.UNDEFINED
    degrees = unit_degrees(moments, rows)
    error = math.sqrt(residuals.squares * (1 + 1 / degrees))
    reach = student_t_critical(level, degrees)
    if residuals.cubes is None or buckets < 3:
        low, high = value - reach * error, value + reach * error
        return bounded(value, low, high, level, "t", possible)
    units = degrees + 1
    lift = _lift(residuals, buckets, units)
    inward = _INWARD * units / buckets
    below, above = (_moved(_untransformed(each, lift), each, inward) for each in (reach, -reach))
    return bounded(value, value - error * below, value - error * above, level, "hall_t", possible)


def _moved(transformed: float, plain: float, inward: float) -> float:
    """A limit in standard errors: all of a move away from the mean, and part of one towards it."""
    if abs(transformed) >= abs(plain):
        return transformed
    return plain + inward * (transformed - plain)


def _cubes(moments: UnitMoments, top: str, bottom: str) -> float | None:
    order = sorted((top, bottom), key=moments.names.index)
    if not set(triples(order)) <= set(moments.cubes):
        return None
    value = moments.total(top) / moments.total(bottom)
    third = (
        moments.cube(top, top, top)
        - 3 * value * moments.cube(top, top, bottom)
        + 3 * value**2 * moments.cube(top, bottom, bottom)
        - value**3 * moments.cube(bottom, bottom, bottom)
    )
    return float(third / moments.total(bottom) ** 3)


def _lift(residuals: _Residuals, buckets: int, units: float) -> float:
    """The skewness of the estimate, corrected for what samples miss of a skewed distribution."""
    deviation = math.sqrt(residuals.squares / (buckets - 1))
    third = (residuals.cubes or 0.0) / deviation / deviation / deviation
    skewness = third * buckets / ((buckets - 1) * (buckets - 2))
    # At most 1: that of a single value apart from all others.
    found = max(-1.0, min(1.0, skewness / math.sqrt(buckets)))
    return found * (1 + _SMALL_SAMPLES / units + abs(found))


def _untransformed(y: float, lift: float) -> float:
    """The studentised mean that Hall's cubic transformation takes to ``y``."""
    if abs(lift) < 1e-6:
        return y - lift / 6
    return 3 / lift * (math.cbrt(1 + lift * (y - lift / 6)) - 1)
