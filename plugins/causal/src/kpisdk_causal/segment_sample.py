"""Rows by segment: which segments can be answered, their codes, and the overlap gate of each."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.arms import Contrast, Dose, read_treatment, sorted_levels
from kpisdk_causal.errors import TreatmentLevelsError, UnknownValueError
from kpisdk_causal.estimate import LOW_OVERLAP, ONE_ARM, SMALL_N, Caution
from kpisdk_causal.question import EffectQuestion
from kpisdk_causal.rules import Rules
from kpisdk_causal.sample import Sample
from kpisdk_causal.sampling import sample_of
from kpisdk_causal.table import Table


def chosen_level(only: Any, levels: tuple[Any, ...]) -> str | None:
    """The segment asked for as text, ``None`` for all; ``UnknownValueError`` where it is not."""
    if only is None:
        return None
    for level in levels:
        if level == only or str(level) == str(only):
            return str(level)
    raise UnknownValueError("segment", only, levels)


def one_contrast(table: Table, question: EffectQuestion) -> Contrast:
    """The two arms; ``TreatmentLevelsError`` for a dose or more arms."""
    arms = read_treatment(
        table,
        question.treatment,
        treatment_value=question.treatment_value,
        control_value=question.control_value,
        kind=question.treatment_kind,
    )
    if isinstance(arms, Dose) or len(arms) > 1:
        raise TreatmentLevelsError(
            question.treatment,
            sorted_levels(table.frame[question.treatment]),
            "Effects per segment compare two arms: name treatment_value and control_value.",
        )
    return arms[0]


def split(
    table: Table, contrast: Contrast, segment: str, levels: tuple[Any, ...], rules: Rules
) -> tuple[list[Any], dict[Any, str]]:
    """Segments that can be answered, and the reason for each one that cannot."""
    values = table.frame[segment][contrast.rows]
    reasons: dict[Any, str] = {}
    for level in levels:
        arm = contrast.arm[np.asarray(values == level)]
        treated = int(arm.sum())
        if len(arm) == 0 or treated in {0, len(arm)}:
            reasons[level] = ONE_ARM
        elif min(treated, len(arm) - treated) < 2 or len(arm) < min(rules.min_n, SMALL_SEGMENT):
            reasons[level] = SMALL_N
    return [level for level in levels if level not in reasons], reasons


SMALL_SEGMENT = 10
"""Fewer rows give a segment no value, however many the table has (unless ``min_n`` is lower)."""


def without(table: Table, segment: str, levels: list[Any]) -> Table:
    """The rows of all other levels."""
    if not levels:
        return table
    keep = ~table.frame[segment].isin(levels)
    return Table(table.frame.loc[keep].reset_index(drop=True), table.n_dropped)


def segment_sample(
    table: Table,
    contrast: Contrast,
    question: EffectQuestion,
    adjusted: tuple[str, ...],
    levels: list[Any],
) -> tuple[Sample, tuple[Caution, ...]]:
    """The numbers of one contrast with the code of each row's segment."""
    segment = str(question.segment)
    # As text the segment is coded level by level, also where its levels are numbers.
    text = table.frame.assign(**{segment: table.frame[segment].astype(str)})
    coded = Table(text, table.n_dropped)
    columns = tuple(sorted({*adjusted, segment})) if len(levels) > 1 else adjusted
    sample, covariates = sample_of(coded, contrast, question, columns)
    order = {str(level): code for code, level in enumerate(levels)}
    codes: NDArray[np.int64] = np.array(
        [order[name] for name in text[segment][contrast.rows]], dtype=np.int64
    )
    return attrs.evolve(sample, segments=codes, n_segments=len(levels)), covariates.cautions


def gate(
    sample: Sample, levels: list[Any], rules: Rules, *, adjusted: bool
) -> tuple[dict[Any, str], list[Caution]]:
    """The overlap gate for each segment; its reasons, and what to say."""
    if not adjusted or sample.propensity is None:
        return {}, []
    low, high = rules.overlap_bounds
    scores = sample.propensity.scores
    outside = (scores < low) | (scores > high)
    refused: dict[Any, str] = {}
    cautions = []
    for code, level in enumerate(levels):
        share = float(outside[sample.segments == code].mean())
        if share > rules.overlap_tolerance or sample.propensity.separated:
            text = f"segment {level!r}: {share:.0%} of the scores lie outside [{low:g}, {high:g}]"
            if rules.force:
                text += "; the value was forced and rests on extrapolation"
            else:
                refused[level] = LOW_OVERLAP
            cautions.append(Caution(LOW_OVERLAP, f"{text}."))
    return refused, cautions


def left_out(levels: tuple[Any, ...], reasons: dict[Any, str]) -> list[Caution]:
    """A caution for each segment that could not be answered."""
    texts = {
        ONE_ARM: "has one arm only and is left out of the overall effect",
        SMALL_N: "has too few rows and is left out of the overall effect",
    }
    return [
        Caution(reasons[level], f"segment {level!r} {texts[reasons[level]]}.")
        for level in levels
        if level in reasons
    ]
