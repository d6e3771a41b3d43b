"""CM-005 from raw rows: how much of an effect runs through mediators, by two regressions."""

from __future__ import annotations

from typing import Any

import numpy as np

from kpisdk_causal.cautions import (
    CONSTANT_OUTCOME,
    INCONSISTENT_MEDIATION,
    NO_SPREAD,
    RATIO_UNSTABLE,
    SMALL_N,
    Caution,
)
from kpisdk_causal.errors import MediatorError, TreatmentLevelsError
from kpisdk_causal.estimate import CausalEstimate, Diagnostics, Part
from kpisdk_causal.estimator import OWN, version_of
from kpisdk_causal.graphs.identification import Identification
from kpisdk_causal.inference.clusters import clusters_of, repeated_units
from kpisdk_causal.inference.intervals import (
    EXACT,
    is_proportion,
    monte_carlo_p,
    percentile_interval,
)
from kpisdk_causal.mediation.mediation_model import EFFECTS, MediationModel
from kpisdk_causal.mediation.split_identification import identify_split
from kpisdk_causal.questions.question import MediationQuestion
from kpisdk_causal.tables.covariates import read_covariates
from kpisdk_causal.tables.rank import refuse_mixture
from kpisdk_causal.tables.table import Floats, Table, read
from kpisdk_causal.tables.treatment_levels import Dose, read_treatment, sorted_levels
from kpisdk_causal.tables.units import cluster_columns

ROWS_PER_COEFFICIENT = 4
"""Fewer rows than this for each coefficient give no value: the draws would be too alike."""


def estimate_mediation(frame: Any, question: MediationQuestion) -> CausalEstimate:
    """Split the effect of the treatment into its direct and its indirect part.

    Linear models: each mediator on treatment and confounders, the outcome on treatment, mediators
    and confounders. All mediators count as one set; they may cause one another.

    Args:
        frame: pandas frame; it is not changed.
        question: treatment, mediators, outcome and confounders.

    Returns:
        The proportion mediated, indirect / total. Where the interval of the total effect holds 0
        the reason is ``RATIO_UNSTABLE`` (``rules.force`` reports it all the same). ``parts`` has
        ``indirect``, ``direct`` and ``total``; with an interaction also both arms' effects. A
        proportion outside [0, 1] is reported as it is, with ``INCONSISTENT_MEDIATION``.

    Raises:
        KpisdkError: the classes of :mod:`kpisdk_causal.errors`, for faults of question or data.
    """
    rules = question.rules
    columns = list(getattr(frame, "columns", ()))
    found = identify_split(question, columns)
    roles = (question.treatment, question.outcome, *question.mediators)
    names = (*roles, *found.adjustment_set, *cluster_columns(question.cluster))
    table = read(frame, names, rules.missing)
    arms, unit, label, counts = _dose(table, question)
    keep = np.isfinite(arms)
    if not keep.all():
        table = table.rows(keep)
    covariates = read_covariates(table, found.adjustment_set)
    model = MediationModel(
        treatment=arms[keep],
        mediators=np.column_stack([table.centred(m, "mediator") for m in question.mediators]),
        outcome=table.centred(question.outcome, "outcome"),
        covariates=covariates.matrix,
        interaction=question.interaction,
        clusters=clusters_of(table, question.cluster),
    )
    cautions = [*covariates.cautions, *repeated_units(frame, question.cluster)]
    base = _base(model, question, found, label, counts, table)
    if model.n < max(rules.min_n, ROWS_PER_COEFFICIENT * model.n_coefficients):
        text = f"{model.n} rows are too few for {model.n_coefficients} coefficients or for min_n."
        return _absent(SMALL_N, text, base, question, cautions)
    if not model.outcome.any():
        text = f"{question.outcome!r} has one value only: there is no effect to split."
        return _absent(CONSTANT_OUTCOME, text, base, question, cautions)
    refuse_mixture(question.treatment, model.treatment, covariates.matrix)
    if not model.is_estimable():
        raise MediatorError(
            question.mediators,
            "one of them is constant, or a linear mixture of treatment, confounders and the others",
        )
    point = {name: value / unit for name, value in model.effects().items()}
    drawn = model.bootstrap(rules.n_boot, np.random.default_rng(rules.seed))
    draws = {name: values / unit for name, values in drawn.items()}
    scale = float(model.outcome.std() / (model.treatment.std() * unit))
    return _answer(point, draws, model.n, scale, question, base, cautions)


def _dose(
    table: Table, question: MediationQuestion
) -> tuple[Floats, float, str, tuple[int, int] | None]:
    """The treatment as numbers (nan for rows of neither arm), and what 1 of it is in its own unit.

    Beside it the contrast, and the sizes of the arms.
    """
    arms = read_treatment(
        table,
        question.treatment,
        treatment_value=question.treatment_value,
        control_value=question.control_value,
    )
    if isinstance(arms, Dose):
        if question.interaction:
            raise TreatmentLevelsError(
                question.treatment,
                sorted_levels(table.frame[question.treatment]),
                "An interaction needs two arms: name treatment_value and control_value.",
            )
        label = f"one more unit of {question.treatment}"
        unit = float(arms.values.std())
        return arms.values / unit, unit, label, None
    if len(arms) > 1:
        raise TreatmentLevelsError(
            question.treatment,
            sorted_levels(table.frame[question.treatment]),
            "Mediation compares two arms: name treatment_value as well.",
        )
    contrast = arms[0]
    dose = np.full(len(table), np.nan)
    dose[contrast.rows] = contrast.arm
    treated = int(contrast.arm.sum())
    return dose, 1.0, contrast.label, (treated, len(contrast.arm) - treated)


def _answer(
    point: dict[str, float],
    draws: dict[str, Floats],
    n: int,
    scale: float,
    question: MediationQuestion,
    base: dict[str, Any],
    cautions: list[Caution],
) -> CausalEstimate:
    """The answer; ``scale`` is the outcome's spread for one unit of the treatment."""
    level = question.rules.confidence_level
    parts = tuple(
        _part(name, point[name], draws[name], n, level, scale) for name in EFFECTS if name in point
    )
    low, high = percentile_interval(draws["total"], level)
    # A total that is 0 but for rounding is 0, on whichever side of it the rounding lies.
    nothing = max(abs(low), abs(high)) <= EXACT * scale
    unstable = low <= 0 <= high or nothing
    ratio = None if nothing or not point["total"] else point["indirect"] / point["total"]
    ratios = draws["indirect"] / np.where(draws["total"] == 0, np.nan, draws["total"])
    known = ratios[np.isfinite(ratios)]
    unstable = unstable or len(known) < len(ratios)
    if unstable:
        text = f"The interval of the total effect, [{low:.4g}, {high:.4g}], holds 0: "
        text += "a share of it means little."
        cautions.append(Caution(RATIO_UNSTABLE, text))
    if ratio is not None and not is_proportion(ratio):
        text = f"indirect / total = {ratio:.4g}: direct and indirect effect have opposite signs."
        cautions.append(Caution(INCONSISTENT_MEDIATION, text))
    reported = ratio is not None and (not unstable or question.rules.force)
    measured = reported and bool(known.std() > EXACT * max(1.0, abs(ratio or 0.0)))
    exact = [part.label for part in parts if part.interval is None]
    exact += ["proportion"] if reported and not measured else []
    if exact:
        text = "The data fit exactly, so that no uncertainty can be given of: "
        cautions.append(Caution(NO_SPREAD, f"{text}{', '.join(exact)}."))
    return CausalEstimate(
        value=ratio if reported else None,
        reason=None if reported else RATIO_UNSTABLE,
        confidence_interval=percentile_interval(known, level) if measured else None,
        ci_level=level,
        ci_method=f"percentiles of {question.rules.n_boot} weighted bootstrap draws",
        p_value=monte_carlo_p(known) if measured else None,
        p_method="two-sided share of bootstrap draws beyond 0",
        std_error=float(known.std(ddof=1)) if measured else None,
        warnings=tuple(cautions),
        **base,
        parts=parts,
        details={
            "proportion_mediated": ratio if reported else None,
            "ratio_of_estimates": ratio,
            "indirect_effect": point["indirect"],
            "direct_effect": point["direct"],
            "total_effect": point["total"],
            "mediators": list(question.mediators),
            "interaction": question.interaction,
        },
    )


def _part(name: str, value: float, draws: Floats, n: int, level: float, scale: float) -> Part:
    """One effect, without an error where its draws differ by rounding only."""
    error = float(draws.std(ddof=1))
    if error <= EXACT * scale:
        return Part(label=name, value=value, n=n)
    return Part(
        label=name,
        value=value,
        interval=percentile_interval(draws, level),
        std_error=error,
        p_value=monte_carlo_p(draws),
        n=n,
    )


def _absent(
    reason: str,
    text: str,
    base: dict[str, Any],
    question: MediationQuestion,
    cautions: list[Caution],
) -> CausalEstimate:
    return CausalEstimate(
        value=None,
        reason=reason,
        ci_level=question.rules.confidence_level,
        warnings=(*cautions, Caution(reason, text)),
        **base,
    )


def _base(
    model: MediationModel,
    question: MediationQuestion,
    found: Identification,
    label: str,
    counts: tuple[int, int] | None,
    table: Table,
) -> dict[str, Any]:
    return {
        "n_samples": model.n,
        "n_treated": counts[0] if counts else None,
        "n_control": counts[1] if counts else None,
        "n_dropped": table.n_dropped,
        "estimator": "two regressions",
        "library": OWN,
        "library_version": version_of(OWN),
        "estimand": "proportion mediated",
        "contrast": label,
        "adjustment_set": found.adjustment_set,
        "diagnostics": Diagnostics(
            identification={
                "by": "declared" if question.graph is None else "graph",
                **found.details,
            }
        ),
    }
