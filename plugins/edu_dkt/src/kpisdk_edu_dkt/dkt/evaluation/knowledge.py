"""Does a model trace knowledge? Three checks that a good AUC alone does not answer.

1. Give every skill the head of another one: a model with knowledge per skill gets worse.
2. After a right answer, the practised skill's probability must rise.
3. After a wrong one it must fall.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats, Integers
from kpisdk_edu_dkt.dkt.data.events import Events
from kpisdk_edu_dkt.dkt.evaluation.metrics import auc
from kpisdk_edu_dkt.dkt.features.encoder import Encoder
from kpisdk_edu_dkt.dkt.features.encoding import Encoded, encode

PERMUTATIONS = 3
LEAST_HEAD_DROP = 0.02
"""Loss of AUC on permuting the heads, under which outputs may not be called mastery."""
LEAST_RISES = 0.5
"""Share of right answers that must raise the practised skill for its output to be mastery."""


def shows_mastery(heads_permuted_drop: float | None, rises_after_right: float | None) -> bool:
    """Whether outputs may be called mastery: both checks were possible, and both were passed.

    Args:
        heads_permuted_drop: AUC lost when the heads are permuted; None if that was not tried.
        rises_after_right: Share of right answers after which the practised skill rose; None
            likewise.
    """
    if heads_permuted_drop is None or rises_after_right is None:
        return False
    return heads_permuted_drop >= LEAST_HEAD_DROP and rises_after_right >= LEAST_RISES


def is_beyond_chance(auc_low: float | None) -> bool:
    """Whether the lower end of an AUC's interval shows that the model predicts anything at all.

    The checks above are points without an interval, and on few students chance alone may pass them.
    """
    return auc_low is not None and auc_low > 0.5


CHANCE = (
    "no interval of the AUC lies above 0.5, so that nothing yet shows that the model predicts "
    "better than chance: what is called mastery here may be chance, too"
)
"""What is reported of outputs that may be called mastery, and of which that is not shown."""


@attrs.frozen
class Knowledge:
    """The outcome of the checks; None where a check is not possible.

    Attributes:
        heads_permuted_auc: AUC with permuted heads, the mean of a few permutations.
        heads_permuted_drop: How much lower that is than the AUC.
        move_after_right: Mean change of the practised skill's probability after a right answer.
        rises_after_right: Share of right answers after which it rises.
        move_after_wrong: Mean change after a wrong answer.
        falls_after_wrong: Share of wrong answers after which it falls.
        reason: Why the heads could not be permuted.
    """

    heads_permuted_auc: float | None
    heads_permuted_drop: float | None
    move_after_right: float | None
    rises_after_right: float | None
    move_after_wrong: float | None
    falls_after_wrong: float | None
    reason: str | None = None


def check_knowledge(
    predict: Callable[[Encoded], Floats], events: Events, encoder: Encoder, *, seed: int = 0
) -> Knowledge:
    """The three checks of a model on some events.

    Args:
        predict: The model: encoded events to probabilities.
        events: Events of students that it did not learn from.
        encoder: What it reads.
        seed: Seed of the permutations.
    """
    p = predict(encode(events, encoder))
    permuted, reason = _permuted_auc(predict, events, encoder, p, seed)
    whole = auc(p[~np.isnan(p)], events.correct[~np.isnan(p)])
    right, rises = None, None
    wrong, falls = None, None
    move, correct = _moves(predict, events, encoder, p)
    if (correct == 1).any():
        right, rises = float(move[correct == 1].mean()), float((move[correct == 1] > 0).mean())
    if (correct == 0).any():
        wrong, falls = float(move[correct == 0].mean()), float((move[correct == 0] < 0).mean())
    drop = None if permuted is None or whole is None else whole - permuted
    return Knowledge(permuted, drop, right, rises, wrong, falls, reason)


def _permuted_auc(
    predict: Callable[[Encoded], Floats],
    events: Events,
    encoder: Encoder,
    p: Floats,
    seed: int,
) -> tuple[float | None, str | None]:
    names = events.interactions.skill.names
    known = np.array([code for code, name in enumerate(names) if name in set(encoder.skills)])
    used = np.intersect1d(known, events.skill[events.skill >= 0])
    if len(used) < 2:
        return None, "one_skill"
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(PERMUTATIONS):
        swapped = np.arange(len(names))
        # a cycle through a random order: no skill keeps its own head
        cycle = rng.permutation(used)
        swapped[cycle] = np.roll(cycle, 1)
        requested = np.where(events.skill >= 0, swapped[events.skill], -1)
        there = ~np.isnan(p)
        value = auc(predict(encode(events, encoder, requested))[there], events.correct[there])
        if value is None:
            return None, "one_class"
        found.append(value)
    return float(np.mean(found)), None


def _moves(
    predict: Callable[[Encoded], Floats], events: Events, encoder: Encoder, p: Floats
) -> tuple[Floats, Floats]:
    """(moves, answers) of the events after which there is another one of the same student.

    The practised item is asked again right after it was answered: same skill, same known columns,
    new state and new counts.
    """
    later = np.ones(len(events), dtype=bool)
    later[events.offsets[:-1][events.lengths > 0]] = False
    requested: Integers = events.skill.copy()
    requested[1:] = np.where(later[1:, None], events.skill[:-1], events.skill[1:])
    again = encode(events, encoder, requested)
    query, phase = again.query.copy(), again.query_phase.copy()
    query[1:] = np.where(later[1:, None], again.query[:-1], again.query[1:])
    phase[1:] = np.where(later[1:], again.query_phase[:-1], again.query_phase[1:])
    after = predict(attrs.evolve(again, query=query, query_phase=phase))
    entry = np.flatnonzero(later)
    move = after[entry] - p[entry - 1]
    there = ~np.isnan(move)
    return move[there], events.correct[entry - 1][there]
