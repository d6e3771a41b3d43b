"""From the effects of segments to lines, a headline and the test that they are equal."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kpisdk_causal.cautions import LOW_OVERLAP, NO_SPREAD, SMALL_N, Caution
from kpisdk_causal.effects.segment_sample import left_out
from kpisdk_causal.estimate import CausalEstimate, Part
from kpisdk_causal.estimator import OWN, version_of
from kpisdk_causal.estimators.router import Choice
from kpisdk_causal.inference.intervals import EXACT, holm, interval, two_sided_p, wald_equal
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.questions.rules import Rules
from kpisdk_causal.sample import Sample, SegmentEffects
from kpisdk_causal.tables.table import Table
from kpisdk_causal.tables.treatment_levels import Contrast


def lines_of(
    levels: tuple[Any, ...],
    answerable: list[Any],
    reasons: dict[Any, str],
    effects: SegmentEffects,
    sample: Sample,
    table: Table,
    segment: str,
    rules: Rules,
) -> tuple[Part, ...]:
    """A line per level, Holm-adjusted; those without a value have their reason.

    Args:
        levels: all segments, in order.
        answerable: those with an effect.
        reasons: why there is no effect, by segment.
        effects: of the segments.
        sample: the numbers.
        table: the rows.
        segment: column of the segments.
        rules: how to compute and when to refuse.
    """
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
        measured = is_measured(error, sample)
        lines.append(
            Part(
                label=str(level),
                value=value,
                interval=interval(value, error, rules.confidence_level, df) if measured else None,
                std_error=error if measured else None,
                p_value=two_sided_p(value, error, df) if measured else None,
                n=len(arm),
                n_treated=int(arm.sum()),
                n_control=int(len(arm) - arm.sum()),
            )
        )
    adjusted = holm([line.p_value for line in lines])
    return tuple(attrs.evolve(line, p_adjusted=p) for line, p in zip(lines, adjusted, strict=True))


def headline(
    parts: tuple[Part, ...],
    effects: SegmentEffects,
    sample: Sample,
    choice: Choice,
    contrast: Contrast,
    question: EffectQuestion,
    rules: Rules,
    chosen: str | None,
) -> CausalEstimate:
    """The estimate of the chosen segment, or of all of them together.

    Args:
        parts: the lines of the segments.
        effects: of the segments.
        sample: the numbers.
        choice: the estimator that answered, and why.
        contrast: the two arms.
        question: what is asked.
        rules: how to compute and when to refuse.
        chosen: the segment asked for; ``None`` for all.
    """
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
    reason = LOW_OVERLAP if any(part.reason == LOW_OVERLAP for part in parts) else None
    if reason is not None:
        return CausalEstimate(value=None, reason=reason, estimand="cate", **shared)
    whole = effects.overall
    span = interval(whole.value, whole.std_error, rules.confidence_level, whole.df)
    measured = is_measured(whole.std_error, sample)
    return CausalEstimate(
        value=whole.value,
        confidence_interval=span if measured else None,
        p_value=two_sided_p(whole.value, whole.std_error, whole.df) if measured else None,
        std_error=whole.std_error if measured else None,
        estimand="cate, averaged over the segments",
        **shared,
    )


def is_measured(error: float, sample: Sample) -> bool:
    """Whether an error is more than the rounding of an exact fit.

    Args:
        error: standard error of an effect.
        sample: the numbers.
    """
    return error > EXACT * float(sample.outcome.std())


def exact_segments(parts: tuple[Part, ...]) -> list[Caution]:
    """A caution where segments are fitted exactly."""
    exact = [part.label for part in parts if part.value is not None and part.std_error is None]
    if not exact:
        return []
    text = f"{len(exact)} segment(s) are fitted exactly, so that no uncertainty can be given: "
    return [Caution(NO_SPREAD, f"{text}{', '.join(map(repr, exact[:10]))}.")]


def _heterogeneity(parts: tuple[Part, ...], effects: SegmentEffects) -> dict[str, Any] | None:
    """Wald test over the segments that have a value."""
    answered = [part for part in parts if part.reason is None or part.reason == LOW_OVERLAP]
    keep = [place for place, part in enumerate(answered) if part.std_error is not None]
    test = wald_equal(effects.values[keep], effects.covariance[np.ix_(keep, keep)])
    if test is None:
        return None
    statistic, df, p = test
    return {"statistic": statistic, "df": df, "p_value": p}


def nothing(
    table: Table,
    contrast: Contrast,
    question: EffectQuestion,
    adjusted: tuple[str, ...],
    levels: tuple[Any, ...],
    reasons: dict[Any, str],
) -> CausalEstimate:
    """The answer where no segment can be answered: every line with its reason.

    Args:
        table: the rows.
        contrast: the two arms.
        question: what is asked.
        adjusted: columns that are adjusted for.
        levels: the segments, in order.
        reasons: why there is no effect, by segment.
    """
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
