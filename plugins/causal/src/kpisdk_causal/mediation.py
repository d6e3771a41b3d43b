"""CM-005 from raw rows: how much of an effect runs through mediators, by two regressions."""

from __future__ import annotations

from typing import Any

import numpy as np

from kpisdk_causal.arms import Dose, read_treatment, sorted_levels
from kpisdk_causal.covariates import read_covariates
from kpisdk_causal.errors import BadControlError, MediatorError, TreatmentLevelsError
from kpisdk_causal.estimate import (
    INCONSISTENT_MEDIATION,
    RATIO_UNSTABLE,
    SMALL_N,
    CausalEstimate,
    Caution,
    Diagnostics,
    Part,
)
from kpisdk_causal.estimator import OWN, version_of
from kpisdk_causal.inference import monte_carlo_p, percentile_interval
from kpisdk_causal.mediation_model import EFFECTS, MediationModel
from kpisdk_causal.question import MediationQuestion
from kpisdk_causal.table import Floats, Table, read


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
    _check_graph(question)
    names = (question.treatment, question.outcome, *question.mediators, *question.confounders)
    table = read(frame, names, rules.missing)
    dose, label, counts = _dose(table, question)
    keep = np.isfinite(dose)
    covariates = read_covariates(table, question.confounders)
    if not keep.all():
        covariates = covariates.rows(keep)
    model = MediationModel(
        treatment=dose[keep],
        mediators=np.column_stack([table.floats(m, "mediator") for m in question.mediators])[keep],
        outcome=table.floats(question.outcome, "outcome")[keep],
        covariates=covariates.matrix,
        interaction=question.interaction,
    )
    if model.n < rules.min_n or model.n <= model.n_coefficients:
        return _too_few(model, question, label, counts, table, covariates.cautions)
    if not model.is_estimable():
        raise MediatorError(
            question.mediators,
            "one of them is constant, or a linear mixture of treatment, confounders and the others",
        )
    point = model.effects()
    draws = model.bootstrap(rules.n_boot, np.random.default_rng(rules.seed))
    return _answer(point, draws, model, question, label, counts, table, list(covariates.cautions))


def _check_graph(question: MediationQuestion) -> None:
    if question.graph is None:
        return
    import networkx as nx

    graph = question.graph.digraph()
    question.graph.require(question.treatment, question.outcome, *question.mediators)
    caused = nx.descendants(graph, question.treatment)
    bad = tuple(name for name in question.confounders if name in caused)
    if bad:
        raise BadControlError(bad, f"the graph says that {question.treatment!r} causes it")
    causes = nx.ancestors(graph, question.outcome)
    off = tuple(name for name in question.mediators if name not in caused & causes)
    if off:
        raise MediatorError(
            off, f"the graph has no path {question.treatment} -> {off[0]} -> {question.outcome}"
        )


def _dose(table: Table, question: MediationQuestion) -> tuple[Floats, str, tuple[int, int] | None]:
    """The treatment as numbers (nan for rows of neither arm), the contrast, and the arm sizes."""
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
        return arms.values, f"one more unit of {question.treatment}", None
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
    return dose, contrast.label, (treated, len(contrast.arm) - treated)


def _answer(
    point: dict[str, float],
    draws: dict[str, Floats],
    model: MediationModel,
    question: MediationQuestion,
    label: str,
    counts: tuple[int, int] | None,
    table: Table,
    cautions: list[Caution],
) -> CausalEstimate:
    level = question.rules.confidence_level
    parts = tuple(
        Part(
            label=name,
            value=point[name],
            interval=percentile_interval(draws[name], level),
            std_error=float(draws[name].std(ddof=1)),
            p_value=monte_carlo_p(draws[name]),
            n=model.n,
        )
        for name in EFFECTS
        if name in point
    )
    total = next(part for part in parts if part.label == "total")
    assert total.interval is not None  # noqa: S101  # every part above has one
    unstable = total.interval[0] <= 0 <= total.interval[1]
    ratio = point["indirect"] / point["total"] if point["total"] else None
    ratios = draws["indirect"] / np.where(draws["total"] == 0, np.nan, draws["total"])
    span = percentile_interval(ratios[np.isfinite(ratios)], level)
    if unstable:
        low, high = total.interval
        text = f"The interval of the total effect, [{low:.4g}, {high:.4g}], holds 0: "
        text += "a share of it means little."
        cautions.append(Caution(RATIO_UNSTABLE, text))
    if ratio is not None and not 0 <= ratio <= 1:
        text = f"indirect / total = {ratio:.4g}: direct and indirect effect have opposite signs."
        cautions.append(Caution(INCONSISTENT_MEDIATION, text))
    reported = ratio is not None and (not unstable or question.rules.force)
    return CausalEstimate(
        value=ratio if reported else None,
        reason=None if reported else RATIO_UNSTABLE,
        confidence_interval=span if reported else None,
        ci_level=level,
        ci_method=f"percentiles of {question.rules.n_boot} weighted bootstrap draws",
        p_value=monte_carlo_p(ratios[np.isfinite(ratios)]) if reported else None,
        p_method="two-sided share of bootstrap draws beyond 0",
        std_error=float(np.nanstd(ratios, ddof=1)) if reported else None,
        **_base(model, question, label, counts, table, cautions),
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


def _too_few(
    model: MediationModel,
    question: MediationQuestion,
    label: str,
    counts: tuple[int, int] | None,
    table: Table,
    cautions: tuple[Caution, ...],
) -> CausalEstimate:
    text = f"{model.n} rows are too few for {model.n_coefficients} coefficients or for min_n."
    return CausalEstimate(
        value=None,
        reason=SMALL_N,
        ci_level=question.rules.confidence_level,
        **_base(model, question, label, counts, table, [*cautions, Caution(SMALL_N, text)]),
    )


def _base(
    model: MediationModel,
    question: MediationQuestion,
    label: str,
    counts: tuple[int, int] | None,
    table: Table,
    cautions: list[Caution],
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
        "adjustment_set": tuple(sorted(question.confounders)),
        "warnings": tuple(cautions),
        "diagnostics": Diagnostics(
            identification={"by": "declared" if question.graph is None else "graph"}
        ),
    }
