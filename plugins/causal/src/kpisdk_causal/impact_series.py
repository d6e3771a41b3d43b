"""CM-003 over time: what an intervention at a date did to a series."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from kpisdk_causal.errors import EstimatorFailedError, SeriesError
from kpisdk_causal.estimate import (
    CONSTANT_OUTCOME,
    SHORT_PRE_PERIOD,
    CausalEstimate,
    Caution,
    Diagnostics,
)
from kpisdk_causal.estimator import Task
from kpisdk_causal.inference import is_finite
from kpisdk_causal.question import SeriesQuestion
from kpisdk_causal.router import Router, default_router
from kpisdk_causal.series import Series, SeriesEffect
from kpisdk_causal.table import Table, read

if TYPE_CHECKING:
    import pandas as pd

LEAST_PRE = 10
"""Fewer rows before the intervention are refused."""
ENOUGH_PRE = 3
"""Fewer rows before than this many times those after get a caution."""


def estimate_series_impact(
    frame: Any, question: SeriesQuestion, router: Router | None = None
) -> CausalEstimate:
    """Estimate the mean effect per period from ``question.intervention`` on.

    The counterfactual is forecast from the response before and the controls throughout.

    Args:
        frame: pandas frame, one row per period, in any order; it is not changed.
        question: response, controls, and when the intervention was.
        router: the estimators to choose from; ``None`` takes the built-in ones.

    Returns:
        The mean effect; ``details`` has ``cumulative_effect`` with its interval and the ``series``
        (times, actual, predicted, low, high) that a plot needs.

    Raises:
        SeriesError: gaps or repeated periods, nothing before or after, too few rows before (10),
            a control that equals the response.
        KpisdkError: the classes of :mod:`kpisdk_causal.errors`, for faults of question or data.
    """
    router = router or default_router()
    rules = question.rules
    table, times = _in_order(frame, question)
    n_pre, stop = _cut(times, question)
    series = _series(table, question, n_pre, stop)
    choice = router.choose(
        Task.SERIES, "post_period_mean", name=rules.estimator, library=rules.library
    )
    estimator = choice.estimator
    cautions = list(choice.cautions)
    if series.n_pre < ENOUGH_PRE * series.n_post:
        text = (
            f"{series.n_pre} periods before for {series.n_post} after; 3 times as many are wanted."
        )
        cautions.append(Caution(SHORT_PRE_PERIOD, text))
    constant = bool(np.ptp(series.response) == 0)
    if constant:
        text = f"{question.outcome!r} never changes."
        cautions.append(Caution(CONSTANT_OUTCOME, text))
    effect = _still(series) if constant else _run(estimator, series)
    actual = series.response[series.n_pre :]
    return CausalEstimate(
        value=effect.value,
        confidence_interval=effect.span,
        ci_level=rules.confidence_level,
        ci_method=estimator.interval_method,
        p_value=effect.p_value,
        p_method=estimator.p_method,
        std_error=effect.std_error,
        n_samples=len(series.response),
        n_treated=series.n_post,
        n_control=series.n_pre,
        estimator=estimator.name,
        library=estimator.library,
        library_version=estimator.library_version,
        estimand="mean effect per period after the intervention",
        contrast=f"after vs before {question.intervention}",
        adjustment_set=tuple(sorted(question.controls)),
        diagnostics=Diagnostics(identification={"by": "forecast from before and from controls"}),
        warnings=(*cautions, *effect.cautions),
        details={
            **effect.details,
            "cumulative_effect": effect.value * series.n_post,
            "cumulative_interval": list(effect.cumulative_span),
            "n_pre": series.n_pre,
            "n_post": series.n_post,
            "series": {
                "times": [str(time) for time in times[:stop]],
                "actual": series.response.tolist(),
                "predicted": effect.predicted.tolist(),
                "low": effect.low.tolist(),
                "high": effect.high.tolist(),
                "point_effect": (actual - effect.predicted).tolist(),
            },
        },
    )


def _in_order(frame: Any, question: SeriesQuestion) -> tuple[Table, list[Any]]:
    """Rows in order of time, and the times; gaps and repeats are refused."""
    columns = (question.outcome, *question.controls)
    # A missing value in a series is a gap, which no setting may close by dropping the row.
    if question.time is None:
        ordered = frame.sort_index() if hasattr(frame, "sort_index") else frame
        table = read(ordered, columns, "raise")
        times = list(ordered.index)
    else:
        table = read(frame, (*columns, question.time), "raise")
        order = table.frame[question.time].sort_values(kind="stable").index
        table = attrs.evolve(table, frame=table.frame.loc[order].reset_index(drop=True))
        times = list(table.frame[question.time])
    times = _as_times(times, question)
    for before, after in itertools.pairwise(times):
        if before == after:
            raise SeriesError(f"The period {after} occurs twice; one row per period is needed.")
    _refuse_gaps(times)
    return table, times


def _as_times(times: list[Any], question: SeriesQuestion) -> list[Any]:
    """Text and days become instants; numbers and instants stay."""
    import datetime as dt

    import pandas as pd

    if not all(isinstance(time, str | dt.date) for time in times):
        return times
    # Only ISO 8601: whether 01/02 is in January or in February is not for us to guess.
    form = "ISO8601" if all(isinstance(time, str) for time in times) else None
    try:
        return list(pd.to_datetime(pd.Series(times), format=form))
    except (ValueError, TypeError) as fault:
        where = question.time or "the index"
        raise SeriesError(
            f"The times in {where!r} cannot be read as dates (write 2025-01-31): {fault}."
        ) from fault


def _refuse_gaps(times: list[Any]) -> None:
    """Refuse a missing period, where the steps have a rhythm that shows it."""
    import pandas as pd

    if len(times) < 3 or not all(isinstance(t, pd.Timestamp | int | float) for t in times):
        return
    if isinstance(times[0], pd.Timestamp) and _keeps_calendar(pd.DatetimeIndex(times)):
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


def _cut(times: list[Any], question: SeriesQuestion) -> tuple[int, int]:
    """How many periods lie before the intervention, and where the last one that counts ends."""
    start = read_instant(question.intervention, times[0])
    n_pre = sum(time < start for time in times)
    stop = len(times)
    if question.end is not None:
        end = read_instant(question.end, times[0])
        stop = sum(time <= end for time in times)
    reach = f"the series runs from {times[0]} to {times[-1]}"
    if stop <= n_pre:
        raise SeriesError(
            f"No period lies after the intervention {question.intervention}: {reach}."
        )
    if n_pre < LEAST_PRE:
        raise SeriesError(
            f"{n_pre} periods lie before the intervention {question.intervention}, and "
            f"{LEAST_PRE} are needed: {reach}."
        )
    return n_pre, stop


def read_instant(value: Any, time: Any) -> Any:
    """``value`` as the kind of thing that the times are.

    Raises:
        SeriesError: it cannot be read as one.
    """
    import datetime as dt

    import pandas as pd

    try:
        if isinstance(time, pd.Timestamp):
            stamp = pd.Timestamp(value)
            return stamp.tz_localize(time.tz) if time.tz and stamp.tz is None else stamp
        if isinstance(time, dt.date) and not isinstance(time, dt.datetime):
            return pd.Timestamp(value).date()
        return type(time)(value)
    except (ValueError, TypeError) as fault:
        kind = type(time).__name__
        raise SeriesError(f"{value!r} cannot be read as a time ({kind}): {fault}.") from fault


def _series(table: Table, question: SeriesQuestion, n_pre: int, stop: int) -> Series:
    response = table.floats(question.outcome, "response")[:stop]
    columns = []
    for name in sorted(question.controls):
        values = table.floats(name, "control")[:stop]
        if np.array_equal(values, response):
            raise SeriesError(
                f"The control {name!r} equals the response {question.outcome!r}: its effect "
                "would be explained away. Leave it out."
            )
        if np.ptp(values[:n_pre]) > 0:
            columns.append(values)
    return Series(
        response=response,
        controls=np.column_stack(columns) if columns else np.empty((stop, 0)),
        n_pre=n_pre,
        seasons=question.seasons,
        level=question.rules.confidence_level,
        seed=question.rules.seed,
    )


def _run(estimator: Any, series: Series) -> SeriesEffect:
    try:
        effect: SeriesEffect = estimator.fit(series)
    except Exception as fault:
        raise EstimatorFailedError(estimator.name, estimator.library, repr(fault)) from fault
    if not is_finite(effect.value, effect.std_error, *effect.span):
        raise EstimatorFailedError(estimator.name, estimator.library, "it returned a nan")
    return effect


def _still(series: Series) -> SeriesEffect:
    """The effect on a series that never changes: none, without doubt."""
    after = series.response[series.n_pre :]
    return SeriesEffect(
        value=0.0,
        std_error=0.0,
        span=(0.0, 0.0),
        p_value=1.0,
        predicted=after,
        low=after,
        high=after,
        cumulative_span=(0.0, 0.0),
    )
