"""How often a student got a skill right and wrong before: the strongest plain features."""

from __future__ import annotations

import math

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray, Floats, Integers
from kpisdk_edu_dkt.dkt.data.events import Events

COUNT_FEATURES: tuple[str, ...] = (
    "log_wins",
    "log_failures",
    "quick_ratio",
    "slow_ratio",
    "never_seen",
    "log_all_wins",
    "log_all_failures",
)
"""Names of the columns of :func:`count_features`, in their order."""


@attrs.frozen(eq=False)
class Counts:
    """Right and wrong answers *before* each event.

    Attributes:
        wins: (events, skills at once) right answers on that skill; 0 where no skill stands.
        failures: (events, skills at once) wrong answers on that skill.
        all_wins: (events,) right answers of the student on any skill.
        all_failures: (events,) wrong answers of the student on any skill.
    """

    wins: Floats
    failures: Floats
    all_wins: Floats
    all_failures: Floats


def count_before(events: Events, requested: Integers | None = None) -> Counts:
    """The counts of every event, from the events of its student that came before.

    Args:
        events: The history.
        requested: (events, skills at once) codes of the skills to count, -1 for none; None for the
            skills of the event itself.
    """
    student, answers = events.student, events.correct
    requested = events.skill if requested is None else requested
    skills, size = len(events.interactions.skill.names) + 1, len(events) + 1
    event, place = np.nonzero(events.skill >= 0)
    group = student[event] * skills + events.skill[event, place]
    order = np.lexsort((event, group))
    moment = group[order] * size + event[order]  # ascending: by student and skill, then by time
    wins_until = np.concatenate([[0.0], np.cumsum(answers[event[order]])])
    requested_group = student[:, None] * skills + np.maximum(requested, 0)
    begin = np.searchsorted(moment, requested_group * size)
    end = np.searchsorted(moment, requested_group * size + np.arange(len(events))[:, None])
    wins = np.where(requested >= 0, wins_until[end] - wins_until[begin], 0.0)
    seen = np.where(requested >= 0, end - begin, 0).astype(np.float64)
    first = events.offsets[:-1][student]
    all_until = np.concatenate([[0.0], np.cumsum(answers)])
    all_wins = all_until[:-1] - all_until[first]
    all_seen = (np.arange(len(events)) - first).astype(np.float64)
    return Counts(wins, seen - wins, all_wins, all_seen - all_wins)


def count_features(
    wins: AnyArray, failures: AnyArray, all_wins: AnyArray, all_failures: AnyArray
) -> Floats:
    """(..., features) from counts of any shape: see :data:`COUNT_FEATURES`.

    The quick ratio is (wins + 1) / (answers + 2), Laplace's rule; the slow one (wins + 10) /
    (answers + 20), which still moves where the quick one has settled. Both are moved so that 0
    means "even".

    Args:
        wins: Right answers before, on the skill.
        failures: Wrong answers before, on the skill.
        all_wins: Right answers before, on any skill.
        all_failures: Wrong answers before, on any skill.
    """
    seen = wins + failures
    columns = np.broadcast_arrays(
        np.log1p(wins),
        np.log1p(failures),
        (wins + 1.0) / (seen + 2.0) - 0.5,
        (wins + 10.0) / (seen + 20.0) - 0.5,
        (seen == 0).astype(np.float64),
        np.log1p(all_wins),
        np.log1p(all_failures),
    )
    return np.stack(columns, axis=-1)


def count_features_of_one(
    wins: float, failures: float, all_wins: float, all_failures: float
) -> tuple[float, ...]:
    """The same for one event and skill, as plain numbers: arrays of one entry are slow.

    Args:
        wins: Right answers before, on the skill.
        failures: Wrong answers before, on the skill.
        all_wins: Right answers before, on any skill.
        all_failures: Wrong answers before, on any skill.
    """
    seen = wins + failures
    return (
        math.log1p(wins),
        math.log1p(failures),
        (wins + 1.0) / (seen + 2.0) - 0.5,
        (wins + 10.0) / (seen + 20.0) - 0.5,
        float(seen == 0),
        math.log1p(all_wins),
        math.log1p(all_failures),
    )


def mean_count_features(events: Events, requested: Integers | None = None) -> Floats:
    """(events, features) of each event; the mean over its skills where it has several.

    Args:
        events: The history.
        requested: As for :func:`count_before`.
    """
    counts = count_before(events, requested)
    features = count_features(
        counts.wins, counts.failures, counts.all_wins[:, None], counts.all_failures[:, None]
    )
    present = ((events.skill if requested is None else requested) >= 0)[..., None]
    return np.asarray((features * present).sum(axis=1) / np.maximum(present.sum(axis=1), 1))
