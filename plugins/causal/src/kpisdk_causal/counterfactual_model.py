"""Predictions of one patient's outcome under the other treatment, by a regression per arm."""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_causal.aipw import with_intercept
from kpisdk_causal.estimate import CONSTANT_OUTCOME, SMALL_N, Interval
from kpisdk_causal.inference import interval, quantile, two_sided_p
from kpisdk_causal.regression import least_squares
from kpisdk_causal.sample import Sample
from kpisdk_causal.table import Floats


@attrs.frozen(kw_only=True)
class Prediction:
    """A predicted outcome with its uncertainty, or the ``reason`` why there is none.

    ``abducted`` says whether the patient's own residual is in it.
    """

    value: float
    std_error: float
    span: Interval
    p_value: float | None
    interval_method: str
    abducted: bool
    reason: str | None = None


def predict(sample: Sample, row: int, level: float) -> Prediction:
    """Predict the outcome of the patient in ``row`` under the arm that was not theirs."""
    if np.isin(sample.outcome, (0.0, 1.0)).all():
        return _probability(sample, row, level)
    return _abduction(sample, row, level)


def _abduction(sample: Sample, row: int, level: float) -> Prediction:
    point = with_intercept(sample.covariates)[row]
    received = sample.treatment[row]
    predicted, variance = {}, 0.0
    for arm in (0.0, 1.0):
        rows = sample.treatment == arm
        if rows.sum() <= len(point):
            return _nothing(SMALL_N, abducted=True)
        fit = least_squares(with_intercept(sample.covariates[rows]), sample.outcome[rows])
        predicted[arm] = float(point @ fit.coefficients)
        variance += float(point @ fit.robust @ point)
    value = predicted[1 - received] + float(sample.outcome[row]) - predicted[received]
    error = float(np.sqrt(variance))
    return Prediction(
        value=value,
        std_error=error,
        span=interval(value, error, level),
        p_value=two_sided_p(value - float(sample.outcome[row]), error),
        interval_method="HC1 of both regressions at the patient's covariates",
        abducted=True,
    )


def _probability(sample: Sample, row: int, level: float) -> Prediction:
    from sklearn.linear_model import LogisticRegression

    from kpisdk_causal.propensity import INVERSE_PENALTY

    rows = sample.treatment == 1 - sample.treatment[row]
    design = with_intercept(sample.covariates)
    outcome = sample.outcome[rows]
    if np.ptp(outcome) == 0:
        return _nothing(CONSTANT_OUTCOME, abducted=False)
    if sample.covariates.shape[1] == 0:
        coefficients = np.array([np.log(outcome.mean() / (1 - outcome.mean()))])
    else:
        model = LogisticRegression(C=INVERSE_PENALTY, solver="newton-cholesky", tol=1e-10)
        model.fit(sample.covariates[rows], outcome)
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
