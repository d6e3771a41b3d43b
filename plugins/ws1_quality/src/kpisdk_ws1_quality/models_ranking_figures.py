"""ROC-AUC and average precision with the sums that their errors are made of, in the database.

How far a figure moves with each unit follows from its influence: what every row adds to it to first
order. Rows of one unit are added up before they are squared, so that a unit of many alike rows
counts as one answer. Ties are one level: half a pair for the area, one step for the precision.
"""

from collections.abc import Callable, Mapping
from functools import partial
from math import sqrt
from typing import Any, TypeAlias

from kpisdk import (
    Calculator,
    Column,
    Derived,
    Estimate,
    FrameInput,
    Inputs,
    Interval,
    IntervalReason,
    LogicalType,
    Scope,
    WindowUse,
    few_rows,
)
from kpisdk_ws1_quality.models_outcomes import known, not_judged, not_probabilities, one_class
from kpisdk_ws1_quality.moments import cell_of, moment_columns, moment_names, moments_of
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS
from kpisdk_ws1_quality.units import UNIT, has_unit, unit_column, unit_name, unit_notes, with_bounds

Figure: TypeAlias = tuple[float, Interval | IntervalReason]
"""A value, and its interval or why there is none."""


def _scored(scope: Scope) -> Any:
    """Rows with an outcome: their class, their unit, and the outcomes above and below them."""
    from sqlalchemy import Double, case, cast, func, select

    rows = scope.rows()
    judged = scope.expression(known, rows)

    def flag(condition: Any) -> Any:
        return cast(case((condition, 1), else_=0), Double())

    value, outcome = rows.c.prediction_value, rows.c.actual_outcome
    is_outcome = outcome.in_([0.0, 1.0])
    classed = (
        select(
            *scope.partition(rows),
            unit_column(rows).label("unit"),
            has_unit(rows).label("by_unit"),
            case((judged, value)).label("level"),
            flag(judged & (outcome == 1)).label("positive"),
            flag(judged & (outcome == 0)).label("negative"),
            flag(judged & ((value < 0) | (value > 1))).label("outside"),
            flag(~is_outcome).label("odd"),
            flag(is_outcome & value.is_(None)).label("unpredicted"),
        )
        .where(outcome.is_not(None))
        .subquery("classed")
    )
    groups = scope.partition(classed) or None
    level = classed.c.level

    def up_to(column: Any) -> Any:  # the rows of one level come together: the frame is a range
        return func.sum(column).over(partition_by=groups, order_by=level)

    def down_to(column: Any) -> Any:
        return func.sum(column).over(partition_by=groups, order_by=level.desc())

    def whole(column: Any) -> Any:
        return func.sum(column).over(partition_by=groups)

    positive, negative = classed.c.positive, classed.c.negative
    return select(
        *classed.c,
        whole(positive).label("all_positives"),
        whole(negative).label("all_negatives"),
        down_to(positive).label("positives_from"),
        down_to(negative).label("negatives_from"),
        up_to(positive).label("positives_to"),
        up_to(negative).label("negatives_to"),
    ).subquery("scored")


def _placed(scope: Scope) -> Any:
    """Each row's place in the other class, its precision, and what it changes in that of others.

    The place of a positive is the share of negatives below it, a tie counting half, and that of a
    negative the share of positives above it. One more positive at a level raises the precision of
    every positive from there down by ``N / (P + N)**2``, one more negative lowers it by ``P / (P +
    N)**2``, with the ``P`` positives and ``N`` negatives at or above that one.
    """
    from sqlalchemy import case, func, select

    c = _scored(scope).c
    seen = case((c.positive + c.negative == 1, c.positives_from + c.negatives_from))
    below = (c.all_negatives - c.negatives_from + c.negatives_to) / 2
    above = (c.all_positives + c.positives_from - c.positives_to) / 2
    changes = select(
        *c,
        case((c.positive == 1, below)).label("pairs"),
        case(
            (c.positive == 1, below / _nullif(c.all_negatives)),
            (c.negative == 1, above / _nullif(c.all_positives)),
        ).label("place"),
        (c.positives_from / seen).label("precision"),
        (c.positive * c.negatives_from / (seen * seen)).label("rise"),
        (c.positive * c.positives_from / (seen * seen)).label("fall"),
    ).subquery("changes")
    c, groups = changes.c, scope.partition(changes) or None

    def up_to(column: Any) -> Any:
        return func.sum(column).over(partition_by=groups, order_by=c.level)

    return select(
        *(each for each in c if each.name not in ("rise", "fall")),
        func.sum(c.pairs).over(partition_by=groups).label("all_pairs"),
        func.sum(c.positive * c.precision).over(partition_by=groups).label("all_steps"),
        up_to(c.rise).label("rises"),
        up_to(c.fall).label("falls"),
    ).subquery("placed")


def _nullif(column: Any) -> Any:
    from sqlalchemy import func

    return func.nullif(column, 0.0)


MEASURES = ("positives", "negatives", "positives_placed", "negatives_placed")
"""Rows of either class, and the sums of their places in the other one."""

_COUNTED = ("outside", "odd", "unpredicted")


def _figures(scope: Scope) -> Any:
    """One row per cell: the figures' sums, and their products over units."""
    from sqlalchemy import case, func, select

    rows = _placed(scope)
    c = rows.c
    average = c.all_steps / _nullif(c.all_positives)
    step = case(
        (c.positive == 1, c.precision - average + c.rises),
        (c.negative == 1, -c.falls),
        else_=0.0,
    )
    influence = step / _nullif(c.all_positives)
    placed = {"positives_placed": c.positive * c.place, "negatives_placed": c.negative * c.place}
    keys = scope.partition(rows)
    units = (
        select(
            *keys,
            c.unit,
            func.max(c.by_unit).label("by_unit"),
            func.sum(c.positive).label("positives"),
            func.sum(c.negative).label("negatives"),
            *(func.sum(each).label(name) for name, each in placed.items()),
            *(func.sum(each * each).label(f"{name}_squared") for name, each in placed.items()),
            func.sum(influence).label("influence"),
            func.sum(influence * influence).label("influence_squared"),
            *(func.sum(c[name]).label(name) for name in _COUNTED),
            func.max(c.all_pairs).label("pairs"),
            func.max(c.all_steps).label("steps"),
        )
        .group_by(*keys, c.unit)
        .subquery("units")
    )
    u, keys = units.c, scope.partition(units)
    alone = u.unit.is_(None)
    # A row is of one class: a product of the two classes is a sum over several rows of a unit.
    classes = ("positives", "negatives")
    rows_of = {name: u[name] for name in classes}
    rows_of |= {f"{name}_placed": u[name] for name in classes}
    products = {(name, name): u[name] for name in classes}
    products |= {(name, f"{name}_placed"): u[f"{name}_placed"] for name in classes}
    products |= {(name, name): u[f"{name}_squared"] for name in placed}
    squares = func.sum(case((alone, u.influence_squared), else_=u.influence * u.influence))
    return select(
        *keys,
        func.max(u.by_unit).label("by_unit"),
        func.sum(case((alone, u.positives + u.negatives), else_=0.0)).label("unknown"),
        *(func.sum(u[name]).label(name) for name in (*MEASURES, *_COUNTED)),
        func.max(u.pairs).label("pairs"),
        func.max(u.steps).label("steps"),
        squares.label("step_squares"),
        *moment_columns(u, MEASURES, rows_of, products),
    ).group_by(*keys)


_COLUMNS = (
    "by_unit",
    "unknown",
    *MEASURES,
    *_COUNTED,
    "pairs",
    "steps",
    "step_squares",
    *moment_names(MEASURES),
)

RANKING = Derived(
    "ranking_figures",
    base=PREDICTIONS.only(
        "prediction_timestamp", UNIT, "hcp_id", "prediction_value", "actual_outcome"
    ),
    build=_figures,
    adds=tuple(Column(name, LogicalType.FLOAT) for name in _COLUMNS),
    window_use=WindowUse.ROWS,
    grouped=True,
    passes=("hcp_id", UNIT),
)
"""Per cell: pairs ranked rightly, steps of precision, and the squares of what units add to them."""


def _area(cell: Mapping[str, float]) -> Figure:
    """ROC-AUC: the share of (positive, negative) pairs ranked rightly, ties counting half."""
    from kpisdk.statistics import auc_interval

    area = cell["pairs"] / (cell["positives"] * cell["negatives"])
    return area, auc_interval(moments_of(cell, MEASURES), *MEASURES)


def _average_precision(cell: Mapping[str, float]) -> Figure:
    """The sum over levels of the step in recall times the precision from that level up.

    Its variance is that of the sum over units of what their rows add to it, to first order.
    """
    from kpisdk.statistics import LEVEL, EffectiveShare, logit_interval, student_t_critical

    average, units = cell["steps"] / cell["positives"], cell["units_of_positives"]
    if units < 2:
        return average, IntervalReason.TOO_FEW_UNITS
    if not 0 < average < 1 or cell["step_squares"] <= 0:
        return average, EffectiveShare(average, units).interval()
    every = cell["units"]
    error = sqrt(cell["step_squares"] * every / (every - 1))
    critical = student_t_critical(LEVEL, units - 1)
    return average, logit_interval(average, error, critical, LEVEL, "influence_logit")


def _estimate(inputs: Inputs, figure: Callable[[Mapping[str, float]], Figure]) -> Estimate:
    """A figure of the ranking with its interval, or why there is none."""
    cell = cell_of(inputs.frames["figures"], _COLUMNS)
    lost = not_judged(cell["odd"], cell["unpredicted"])
    refused = one_class(cell["positives"], cell["negatives"])
    if refused is not None:
        return refused.with_notes(*lost)
    value, bounds = figure(cell)
    n = int(cell["positives"] + cell["negatives"])
    notes = (
        *few_rows(n),
        *not_probabilities(cell["outside"]),
        *lost,
        *unit_notes(cell["by_unit"], cell["unknown"]),
    )
    made = Estimate.of(value, n=n, warnings=notes)
    return with_bounds(made, bounds, unit_name(cell["by_unit"]))


_FRAME = (FrameInput("figures", RANKING, _COLUMNS),)

AREA = Calculator(partial(_estimate, figure=_area), _FRAME)
AVERAGE_PRECISION = Calculator(partial(_estimate, figure=_average_precision), _FRAME)
