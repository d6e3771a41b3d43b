"""How much higher one rate is than another, relative to it."""

from __future__ import annotations

import math

from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.bounds import Bounds, bounded
from kpisdk.statistics.changes import Side, relative_change
from kpisdk.statistics.distributions import student_t_critical
from kpisdk.statistics.intervals import LEVEL
from kpisdk.statistics.shares import EffectiveShare, effective_share
from kpisdk.statistics.spread import residual_products, welch_degrees


def lift_interval(
    moments: UnitMoments,
    treated_hits: str,
    treated: str,
    control_hits: str,
    control: str,
    level: float = LEVEL,
) -> Bounds:
    """The interval of ``(treated rate / control rate) - 1`` by units.

    On the logarithm of the ratio (D. Katz et al., Biometrics 34, 1978), with the variance by units,
    units in both arms counted as the pairs that they are, and Welch's degrees of freedom. Where a
    rate is 0 or 1 the logarithm shows no spread, and the limits come from the score intervals of
    the two rates.

    Args:
        moments: of a cell; the names of its measures follow.
        treated_hits: the hits among the treated.
        treated: the treated rows.
        control_hits: the hits among the controls.
        control: the control rows.
        level: the confidence level, 0 to 1.

    Returns:
        ``undefined`` where the control rate is zero: there is no lift either.
    """
    above = effective_share(moments, treated_hits, treated)
    below = effective_share(moments, control_hits, control)
    if isinstance(above, IntervalReason):
        return above
    if isinstance(below, IntervalReason):
        return below
    if not below.share:
        return IntervalReason.UNDEFINED
    if above.share in (0, 1) or below.share == 1:
        now, before = (Side(each.share, each.interval(level)) for each in (above, below))
        return relative_change(now, before)
    one, two = _weights(moments, treated_hits, treated), _weights(moments, control_hits, control)
    v1, v2 = _variance(above), _variance(below)
    variance = v1 + v2 - 2 * residual_products(moments, one, two)
    degrees = welch_degrees((v1, above.degrees), (v2, below.degrees))
    half = student_t_critical(level, degrees) * math.sqrt(max(variance, 0.0))
    # By few units, at a level near 1, a lift may be a number of any size: the largest one stands.
    ratio, spread = above.share / below.share, math.exp(min(half, 700.0))
    return bounded(ratio - 1, ratio / spread - 1, ratio * spread - 1, level, "delta_log_ratio")


def _weights(moments: UnitMoments, hits: str, rows: str) -> dict[str, float]:
    """What a hit, and a row, moves the logarithm of a rate by."""
    return {hits: 1 / moments.total(hits), rows: -1 / moments.total(rows)}


def _variance(rate: EffectiveShare) -> float:
    """Of the logarithm of a rate: never below that of independent rows."""
    return (1 - rate.share) / (rate.share * rate.n)
