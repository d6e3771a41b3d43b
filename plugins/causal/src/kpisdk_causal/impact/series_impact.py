"""CM-003 over time: what an intervention at a date did to a series."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from kpisdk_causal.cautions import (
    CONSTANT_COVARIATE_DROPPED,
    CONSTANT_OUTCOME,
    NO_SPREAD,
    SHORT_PRE_PERIOD,
    Caution,
)
from kpisdk_causal.errors import EstimatorFailedError, SeriesError, SingularDesignError
from kpisdk_causal.estimate import CausalEstimate, Diagnostics
from kpisdk_causal.estimator import Task
from kpisdk_causal.estimators.router import Router, default_router
from kpisdk_causal.impact.missing_periods import between_periods, refuse_gaps
from kpisdk_causal.impact.periods import Periods, read_periods
from kpisdk_causal.impact.series import Series, SeriesEffect
from kpisdk_causal.inference.intervals import EXACT, is_finite
from kpisdk_causal.questions.question import SeriesQuestion
from kpisdk_causal.tables.table import Table, read

if TYPE_CHECKING:
    pass

LEAST_PRE = 10
"""Fewer rows before the intervention are refused."""
LEAST_DF = 3
"""Fewer degrees of freedom before it are refused."""
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
        SeriesError: periods that are no dates or numbers, gaps or repeated ones, nothing before or
            after, too few rows before (10), a control that equals the response.
        SingularDesignError: too few rows before for controls, trend and seasons.
        KpisdkError: the classes of :mod:`kpisdk_causal.errors`, for faults of question or data.
    """
    router = router or default_router()
    rules = question.rules
    table, times = _in_order(frame, question)
    n_pre, stop, cautions = _cut(times, question)
    series, left_out = _series(table, question, n_pre, stop)
    choice = router.choose(
        Task.SERIES, "post_period_mean", name=rules.estimator, library=rules.library
    )
    estimator = choice.estimator
    cautions += [*choice.cautions, *left_out]
    if series.n_pre < ENOUGH_PRE * series.n_post:
        text = (
            f"{series.n_pre} periods before for {series.n_post} after; 3 times as many are wanted."
        )
        cautions.append(Caution(SHORT_PRE_PERIOD, text))
    base = _base(series, question, estimator)
    if _is_still(table, question, series):
        return _unmeasured(series, question, base, cautions)
    refuse_unmeasurable(series, question.outcome)
    effect = _run(estimator, series)
    exact = effect.std_error <= EXACT * float(series.response[: series.n_pre].std())
    if exact:
        text = "The periods before are fitted exactly, so that no uncertainty can be given."
        cautions.append(Caution(NO_SPREAD, text))
    actual = series.response[series.n_pre :]
    return CausalEstimate(
        value=effect.value,
        confidence_interval=None if exact else effect.span,
        ci_method=estimator.interval_method,
        p_value=None if exact else effect.p_value,
        p_method=estimator.p_method,
        std_error=None if exact else effect.std_error,
        warnings=(*cautions, *effect.cautions),
        details={
            **effect.details,
            "cumulative_effect": effect.value * series.n_post,
            "cumulative_interval": None if exact else list(effect.cumulative_span),
            "n_pre": series.n_pre,
            "n_post": series.n_post,
            "series": {
                "times": [str(time) for time in times.wall[:stop]],
                "actual": series.response.tolist(),
                "predicted": effect.predicted.tolist(),
                "low": effect.low.tolist(),
                "high": effect.high.tolist(),
                "point_effect": (actual - effect.predicted).tolist(),
            },
        },
        **base,
    )


def _base(series: Series, question: SeriesQuestion, estimator: Any) -> dict[str, Any]:
    return {
        "ci_level": question.rules.confidence_level,
        "n_samples": len(series.response),
        "n_treated": series.n_post,
        "n_control": series.n_pre,
        "estimator": estimator.name,
        "library": estimator.library,
        "library_version": estimator.library_version,
        "estimand": "mean effect per period after the intervention",
        "contrast": f"after vs before {question.intervention}",
        "adjustment_set": tuple(sorted(question.controls)),
        "diagnostics": Diagnostics(identification={"by": "forecast from before and from controls"}),
    }


def _is_still(table: Table, question: SeriesQuestion, series: Series) -> bool:
    """Whether the response does not move before the intervention, but for rounding."""
    spread = float(np.ptp(series.response[: series.n_pre]))
    return spread <= table.rounding(question.outcome)


def _unmeasured(
    series: Series, question: SeriesQuestion, base: dict[str, Any], cautions: list[Caution]
) -> CausalEstimate:
    """The answer where nothing before shows by how much the response varies on its own."""
    never = bool(np.ptp(series.response) == 0)
    text = f"{question.outcome!r} never changes" + ("" if never else " before the intervention")
    text += ": there is nothing that an error could be measured by."
    return CausalEstimate(
        value=0.0 if never else None,
        reason=None if never else CONSTANT_OUTCOME,
        warnings=(*cautions, Caution(CONSTANT_OUTCOME, text)),
        details={"n_pre": series.n_pre, "n_post": series.n_post},
        **base,
    )


def _in_order(frame: Any, question: SeriesQuestion) -> tuple[Table, Periods]:
    """Rows in order of time, and the times; gaps and repeats are refused."""
    columns = (question.outcome, *question.controls)
    # A missing value in a series is a gap, which no setting may close by dropping the row.
    if question.time is None:
        table = read(frame, columns, "raise")
        written, where = list(frame.index), "the index"
    else:
        table = read(frame, (*columns, question.time), "raise")
        written, where = list(table.frame[question.time]), question.time
    found = read_periods(written, where)
    order = sorted(range(len(written)), key=lambda place: found.points[place])
    table = Table(table.frame.iloc[order].reset_index(drop=True), table.n_dropped)
    times = Periods(
        tuple(found.points[place] for place in order),
        tuple(found.wall[place] for place in order),
        found.kind,
        where,
    )
    for before, after in itertools.pairwise(times.points):
        if before == after:
            raise SeriesError(f"The period {after} occurs twice; one row per period is needed.")
    refuse_gaps(times.points)
    return table, times


def _cut(times: Periods, question: SeriesQuestion) -> tuple[int, int, list[Caution]]:
    """How many periods lie before the intervention, where the last one that counts ends."""
    start, comparable = times.at(question.intervention)
    n_pre = sum(time < start for time in comparable)
    stop = len(comparable)
    if question.end is not None:
        end, comparable_end = times.at(question.end)
        stop = sum(time <= end for time in comparable_end)
    reach = f"the series runs from {times.wall[0]} to {times.wall[-1]}"
    if stop <= n_pre:
        raise SeriesError(
            f"No period lies after the intervention {question.intervention}: {reach}."
        )
    if n_pre < LEAST_PRE:
        raise SeriesError(
            f"{n_pre} periods lie before the intervention {question.intervention}, and "
            f"{LEAST_PRE} are needed: {reach}."
        )
    return n_pre, stop, between_periods(question.intervention, start, comparable[n_pre])


def _series(
    table: Table, question: SeriesQuestion, n_pre: int, stop: int
) -> tuple[Series, list[Caution]]:
    response = table.outcome(question.outcome)[:stop]
    columns, cautions = [], []
    for name in sorted(question.controls):
        values = table.floats(name, "control")[:stop]
        if np.array_equal(values, response):
            raise SeriesError(
                f"The control {name!r} equals the response {question.outcome!r}: its effect "
                "would be explained away. Leave it out."
            )
        if np.ptp(values[:n_pre]) > table.rounding(name):
            columns.append(table.differences(name, "control")[:stop])
        else:
            text = f"The control {name!r} has one value before the intervention and was left out."
            cautions.append(Caution(CONSTANT_COVARIATE_DROPPED, text))
    return Series(
        response=response,
        controls=np.column_stack(columns) if columns else np.empty((stop, 0)),
        n_pre=n_pre,
        seasons=question.seasons,
        level=question.rules.confidence_level,
        seed=question.rules.seed,
    ), cautions


def refuse_unmeasurable(series: Series, outcome: str) -> None:
    """Refuse a series whose columns leave nothing before the intervention to measure an error by.

    Args:
        series: the response and its controls.
        outcome: column of the response.

    Raises:
        SingularDesignError: fewer than 3 degrees of freedom, or a direction of controls and seasons
            that only occurs after the intervention.
    """
    design = series.design()
    before = design[: series.n_pre]
    values, vectors = np.linalg.eigh(before.T @ before / series.n_pre)
    known = values > 1e-12 * values.max()
    df = series.n_pre - int(known.sum())
    if df < LEAST_DF:
        what = (
            f"{series.n_pre} periods before the intervention for {int(known.sum())} columns "
            f"(level, trend, controls, seasons) leave {max(df, 0)} to measure an error of "
            f"{outcome!r} by, and {LEAST_DF} are needed"
        )
        raise SingularDesignError((outcome,), what)
    unknown = design[series.n_pre :] @ vectors[:, ~known]
    if unknown.size and float(np.abs(unknown).max()) > 1e-6 * float(np.abs(design).max()):
        what = (
            "controls or seasons move after the intervention in a way that they never did before, "
            "so that their part cannot be told"
        )
        raise SingularDesignError((outcome,), what)


def _run(estimator: Any, series: Series) -> SeriesEffect:
    try:
        effect: SeriesEffect = estimator.fit(series)
    except Exception as fault:
        raise EstimatorFailedError(estimator.name, estimator.library, repr(fault)) from fault
    if not is_finite(effect.value, effect.std_error, *effect.span):
        raise EstimatorFailedError(estimator.name, estimator.library, "it returned a nan")
    return effect
