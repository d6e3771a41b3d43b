"""The best prediction possible on a synthetic classroom: an exact Bayes filter.

Given the start, the mastery moves by a deterministic rule, so a grid of starting masteries, each
weighted by how well it explains the answers so far, gives the exact posterior. A model that scores
above this filter has seen something that it must not see.
"""

from __future__ import annotations

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.errors import ColumnsMismatchError
from kpisdk_edu_dkt.dkt.synthetic.classroom import (
    Classroom,
    extra_logit,
    practised,
    prior_of_start,
    success_logit,
)

_NEEDED = ("difficulty", "anxiety_level", "motivation")


def filter_predictions(interactions: Interactions, room: Classroom, grid: int = 301) -> Floats:
    """(rows,) probability of a right answer, from the rows before it and the generator's law.

    Args:
        interactions: Rows that :func:`simulate` made, of any of its students.
        room: What they were made with.
        grid: Number of starting masteries per student and skill.

    Raises:
        ColumnsMismatchError: The rows lack a column that the generator's law reads.
    """
    missing = tuple(name for name in _NEEDED if name not in interactions.numbers)
    if missing or interactions.phase is None:
        columns = missing or ("phase_type",)
        raise ColumnsMismatchError(interactions.source, columns, "the filter needs these columns")
    lengths = np.diff(interactions.offsets)
    points, prior = prior_of_start(grid)
    shape = (len(lengths), room.skills, grid)
    mastery = np.broadcast_to(points, shape).copy()
    weight = np.broadcast_to(prior, shape).copy()
    extra = extra_logit(room, interactions.numbers["motivation"], interactions.phase.codes)
    predictions = np.empty(len(interactions))
    for t in range(int(lengths.max(initial=0))):
        who = np.flatnonzero(lengths > t)
        row = interactions.offsets[:-1][who] + t
        skill = interactions.skill.codes[row]
        used = interactions.numbers["difficulty"][row, None]
        anxiety = interactions.numbers["anxiety_level"][row, None]
        correct = interactions.correct[row, None] == 1
        here, belief = mastery[who, skill], weight[who, skill]  # (who, grid)
        logit = success_logit(here, used, anxiety) + extra[row, None]
        p = 1.0 / (1.0 + np.exp(-logit))
        predictions[row] = (belief * p).sum(axis=1)
        belief = belief * np.where(correct, p, 1.0 - p)
        weight[who, skill] = belief / belief.sum(axis=1, keepdims=True)
        mastery[who, skill] = practised(here, correct, used, anxiety)
    return predictions
