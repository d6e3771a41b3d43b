"""Confidence intervals in closed form, on the standard library alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from kpisdk.contracts.estimates import Interval

LEVEL = 0.95


def wilson(successes: float, trials: float, level: float = LEVEL) -> Interval | None:
    """Score interval of a proportion; ``None`` for no trials or a share outside [0, 1].

    Source: E. B. Wilson, JASA 22 (1927): the set of p with ``|p_hat - p| <= z sqrt(p (1-p) / n)``.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        return None
    z = _z(level)
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
    ratio, spread = p1 / p0, math.exp(_z(level) * se)
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


def _z(level: float) -> float:
    from statistics import NormalDist  # brings decimal and fractions along: on use only

    return NormalDist().inv_cdf((1 + level) / 2)


@lru_cache(maxsize=1024)
def student_t_quantile(p: float, degrees: float) -> float:
    """The quantile of Student's t distribution, to about 1e-10 relative at the levels of intervals.

    Bisection on the regularised incomplete beta function, whose continued fraction is evaluated by
    Lentz's method (DLMF 8.17.22). Above 10 000 degrees of freedom, where the logarithms of the
    gamma function cancel, the expansion around the normal quantile (Abramowitz and Stegun 26.7.5).
    """
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -student_t_quantile(1 - p, degrees)
    if degrees > 10_000:
        z = _z(2 * p - 1)
        first = (z**3 + z) / 4
        second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
        third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
        return z + first / degrees + second / degrees**2 + third / degrees**3

    def upper_tail(t: float) -> float:
        return 0.5 * _beta_fraction(degrees / 2, 0.5, degrees / (degrees + t * t))

    return _bisect(upper_tail, 1 - p)


def _bisect(decreasing: Callable[[float], float], wanted: float) -> float:
    low, high = 0.0, 1.0
    while decreasing(high) > wanted:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if decreasing(middle) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta_fraction(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(log_front + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d, fraction = 1.0, 0.0, 1.0
    for step in range(1, 10_000):
        m = step // 2
        if step == 1:
            numerator = 1.0
        elif step % 2:
            numerator = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            m -= 1
            numerator = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 + numerator * d
        d = 1 / (d if abs(d) > tiny else tiny)
        c = 1 + numerator / c
        c = c if abs(c) > tiny else tiny
        fraction *= c * d
        if step > 1 and abs(c * d - 1) < 1e-16:
            break
    return front * (fraction - 1)
