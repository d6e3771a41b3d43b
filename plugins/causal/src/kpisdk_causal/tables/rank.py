"""What rows can tell apart: constants, mixtures, and directions that an arm does not know.

One set of tolerances for every estimator, judged on centred and scaled columns, so that no answer
depends on units, zero points or coding.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.errors import SingularDesignError
from kpisdk_causal.tables.table import Floats

RANK_TOLERANCE = 1e-9
"""A column with a smaller share of its own, in standard deviations, is a mixture of the others
(a larger one, where the numbers were stored with fewer digits than that)."""
ARM_TOLERANCE = 1e-10
"""An arm knows a direction whose share of variance there is at least this much of that overall."""


def independent(z: Floats, tolerance: float) -> set[int]:
    """Places of columns that are no mixture of the others.

    Args:
        z: columns with mean 0 and standard deviation 1, shape (n, k).
        tolerance: smallest share of its own, in standard deviations.
    """
    if z.shape[1] < 2:
        return set(range(z.shape[1]))
    from scipy.linalg import qr

    # Pivoting over the small triangle is as exact as over all rows, and far cheaper.
    small = np.linalg.qr(z, mode="r")
    triangle, order = qr(small, mode="r", pivoting=True)
    own = np.abs(np.diag(triangle)) / np.sqrt(len(z))
    rank = int((own > tolerance).sum())
    return {int(place) for place in order[:rank]}


def basis(covariates: Floats) -> Floats:
    """Orthogonal columns, a constant first, that span ``covariates`` (n, k): shape (n, k + 1).

    Each has the mean square 1. A fit on them is the fit on the covariates, without their scales.
    """
    n = len(covariates)
    columns = np.column_stack([np.ones(n), covariates])
    orthogonal, triangle = np.linalg.qr(columns)
    signs = np.where(np.diag(triangle) < 0, -1.0, 1.0)
    found: Floats = orthogonal * (signs * np.sqrt(n))
    return found


def supported(arm: Floats, covariates: Floats) -> NDArray[np.bool_]:
    """Rows whose outcome the regressions of both arms can predict, shape (n,).

    A row that lies in a direction which an arm does not know (a category that occurs in the other
    arm only) cannot be predicted there, whatever the zero point of the outcome and the coding of
    the covariates.

    Args:
        arm: 1 treated, 0 control, shape (n,).
        covariates: of full column rank, shape (n, k).
    """
    design = basis(covariates)
    kept = np.ones(len(arm), dtype=np.bool_)
    for level in (1.0, 0.0):
        rows = arm == level
        values, vectors = np.linalg.eigh(design[rows].T @ design[rows] / rows.sum())
        known = values > ARM_TOLERANCE * max(values.max(), 1.0)
        unknown = design @ vectors[:, ~known]
        size = np.sqrt((design**2).sum(axis=1))
        kept &= np.sqrt((unknown**2).sum(axis=1)) <= np.sqrt(ARM_TOLERANCE) * size
    return kept


def refuse_mixture(treatment: str, dose: Floats, covariates: Floats) -> None:
    """Refuse a treatment that the covariates determine.

    Args:
        treatment: its column.
        dose: of each row, shape (n,).
        covariates: standardised, shape (n, k).

    Raises:
        SingularDesignError: its share of its own is below the tolerance.
    """
    design = basis(covariates)
    centred = dose - dose.mean()
    own = centred - design @ (design.T @ centred) / len(dose)
    scale = float(centred.std())
    if scale == 0 or float(own.std()) <= RANK_TOLERANCE * scale:
        what = f"{treatment!r} is determined by the confounders: a linear mixture of them"
        raise SingularDesignError((treatment,), what)
