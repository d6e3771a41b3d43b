"""The range of the next value of a series, by a structural time series model of statsmodels.

The model (``UnobservedComponents``) has a level that wanders and a season that repeats. It takes
what is missing for missing: its filter passes over it, and is less sure afterwards.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

from kpisdk_history.forecast.seasons import LEAST

SURENESS = 0.95
"""How often the next value lies in its range, as long as nothing changes."""

MOST_STATES = 12
"""A longer season is six waves: a value a week would leave nothing to learn the spread from."""

WAVES = 6


def is_installed() -> bool:
    """Whether statsmodels is there."""
    from importlib.util import find_spec

    return find_spec("statsmodels") is not None


def next_range(values: Sequence[float | None], period: int) -> tuple[float, float] | None:
    """The range that the next value lies in, 95 times of 100.

    Args:
        values: one a period, in their order; ``None`` is a missing one.
        period: how many of them are a season.

    Returns:
        Its ends; ``None`` for fewer than three seasons of values, for a series that never moved,
        and where the model does not come to an end.
    """
    there = [each for each in values if each is not None]
    if len(there) < LEAST * period:
        return None
    largest = max(map(abs, there)) or 1.0
    # Of numbers near the largest float neither sum nor square is one.
    scaled = [math.nan if each is None else each / largest for each in values]
    centre = math.fsum(each for each in scaled if not math.isnan(each)) / len(there)
    spread = math.sqrt(
        math.fsum((each - centre) ** 2 for each in scaled if not math.isnan(each)) / len(there)
    )
    if spread <= 1e-9:
        return None
    found = _forecast([(each - centre) / spread for each in scaled], period, len(there))
    if found is None:
        return None
    low, high = ((centre + spread * each) * largest for each in found)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _forecast(values: Sequence[float], period: int, present: int) -> tuple[float, float] | None:
    import numpy as np
    from scipy.stats import t
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    if period > MOST_STATES:
        waves = [{"period": period, "harmonics": WAVES}]
        season = {"freq_seasonal": waves, "stochastic_freq_seasonal": [False]}
    else:
        season = {"seasonal": period, "stochastic_seasonal": False}
    with warnings.catch_warnings():
        # It warns of a maximum that it is not sure of; the range is as wide as the one it found.
        warnings.simplefilter("ignore")
        try:
            model = UnobservedComponents(np.asarray(values), level="local level", **season)
            forecast = model.fit(disp=0, maxiter=50).get_forecast(1)
            middle, error = float(forecast.predicted_mean[0]), float(forecast.se_mean[0])
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            return None
    if not (math.isfinite(middle) and math.isfinite(error) and error > 0):
        return None
    # Student's: with three seasons the spread itself is not well known.
    freedom = max(1, present - model.k_states)
    reach = float(t.ppf((1 + SURENESS) / 2, freedom)) * error
    return middle - reach, middle + reach
