"""F1 from counts by unit, in the database: how alike what is predicted and what happens are.

Predictions of one patient are added up before they are multiplied with one another, so that the
interval of F1 counts patients and not predictions.
"""

from typing import Any

from kpisdk import (
    Calculator,
    Column,
    Derived,
    Estimate,
    FrameInput,
    Inputs,
    LogicalType,
    Scope,
    WindowUse,
    few_rows,
)
from kpisdk_ws1_quality.models_outcomes import (
    CUTOFF,
    known,
    not_judged,
    not_probabilities,
    one_class,
)
from kpisdk_ws1_quality.moments import cell_of, moment_columns, moment_names, moments_of
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS
from kpisdk_ws1_quality.units import UNIT, unit_notes, with_bounds

MEASURES = ("hits", "false_alarms", "misses")
"""True positives, false positives and false negatives: what F1 is made of."""

_COUNTED = ("positives", "negatives", "outside", "odd", "unpredicted", *MEASURES)


def _counts(scope: Scope) -> Any:
    """One row per cell: counts of predictions, and the products of two of them over units."""
    from sqlalchemy import Double, case, cast, func, select

    rows = scope.rows()
    judged = scope.expression(known, rows)
    value, outcome = rows.c.prediction_value, rows.c.actual_outcome
    says_yes, happened = judged & (value >= CUTOFF), judged & (outcome == 1)
    is_outcome = outcome.in_([0.0, 1.0])

    def rows_where(condition: Any) -> Any:
        return cast(func.sum(case((condition, 1), else_=0)), Double())

    unit = scope.unit(rows).label("unit")
    keys = scope.partition(rows)
    units = (
        select(
            *keys,
            unit,
            rows_where(happened).label("positives"),
            rows_where(judged & (outcome == 0)).label("negatives"),
            rows_where(judged & ((value < 0) | (value > 1))).label("outside"),
            rows_where(~is_outcome).label("odd"),
            rows_where(is_outcome & value.is_(None)).label("unpredicted"),
            rows_where(says_yes & happened).label("hits"),
            rows_where(says_yes & ~happened).label("false_alarms"),
            rows_where(happened & ~says_yes).label("misses"),
        )
        .where(outcome.is_not(None))
        .group_by(*keys, unit)
        .subquery("units")
    )
    c, keys = units.c, scope.partition(units)
    # A row is one of the three at most: it is its own square, and no product of two.
    rows_of = {name: c[name] for name in MEASURES}
    squares = {(name, name): c[name] for name in MEASURES}
    return select(
        *keys,
        func.sum(case((c.unit.is_(None), c.positives + c.negatives), else_=0.0)).label("unknown"),
        *(func.sum(c[name]).label(name) for name in _COUNTED),
        *moment_columns(c, MEASURES, c.hits + c.false_alarms + c.misses, rows_of, squares),
    ).group_by(*keys)


_COLUMNS = ("unknown", *_COUNTED, *moment_names(MEASURES))

COUNTS = Derived(
    "f1_counts",
    base=PREDICTIONS.only(
        "prediction_timestamp", UNIT, "hcp_id", "prediction_value", "actual_outcome"
    ),
    build=_counts,
    adds=tuple(Column(name, LogicalType.FLOAT) for name in _COLUMNS),
    window_use=WindowUse.ROWS,
    grouped=True,
    passes=("hcp_id", UNIT),
)
"""Per cell: judged predictions by outcome and by what they say, and their products over units."""


def f1(hits: float, false_alarms: float, misses: float) -> float:
    """``2 TP / (2 TP + FP + FN)``: known, and 0, where nothing is predicted.

    Args:
        hits: true positives.
        false_alarms: false positives.
        misses: false negatives.
    """
    return 2 * hits / (2 * hits + false_alarms + misses)


def _estimate(inputs: Inputs) -> Estimate:
    from kpisdk.statistics import f1_interval

    counts = cell_of(inputs.frames["counts"], _COLUMNS)
    lost = not_judged(counts["odd"], counts["unpredicted"])
    refused = one_class(counts["positives"], counts["negatives"])
    if refused is not None:
        return refused.with_notes(*lost)
    n = int(counts["positives"] + counts["negatives"])
    notes = (
        *few_rows(n),
        *not_probabilities(counts["outside"]),
        *lost,
        *unit_notes(inputs.sampling, counts["unknown"]),
    )
    made = Estimate.of(f1(*(counts[name] for name in MEASURES)), n=n, warnings=notes)
    bounds = f1_interval(moments_of(counts, MEASURES), *MEASURES)
    return with_bounds(made, bounds)


F1 = Calculator(_estimate, (FrameInput("counts", COUNTS, _COLUMNS),), units="counts")
