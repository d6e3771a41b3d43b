"""Quantiles and tails of the distributions that intervals refer to."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

_CLOSE = 1e-13
"""Where Newton's method stops, relative."""


def normal_quantile(p: float) -> float:
    """The quantile of the standard normal distribution."""
    from statistics import NormalDist  # brings decimal and fractions along: on use only

    return NormalDist().inv_cdf(p)


@lru_cache(maxsize=1024)
def normal_critical(level: float) -> float:
    """The z that a standard normal variable stays within, on both sides, with that probability."""
    return normal_quantile((1 + level) / 2)


def normal_tail(z: float) -> float:
    """The probability that a standard normal variable is above ``z``."""
    return math.erfc(z / math.sqrt(2)) / 2


def student_t_critical(level: float, degrees: float) -> float:
    """The t that Student's variable stays within, on both sides, with that probability."""
    return student_t_quantile((1 + level) / 2, degrees)


@lru_cache(maxsize=4096)
def student_t_quantile(p: float, degrees: float) -> float:
    """The quantile of Student's t distribution, to about 1e-10 relative at the levels of intervals.

    The expansion around the normal quantile (Abramowitz and Stegun 26.7.5); up to 10 000 degrees of
    freedom Newton's method on the logarithm of the tail goes on from there. Above, the logarithms
    of the gamma function cancel, and the expansion is as good.
    """
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -student_t_quantile(1 - p, degrees)
    if degrees == 1:
        return math.tan(math.pi * (p - 0.5))
    z = normal_quantile(p)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    near = z + first / degrees + second / degrees**2 + third / degrees**3
    return near if degrees > 10_000 else _newton(near, 1 - p, degrees)


def _newton(t: float, wanted: float, degrees: float) -> float:
    # The logarithm of the tail is concave, so that each step but the first comes from one side.
    log_front = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)
    log_front -= math.log(degrees * math.pi) / 2
    for _ in range(60):
        tail = student_t_tail(t, degrees)
        density = math.exp(log_front - (degrees + 1) / 2 * math.log1p(t * t / degrees))
        step = math.log(tail / wanted) * tail / density
        t = max(t + step, t / 2)
        if abs(step) <= _CLOSE * t:
            break
    return t


def student_t_tail(t: float, degrees: float) -> float:
    """The probability that Student's variable is above ``t``."""
    if t < 0:
        return 1 - student_t_tail(-t, degrees)
    if degrees > 10_000:
        # The normal tail at the argument that Wallace's transformation gives, to 1e-9 here.
        return normal_tail(math.sqrt(degrees * math.log1p(t * t / degrees)) * _wallace(degrees))
    return 0.5 * _beta_fraction(degrees / 2, 0.5, degrees / (degrees + t * t))


def _wallace(degrees: float) -> float:
    """D. L. Wallace, Annals of Mathematical Statistics 30 (1959), formula 4.1."""
    return (8 * degrees + 1) / (8 * degrees + 3)


@lru_cache(maxsize=256)
def studentized_range_quantile(p: float, groups: int) -> float:
    """The quantile of the range of ``groups`` standard normal variables.

    ``P(range <= q) = k * integral of phi(z) (Phi(z) - Phi(z - q))**(k - 1)`` (H. A. David and H. N.
    Nagaraja, Order Statistics, section 2.3), by Simpson's rule, inverted by bisection.
    """

    def above(q: float) -> float:
        return 1 - _range_distribution(q, groups)

    return bisect(above, 1 - p)


def _range_distribution(q: float, groups: int, steps: int = 400) -> float:
    low, width = -8.5, (17.0 + q) / steps
    total = 0.0
    for place in range(steps + 1):
        z = low + place * width
        inside = normal_tail(z - q) - normal_tail(z)
        weight = 1 if place in (0, steps) else 2 + 2 * (place % 2)
        total += weight * math.exp(-z * z / 2) * max(0.0, inside) ** (groups - 1)
    return groups * total * width / 3 / math.sqrt(2 * math.pi)


def noncentral_chi_square(x: float, degrees: float, noncentrality: float) -> float:
    """The probability that a noncentral chi-square variable is at most ``x``, to about 0.01.

    Source: M. Sankaran, Biometrika 50 (1963): a power of the variable is nearly normal.
    """
    if x <= 0:
        return 0.0
    k, shift = degrees, noncentrality
    h = 1 - 2 * (k + shift) * (k + 3 * shift) / (3 * (k + 2 * shift) ** 2)
    p = (k + 2 * shift) / (k + shift) ** 2
    m = (h - 1) * (1 - 3 * h)
    mean = 1 + h * p * (h - 1 - (2 - h) * m * p / 2)
    spread = h * math.sqrt(2 * p) * (1 + m * p / 2)
    return normal_tail((mean - (x / (k + shift)) ** h) / spread)


def bisect(decreasing: Callable[[float], float], wanted: float) -> float:
    """Where a function of positive numbers, which falls, comes down to ``wanted``."""
    low, high = 0.0, 1.0
    while decreasing(high) > wanted and high < 1e300:
        low, high = high, high * 2
    for _ in range(100):
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
