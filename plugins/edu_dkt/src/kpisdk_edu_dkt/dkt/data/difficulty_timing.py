"""Which difficulty a file holds: the one in force at the answer, or the one that followed from it.

A column written after the answer tells the answer: a model that reads it as known before learns
nothing else. Two traces give it away. Where the file holds adjustments, the difficulty moves in the
row of its own adjustment, and not in the row after it. Where it holds none, the moves go with the
answer of their own row, up after right ones and down after wrong ones, nearly without exception.
"""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats
from kpisdk_edu_dkt.dkt.data.after_difficulty import with_difficulty_as_used
from kpisdk_edu_dkt.dkt.data.columns import ADJUSTMENT, DIFFICULTY, NEXT_DIFFICULTY
from kpisdk_edu_dkt.dkt.data.interactions import Interactions, Timing
from kpisdk_edu_dkt.dkt.data.moves import fixes_the_answer, moves_of
from kpisdk_edu_dkt.dkt.errors import DifficultyTimingError

_LEAST_Z, _LEAST_SHARE, _ENOUGH_Z = 1.7, 0.75, 4.0
"""Three rows without a contrary one have a z of 1.7; what is far from chance needs no majority."""
_LEAST_OPPOSITE, _OPPOSITE_SHARE = 8, 0.95


@attrs.frozen
class Seen:
    """What a file shows of its difficulty.

    Attributes:
        timing: ``after`` or ``before`` the answer.
        by: The column that it moves with.
        rows: Rows in which it moves with that column.
        of_rows: Rows in which it moves and the two readings differ.
    """

    timing: Timing
    by: str
    rows: int
    of_rows: int


def difficulty_seen(interactions: Interactions) -> Seen | None:
    """What the rows show of when their difficulty was written; None where they show nothing."""
    numbers = interactions.numbers
    if DIFFICULTY.name not in numbers:
        return None
    move = moves_of(interactions, numbers[DIFFICULTY.name])
    if ADJUSTMENT.name in numbers:
        seen = _by_adjustment(interactions, move, numbers[ADJUSTMENT.name])
        if seen is not None:
            return seen
    answers = interactions.correct.astype(np.float64)
    rows = sum(fixes_the_answer(move * way > 0, answers == (way > 0)) for way in (1.0, -1.0))
    if not rows:
        return None
    return Seen("after", "correct", rows, int(np.count_nonzero(move)))


def _by_adjustment(interactions: Interactions, move: Floats, adjustment: Floats) -> Seen | None:
    """Whether a move goes with the adjustment of its own row or with that of the row before."""
    later = np.zeros(len(interactions), dtype=bool)
    later[1:] = np.diff(interactions.student.codes) == 0
    before = np.concatenate([[0.0], adjustment[:-1]])[: len(adjustment)]
    score = np.sign(move) * (adjustment - before)
    if _falls_when_raised(np.sign(move[later]), adjustment[later], before[later]):
        score = -score
    score = score[later & (score != 0) & ~np.isnan(score)]
    if not len(score):
        return None
    z = score.sum() / np.sqrt((score**2).sum())
    agreeing = int(np.count_nonzero(score * z > 0))
    if abs(z) < _LEAST_Z or (abs(z) < _ENOUGH_Z and agreeing < _LEAST_SHARE * len(score)):
        return None
    return Seen("after" if z > 0 else "before", ADJUSTMENT.name, agreeing, len(score))


def _falls_when_raised(move: Floats, adjustment: Floats, before: Floats) -> bool:
    """Whether the column says how easy an item is: nearly no move goes the way of an adjustment."""
    both = np.concatenate([move * adjustment, move * before])
    both = both[(both != 0) & ~np.isnan(both)]
    return len(both) >= _LEAST_OPPOSITE and float((both < 0).mean()) >= _OPPOSITE_SHARE


def with_timing(interactions: Interactions, timing: Timing) -> Interactions:
    """The same rows, whose ``difficulty`` somebody knows to be the one before or after the answer.

    Args:
        interactions: The rows.
        timing: Which ``difficulty`` they hold: ``before`` or ``after``.

    Raises:
        ColumnsMismatchError: It is the one after, and there is none, or a ``next_difficulty`` too.
    """
    seen = difficulty_seen(interactions)
    return _as(interactions, timing, seen)


def with_settled_difficulty(
    interactions: Interactions, remembered: Timing | None = None, look: Timing | None = None
) -> Interactions:
    """The same rows with ``difficulty`` as used, whichever the source holds.

    Args:
        interactions: The rows; those that are settled already come back as they are.
        remembered: Which one the data held that a model was trained on. A file that has a
            ``next_difficulty`` holds both.
        look: What those data looked like, where somebody said that they are not what they look
            like: others that look alike are taken alike.

    Raises:
        DifficultyTimingError: The rows look like another one than is taken here.
    """
    if interactions.difficulty_timing is not None or DIFFICULTY.name not in interactions.numbers:
        return interactions
    both = NEXT_DIFFICULTY.name in interactions.numbers
    taken: Timing = "before" if both or remembered is None else remembered
    seen = difficulty_seen(interactions)
    if seen is not None and seen.timing != (taken if both or look is None else look):
        raise DifficultyTimingError(
            interactions.source, seen.timing, seen.by, seen.rows, seen.of_rows, remembered
        )
    return _as(interactions, taken, seen)


def _as(interactions: Interactions, timing: Timing, seen: Seen | None) -> Interactions:
    look = None if seen is None else seen.timing
    if timing == "after":
        interactions = with_difficulty_as_used(interactions)
    return attrs.evolve(interactions, difficulty_timing=timing, difficulty_look=look)
