"""Rows by segment: which segments can be answered, their codes, and the overlap gate of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.cautions import LOW_OVERLAP, ONE_ARM, SMALL_N, Caution
from kpisdk_causal.effects.sample_builder import Prepared, prepare
from kpisdk_causal.errors import TreatmentLevelsError, UnknownValueError
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.questions.rules import Rules
from kpisdk_causal.sample import Sample
from kpisdk_causal.tables.levels import coded, label, same_level
from kpisdk_causal.tables.table import Table
from kpisdk_causal.tables.treatment_levels import Contrast, Dose, read_treatment, sorted_levels


def named_segments(table: Table, segment: str) -> tuple[Table, tuple[str, ...], tuple[Any, ...]]:
    """The table with the segment's levels as names, the names in the levels' order, the levels.

    Dates, numbers of any width and truth values become names once, and are text from there on.

    Args:
        table: the rows.
        segment: column of the segments.
    """
    levels, codes = coded(table.frame[segment])
    names = [label(level) for level in levels]
    twice = (
        {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()
    )
    names = [
        f"{name} ({type(level).__name__})" if name in twice else name
        for name, level in zip(names, levels, strict=True)
    ]
    column = np.array(names, dtype=object)[codes]
    return Table(table.frame.assign(**{segment: column}), table.n_dropped), tuple(names), levels


def chosen_level(only: Any, names: tuple[str, ...], levels: tuple[Any, ...]) -> str | None:
    """The name of the segment asked for, ``None`` for all.

    Args:
        only: the segment asked for, if one was.
        names: of the segments, in their order.
        levels: the values that they stand for.

    Raises:
        UnknownValueError: no segment is called so.
    """
    if only is None:
        return None
    place = same_level(only, levels)
    if place is None:
        raise UnknownValueError("segment", only, names)
    return names[place]


def one_contrast(table: Table, question: EffectQuestion) -> Contrast:
    """The two arms; ``TreatmentLevelsError`` for a dose or more arms.

    Args:
        table: the rows.
        question: what is asked.
    """
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
    table: Table, contrast: Contrast, segment: str, levels: tuple[str, ...], rules: Rules
) -> tuple[list[str], dict[str, str]]:
    """Segments that can be answered, and the reason for each one that cannot.

    Args:
        table: the rows.
        contrast: the two arms.
        segment: column of the segments.
        levels: the names of the segments.
        rules: how to compute and when to refuse.
    """
    values = table.frame[segment][contrast.rows]
    reasons: dict[str, str] = {}
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
    """The rows of all other levels.

    Args:
        table: the rows.
        segment: column of the segments.
        levels: those that are left out.
    """
    if not levels:
        return table
    keep = ~table.frame[segment].isin(levels)
    return Table(table.frame.loc[keep].reset_index(drop=True), table.n_dropped)


@attrs.frozen(kw_only=True)
class SegmentRows:
    """Which segments can be answered, and from which rows.

    Attributes:
        answerable: names, in order; a segment's code is its place.
        reasons: why each other segment cannot.
        ready: the numbers of the rows that are left.
        cautions: columns and rows that were left out.
        before: rows of each segment before any was left out for want of a counterpart.
    """

    answerable: list[str]
    reasons: dict[str, str]
    ready: Prepared | None
    cautions: tuple[Caution, ...] = ()
    before: Mapping[str, int] = attrs.field(factory=dict)


def segment_rows(
    table: Table, question: EffectQuestion, adjusted: tuple[str, ...], names: tuple[str, ...]
) -> SegmentRows:
    """Leave out segments and rows that cannot be answered for, until all that are left can.

    Args:
        table: the rows.
        question: what is asked.
        adjusted: columns that are adjusted for.
        names: of the segments, in order.
    """
    segment, rules = str(question.segment), question.rules
    # Rows without a counterpart count against their own segment, not against all.
    lenient = attrs.evolve(question, rules=attrs.evolve(rules, overlap_tolerance=1.0))
    reasons: dict[str, str] = {}
    cautions: dict[Caution, None] = {}
    usable = table
    before: dict[str, int] = {}
    while True:
        contrast = one_contrast(usable, question)
        pending = tuple(name for name in names if name not in reasons)
        answerable, fresh = split(usable, contrast, segment, pending, rules)
        reasons |= fresh
        if not answerable:
            return SegmentRows(answerable=[], reasons=reasons, ready=None)
        usable = without(usable, segment, list(fresh))
        contrast = one_contrast(usable, question)
        if not before:
            before = dict(usable.frame[segment][contrast.rows].value_counts())
        columns = tuple(sorted({*adjusted, segment})) if len(answerable) > 1 else adjusted
        ready = prepare(usable, contrast, lenient, columns)
        cautions.update(dict.fromkeys(ready.cautions))
        if ready.reason is not None or len(ready.rows) == int(contrast.rows.sum()):
            break
        kept = np.zeros(len(usable), dtype=np.bool_)
        kept[ready.rows] = True
        usable = usable.rows(kept)
    order = {name: code for code, name in enumerate(answerable)}
    found = usable.frame[segment].to_numpy()[ready.rows]
    codes: NDArray[np.int64] = np.array([order[name] for name in found], dtype=np.int64)
    sample = attrs.evolve(ready.sample, segments=codes, n_segments=len(answerable))
    return SegmentRows(
        answerable=answerable,
        reasons=reasons,
        ready=attrs.evolve(ready, sample=sample),
        cautions=tuple(cautions),
        before=before,
    )


def gate(
    sample: Sample, levels: list[str], before: Mapping[str, int], rules: Rules, *, adjusted: bool
) -> tuple[dict[str, str], list[Caution]]:
    """The overlap gate for each segment; its reasons, and what to say.

    Args:
        sample: the numbers.
        levels: the names of the segments.
        before: rows of each segment, with those that were left out for want of a counterpart.
        rules: how to compute and when to refuse.
        adjusted: whether there are confounders.
    """
    if not adjusted or sample.propensity is None:
        return {}, []
    low, high = rules.overlap_bounds
    scores = sample.propensity.scores
    outside = (scores < low) | (scores > high)
    refused: dict[str, str] = {}
    cautions = []
    for code, level in enumerate(levels):
        inside = outside[sample.segments == code]
        lost = before[level] - len(inside)
        share = float(inside.sum() + lost) / before[level]
        if share > rules.overlap_tolerance or sample.propensity.separated:
            text = f"segment {level!r}: {share:.0%} of the scores lie outside [{low:g}, {high:g}]"
            text += f" or belong to the {lost} rows left out" if lost else ""
            if rules.force:
                text += "; the value was forced and rests on extrapolation"
            else:
                refused[level] = LOW_OVERLAP
            cautions.append(Caution(LOW_OVERLAP, f"{text}."))
    return refused, cautions


def left_out(levels: tuple[Any, ...], reasons: dict[Any, str]) -> list[Caution]:
    """A caution for each segment that could not be answered.

    Args:
        levels: the segments, in order.
        reasons: why there is no effect, by segment.
    """
    texts = {
        ONE_ARM: "has one arm only and is left out of the overall effect",
        SMALL_N: "has too few rows and is left out of the overall effect",
    }
    return [
        Caution(reasons[level], f"segment {level!r} {texts[reasons[level]]}.")
        for level in levels
        if level in reasons
    ]
