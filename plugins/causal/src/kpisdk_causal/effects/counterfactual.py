"""CM-004 from raw rows: one patient's outcome, had the treatment been the other one."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kpisdk_causal.cautions import LOW_OVERLAP, NO_SPREAD, SMALL_N, Caution
from kpisdk_causal.effects import overlap
from kpisdk_causal.effects.counterfactual_model import predict
from kpisdk_causal.effects.sample_builder import prepare
from kpisdk_causal.errors import (
    MissingValuesError,
    RepeatedIdError,
    TreatmentLevelsError,
    UnknownIdError,
)
from kpisdk_causal.estimate import CausalEstimate, Diagnostics
from kpisdk_causal.estimator import OWN, version_of
from kpisdk_causal.graphs.identification import identify
from kpisdk_causal.inference.clusters import repeated_units
from kpisdk_causal.inference.intervals import EXACT
from kpisdk_causal.questions.question import CounterfactualQuestion
from kpisdk_causal.sample import Sample
from kpisdk_causal.tables.table import Table, read
from kpisdk_causal.tables.treatment_levels import Contrast, Dose, read_treatment, sorted_levels
from kpisdk_causal.tables.units import cluster_columns

ABDUCTION = "the patient's residual is the same under both treatments"
NO_ABDUCTION = "the predicted probability of the outcome; a 0/1 outcome leaves no residual to carry"


def estimate_counterfactual(frame: Any, question: CounterfactualQuestion) -> CausalEstimate:
    """Estimate what ``question.id`` would have had under the other treatment.

    A number: prediction of the other arm's regression plus the patient's own residual (abduction,
    action, prediction: Pearl 2009). A 0/1 outcome: the other arm's predicted probability. The
    interval is that of the prediction; the assumption about the residual is named in ``details``.

    Args:
        frame: pandas frame; it is not changed.
        question: the patient, and the effect that the regressions are for.

    Returns:
        The counterfactual outcome; ``details`` holds ``actual_outcome``, ``treatment_received``,
        ``counterfactual_treatment`` and ``outcome_delta`` (counterfactual less actual). The reason
        is ``LOW_OVERLAP`` where nobody comparable got the other treatment.

    Raises:
        KpisdkError: the classes of :mod:`kpisdk_causal.errors`, for faults of question or data.
    """
    effect = question.effect
    found = identify(
        effect.treatment,
        effect.outcome,
        effect.confounders,
        effect.graph,
        list(getattr(frame, "columns", ())),
    )
    columns = (effect.treatment, effect.outcome, *found.adjustment_set)
    clusters = cluster_columns(effect.cluster)
    table = read(frame, (*columns, question.id_column, *clusters), effect.rules.missing)
    contrast = _one_contrast(table, question)
    place = _row(table, contrast, frame, question, columns)
    # What matters is whether this patient can be compared, not how many others cannot.
    lenient = attrs.evolve(effect, rules=attrs.evolve(effect.rules, overlap_tolerance=1.0))
    ready = prepare(table, contrast, lenient, found.adjustment_set)
    sample = ready.sample
    row = int(np.searchsorted(ready.rows, place))
    is_left_out = row >= len(ready.rows) or ready.rows[row] != place
    actual = float(table.floats(effect.outcome, "outcome")[place])
    treated = bool(contrast.arm[int(contrast.rows[:place].sum())] == 1)
    # The sample's outcome has another zero point than the table's.
    shift = 0.0 if is_left_out else actual - float(sample.outcome[row])
    binary = _is_binary(table, effect.outcome)
    answer = predict(
        sample, 0 if is_left_out else row, effect.rules.confidence_level, shift, binary
    )
    measured = None
    cautions = [*ready.cautions, *found.cautions, *repeated_units(frame, effect.cluster)]
    if sample.names:
        measured = overlap.assess(sample.treatment, sample.fitted_propensity, "ate", effect.rules)
    reason = ready.reason or (LOW_OVERLAP if is_left_out else answer.reason)
    if reason is None and sample.names and _alone(sample, row, question):
        text = f"Hardly anybody like {question.id!r} got the other treatment"
        text += "; the value was forced." if effect.rules.force else "; no value is reported."
        cautions.append(Caution(LOW_OVERLAP, text))
        reason = None if effect.rules.force else LOW_OVERLAP
    elif is_left_out:
        text = f"Nobody who can be compared with {question.id!r} got the other treatment."
        cautions.append(Caution(LOW_OVERLAP, text))
    if reason == SMALL_N:
        cautions.append(Caution(SMALL_N, f"{sample.n} rows are too few for this question."))
    exact = answer.std_error <= EXACT * float(sample.outcome.std())
    if exact and reason is None:
        text = "The regressions fit every row exactly, so that no uncertainty can be given."
        cautions.append(Caution(NO_SPREAD, text))
    silent = exact or reason is not None
    return CausalEstimate(
        value=None if reason else answer.value,
        reason=reason,
        confidence_interval=None if silent else answer.span,
        ci_level=effect.rules.confidence_level,
        ci_method=answer.interval_method,
        p_value=None if silent else answer.p_value,
        p_method="two-sided wald: the outcome would not have changed",
        std_error=None if silent else answer.std_error,
        n_samples=sample.n,
        n_treated=int(sample.treatment.sum()),
        n_control=int(sample.n - sample.treatment.sum()),
        n_dropped=table.n_dropped,
        estimator="regression per arm with abduction" if answer.abducted else "logistic per arm",
        library=OWN,
        library_version=version_of(OWN),
        estimand="counterfactual outcome",
        contrast=contrast.label,
        adjustment_set=found.adjustment_set,
        diagnostics=Diagnostics(overlap=measured, identification={"by": found.by, **found.details}),
        warnings=tuple(cautions),
        details={
            question.id_column: question.id,
            "actual_outcome": actual,
            "treatment_received": contrast.treated if treated else contrast.control,
            "counterfactual_treatment": contrast.control if treated else contrast.treated,
            "outcome_delta": None if reason else answer.value - actual,
            "assumption": ABDUCTION if answer.abducted else NO_ABDUCTION,
        },
    )


def _is_binary(table: Table, outcome: str) -> bool:
    return bool(np.isin(table.floats(outcome, "outcome"), (0.0, 1.0)).all())


def _alone(sample: Sample, row: int, question: CounterfactualQuestion) -> bool:
    """Whether the score says that people like this one hardly ever get the other treatment."""
    low, high = question.effect.rules.overlap_bounds
    score = float(sample.fitted_propensity.scores[row])
    return score > high if sample.treatment[row] == 1 else score < low


def _one_contrast(table: Table, question: CounterfactualQuestion) -> Contrast:
    effect = question.effect
    table.floats(effect.outcome, "outcome")
    arms = read_treatment(
        table,
        effect.treatment,
        treatment_value=effect.treatment_value,
        control_value=effect.control_value,
        kind=effect.treatment_kind,
    )
    if isinstance(arms, Dose) or len(arms) > 1:
        raise TreatmentLevelsError(
            effect.treatment,
            sorted_levels(table.frame[effect.treatment]),
            "A counterfactual compares two arms: name treatment_value and control_value.",
        )
    return arms[0]


def _row(
    table: Table,
    contrast: Contrast,
    frame: Any,
    question: CounterfactualQuestion,
    columns: tuple[str, ...],
) -> int:
    """Place of the patient among the rows of the contrast."""
    wanted = str(question.id)
    ids = table.frame[question.id_column]
    found = np.flatnonzero(np.asarray(ids[contrast.rows].astype(str) == wanted))
    if len(found) > 1:
        raise RepeatedIdError(question.id_column, question.id, len(found))
    if len(found) == 1:
        return int(found[0])
    there = frame.loc[frame[question.id_column].astype(str) == wanted, list(columns)]
    gaps = {str(name): int(count) for name, count in there.isna().sum().items() if count}
    if gaps:
        raise MissingValuesError(gaps)
    raise UnknownIdError(question.id_column, question.id, ids.nunique())
