"""The rest of a whole without one part, from the results of the whole and the part."""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs

from kpisdk.contracts.results import Result
from kpisdk.statistics.distributions import student_t_quantile
from kpisdk.statistics.intervals import mean_t, wilson


def rest_of(whole: Result, part: Result) -> Result | None:
    """The result over all units of ``whole`` that are not in ``part``.

    Shares of counts and means can be taken apart: counts subtract, and so do deviations, which a t
    interval gives back. ``None`` where the results do not tell (a median, a mean whose interval was
    cut to the range of its KPI, or one so large beside its spread that rounding has eaten it): the
    source can be asked then.
    A rest without any unit is a result without a value.
    """
    if whole.n is None or part.n is None or whole.value is None or part.value is None:
        return None
    n = whole.n - part.n
    nothing = attrs.evolve(
        whole, value=None, interval=None, numerator=None, denominator=0.0, n=0, message=None
    )
    method = None if whole.interval is None else whole.interval.method
    if method == "wilson":
        if whole.numerator is None or part.numerator is None:
            return None
        top = whole.numerator - part.numerator
        if n <= 0:
            return nothing
        share = top / n
        return attrs.evolve(
            whole, value=share, interval=wilson(top, n), numerator=top, denominator=float(n), n=n
        )
    if method != "t":
        return None
    return _mean(whole, part, n) if n > 0 else nothing


def are_disjoint(whole: Result, parts: Iterable[Result]) -> bool:
    """Whether parts add up to their whole, so that no unit is in two of them.

    A user who is in two groups is one user of the whole: what is left when one group is subtracted
    is then not the rest.
    """
    known = list(parts)
    if sum(each.n or 0 for each in known) != (whole.n or 0):
        return False
    if whole.numerator is None:
        return True
    tops = math.fsum(each.numerator or 0.0 for each in known)
    return math.isclose(tops, whole.numerator, rel_tol=1e-9, abs_tol=1e-9)


def _mean(whole: Result, part: Result, n: int) -> Result | None:
    """The mean of the rest, from two means, numbers of units and deviations around the means.

    Deviations add up around their own means (Chan, Golub and LeVeque, The American Statistician 37,
    1983), so that nothing large is subtracted from anything large: sums of squares would leave no
    digit of a deviation of 1 around a mean of 100,000.
    """
    all_of_it, own = _deviations(whole), _deviations(part)
    if all_of_it is None or own is None or whole.n is None or part.n is None:
        return None
    middle, beside = whole.value or 0.0, part.value or 0.0
    mean = middle + (middle - beside) * part.n / n
    spread = math.sqrt(all_of_it.amount / (whole.n * n))
    if math.ulp(max(abs(middle), abs(beside))) * (whole.n + part.n) / n > _PRECISE * spread > 0:
        return None
    between = (beside - mean) * (beside - mean) * part.n * n / whole.n
    left = all_of_it.amount - own.amount - between
    doubt = all_of_it.doubt + own.doubt + _EPSILON * (all_of_it.amount + own.amount + between)
    if n == 1:
        left = 0.0
    elif left <= doubt:
        # What cannot be told from rounding is no spread, unless it could be one that matters.
        if doubt > _NEGLIGIBLE * all_of_it.amount:
            return None
        left = 0.0
    elif doubt > _PRECISE * left:
        return None
    variance = left / (n - 1) if n > 1 else None
    return attrs.evolve(
        whole,
        value=mean,
        interval=mean_t(mean, variance, n),
        numerator=None if whole.numerator is None else mean * n,
        denominator=None if whole.denominator is None else float(n),
        n=n,
    )


_EPSILON = 1e-12
"""Relative rounding of what a few operations and a source's own sums are off by."""
_NEGLIGIBLE = 1e-9
"""A spread of the rest below this share of the whole's is none."""
_PRECISE = 0.01
"""A spread known to one in a hundred makes an interval that is off by one in two hundred."""


@attrs.frozen
class _Deviations:
    """The sum of squared deviations from a mean, and how much of it may be rounding."""

    amount: float
    doubt: float = 0.0


def _deviations(result: Result) -> _Deviations | None:
    """What a t interval says of the deviations of the units behind its mean."""
    n, mean = result.n or 0, result.value or 0.0
    if n == 1:
        return _Deviations(0.0)
    if result.interval is None or result.interval.method != "t":
        return None  # one that ends where the KPI's values do tells nothing of their spread
    half = (result.interval.high - result.interval.low) / 2
    spread = half / student_t_quantile((1 + result.interval.level) / 2, n - 1)
    amount = n * (n - 1) * spread * spread
    if half == 0:
        return _Deviations(0.0)
    # Both ends are rounded at the size of the mean, and half their distance is as uncertain.
    return _Deviations(amount, 2 * amount * math.ulp(abs(mean) + half) / half)
