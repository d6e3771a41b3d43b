"""What each row adds to an estimate: the parts that all regression estimators are made of.

An estimate solves equations together with its regressions (M-estimation, Stefanski and Boos 2002);
its influence function has a part for each of them. The mean of the squares is n times the variance,
and sums over clusters give the clustered one.
"""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.sample import Sample
from kpisdk_causal.tables.rank import basis
from kpisdk_causal.tables.table import Floats

SMALL_ARM = 10
"""An arm with fewer rows gets Student's t with one degree less than it has rows."""
LEAN = 20
"""Fewer rows for each coefficient of an arm: residuals are made as large as the errors that they
come from (HC2, MacKinnon and White 1985), and t has the arm's degrees of freedom."""
ALONE = 1e-8
"""A row is fitted exactly where its leverage is closer to 1 than this."""
FEW_DF = 200
"""From here on Student's t is the normal distribution to half a percent."""


@attrs.frozen(kw_only=True)
class ArmFit:
    """The regression of one arm.

    Attributes:
        rows: truth values, shape (n,).
        coefficients: on the basis, shape (p,).
        predicted: for every row, shape (n,).
        residuals: of the arm's rows, 0 elsewhere, shape (n,).
        spread: residuals that errors are made of, 0 elsewhere, shape (n,); see ``LEAN``.
        inverse: of the arm's products of columns, shape (p, p).
    """

    rows: NDArray[np.bool_]
    coefficients: Floats
    predicted: Floats
    residuals: Floats
    spread: Floats
    inverse: Floats


def fit_arm(design: Floats, sample: Sample, level: float) -> ArmFit:
    """Least squares of the outcome on ``design`` (n, p) among the rows of one arm.

    Args:
        design: shape (n, p).
        sample: the numbers.
        level: of the treatment, which names the arm.
    """
    rows = sample.treatment == level
    orthogonal, triangle = np.linalg.qr(design[rows])
    half = np.linalg.solve(triangle, np.eye(design.shape[1]))
    coefficients = half @ (orthogonal.T @ sample.centred[rows])
    predicted = design @ coefficients
    residuals = np.where(rows, sample.centred - predicted, 0.0)
    spread = residuals.copy()
    if is_lean(sample):
        spread[rows] = unshrunk(residuals[rows], (orthogonal**2).sum(axis=1))
    return ArmFit(
        rows=rows,
        coefficients=coefficients,
        predicted=predicted,
        residuals=residuals,
        spread=spread,
        inverse=half @ half.T,
    )


def unshrunk(residuals: Floats, leverage: Floats) -> Floats:
    """Residuals as large as the errors that they come from, shape (n,): HC2.

    A row that has a coefficient to itself is fitted exactly and says nothing of its spread: that of
    the others stands for it.

    Args:
        residuals: shape (n,).
        leverage: of the rows, 0 to 1, shape (n,).
    """
    alone = leverage > 1 - ALONE
    spread = residuals / np.sqrt(np.where(alone, 1.0, 1 - leverage))
    others = spread[~alone]
    usual = np.sqrt((others**2).mean()) if len(others) else 0.0
    return np.where(alone, usual, spread)


def of_regression(design: Floats, fit: ArmFit, gradient: Floats) -> Floats:
    """What each row adds to gradient · coefficients of an arm's regression, shape (n,).

    Args:
        design: shape (n, p).
        fit: of the arm.
        gradient: shape (p,).
    """
    added: Floats = len(design) * (design @ (fit.inverse @ gradient)) * fit.spread
    return added


def of_propensity(design: Floats, sample: Sample, gradient: Floats) -> Floats:
    """What each row adds to gradient · coefficients of the logistic regression, shape (n,).

    Args:
        design: shape (n, p).
        sample: the numbers.
        gradient: shape (p,).
    """
    scores = sample.fitted_propensity.scores
    information = design.T @ (design * (scores * (1 - scores))[:, None])
    solved = np.linalg.pinv(information, hermitian=True) @ gradient
    added: Floats = len(design) * (design @ solved) * (sample.treatment - scores)
    return added


def unclipped(sample: Sample) -> Floats:
    """1 where the score moves with its model, 0 where it was clipped, shape (n,)."""
    scores = sample.fitted_propensity.scores
    return np.asarray((scores >= sample.clip) & (scores <= 1 - sample.clip), dtype=np.float64)


def standard_error(influence: Floats) -> float:
    """Standard error of an estimate from what each row adds to it."""
    # Squares of very small numbers are 0: they are taken in units of the largest.
    size = float(np.abs(influence).max()) or 1.0
    return size * float((influence / size).std(ddof=1) / np.sqrt(len(influence)))


def smaller_arm(sample: Sample) -> int:
    """Rows of the smaller arm."""
    treated = int(sample.treatment.sum())
    return min(treated, sample.n - treated)


def is_lean(sample: Sample) -> bool:
    """Whether an arm has few rows for each coefficient."""
    columns = int(sample.covariates.shape[1]) + 1
    return smaller_arm(sample) < LEAN * columns


def degrees(sample: Sample) -> float | None:
    """Degrees of freedom of Student's t, or ``None`` where the normal distribution will do."""
    smaller, k = smaller_arm(sample), sample.covariates.shape[1]
    if k and is_lean(sample):
        return float(max(1, smaller - k - 1)) if smaller - k - 1 < FEW_DF else None
    return float(smaller - 1) if smaller < SMALL_ARM else None


def design_of(sample: Sample) -> Floats:
    """The orthogonal columns that all regressions of a sample are made on, shape (n, k + 1)."""
    return basis(sample.covariates)
