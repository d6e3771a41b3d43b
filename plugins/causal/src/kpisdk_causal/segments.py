"""CM-002 from raw rows: the effect in each segment, and whether the segments differ."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kpisdk import Problem
from kpisdk_causal import overlap
from kpisdk_causal.arms import Contrast, sorted_levels
from kpisdk_causal.errors import EstimatorFailedError
from kpisdk_causal.estimate import (
    LOW_OVERLAP,
    SMALL_N,
    CausalEstimate,
    Diagnostics,
    Part,
)
from kpisdk_causal.estimator import Task
from kpisdk_causal.identification import identify
from kpisdk_causal.inference import holm, interval, two_sided_p, wald_equal
from kpisdk_causal.question import EffectQuestion, Rules, refuse
from kpisdk_causal.router import Choice, Router, default_router
from kpisdk_causal.sample import Sample, SegmentEffects
from kpisdk_causal.sampling import small_arm, too_few
from kpisdk_causal.segment_sample import (
    chosen_level,
    gate,
    left_out,
    one_contrast,
    segment_sample,
    split,
    without,
)
from kpisdk_causal.table import Table, read


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
    columns = (question.treatment, question.outcome, *found.adjustment_set, segment)
    table = read(frame, columns, rules.missing)
    table.floats(question.outcome, "outcome")
    levels = sorted_levels(table.frame[segment])
    chosen = chosen_level(only, levels)
    contrast = one_contrast(table, question)
    answerable, reasons = split(table, contrast, segment, levels, rules)
    usable = without(table, segment, [level for level in levels if level in reasons])
    if not answerable:
        return _nothing(table, contrast, question, found.adjustment_set, levels, reasons)
    contrast = one_contrast(usable, question)
    sample, cautions = segment_sample(usable, contrast, question, found.adjustment_set, answerable)
    choice = router.choose(
        Task.SEGMENTS,
        "cate",
        covariates=bool(found.adjustment_set),
        name=rules.estimator,
        library=rules.library,
    )
    lines, gate_cautions = gate(sample, answerable, rules, adjusted=bool(found.adjustment_set))
    effects = _run(choice, sample)
    parts = _parts(levels, answerable, reasons | lines, effects, sample, table, segment, rules)
    answer = _answer(parts, effects, sample, choice, contrast, question, rules, chosen)
    assert sample.propensity is not None  # noqa: S101  # segment_sample fits it
    return attrs.evolve(
        answer,
        n_dropped=table.n_dropped,
        adjustment_set=found.adjustment_set,
        warnings=tuple(
            dict.fromkeys(
                [
                    *cautions,
                    *small_arm(sample),
                    *gate_cautions,
                    *left_out(levels, reasons),
                    *effects.cautions,
                    *choice.cautions,
                ]
            )
        ),
        diagnostics=Diagnostics(
            overlap=overlap.assess(sample.treatment, sample.propensity, "ate", rules),
            balance=overlap.balance(
                sample.treatment,
                sample.covariates,
                sample.names,
                sample.propensity,
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


def _parts(
    levels: tuple[Any, ...],
    answerable: list[Any],
    reasons: dict[Any, str],
    effects: SegmentEffects,
    sample: Sample,
    table: Table,
    segment: str,
    rules: Rules,
) -> tuple[Part, ...]:
    lines = []
    for level in levels:
        n = int((table.frame[segment] == level).sum())
        if level in reasons:
            lines.append(Part(label=str(level), value=None, reason=reasons[level], n=n))
            continue
        code = answerable.index(level)
        arm = sample.treatment[sample.segments == code]
        value = float(effects.values[code])
        error = float(np.sqrt(effects.covariance[code, code]))
        df = effects.dfs[code] if effects.dfs else None
        lines.append(
            Part(
                label=str(level),
                value=value,
                interval=interval(value, error, rules.confidence_level, df),
                std_error=error,
                p_value=two_sided_p(value, error, df),
                n=len(arm),
                n_treated=int(arm.sum()),
                n_control=int(len(arm) - arm.sum()),
            )
        )
    adjusted = holm([line.p_value for line in lines])
    return tuple(attrs.evolve(line, p_adjusted=p) for line, p in zip(lines, adjusted, strict=True))


def _answer(
    parts: tuple[Part, ...],
    effects: SegmentEffects,
    sample: Sample,
    choice: Choice,
    contrast: Contrast,
    question: EffectQuestion,
    rules: Rules,
    chosen: str | None,
) -> CausalEstimate:
    estimator = choice.estimator
    test = _heterogeneity(parts, effects)
    shared: dict[str, Any] = {
        "ci_level": rules.confidence_level,
        "ci_method": estimator.interval_method,
        "p_method": estimator.p_method,
        "n_samples": sample.n,
        "n_treated": int(sample.treatment.sum()),
        "n_control": int(sample.n - sample.treatment.sum()),
        "estimator": estimator.name,
        "library": estimator.library,
        "library_version": estimator.library_version,
        "contrast": contrast.label,
        "parts": parts,
        "details": {"segment": question.segment, "heterogeneity": test},
    }
    if chosen is not None:
        part = next(one for one in parts if one.label == chosen)
        counts = {} if part.reason else {"n_samples": part.n, "n_treated": part.n_treated}
        return CausalEstimate(
            value=part.value,
            reason=part.reason,
            confidence_interval=part.interval,
            p_value=part.p_value,
            std_error=part.std_error,
            estimand=f"cate of {question.segment} = {chosen}",
            **{**shared, **counts, "n_control": part.n_control},
        )
    reason = too_few(sample, rules)
    if reason is None and any(part.reason == LOW_OVERLAP for part in parts):
        reason = LOW_OVERLAP
    if reason is not None:
        return CausalEstimate(value=None, reason=reason, estimand="cate", **shared)
    whole = effects.overall
    return CausalEstimate(
        value=whole.value,
        confidence_interval=interval(
            whole.value, whole.std_error, rules.confidence_level, whole.df
        ),
        p_value=two_sided_p(whole.value, whole.std_error, whole.df),
        std_error=whole.std_error,
        estimand="cate, averaged over the segments",
        **shared,
    )


def _heterogeneity(parts: tuple[Part, ...], effects: SegmentEffects) -> dict[str, Any] | None:
    """Wald test over the segments that have a value."""
    answered = [part for part in parts if part.reason is None or part.reason == LOW_OVERLAP]
    keep = [place for place, part in enumerate(answered) if part.reason is None]
    test = wald_equal(effects.values[keep], effects.covariance[np.ix_(keep, keep)])
    if test is None:
        return None
    statistic, df, p = test
    return {"statistic": statistic, "df": df, "p_value": p}


def _nothing(
    table: Table,
    contrast: Contrast,
    question: EffectQuestion,
    adjusted: tuple[str, ...],
    levels: tuple[Any, ...],
    reasons: dict[Any, str],
) -> CausalEstimate:
    from kpisdk_causal.estimator import OWN, version_of

    parts = tuple(
        Part(
            label=str(level),
            value=None,
            reason=reasons[level],
            n=int((table.frame[question.segment] == level).sum()),
        )
        for level in levels
    )
    return CausalEstimate(
        value=None,
        reason=SMALL_N,
        ci_level=question.rules.confidence_level,
        n_samples=len(table),
        n_treated=int(contrast.arm.sum()),
        n_control=int(len(contrast.arm) - contrast.arm.sum()),
        n_dropped=table.n_dropped,
        estimator="none",
        library=OWN,
        library_version=version_of(OWN),
        estimand="cate",
        contrast=contrast.label,
        adjustment_set=adjusted,
        warnings=tuple(left_out(levels, reasons)),
        parts=parts,
    )
