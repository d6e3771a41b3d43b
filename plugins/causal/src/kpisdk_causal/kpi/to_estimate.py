"""From a causal estimate to the estimate that the engine judges, its interval by unit."""

from __future__ import annotations

from collections.abc import Callable

from kpisdk import Estimate, Interval, IntervalReason, KpisdkError, Note, Reason
from kpisdk_causal.errors import (
    BadControlError,
    EmptyTableError,
    NoEstimatorError,
    NotIdentifiedError,
    QuestionError,
    SingularDesignError,
    UnknownColumnsError,
)
from kpisdk_causal.estimate import CausalEstimate

_REASONS: tuple[tuple[type[KpisdkError], Reason], ...] = (
    (EmptyTableError, Reason.NO_ROWS),
    (UnknownColumnsError, Reason.MISSING_COLUMN),
    (NotIdentifiedError, Reason.NOT_IDENTIFIED),
    (BadControlError, Reason.NOT_IDENTIFIED),
    (SingularDesignError, Reason.NOT_IDENTIFIED),
    (QuestionError, Reason.MISSING_PARAMETER),
    (NoEstimatorError, Reason.CALCULATOR_FAILED),
)

_SENTENCES = {
    "LOW_OVERLAP": "The arms share too few of their confounders for this effect.",
    "SMALL_N": "There are too few rows for this effect.",
    "SEVERAL_ARMS": "There are several arms: see their effects in the details, or name one.",
    "RATIO_UNSTABLE": "The total effect may be 0: a share of it means little.",
    "ONE_ARM": "Everybody got the same treatment there.",
    "CONSTANT_OUTCOME": "The outcome is the same in every row of an arm.",
}


ROW = "row"
"""The unit of an interval where every row is independent of the others."""


def answered(ask: Callable[[], CausalEstimate], unit: str | None = None) -> Estimate:
    """The engine's estimate of a causal one; an error becomes an absent value with its reason.

    Args:
        ask: makes the causal estimate.
        unit: the column of the clusters that its errors count; ``None`` where rows are independent.
    """
    try:
        return as_estimate(ask(), unit)
    except KpisdkError as error:
        for kind, reason in _REASONS:
            if isinstance(error, kind):
                return Estimate.absent(reason, error.message, details={"path": "estimated"})
        return Estimate.absent(
            Reason.CALCULATOR_FAILED, error.message, details={"path": "estimated"}
        )


def as_estimate(found: CausalEstimate, unit: str | None = None) -> Estimate:
    """Value, interval, p and n in the engine's fields; everything else in the details.

    Args:
        found: the causal estimate.
        unit: as for :func:`answered`.
    """
    facts = found.as_dict()
    # The facts of the estimator stand where those of the stored path do.
    details = {"path": "estimated", **facts.pop("details"), **facts}
    notes = tuple(Note(caution.code.lower(), caution.message) for caution in found.warnings)
    if found.value is None:
        reported = next((c.message for c in found.warnings if c.code == found.reason), None)
        sentence = reported or _SENTENCES.get(str(found.reason), f"Refused: {found.reason}.")
        offered = [
            other.estimand.upper() for other in found.alternatives if other.value is not None
        ]
        if offered and found.reason == "LOW_OVERLAP":
            sentence += f" The data do support the {offered[0]} (target_units='att')."
        return Estimate.absent(
            Reason.NOT_IDENTIFIED, sentence, n=found.n_samples, warnings=notes, details=details
        )
    span = found.confidence_interval
    return Estimate.of(
        found.value,
        interval=None
        if span is None
        else Interval(span[0], span[1], found.ci_level, found.ci_method or "", unit or ROW),
        # Without a residual there is nothing that an error could be measured by.
        interval_reason=IntervalReason.UNDEFINED if span is None else None,
        n=found.n_samples,
        p_value=found.p_value,
        warnings=notes,
        details=details,
    )
