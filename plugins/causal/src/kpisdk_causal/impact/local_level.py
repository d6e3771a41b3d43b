"""Local level with regression: the counterfactual of a series, in closed form.

y_t = β·x_t + μ_t + ε_t with μ a random walk. Its step is fixed at 0.01 sd of the response, as in
Brodersen et al. (2015): estimated by likelihood it can swallow the whole series, and the interval
of the forecast then says nothing. The noise of ε is estimated by restricted likelihood.
"""

from __future__ import annotations

import math

import attrs
import numpy as np

from kpisdk_causal.cautions import AUTOCORRELATED, Caution
from kpisdk_causal.impact.series import Series, SeriesEffect
from kpisdk_causal.inference.intervals import interval, quantile, two_sided_p
from kpisdk_causal.tables.table import Floats

LEVEL_SD = 0.01
"""Step of the random walk per period, in standard deviations of the response before."""


def local_level(series: Series) -> SeriesEffect:
    """Forecast the response after the intervention from what came before, and compare."""
    n, m = series.n_pre, series.n_post
    centre, scale = _scale(series.response[:n])
    response = (series.response - centre) / scale
    design = series.design()
    fit = _best_fit(response[:n], design[:n])
    # The noise is estimated from what the columns leave: Student's t, as in a regression.
    df = float(n - np.linalg.matrix_rank(design[:n]))
    level_sd2 = LEVEL_SD**2
    steps = np.arange(1, m + 1, dtype=np.float64)
    gap = design[n:] - fit.state_of_design
    predicted = design[n:] @ fit.coefficients + fit.state
    single = (
        fit.state_variance
        + level_sd2 * steps
        + fit.noise
        + np.einsum("ij,jk,ik->i", gap, fit.covariance, gap)
    )
    sums = np.cumsum(gap, axis=0)[-1]
    # Step j of the walk moves all later periods, so the sum counts it (m - j + 1) times.
    walk = level_sd2 * m * (m + 1) * (2 * m + 1) / 6
    total = m**2 * fit.state_variance + walk + m * fit.noise + float(sums @ fit.covariance @ sums)
    error = scale * math.sqrt(total) / m
    value = float(scale * (response[n:] - predicted).mean())
    half = quantile(series.level, df) * np.sqrt(single)
    span = interval(value, error, series.level, df)
    return SeriesEffect(
        value=value,
        std_error=error,
        span=span,
        p_value=two_sided_p(value, error, df),
        predicted=centre + scale * predicted,
        low=centre + scale * (predicted - half),
        high=centre + scale * (predicted + half),
        cumulative_span=(span[0] * m, span[1] * m),
        cautions=_autocorrelation(fit.innovations),
        details={"noise_sd": scale * math.sqrt(fit.noise), "level_sd": scale * LEVEL_SD, "df": df},
    )


@attrs.frozen(kw_only=True)
class _Fit:
    noise: float
    coefficients: Floats
    covariance: Floats
    state: float
    state_of_design: Floats
    state_variance: float
    innovations: Floats
    loss: float


def _best_fit(response: Floats, design: Floats) -> _Fit:
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_noise: _fit(response, design, math.exp(log_noise)).loss,
        bounds=(math.log(1e-8), math.log(4.0)),
        method="bounded",
        options={"xatol": 1e-8},
    )
    return _fit(response, design, math.exp(float(found.x)))


def _fit(response: Floats, design: Floats, noise: float) -> _Fit:
    """Generalised least squares by a Kalman filter that runs over all columns at once."""
    columns = np.column_stack([response, design])
    whitened = np.empty_like(columns)
    state = np.zeros(columns.shape[1])
    variance, log_det = 0.0, 0.0
    for time, row in enumerate(columns):
        variance += LEVEL_SD**2
        spread = variance + noise
        surprise = row - state
        whitened[time] = surprise / math.sqrt(spread)
        log_det += math.log(spread)
        gain = variance / spread
        state = state + gain * surprise
        variance *= 1 - gain
    y, x = whitened[:, 0], whitened[:, 1:]
    information = x.T @ x
    covariance: Floats = np.asarray(np.linalg.pinv(information, hermitian=True), dtype=np.float64)
    coefficients = covariance @ (x.T @ y)
    residual = y - x @ coefficients
    values = np.linalg.eigvalsh(information)
    positive = values[values > values.max() * 1e-12]
    return _Fit(
        noise=noise,
        coefficients=coefficients,
        covariance=covariance,
        state=float(state[0] - state[1:] @ coefficients),
        state_of_design=state[1:],
        state_variance=variance,
        innovations=residual,
        loss=float(residual @ residual + log_det + np.log(positive).sum()),
    )


def _autocorrelation(innovations: Floats) -> tuple[Caution, ...]:
    """A caution where one period's surprise foretells the next one's.

    The interval takes them for independent; under positive correlation it is too narrow.
    """
    centred = innovations - innovations.mean()
    variance = float(centred @ centred)
    lag = float(centred[1:] @ centred[:-1]) / variance if variance > 0 else 0.0
    if lag * math.sqrt(len(innovations)) <= 2:
        return ()
    text = f"The residuals before the intervention are autocorrelated ({lag:.2f}): "
    return (Caution(AUTOCORRELATED, text + "the interval is too narrow; prefer 'bsts'."),)


def _scale(before: Floats) -> tuple[float, float]:
    spread = float(before.std(ddof=1))
    return float(before.mean()), spread if spread > 0 else 1.0
