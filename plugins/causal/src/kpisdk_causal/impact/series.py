"""What a time-series estimator gets and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from kpisdk_causal.cautions import Caution
from kpisdk_causal.estimate import Interval
from kpisdk_causal.tables.table import Floats


@attrs.frozen(kw_only=True)
class Series:
    """A response before and after an intervention.

    Attributes:
        response: shape (n,), in order of time.
        controls: series the intervention did not touch, shape (n, k); k may be 0.
        n_pre: rows before the intervention.
        seasons: rows per season, or ``None``.
        level: of the intervals.
        seed: of whatever is random in the estimator.
    """

    response: Floats
    controls: Floats
    n_pre: int
    seasons: int | None = None
    level: float = 0.95
    seed: int = 0

    @property
    def n_post(self) -> int:
        """Rows from the intervention on."""
        return len(self.response) - self.n_pre

    def trend_column(self) -> Floats:
        """Time in periods, centred before the intervention, shape (n, 1); (n, 0) with controls.

        Without controls nothing else says where the response was going: a forecast that stays
        level would call every trend an effect.
        """
        if self.controls.shape[1]:
            return np.empty((len(self.response), 0))
        time = np.arange(len(self.response), dtype=np.float64)
        return ((time - (self.n_pre - 1) / 2) / max(self.n_pre, 1))[:, None]

    def design(self) -> Floats:
        """All columns that the response is explained by, shape (n, p).

        A constant, trend or controls (in standard deviations before the intervention), seasons.
        """
        before = self.controls[: self.n_pre]
        spread = before.std(axis=0) if self.controls.shape[1] else np.empty(0)
        scaled = (self.controls - before.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        return np.column_stack(
            [np.ones(len(self.response)), self.trend_column(), scaled, self.season_columns()]
        )

    def season_columns(self) -> Floats:
        """Indicator of each season but the last, shape (n, seasons - 1)."""
        if self.seasons is None:
            return np.empty((len(self.response), 0))
        place = np.arange(len(self.response)) % self.seasons
        return np.asarray(place[:, None] == np.arange(self.seasons - 1), dtype=np.float64)


@attrs.frozen(kw_only=True)
class SeriesEffect:
    """What an intervention did, on average per period after it.

    Attributes:
        value: mean of response less counterfactual over the m periods.
        std_error: of ``value``.
        span: interval of ``value``.
        p_value: two-sided.
        predicted: counterfactual, shape (m,).
        low: lower end of the counterfactual's interval, shape (m,).
        high: upper end, shape (m,).
        cumulative_span: interval of the sum of the effects.
        cautions: what the reader should know.
        details: facts of the estimator.
    """

    value: float
    std_error: float
    span: Interval
    p_value: float
    predicted: Floats
    low: Floats
    high: Floats
    cumulative_span: Interval
    cautions: tuple[Caution, ...] = ()
    details: Mapping[str, Any] = attrs.field(factory=dict)
