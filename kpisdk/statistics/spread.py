"""The variance of any smooth formula of additive measures, from the moments of units.

The delete-a-group jackknife leaves out one bucket of units at a time and looks how far the formula
moves. To first order that is the gradient of the formula on both sides of the covariance of the
buckets' totals, which the moments give without the buckets:
``v = g' C g`` with ``C[i, j] = B / (B - 1) * sum over b of (x[b, i] - mean_i) (x[b, j] - mean_j)``
(K. M. Wolter, Introduction to Variance Estimation, chapters 4 and 6).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import attrs

from kpisdk.contracts.unit_moments import Number, UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.bounds import ANY, Bounds, Range, transformed_interval
from kpisdk.statistics.distributions import student_t_critical
from kpisdk.statistics.intervals import LEVEL

Formula: TypeAlias = Callable[[Mapping[str, Number]], float | None]
"""From the totals of measures, by name, to a figure; ``None`` where it has no value."""

_ROUNDING = 1e-13
"""The share of a sum of squares that rounding may have made up."""


@attrs.frozen
class Spread:
    """A figure, the variance of its estimate and the degrees of freedom behind the variance."""

    value: float
    variance: float
    degrees: float

    @property
    def standard_error(self) -> float:
        """The root of the variance."""
        return math.sqrt(self.variance)


def spread_of(moments: UnitMoments, formula: Formula) -> Spread | IntervalReason:
    """The spread of a formula of the measures in ``moments``.

    Args:
        moments: of the measures that the formula reads, and of no others: they say how many buckets
            take part.
        formula: called with totals near those of the cell, a few buckets off.

    Returns:
        ``too_few_units`` for a single bucket; ``undefined`` where the formula has no value at or
        near the totals, or its variance is lost in rounding.
    """
    buckets = taking_part(moments)
    if min(buckets, moments.buckets) < 2:
        return IntervalReason.TOO_FEW_UNITS
    value = _called(formula, moments.sums, moments.names)
    if value is None:
        return IntervalReason.UNDEFINED
    slopes = _slopes(moments, buckets, formula)
    if slopes is None:
        return IntervalReason.UNDEFINED
    variance = math.fsum(slope * slope for slope in slopes)
    if variance <= _noise(moments, buckets, formula, variance, value):
        return IntervalReason.UNDEFINED
    return Spread(value, variance, buckets - 1)


def correlation_of(moments: UnitMoments, one: Formula, two: Formula) -> float:
    """How two figures of the same units move together, -1 to 1; 0 where that is not known.

    Args:
        moments: of the measures of both formulas, read by the same buckets.
        one: a formula, of the later window for instance.
        two: the other one.
    """
    buckets = taking_part(moments)
    if buckets < 2:
        return 0.0
    first, second = _slopes(moments, buckets, one), _slopes(moments, buckets, two)
    if first is None or second is None:
        return 0.0
    both = math.sqrt(math.fsum(a * a for a in first) * math.fsum(b * b for b in second))
    if not both:
        return 0.0
    shared = math.fsum(a * b for a, b in zip(first, second, strict=True))
    return max(-1.0, min(1.0, shared / both))


def formula_interval(
    moments: UnitMoments, formula: Formula, level: float = LEVEL, possible: Range = ANY
) -> Bounds:
    """Student's interval of any smooth formula, by the spread of its units.

    A figure that has a bound is likelier to be far off on the other side. So figures of 0 and more
    have an interval that is symmetric on their logarithm, and those between two bounds on the
    logit.

    Args:
        moments: of the measures that the formula reads.
        formula: from totals by name to the figure.
        level: the confidence level, 0 to 1.
        possible: the values that the figure can have.
    """
    spread = spread_of(moments, formula)
    if isinstance(spread, IntervalReason):
        return spread
    critical = student_t_critical(level, spread.degrees)
    return transformed_interval(
        spread.value, spread.standard_error, critical, level, "jackknife_t", possible
    )


def taking_part(moments: UnitMoments) -> int:
    """How many buckets hold something of any of the measures."""
    return max((moments.filled_by(name) for name in moments.names), default=0)


def residual_products(
    moments: UnitMoments, one: Mapping[str, Number], two: Mapping[str, Number]
) -> float:
    """The sum over buckets of the product of two weighted sums of measures.

    Residuals are such sums: of ``hits - share * rows``, for instance, which is zero over all
    buckets. Their products over buckets are the covariance of the two figures.
    """
    return float(
        sum(
            a * b * moments.product(first, second)
            for first, a in one.items()
            for second, b in two.items()
        )
    )


def residual_variance(moments: UnitMoments, weights: Mapping[str, Number], buckets: int) -> float:
    """The variance of a weighted sum of measures that is zero over all buckets."""
    squares = max(0.0, residual_products(moments, weights, weights))
    return squares * buckets / (buckets - 1)


def unit_degrees(moments: UnitMoments, rows: str) -> float:
    """The degrees of freedom behind a variance by units: one less than there are equal units.

    Units of unequal sizes are worth fewer: ``n**2 / sum of n_b**2`` of them (A. V. Carter, K. T.
    Schnepel and D. G. Steigerwald, Review of Economics and Statistics 99, 2017).
    """
    squares = float(moments.product(rows, rows))
    return max(1.0, float(moments.total(rows)) ** 2 / squares - 1) if squares else 1.0


def welch_degrees(*parts: tuple[float, float]) -> float:
    """The degrees of freedom of a sum of variances, each with its own.

    Sources: F. E. Satterthwaite, Biometrics Bulletin 2 (1946); B. L. Welch, Biometrika 34 (1947).
    """
    total = sum(variance for variance, _ in parts)
    terms = sum(variance**2 / degrees for variance, degrees in parts)
    return total * total / terms if terms else min(degrees for _, degrees in parts)


def _called(formula: Formula, sums: Sequence[float], names: Sequence[str]) -> float | None:
    try:
        value = formula(dict(zip(names, sums, strict=True)))
    except ArithmeticError:
        return None
    return None if value is None or not math.isfinite(value) else float(value)


def _covariances(moments: UnitMoments) -> list[list[float]]:
    # (B P - S S) / (B - 1) of whole numbers is exact before it is divided. The buckets are all of
    # the cell's: those that hold nothing of a measure are part of its spread.
    names, buckets = moments.names, moments.buckets
    return [
        [
            (buckets * moments.product(one, two) - moments.total(one) * moments.total(two))
            / (buckets - 1)
            for two in names
        ]
        for one in names
    ]


def _factor(matrix: list[list[float]]) -> list[list[float]]:
    """The columns ``l`` of a factor of a covariance matrix: it is the sum of ``l l'``.

    Cholesky's factor with pivoting. What is left of a measure's variance once it is explained by
    the others is rounding, below a tiny share of it, and is left out.
    """
    size = len(matrix)
    left = [row[:] for row in matrix]
    columns = []
    for _ in range(size):
        share, pivot = max(
            (left[i][i] / matrix[i][i] if matrix[i][i] > 0 else 0.0, i) for i in range(size)
        )
        if share <= _ROUNDING:
            break
        root = math.sqrt(left[pivot][pivot])
        column = [left[i][pivot] / root for i in range(size)]
        for i in range(size):
            for j in range(size):
                left[i][j] -= column[i] * column[j]
        columns.append(column)
    return columns


def _slopes(moments: UnitMoments, buckets: int, formula: Formula) -> list[float] | None:
    """How far the formula moves along each column of the factor of the covariance of totals.

    The step is as long as what a few buckets move: short against the total, as leaving one out is,
    and long enough for a formula that rounds its counts.
    """
    slopes = []
    part = buckets**0.25
    for column in _factor(_covariances(moments)):
        slope = _slope(formula, moments, [each / part for each in column])
        if slope is None:
            return None
        slopes.append(slope * part)
    return slopes


def _slope(formula: Formula, moments: UnitMoments, step: Sequence[float]) -> float | None:
    """The change of the formula by a step: a central difference, or one side where it ends."""
    names, sums = moments.names, moments.sums
    above = _called(formula, [a + b for a, b in zip(sums, step, strict=True)], names)
    below = _called(formula, [a - b for a, b in zip(sums, step, strict=True)], names)
    if above is not None and below is not None:
        return (above - below) / 2
    here = _called(formula, sums, names)
    if here is None or (above is None and below is None):
        return None
    return above - here if above is not None else here - (below or 0.0)


def _noise(
    moments: UnitMoments, buckets: int, formula: Formula, variance: float, value: float
) -> float:
    """The variance that rounding alone could have given."""
    if variance > 1e-9 * value * value > 0:
        return 0.0
    noise = 0.0
    for place, name in enumerate(moments.names):
        size = math.sqrt(float(moments.product(name, name)))
        step = [size / buckets if place == each else 0.0 for each in range(len(moments.names))]
        slope = _slope(formula, moments, step) or 0.0
        noise += (slope * buckets) ** 2
    return _ROUNDING * noise
