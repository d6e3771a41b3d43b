"""The estimators that are one regression: interacted for two arms, partially linear for a dose.

Errors are robust to unequal variances: HC1 (MacKinnon and White 1985), or HC2 where rows are few
for each coefficient.
"""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_causal.inference.influence import (
    FEW_DF,
    LEAN,
    degrees,
    design_of,
    fit_arm,
    is_lean,
    of_regression,
    standard_error,
    unshrunk,
)
from kpisdk_causal.sample import Effect, Sample
from kpisdk_causal.tables.table import Floats


@attrs.frozen(kw_only=True)
class Fit:
    """A least-squares fit.

    Attributes:
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
    """Fit ``outcome`` (n,) on ``design`` (n, p), of full rank, with n > p.

    Args:
        design: shape (n, p).
        outcome: shape (n,).
    """
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

    The same as a regression per arm, whose predictions differ by the effect at the mean covariates
    of the target. The error is that of the population that the rows are a sample of: the mean
    covariates are estimated too, which counts where the effect varies with them. The error of the
    rows at hand alone is ``std_error_hc1`` in the details.
    """
    design = design_of(sample)
    treated, control = fit_arm(design, sample, 1.0), fit_arm(design, sample, 0.0)
    members = {"ate": np.ones(sample.n), "att": sample.treatment, "atc": 1 - sample.treatment}
    own = members[sample.target]
    centre = own @ design / own.sum()
    slopes = treated.coefficients - control.coefficients
    value = float(centre @ slopes)
    fits = of_regression(design, treated, centre) - of_regression(design, control, centre)
    if not is_lean(sample):
        fits = fits * np.sqrt(sample.n / (sample.n - 2 * design.shape[1]))
    influence = fits + own / own.mean() * (design @ slopes - value)
    return Effect(
        value=value,
        std_error=standard_error(influence),
        df=degrees(sample),
        details={"std_error_hc1": float(np.sqrt(fits @ fits) / sample.n)},
        influence=influence,
    )


def partial_linear(sample: Sample) -> Effect:
    """Effect per unit of a dose: its coefficient beside the covariates."""
    design = design_of(sample)
    n, p = design.shape
    # Whatever the covariates say of the dose is taken out of it; what is left has its coefficient.
    own = sample.treatment - design @ (design.T @ sample.treatment) / n
    own = own - design @ (design.T @ own) / n
    size = float(own @ own)
    value = float(own @ sample.centred / size)
    rest = sample.centred - value * sample.treatment
    residuals = rest - design @ (design.T @ rest) / n
    df = n - p - 1
    if n < LEAN * (p + 1):
        leverage = (design**2).sum(axis=1) / n + own**2 / size
        spread = unshrunk(residuals, leverage)
    else:
        spread = residuals * np.sqrt(n / df)
    influence = n * own * spread / size
    return Effect(
        value=value,
        std_error=float(np.sqrt(influence @ influence) / n),
        df=float(df) if df < FEW_DF else None,
        details={
            "std_error_classical": float(np.sqrt(residuals @ residuals / df / size)),
            "df": df,
        },
        influence=influence,
    )
