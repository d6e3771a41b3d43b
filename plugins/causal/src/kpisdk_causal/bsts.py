# Working with causal_impact is the whole job of this file; imported only when the router chose it.
"""Bayesian structural time series, by bsts-causalimpact (the method of R's CausalImpact)."""

from __future__ import annotations

import numpy as np
from causal_impact import CausalImpact

from kpisdk_causal.inference import quantile
from kpisdk_causal.series import Series, SeriesEffect

DRAWS = 4000
WARM_UP = 1000


def bsts(series: Series) -> SeriesEffect:
    """Posterior of the effect under a local level, seasons and a spike-and-slab regression."""
    n, m = series.n_pre, series.n_post
    answer = CausalImpact(
        np.column_stack([series.response, series.controls]),
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
    low, high = float(summary["ci_lower"]), float(summary["ci_upper"])
    # The library's p is the smaller tail's share of draws, and at least one draw.
    tail = round(float(summary["p_value"]) * DRAWS)
    return SeriesEffect(
        value=float(summary["point_effect_mean"]),
        std_error=(high - low) / (2 * quantile(series.level)),
        span=(low, high),
        p_value=min(1.0, 2 * (1 + tail) / (1 + DRAWS)),
        predicted=lines["predicted_mean"].to_numpy(dtype=np.float64),
        low=lines["predicted_lower"].to_numpy(dtype=np.float64),
        high=lines["predicted_upper"].to_numpy(dtype=np.float64),
        cumulative_span=(low * m, high * m),
        details={"draws": DRAWS, "relative_effect": float(summary["relative_effect_mean"])},
    )
