"""Which two quantiles bound one, from the share of rows below it by units."""

from __future__ import annotations

import math

from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.distributions import normal_critical
from kpisdk.statistics.intervals import LEVEL
from kpisdk.statistics.shares import effective_share


def quantile_levels(
    moments: UnitMoments, below: str, rows: str, q: float = 0.5, level: float = LEVEL
) -> tuple[float, float] | IntervalReason:
    """The levels of the two quantiles whose values bound the quantile of level ``q``.

    Woodruff's method (R. S. Woodruff, JASA 47, 1952): the share of rows below the quantile is a
    share like another, and as certain as its units make it; its limits ``q -+ z sqrt(q (1 - q) /
    n_eff)``, read as levels, give the limits of the quantile.

    Args:
        moments: of a cell, whose quantile is known.
        below: counts the rows whose value is below the quantile, those on it half.
        rows: counts the rows that have a value.
        q: the level of the quantile, 0.5 for the median.
        level: the confidence level, 0 to 1.

    Returns:
        Two levels between 0 and 1, for discrete quantiles (the value at rank ``ceil(level * n)``);
        ``too_few_units`` where one would lie outside.
    """
    share = effective_share(moments, below, rows)
    if isinstance(share, IntervalReason):
        return share
    half = normal_critical(level) * math.sqrt(q * (1 - q) / share.effective_n(level))
    if half >= min(q, 1 - q):
        return IntervalReason.TOO_FEW_UNITS
    return q - half, q + half
