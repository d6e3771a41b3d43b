"""Predictions whose outcome is known: what a model's figures can be computed from."""

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk import (
    Column,
    Derived,
    Estimate,
    LogicalType,
    Measure,
    Metric,
    Note,
    Reason,
    Relation,
    Scope,
    Values,
    WindowUse,
    count,
)
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS
from kpisdk_ws1_quality.units import UNIT

CUTOFF = 0.5
"""Probability from which a prediction says yes."""

known = PREDICTIONS["prediction_value"].not_null() & PREDICTIONS["actual_outcome"].is_in(0.0, 1.0)
"""Whether a row has a prediction and an outcome of 0 or 1: nothing else is judged."""

happened = PREDICTIONS["actual_outcome"].equals(1.0)
did_not = PREDICTIONS["actual_outcome"].equals(0.0)

POSITIVES = count(PREDICTIONS, known & happened)
"""Predictions whose outcome happened."""
NEGATIVES = count(PREDICTIONS, known & did_not)
"""Predictions whose outcome did not happen."""


def one_class(positives: float, negatives: float) -> Estimate | None:
    """Why nothing can be computed from so many outcomes of either kind, if that is so.

    Args:
        positives: outcomes of 1.
        negatives: outcomes of 0.
    """
    if positives and negatives:
        return None
    n = int(positives + negatives)
    if not n:
        message = "No row of the window and slice has a prediction_value and a 0/1 actual_outcome."
        return Estimate.absent(Reason.NO_ROWS, message, n=0)
    message = (
        f"All {n} known outcomes are {1 if positives else 0}: both classes are needed. "
        "Take a longer window or a wider slice."
    )
    return Estimate.absent(Reason.ONE_CLASS, message, n=n)


@attrs.frozen
class OverOutcomes:
    """A metric over predictions with an outcome: absent unless both outcomes occur.

    Probabilities outside 0 to 1 count as they are, with a warning.

    Attributes:
        metric: over the predictions.
        positives: counts outcomes of 1.
        negatives: counts outcomes of 0.
        beside: counts what is to be warned of, by name.
    """

    metric: Metric
    positives: Measure
    negatives: Measure
    beside: Mapping[str, Measure] = attrs.field(factory=dict)

    def measures(self) -> Mapping[str, Measure]:
        """Those of the metric, and how many rows there are of either outcome."""
        classes = {"positives": self.positives, "negatives": self.negatives}
        return {**self.metric.measures(), **classes, **_LOST, **self.beside}

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:
        """Those of the metric."""
        return self.metric.follow_ups(values)

    def concepts(self) -> tuple[str, ...]:
        """None: with both outcomes there, a zero is a model's failure and no gap in the data."""
        return ()

    def estimate(self, values: Values) -> Estimate:
        """The metric's estimate, or why there is none."""
        lost = not_judged(values["odd_outcomes"], values["unpredicted"])
        refused = one_class(values["positives"] or 0.0, values["negatives"] or 0.0)
        if refused is not None:
            return refused.with_notes(*lost)
        made = self.metric.estimate(values)
        return made.with_notes(*not_probabilities(values.get("outside")), *lost)


_outcome = PREDICTIONS["actual_outcome"]
_LOST = {
    "odd_outcomes": count(PREDICTIONS, _outcome.not_null() & ~_outcome.is_in(0.0, 1.0)),
    "unpredicted": count(
        PREDICTIONS, _outcome.is_in(0.0, 1.0) & PREDICTIONS["prediction_value"].is_null()
    ),
}
"""Rows with an outcome that are not judged nevertheless."""


def not_judged(odd: float | None, unpredicted: float | None) -> tuple[Note, ...]:
    """The warning of rows with an outcome that is neither 0 nor 1, or without a prediction.

    Args:
        odd: rows with an outcome that is neither 0 nor 1.
        unpredicted: rows without a prediction.
    """
    told = [
        f"{rows:g} with {what}"
        for rows, what in (
            (odd, "an actual_outcome other than 0 and 1"),
            (unpredicted, "an actual_outcome and no prediction_value"),
        )
        if rows
    ]
    return (Note("rows_left_out", f"Rows left out: {', '.join(told)}."),) if told else ()


def not_probabilities(rows: float | None) -> tuple[Note, ...]:
    """The warning of predictions that are no probabilities, for so many of them."""
    if not rows:
        return ()
    words = f"{rows:g} prediction_value(s) lie outside 0 to 1, where probabilities are expected."
    return (Note("not_a_probability", words),)


def over_rows(metric: Metric) -> OverOutcomes:
    """A metric over the predictions themselves, absent unless both outcomes occur."""
    value = PREDICTIONS["prediction_value"]
    outside = known & ((value < 0.0) | (value > 1.0))
    return OverOutcomes(metric, POSITIVES, NEGATIVES, {"outside": count(PREDICTIONS, outside)})


def _judged(scope: Scope) -> Any:
    """The rows that are judged, and the condition that selects them."""
    rows = scope.rows()
    return rows, scope.expression(known, rows)


def _ranked(scope: Scope) -> Any:
    """Judged rows with their rank by prediction, the highest first, ties by ascending id."""
    from sqlalchemy import func, select

    rows, judged = _judged(scope)
    order = (
        rows.c.prediction_value.desc(),
        scope.byte_order(rows.c.prediction_id).asc().nulls_last(),
        rows.c.actual_outcome.asc(),  # the same id twice: the order is fixed all the same
    )
    place = func.row_number().over(partition_by=scope.partition(rows) or None, order_by=order)
    return select(*rows.c, place.label("place")).where(judged)


RANKED: Relation = Derived(
    "ranked_predictions",
    base=PREDICTIONS.only(
        "prediction_id",
        "prediction_timestamp",
        UNIT,
        "hcp_id",
        "prediction_value",
        "actual_outcome",
    ),
    build=_ranked,
    adds=(Column("place", LogicalType.INT),),
    window_use=WindowUse.ROWS,
    # The build reads none; its measures share one statement, whether they name K or not.
    parameters=("k",),
    passes=("hcp_id", UNIT),
)
"""Predictions with an outcome, each with its place from 1."""
