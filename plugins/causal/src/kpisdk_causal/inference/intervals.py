"""From an effect and its standard error to an interval and a two-sided p-value."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from kpisdk_causal.estimate import Interval
from kpisdk_causal.tables.table import Floats

EXACT = 1e-9
"""A standard error below this share of the outcome's spread is the rounding of an exact fit."""
ROUNDING = 1e-9
"""How far a share may be from 0 or 1 and still be that, but for rounding."""


def is_proportion(share: float) -> bool:
    """Whether a share lies in [0, 1], but for rounding."""
    return -ROUNDING <= share <= 1 + ROUNDING


def quantile(level: float, df: float | None = None) -> float:
    """Two-sided quantile of the normal distribution, or of Student's t with ``df`` degrees.

    Args:
        level: confidence level, 0 to 1.
        df: degrees of freedom of Student's t; ``None`` for the normal distribution.
    """
    from scipy.special import ndtri, stdtrit

    probability = 0.5 + level / 2
    return float(ndtri(probability) if df is None else stdtrit(df, probability))


def interval(value: float, std_error: float, level: float, df: float | None = None) -> Interval:
    """Symmetric interval ``value`` ± quantile · ``std_error``, sorted.

    Args:
        value: the effect.
        std_error: its standard error.
        level: confidence level, 0 to 1.
        df: degrees of freedom of Student's t; ``None`` for the normal distribution.
    """
    half = quantile(level, df) * std_error
    return (value - half, value + half)


def two_sided_p(value: float, std_error: float, df: float | None = None) -> float:
    """P of an effect at least as far from 0 where there is none; 1 for 0 ± 0, 0 for x ± 0.

    Args:
        value: the effect.
        std_error: its standard error.
        df: degrees of freedom of Student's t; ``None`` for the normal distribution.
    """
    from scipy.special import ndtr, stdtr

    if std_error == 0:
        return 1.0 if value == 0 else 0.0
    score = -abs(value / std_error)
    return float(2 * (ndtr(score) if df is None else stdtr(df, score)))


def welch_df(variances: Sequence[float], counts: Sequence[int]) -> float:
    """Degrees of freedom of a difference of means (Welch–Satterthwaite).

    Args:
        variances: sample variance per arm.
        counts: rows per arm, each at least 2.
    """
    shares = [variance / count for variance, count in zip(variances, counts, strict=True)]
    below = sum(s**2 / (n - 1) for s, n in zip(shares, counts, strict=True))
    return sum(shares) ** 2 / below if below else float(sum(counts) - 2)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjustment; a missing p stays missing and does not count."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    running = 0.0
    for rank, (p, place) in enumerate(known):
        running = max(running, min(1.0, p * (len(known) - rank)))
        adjusted[place] = running
    return adjusted


def wald_equal(values: Floats, covariance: Floats) -> tuple[float, int, float] | None:
    """Wald test that all ``values`` are equal.

    Args:
        values: effects, shape (s,).
        covariance: their covariance, shape (s, s).

    Returns:
        Statistic, degrees of freedom and p; ``None`` for fewer than two values or where the
        covariance is singular.
    """
    from scipy.special import gammaincc

    if len(values) < 2:
        return None
    differences = np.column_stack([-np.ones(len(values) - 1), np.eye(len(values) - 1)])
    gap = differences @ values
    spread = differences @ covariance @ differences.T
    if np.linalg.matrix_rank(spread) < len(gap):
        return None
    statistic = float(gap @ np.linalg.solve(spread, gap))
    return statistic, len(gap), float(gammaincc(len(gap) / 2, statistic / 2))


def monte_carlo_p(draws: Floats, at: float = 0.0) -> float:
    """Two-sided p that ``at`` is the centre of ``draws``: (1 + count) / (1 + B), doubled.

    At most 1 and never 0, because the draws can never tell a p below 1 / (B + 1).

    Args:
        draws: shape (B,).
        at: the value without an effect.
    """
    below = int((draws <= at).sum())
    above = int((draws >= at).sum())
    return min(1.0, 2 * (1 + min(below, above)) / (1 + len(draws)))


def percentile_interval(draws: Floats, level: float) -> Interval:
    """Central interval of ``draws`` (linear interpolation).

    Args:
        draws: shape (B,).
        level: confidence level, 0 to 1.
    """
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def is_finite(*numbers: float) -> bool:
    """Whether every one of ``numbers`` is finite."""
    return all(math.isfinite(number) for number in numbers)
