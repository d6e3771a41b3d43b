"""CM-001 from raw rows: the effect of a treatment, behind the overlap gate."""

from __future__ import annotations

from typing import Any

import attrs

from kpisdk_causal.cautions import LOW_OVERLAP, SEVERAL_ARMS, SMALL_N
from kpisdk_causal.effects import overlap
from kpisdk_causal.effects.estimate_builder import EstimateBuilder
from kpisdk_causal.effects.refutation import Progress, silent
from kpisdk_causal.effects.sample_builder import ROWS_PER_COEFFICIENT, prepare, small_arm
from kpisdk_causal.estimate import CausalEstimate, Diagnostics, Part
from kpisdk_causal.estimator import Task
from kpisdk_causal.estimators.router import Router, default_router
from kpisdk_causal.graphs.identification import Identification, identify
from kpisdk_causal.inference.clusters import clusters_of, repeated_units
from kpisdk_causal.inference.intervals import holm
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.sample import Sample
from kpisdk_causal.tables.covariates import read_covariates
from kpisdk_causal.tables.levels import label as level_label
from kpisdk_causal.tables.rank import refuse_mixture
from kpisdk_causal.tables.table import Table, read
from kpisdk_causal.tables.treatment_levels import Contrast, Dose, read_treatment
from kpisdk_causal.tables.units import cluster_columns


def estimate_effect(
    frame: Any,
    question: EffectQuestion,
    router: Router | None = None,
    progress: Progress = silent,
) -> CausalEstimate:
    """Estimate the effect of ``question.treatment`` on ``question.outcome``.

    Args:
        frame: pandas frame; it is not changed.
        question: what to estimate, and by which rules.
        router: the estimators to choose from; ``None`` takes the built-in ones.
        progress: wraps the simulations of refuters, to draw a bar.

    Returns:
        Value, interval, p and diagnostics; or a reason (``SMALL_N``, ``LOW_OVERLAP``), then with
        what the data do support as ``alternatives``. With several arms the value is absent
        (``SEVERAL_ARMS``) and ``parts`` has one line per arm, Holm-adjusted.

    Raises:
        KpisdkError: the classes of :mod:`kpisdk_causal.errors`, for faults of question or data.
    """
    router = router or default_router()
    found = identify(
        question.treatment,
        question.outcome,
        question.confounders,
        question.graph,
        list(getattr(frame, "columns", ())),
    )
    rules = question.rules
    roles = (question.treatment, question.outcome, *found.adjustment_set)
    table = read(frame, (*roles, *cluster_columns(question.cluster)), rules.missing)
    repeated = repeated_units(frame, question.cluster)
    table.floats(question.outcome, "outcome")
    arms = read_treatment(
        table,
        question.treatment,
        treatment_value=question.treatment_value,
        control_value=question.control_value,
        kind=question.treatment_kind,
    )
    if isinstance(arms, Dose):
        answer = _per_unit(table, arms, question, found, router, progress)
    else:
        answers = [_contrast(table, arm, question, found, router, progress) for arm in arms]
        answer = answers[0] if len(answers) == 1 else _several(answers, arms, question)
    return attrs.evolve(answer, warnings=(*answer.warnings, *found.cautions, *repeated))


def _contrast(
    table: Table,
    contrast: Contrast,
    question: EffectQuestion,
    found: Identification,
    router: Router,
    progress: Progress,
) -> CausalEstimate:
    rules = question.rules
    ready = prepare(table, contrast, question, found.adjustment_set)
    sample = ready.sample
    choice = router.choose(
        Task.EFFECT,
        question.target_units,
        covariates=bool(sample.names),
        name=rules.estimator,
        library=rules.library,
    )
    builder = EstimateBuilder(
        question, found, choice, contrast.label, question.target_units, table.n_dropped
    )
    cautions = [*ready.cautions, *small_arm(sample)]
    measured = None
    shared = Diagnostics()
    if sample.names:
        measured = overlap.assess(sample.treatment, sample.fitted_propensity, sample.target, rules)
        cautions += overlap.cautions(measured, sample.fitted_propensity, sample.target, rules)
        shared = Diagnostics(
            overlap=measured,
            balance=overlap.balance(
                sample.treatment,
                sample.covariates,
                sample.names,
                sample.fitted_propensity,
                sample.target,
                rules.clip,
            ),
        )
    reason = ready.reason
    if reason is None and measured is not None and overlap.refuses(measured) and not rules.force:
        reason = LOW_OVERLAP
    if reason is None:
        return builder.estimate(sample, cautions, shared, progress)
    refused = builder.refusal(sample, reason, cautions, shared)
    if reason != LOW_OVERLAP:
        return refused
    return attrs.evolve(refused, alternatives=_others(table, contrast, question, found, router))


def _others(
    table: Table,
    contrast: Contrast,
    question: EffectQuestion,
    found: Identification,
    router: Router,
) -> tuple[CausalEstimate, ...]:
    """The ATT where the ATE was refused and the treated do have comparable controls."""
    if question.target_units != "ate":
        return ()
    narrower = attrs.evolve(question, target_units="att")
    other = _contrast(table, contrast, narrower, found, router, silent)
    return () if other.value is None else (other,)


def _per_unit(
    table: Table,
    dose: Dose,
    question: EffectQuestion,
    found: Identification,
    router: Router,
    progress: Progress,
) -> CausalEstimate:
    rules = question.rules
    covariates = read_covariates(table, found.adjustment_set)
    sample = Sample(
        outcome=table.outcome(question.outcome),
        treatment=dose.values,
        covariates=covariates.matrix,
        names=covariates.names,
        clip=rules.clip,
        seed=rules.seed,
        clusters=clusters_of(table, question.cluster),
    )
    choice = router.choose(
        Task.EFFECT,
        "per_unit",
        covariates=bool(covariates.names),
        name=rules.estimator,
        library=rules.library,
    )
    label = f"one more unit of {question.treatment}"
    builder = EstimateBuilder(question, found, choice, label, "per_unit", table.n_dropped)
    if sample.n < max(rules.min_n, ROWS_PER_COEFFICIENT * (len(sample.names) + 2)):
        return builder.refusal(sample, SMALL_N, list(covariates.cautions), Diagnostics())
    refuse_mixture(question.treatment, dose.values, covariates.matrix)
    return builder.estimate(sample, list(covariates.cautions), Diagnostics(), progress)


def _several(
    answers: list[CausalEstimate], arms: tuple[Contrast, ...], question: EffectQuestion
) -> CausalEstimate:
    adjusted = holm([answer.p_value for answer in answers])
    parts = tuple(
        Part(
            label=level_label(arm.treated),
            value=answer.value,
            reason=answer.reason,
            interval=answer.confidence_interval,
            std_error=answer.std_error,
            p_value=answer.p_value,
            p_adjusted=p,
            n=answer.n_samples,
            n_treated=answer.n_treated,
            n_control=answer.n_control,
            details={"warnings": list(answer.warning_codes)},
        )
        for answer, arm, p in zip(answers, arms, adjusted, strict=True)
    )
    first = answers[0]
    n_control = first.n_control or 0
    n_treated = sum(answer.n_treated or 0 for answer in answers)
    return attrs.evolve(
        first,
        value=None,
        reason=SEVERAL_ARMS,
        confidence_interval=None,
        ci_method=first.ci_method,
        p_value=None,
        p_method="holm over arms",
        std_error=None,
        n_samples=n_control + n_treated,
        n_treated=n_treated,
        n_control=n_control,
        contrast=f"each arm vs {level_label(arms[0].control)}",
        diagnostics=Diagnostics(identification=first.diagnostics.identification),
        refutations=(),
        warnings=tuple(dict.fromkeys(c for answer in answers for c in answer.warnings)),
        parts=parts,
        details={"treatment": question.treatment},
        alternatives=tuple(answers),
    )
