"""Least squares with heteroskedasticity-consistent errors, and the two estimators made of it."""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_causal.aipw import small_sample_df, with_intercept
from kpisdk_causal.sample import Effect, Sample
from kpisdk_causal.table import Floats


@attrs.frozen(kw_only=True)
class Fit:
    """A least-squares fit.

    Args:
        coefficients: shape (p,).
        robust: HC1 covariance of the coefficients (White 1980, MacKinnon and White 1985), (p, p).
        classical: covariance under equal variances, (p, p).
        residuals: shape (n,).
        df: n - p.
    """

    coefficients: Floats
    robust: Floats
    classical: Floats
    residuals: Floats
    df: int


def least_squares(design: Floats, outcome: Floats) -> Fit:
    """Fit ``outcome`` (n,) on ``design`` (n, p), of full rank, with n > p."""
    n, p = design.shape
    # A QR decomposition keeps twice the digits that the normal equations would.
    basis, triangle = np.linalg.qr(design)
    coefficients = np.linalg.solve(triangle, basis.T @ outcome)
    residuals = outcome - design @ coefficients
    half = np.linalg.solve(triangle, np.eye(p))
    bread = half @ half.T
    leverage = half @ (basis * residuals[:, None]).T
    df = n - p
    return Fit(
        coefficients=coefficients,
        robust=leverage @ leverage.T * (n / df),
        classical=bread * (residuals @ residuals / df),
        residuals=residuals,
        df=df,
    )


def interacted_regression(sample: Sample) -> Effect:
    """Regression with treatment x centred-covariate interactions (Lin 2013).

    The covariates are centred at the mean of the target population, so that the coefficient of the
    treatment is the effect there even where effects vary with the covariates.
    """
    arm, covariates = sample.treatment, sample.covariates
    members = {"ate": np.ones(sample.n), "att": arm, "atc": 1 - arm}[sample.target]
    centred = covariates - (members @ covariates) / members.sum()
    design = np.column_stack([np.ones(sample.n), arm, centred, arm[:, None] * centred])
    fit = least_squares(design, sample.outcome)
    slopes = fit.coefficients[2 + covariates.shape[1] :]
    chosen = centred[members == 1]
    spread = float(slopes @ np.atleast_2d(np.cov(chosen.T)) @ slopes) if len(slopes) else 0.0
    return Effect(
        value=float(fit.coefficients[1]),
        std_error=float(np.sqrt(fit.robust[1, 1])),
        df=small_sample_df(arm),
        # For inference on a larger population the sampling of the covariates counts as well.
        details={"std_error_population": float(np.sqrt(fit.robust[1, 1] + spread / len(chosen)))},
    )


def partial_linear(sample: Sample) -> Effect:
    """Effect per unit of a dose: its coefficient beside the covariates, with HC1 errors."""
    design = np.column_stack([with_intercept(sample.covariates), sample.treatment])
    fit = least_squares(design, sample.outcome)
    return Effect(
        value=float(fit.coefficients[-1]),
        std_error=float(np.sqrt(fit.robust[-1, -1])),
        details={"std_error_classical": float(np.sqrt(fit.classical[-1, -1])), "df": fit.df},
    )
