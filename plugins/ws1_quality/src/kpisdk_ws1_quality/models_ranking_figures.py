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
from kpisdk_ws1_quality.units import UNIT, unit_notes, with_bounds

Figure: TypeAlias = tuple[float, Interval | IntervalReason]
"""A value, and its interval or why there is none."""


def _classed(scope: Scope) -> Any:
    """Rows with an outcome: their unit, their class, and their level where they are judged."""
    from sqlalchemy import Double, case, cast, select

    rows = scope.rows()
    judged = scope.expression(known, rows)

    def flag(condition: Any) -> Any:
        return cast(case((condition, 1), else_=0), Double())

    value, outcome = rows.c.prediction_value, rows.c.actual_outcome
    is_outcome = outcome.in_([0.0, 1.0])
    return (
        select(
            *scope.partition(rows),
            scope.unit(rows).label("unit"),
            case((judged, value)).label("level"),
            flag(judged & (outcome == 1)).label("positive"),
            flag(judged & (outcome == 0)).label("negative"),
            flag(judged & ((value < 0) | (value > 1))).label("outside"),
            flag(~is_outcome).label("odd"),
            flag(is_outcome & value.is_(None)).label("unpredicted"),
        )
        .where(outcome.is_not(None))
        .cte("classed")
    )


def _levels(scope: Scope, classed: Any) -> Any:
    """Per distinct prediction: its place in the other class, and what a row there adds.

    A positive's place is the share of negatives below it, a tie counting half, and a negative's the
    share of positives above it. One more positive raises the precision of every positive from there
    down by ``N / (P + N)**2``, with the ``P`` positives and ``N`` negatives at or above that one;
    one more negative lowers it by ``P / (P + N)**2``. A positive is among those that its precision
    counts, and has raised it by ``N / (P + N) / (P + N - 1)`` so.
    """
    from sqlalchemy import case, func, select

    c = classed.c
    counted = (
        select(
            *scope.partition(classed),
            c.level,
            func.sum(c.positive).label("positives"),
            func.sum(c.negative).label("negatives"),
        )
        .where(c.level.is_not(None))
        .group_by(*scope.partition(classed), c.level)
        .subquery("counted")
    )
    c, groups = counted.c, scope.partition(counted) or None
    summed = select(
        *c,
        func.sum(c.positives).over(partition_by=groups).label("all_positives"),
        func.sum(c.negatives).over(partition_by=groups).label("all_negatives"),
        func.sum(c.positives)
        .over(partition_by=groups, order_by=c.level.desc())
        .label("positives_from"),
        func.sum(c.negatives)
        .over(partition_by=groups, order_by=c.level.desc())
        .label("negatives_from"),
    ).subquery("summed")
    c, groups = summed.c, scope.partition(summed) or None
    seen = c.positives_from + c.negatives_from
    below = c.all_negatives - c.negatives_from + c.negatives / 2
    above = c.positives_from - c.positives / 2
    precision, squared = c.positives_from / seen, seen * seen
    rise, fall = c.positives * c.negatives_from / squared, c.positives * c.positives_from / squared
    itself = c.negatives_from / (seen * case((seen > 1, seen - 1), else_=1.0))
    placed = select(
        *c,
        precision.label("precision"),
        (below / _nullif(c.all_negatives)).label("positives_place"),
        (above / _nullif(c.all_positives)).label("negatives_place"),
        func.sum(c.positives * below).over(partition_by=groups).label("pairs"),
        func.sum(c.positives * precision).over(partition_by=groups).label("steps"),
        func.sum(c.positives * itself).over(partition_by=groups).label("themselves"),
        func.sum(rise).over(partition_by=groups, order_by=c.level).label("rises"),
        func.sum(fall).over(partition_by=groups, order_by=c.level).label("falls"),
    ).subquery("placed")
    c = placed.c
    average, hits = c.steps / _nullif(c.all_positives), _nullif(c.all_positives)
    return select(
        *scope.partition(placed),
        c.level,
        c.positives_place,
        c.negatives_place,
        c.pairs,
        c.steps,
        c.themselves,
        ((c.precision - average + c.rises) / hits).label("positives_step"),
        (-c.falls / hits).label("negatives_step"),
    ).subquery("levels")


def _nullif(column: Any) -> Any:
    from sqlalchemy import func

    return func.nullif(column, 0.0)


MEASURES = ("positives", "negatives", "positives_placed", "negatives_placed")
"""Rows of either class, and the sums of their places in the other one."""

_COUNTED = ("outside", "odd", "unpredicted")


def _figures(scope: Scope) -> Any:
    """One row per cell: the figures' sums, and their products over units."""
    from sqlalchemy import and_, case, func, select

    classed = _classed(scope)
    levels = _levels(scope, classed)
    # A level is one number, and two missing slice values are one group.
    same = [
        levels.c[key.name].is_not_distinct_from(classed.c[key.name])
        for key in scope.partition(classed)
    ]
    rows, at, keys = classed.c, levels.c, scope.partition(classed)
    is_positive, is_negative = rows.positive == 1, rows.negative == 1
    placed = {
        "positives_placed": case((is_positive, at.positives_place), else_=0.0),
        "negatives_placed": case((is_negative, at.negatives_place), else_=0.0),
        "influence": case(
            (is_positive, at.positives_step), (is_negative, at.negatives_step), else_=0.0
        ),
    }
    units = (
        select(
            *keys,
            rows.unit,
            func.sum(rows.positive).label("positives"),
            func.sum(rows.negative).label("negatives"),
            *(func.sum(each).label(name) for name, each in placed.items()),
            *(func.sum(each * each).label(f"{name}_squared") for name, each in placed.items()),
            *(func.sum(rows[name]).label(name) for name in _COUNTED),
            func.max(at.pairs).label("pairs"),
            func.max(at.steps).label("steps"),
            func.max(at.themselves).label("themselves"),
        )
        .select_from(classed.outerjoin(levels, and_(levels.c.level == classed.c.level, *same)))
        .group_by(*keys, rows.unit)
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
    products |= {(each, each): u[f"{each}_squared"] for each in MEASURES[2:]}
    squares = func.sum(case((alone, u.influence_squared), else_=u.influence * u.influence))
    return select(
        *keys,
        func.sum(case((alone, u.positives + u.negatives), else_=0.0)).label("unknown"),
        *(func.sum(u[name]).label(name) for name in (*MEASURES, *_COUNTED)),
        func.max(u.pairs).label("pairs"),
        func.max(u.steps).label("steps"),
        func.max(u.themselves).label("themselves"),
        squares.label("step_squares"),
        *moment_columns(u, MEASURES, u.positives + u.negatives, rows_of, products),
    ).group_by(*keys)


_COLUMNS = (
    "unknown",
    *MEASURES,
    *_COUNTED,
    "pairs",
    "steps",
    "themselves",
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

    Its variance is that of the sum over units of what their rows add to it, to first order. It is
    too large on average, as each positive counts itself: the interval lies lower by as much.
    """
    from kpisdk.statistics import (
        LEVEL,
        EffectiveShare,
        bounded,
        centred,
        student_t_critical,
        transformed_interval,
    )

    average, units = cell["steps"] / cell["positives"], cell["units_of_positives"]
    if units < 2:
        return average, IntervalReason.TOO_FEW_UNITS
    if not 0 < average < 1 or cell["step_squares"] <= 0:
        return average, EffectiveShare(average, units).interval()
    every = cell["units"]
    error = sqrt(cell["step_squares"] * every / (every - 1))
    critical = student_t_critical(LEVEL, units - 1)
    centre = centred(average, cell["themselves"] / cell["positives"])
    found = transformed_interval(centre, error, critical, LEVEL, "influence_logit", (0.0, 1.0))
    if isinstance(found, IntervalReason):
        return average, found
    return average, bounded(average, found.low, found.high, LEVEL, found.method, (0.0, 1.0))


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
        *unit_notes(inputs.sampling, cell["unknown"]),
    )
    made = Estimate.of(value, n=n, warnings=notes)
    return with_bounds(made, bounds)


_FRAME = (FrameInput("figures", RANKING, _COLUMNS),)

AREA = Calculator(partial(_estimate, figure=_area), _FRAME, units="figures")
AVERAGE_PRECISION = Calculator(
    partial(_estimate, figure=_average_precision), _FRAME, units="figures"
)
