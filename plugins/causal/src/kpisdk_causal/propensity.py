"""The propensity score e(x) = P(treated | x): one almost unpenalised logistic regression."""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_causal.tables.rank import basis
from kpisdk_causal.tables.table import Floats

INVERSE_PENALTY = 1e8
"""So weak that the fit is the maximum-likelihood one, and still finite under separation."""


@attrs.frozen(kw_only=True)
class Propensity:
    """Scores of every row, shape (n,), before clipping.

    Attributes:
        scores: fitted probabilities.
        separated: the covariates tell the arms apart without error.
        converged: the fit reached its tolerance.
    """

    scores: Floats
    separated: bool
    converged: bool

    def clipped(self, clip: float) -> Floats:
        """Scores held in [clip, 1 - clip]."""
        return np.clip(self.scores, clip, 1 - clip)


def fit_propensity(arm: Floats, covariates: Floats) -> Propensity:
    """Fit e(x).

    Args:
        arm: 1 treated, 0 control, shape (n,); both occur.
        covariates: standardised, of full rank, shape (n, k); k may be 0.
    """
    if covariates.shape[1] == 0:
        return Propensity(scores=np.full(len(arm), arm.mean()), separated=False, converged=True)
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    # Newton's method ends at the same coefficients whatever the order of rows and columns;
    # first-order solvers stop within their tolerance, at a place that depends on both.
    model = LogisticRegression(C=INVERSE_PENALTY, solver="newton-cholesky", tol=1e-10, max_iter=200)
    # Orthogonal columns: the penalty then falls on all directions alike, whatever the coding.
    columns = basis(covariates)[:, 1:]
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        model.fit(columns, arm)
    scores = np.asarray(model.predict_proba(columns)[:, 1], dtype=np.float64)
    separated = bool(scores[arm == 1].min() > scores[arm == 0].max()) and bool(
        np.abs(scores - arm).max() < 1e-3
    )
    late = any(issubclass(warning.category, ConvergenceWarning) for warning in raised)
    return Propensity(scores=scores, separated=separated, converged=not late)


def inverse_weights(arm: Floats, scores: Floats, target: str) -> Floats:
    """Weights, shape (n,), that make both arms look like the target population.

    Args:
        arm: 1 treated, 0 control.
        scores: e(x), strictly inside (0, 1).
        target: ``ate``: 1/e and 1/(1-e); ``att``: 1 and e/(1-e); ``atc``: (1-e)/e and 1.
    """
    if target == "att":
        return np.where(arm == 1, 1.0, scores / (1 - scores))
    if target == "atc":
        return np.where(arm == 1, (1 - scores) / scores, 1.0)
    return np.where(arm == 1, 1 / scores, 1 / (1 - scores))


def weight_slopes(arm: Floats, scores: Floats, target: str) -> Floats:
    """Derivatives of :func:`inverse_weights` by the logit of the score, shape (n,).

    Args:
        arm: 1 treated and 0 control, shape (n,).
        scores: fitted probabilities, shape (n,).
        target: whose effect: ``ate``, ``att`` or ``atc``.
    """
    treated, control = -(1 - scores) / scores, scores / (1 - scores)
    return np.where(
        arm == 1,
        0.0 if target == "att" else treated,
        0.0 if target == "atc" else control,
    )
