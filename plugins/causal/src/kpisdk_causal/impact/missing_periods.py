"""Periods that are missing from a series or panel, and interventions that lie between two."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kpisdk_causal.cautions import (
    BETWEEN_PERIODS,
    Caution,
)
from kpisdk_causal.errors import SeriesError

if TYPE_CHECKING:
    import pandas as pd


def refuse_gaps(times: Sequence[Any]) -> None:
    """Refuse a missing period, where the steps have a rhythm that shows it."""
    import pandas as pd

    if len(times) < 3 or not all(isinstance(t, pd.Timestamp | int | float) for t in times):
        return
    if isinstance(times[0], pd.Timestamp) and _keeps_calendar(pd.DatetimeIndex(list(times))):
        return
    steps = [after - before for before, after in itertools.pairwise(times)]
    usual = sorted(steps)[len(steps) // 2]
    for before, after in itertools.pairwise(times):
        if after - before > 1.5 * usual:
            raise SeriesError(
                f"Periods are missing between {before} and {after} (the usual step is {usual}). "
                "Add rows for them, so that the gap is explicit."
            )


def _keeps_calendar(index: pd.DatetimeIndex) -> bool:
    """Whether the instants go by equal numbers of months, or by working days."""
    months = np.diff(index.year * 12 + index.month)
    if months[0] > 0 and (months == months[0]).all():
        return True
    days = index.tz_localize(None).to_numpy().astype("datetime64[D]")
    return bool(np.is_busday(days).all() and (np.busday_count(days[:-1], days[1:]) == 1).all())


def between_periods(asked: Any, start: Any, first: Any) -> list[Caution]:
    """A caution where the intervention is the beginning of no period.

    Args:
        asked: the intervention.
        start: the period that it lies in.
        first: the first period after it.
    """
    if start == first:
        return []
    text = f"No period begins at {asked}: the one it lies in counts as before, {first} as after."
    return [Caution(BETWEEN_PERIODS, text)]
