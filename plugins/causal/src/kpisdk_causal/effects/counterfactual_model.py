"""Predictions of one patient's outcome under the other treatment, by a regression per arm."""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_causal.cautions import CONSTANT_OUTCOME
from kpisdk_causal.estimate import Interval
from kpisdk_causal.inference.clusters import covariance
from kpisdk_causal.inference.influence import degrees, design_of, fit_arm, is_lean, of_regression
from kpisdk_causal.inference.intervals import interval, quantile, two_sided_p
from kpisdk_causal.sample import Sample
from kpisdk_causal.tables.table import Floats


@attrs.frozen(kw_only=True)
class Prediction:
    """A predicted outcome with its uncertainty, or the ``reason`` why there is none.

    Attributes:
        value: the outcome, in the table's units.
        std_error: of the prediction.
        span: lower and upper bound.
        p_value: of no difference from the actual outcome.
        interval_method: how ``span`` was made.
        abducted: whether the patient's own residual is in it.
        reason: why there is none.
    """

    value: float
    std_error: float
    span: Interval
    p_value: float | None
    interval_method: str
    abducted: bool
    reason: str | None = None


def predict(sample: Sample, row: int, level: float, shift: float, binary: bool) -> Prediction:
    """Predict the outcome of the patient in ``row`` under the arm that was not theirs.

    Args:
        sample: the numbers, the outcome less ``shift``.
        row: place of the patient.
        level: of the interval.
        shift: the table's outcome less the sample's.
        binary: whether the table's outcome is 0 or 1 throughout.
    """
    if np.ptp(sample.outcome) == 0:
        return _nothing(CONSTANT_OUTCOME, abducted=not binary)
    if binary:
        return _probability(sample, row, level, shift)
    return _abduction(sample, row, level, shift)


def _abduction(sample: Sample, row: int, level: float, shift: float) -> Prediction:
    design = design_of(sample)
    point, received = design[row], sample.treatment[row]
    predicted = {}
    influence = np.zeros(sample.n)
    for arm, sign in ((1 - received, 1.0), (received, -1.0)):
        fit = fit_arm(design, sample, arm)
        predicted[arm] = float(point @ fit.coefficients)
        count = int(fit.rows.sum())
        factor = 1.0 if is_lean(sample) else np.sqrt(count / (count - design.shape[1]))
        influence += sign * factor * of_regression(design, fit, point)
    change = predicted[1 - received] - predicted[received]
    codes = np.arange(sample.n) if sample.clusters is None else sample.clusters
    error = float(np.sqrt(covariance(influence[None], codes)[0, 0]))
    value = change + float(sample.outcome[row]) + shift
    df = degrees(sample) if sample.clusters is None else float(codes.max())
    return Prediction(
        value=value,
        std_error=error,
        span=interval(value, error, level, df),
        p_value=two_sided_p(change, error, df) if error > 0 else None,
        interval_method="robust errors of both regressions at the patient's covariates",
        abducted=True,
    )


def _probability(sample: Sample, row: int, level: float, shift: float) -> Prediction:
    from sklearn.linear_model import LogisticRegression

    from kpisdk_causal.propensity import INVERSE_PENALTY

    rows = sample.treatment == 1 - sample.treatment[row]
    design = design_of(sample)
    outcome = np.round(sample.outcome + shift)[rows]
    if np.ptp(outcome) == 0:
        return _nothing(CONSTANT_OUTCOME, abducted=False)
    if sample.covariates.shape[1] == 0:
        coefficients = np.array([np.log(outcome.mean() / (1 - outcome.mean()))])
    else:
        model = LogisticRegression(C=INVERSE_PENALTY, solver="newton-cholesky", tol=1e-10)
        model.fit(design[rows, 1:], outcome)
        coefficients = np.concatenate([model.intercept_, model.coef_[0]])
    fitted = _logistic(design[rows] @ coefficients)
    information = design[rows].T @ (design[rows] * (fitted * (1 - fitted))[:, None])
    point = design[row]
    error = float(np.sqrt(point @ np.linalg.pinv(information) @ point))
    score = float(point @ coefficients)
    half = quantile(level) * error
    low, high = _logistic(np.array([score - half, score + half]))
    value = float(_logistic(np.array([score]))[0])
    return Prediction(
        value=value,
        std_error=value * (1 - value) * error,
        span=(float(low), float(high)),
        p_value=None,
        interval_method="delta method on the logit",
        abducted=False,
    )


def _nothing(reason: str, *, abducted: bool) -> Prediction:
    return Prediction(
        value=0.0,
        std_error=0.0,
        span=(0.0, 0.0),
        p_value=None,
        interval_method="none",
        abducted=abducted,
        reason=reason,
    )


def _logistic(score: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(score), dtype=np.float64)
