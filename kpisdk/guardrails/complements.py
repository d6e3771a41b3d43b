"""Complements: the rest of a whole without one part, from the results of the whole and the part."""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs

from kpisdk.contracts.intervals import mean_t, student_t_quantile, wilson
from kpisdk.contracts.results import Result

_ROUNDING = 1e-10


def rest_of(whole: Result, part: Result) -> Result | None:
    """The result over all units of ``whole`` that are not in ``part``.

    Shares of counts and means can be taken apart exactly: counts subtract, and so do sums and sums
    of squares, which a t interval gives back. ``None`` where the results do not tell (a median).
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
    squares, own = _squares(whole), _squares(part)
    if squares is None or own is None or whole.n is None or part.n is None:
        return None
    top = (whole.value or 0.0) * whole.n - (part.value or 0.0) * part.n
    mean = top / n
    spread = squares - own - n * mean * mean
    # What is left of two large sums that should cancel is rounding, and no variance.
    spread = spread if spread > _ROUNDING * max(1.0, squares) else 0.0
    variance = spread / (n - 1) if n > 1 else None
    return attrs.evolve(
        whole,
        value=mean,
        interval=mean_t(mean, variance, n),
        numerator=None if whole.numerator is None else top,
        denominator=None if whole.denominator is None else float(n),
        n=n,
    )


def _squares(result: Result) -> float | None:
    """The sum of squares behind a mean, from its t interval."""
    n, mean = result.n or 0, result.value or 0.0
    if n == 1:
        return mean * mean
    if result.interval is None:
        return None
    half = (result.interval.high - result.interval.low) / 2
    spread = half / student_t_quantile((1 + result.interval.level) / 2, n - 1)
    variance = n * spread * spread
    return math.fsum(((n - 1) * variance, n * mean * mean))
