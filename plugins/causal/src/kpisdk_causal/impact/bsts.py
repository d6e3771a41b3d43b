# Working with causal_impact is the whole job of this file; imported only when the router chose it.
"""Bayesian structural time series, by bsts-causalimpact (the method of R's CausalImpact)."""

from __future__ import annotations

import numpy as np
from causal_impact import CausalImpact

from kpisdk_causal.impact.local_level import local_level
from kpisdk_causal.impact.series import Series, SeriesEffect
from kpisdk_causal.inference.intervals import quantile, two_sided_p

DRAWS = 4000
WARM_UP = 1000


def bsts(series: Series) -> SeriesEffect:
    """Posterior of the effect under a local level, seasons and a spike-and-slab regression."""
    n, m = series.n_pre, series.n_post
    answer = CausalImpact(
        np.column_stack([series.response, series.controls, series.trend_column()]),
        [0, n - 1],
        [n, n + m - 1],
        model_args={
            "niter": DRAWS,
            "nwarmup": WARM_UP,
            "seed": series.seed,
            "nseasons": series.seasons,
        },
        alpha=1 - series.level,
    )
    summary, lines = answer.summary_stats, answer.inferences
    value = float(summary["point_effect_mean"])
    # The posterior alone is too sure of itself: without an effect it says p < 0.05 in 10 to 27 % of
    # short or seasonal series. The forecast error of the closed form is its least width.
    closed = local_level(series)
    gap_low, gap_high = closed.value - closed.span[0], closed.span[1] - closed.value
    low = min(float(summary["ci_lower"]), value - gap_low)
    high = max(float(summary["ci_upper"]), value + gap_high)
    # The library's p is the smaller tail's share of draws, and at least one draw.
    tail = round(float(summary["p_value"]) * DRAWS)
    p_posterior = min(1.0, 2 * (1 + tail) / (1 + DRAWS))
    df = float(closed.details["df"])
    predicted = lines["predicted_mean"].to_numpy(dtype=np.float64)
    return SeriesEffect(
        value=value,
        std_error=(high - low) / (2 * quantile(series.level, df)),
        span=(low, high),
        p_value=max(p_posterior, two_sided_p(value, closed.std_error, df)),
        predicted=predicted,
        low=np.minimum(lines["predicted_lower"], predicted - (closed.predicted - closed.low)),
        high=np.maximum(lines["predicted_upper"], predicted + (closed.high - closed.predicted)),
        cumulative_span=(low * m, high * m),
        details={
            "draws": DRAWS,
            "relative_effect": float(summary["relative_effect_mean"]),
            "df": df,
        },
    )
