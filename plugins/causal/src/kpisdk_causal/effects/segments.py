"""CM-002 from raw rows: the effect in each segment, and whether the segments differ."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kpisdk import Problem
from kpisdk_causal.effects import overlap
from kpisdk_causal.effects.sample_builder import small_arm
from kpisdk_causal.effects.segment_report import exact_segments, headline, lines_of, nothing
from kpisdk_causal.effects.segment_sample import (
    chosen_level,
    gate,
    left_out,
    named_segments,
    one_contrast,
    segment_rows,
)
from kpisdk_causal.errors import EstimatorFailedError, refuse
from kpisdk_causal.estimate import CausalEstimate, Diagnostics
from kpisdk_causal.estimator import Task
from kpisdk_causal.estimators.router import Choice, Router, default_router
from kpisdk_causal.graphs.identification import identify
from kpisdk_causal.inference.clusters import clustered_segments, repeated_units
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.sample import Sample, SegmentEffects
from kpisdk_causal.tables.table import read
from kpisdk_causal.tables.units import cluster_columns


def estimate_segments(
    frame: Any,
    question: EffectQuestion,
    router: Router | None = None,
    only: Any = None,
) -> CausalEstimate:
    """Estimate the effect per level of ``question.segment``.

    The segment is adjusted for like a confounder. A segment with too few rows, one arm only or no
    overlap gets a reason of its own and is left out of the overall effect, which says so.

    Args:
        frame: pandas frame; it is not changed.
        question: with a ``segment``; two arms.
        router: the estimators to choose from; ``None`` takes the built-in ones.
        only: the segment whose effect is the headline; ``None`` takes the overall effect.

    Returns:
        The headline, one line per segment in ``parts`` (Holm-adjusted p), and in ``details`` the
        Wald test of equal effects (``heterogeneity``).

    Raises:
        KpisdkError: the classes of :mod:`kpisdk_causal.errors`, for faults of question or data.
    """
    router = router or default_router()
    segment = _segment(question)
    found = identify(
        question.treatment,
        question.outcome,
        question.confounders,
        question.graph,
        list(getattr(frame, "columns", ())),
    )
    rules = question.rules
    roles = (question.treatment, question.outcome, *found.adjustment_set, segment)
    table = read(frame, (*roles, *cluster_columns(question.cluster)), rules.missing)
    table.floats(question.outcome, "outcome")
    table, levels, values = named_segments(table, segment)
    chosen = chosen_level(only, levels, values)
    contrast = one_contrast(table, question)
    rows = segment_rows(table, question, found.adjustment_set, levels)
    answerable, reasons = rows.answerable, rows.reasons
    adjusted = bool(found.adjustment_set)
    if rows.ready is None or rows.ready.reason is not None:
        left = dict.fromkeys(answerable, rows.ready.reason if rows.ready else None)
        reasons |= {level: reason for level, reason in left.items() if reason}
        return nothing(table, contrast, question, found.adjustment_set, levels, reasons)
    sample = rows.ready.sample
    choice = router.choose(
        Task.SEGMENTS, "cate", covariates=adjusted, name=rules.estimator, library=rules.library
    )
    lines, gate_cautions = gate(sample, answerable, rows.before, rules, adjusted=adjusted)
    effects = _run(choice, sample)
    if sample.clusters is not None:
        effects = clustered_segments(effects, sample, str(question.cluster))
    parts = lines_of(levels, answerable, reasons | lines, effects, sample, table, segment, rules)
    answer = headline(parts, effects, sample, choice, contrast, question, rules, chosen)
    return attrs.evolve(
        answer,
        n_dropped=table.n_dropped,
        adjustment_set=found.adjustment_set,
        warnings=tuple(
            dict.fromkeys(
                [
                    *rows.cautions,
                    *found.cautions,
                    *repeated_units(frame, question.cluster),
                    *small_arm(sample),
                    *gate_cautions,
                    *left_out(levels, reasons),
                    *exact_segments(parts),
                    *effects.cautions,
                    *choice.cautions,
                ]
            )
        ),
        diagnostics=Diagnostics(
            overlap=overlap.assess(sample.treatment, sample.fitted_propensity, "ate", rules),
            balance=overlap.balance(
                sample.treatment,
                sample.covariates,
                sample.names,
                sample.fitted_propensity,
                "ate",
                rules.clip,
            ),
            identification={"by": found.by, **found.details},
        ),
    )


def _segment(question: EffectQuestion) -> str:
    if question.segment is None:
        refuse("causal question", [Problem("segment", "name the column whose levels get effects")])
    if question.target_units != "ate":
        fault = Problem("target_units", "effects per segment are those of everybody in them (ate)")
        refuse("causal question", [fault])
    return str(question.segment)


def _run(choice: Choice, sample: Sample) -> SegmentEffects:
    estimator = choice.estimator
    try:
        effects: SegmentEffects = estimator.fit(sample)
    except Exception as fault:
        raise EstimatorFailedError(estimator.name, estimator.library, repr(fault)) from fault
    if not (np.isfinite(effects.values).all() and np.isfinite(effects.covariance).all()):
        raise EstimatorFailedError(estimator.name, estimator.library, "it returned a nan")
    return effects
