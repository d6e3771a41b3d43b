"""Confidence intervals in closed form, on the standard library alone."""

from __future__ import annotations

import math

from kpisdk.contracts.estimates import Interval
from kpisdk.statistics.distributions import normal_critical, student_t_quantile

LEVEL = 0.95


def wilson(successes: float, trials: float, level: float = LEVEL) -> Interval | None:
    """Score interval of a proportion; ``None`` for no trials or a share outside [0, 1].

    Source: E. B. Wilson, JASA 22 (1927): the set of p with ``|p_hat - p| <= z sqrt(p (1-p) / n)``.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        return None
    z = normal_critical(level)
    share = successes / trials
    scale = 1 + z * z / trials
    middle = (share + z * z / (2 * trials)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    # At the ends the bound is exactly 0 or 1; rounding must not push it past the value.
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == trials else min(1.0, middle + half)
    return Interval(low, high, level, "wilson")


def mean_t(average: float, variance: float | None, n: int, level: float = LEVEL) -> Interval | None:
    """Student's t interval of a mean from the sample variance; ``None`` below two rows."""
    if variance is None or n < 2 or not math.isfinite(variance) or variance < 0:
        return None
    half = student_t_quantile((1 + level) / 2, n - 1) * math.sqrt(variance / n)
    return Interval(average - half, average + half, level, "t")


def lift_delta(
    treated_hits: float, treated: float, control_hits: float, control: float, level: float = LEVEL
) -> Interval | None:
    """Interval of ``p1 / p0 - 1`` by the delta method on the logarithm of the ratio.

    ``se = sqrt((1 - p1) / (n1 p1) + (1 - p0) / (n0 p0))`` (Katz et al., Biometrics 34, 1978);
    ``None`` where a rate is zero and the logarithm has no value.
    """
    if min(treated_hits, treated, control_hits, control) <= 0:
        return None
    p1, p0 = treated_hits / treated, control_hits / control
    se = math.sqrt((1 - p1) / treated_hits + (1 - p0) / control_hits)
    ratio, spread = p1 / p0, math.exp(normal_critical(level) * se)
    return Interval(ratio / spread - 1, ratio * spread - 1, level, "delta_log_ratio")


def median_ranks(n: int, level: float = LEVEL) -> tuple[int, int] | None:
    """The 1-based ranks whose values bound the median, distribution-free; ``None`` if n is small.

    The largest ``l`` with ``P(Binomial(n, 1/2) < l) <= (1 - level) / 2``, and ``n + 1 - l``
    (David and Nagaraja, Order Statistics, section 7.1). Coverage is at least ``level``.
    """
    tail = (1 - level) / 2
    if n < 1 or 0.5**n > tail:
        return None
    # Sum the mass from far below the rank upwards; 12 standard deviations hold all of it.
    spread = math.sqrt(n) / 2
    first = max(0, math.floor(n / 2 - 12 * spread))
    mass, below, rank = math.exp(_log_half_binomial(n, first)), 0.0, first
    while below + mass <= tail:
        below += mass
        mass *= (n - rank) / (rank + 1)
        rank += 1
    return rank, n + 1 - rank


def _log_half_binomial(n: int, k: int) -> float:
    log_choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return log_choose - n * math.log(2)
