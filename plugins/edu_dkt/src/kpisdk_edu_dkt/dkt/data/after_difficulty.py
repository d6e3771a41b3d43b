"""Files whose ``difficulty`` is the one *after* the change, as the notebook writes them."""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.data.columns import DIFFICULTY, NEXT_DIFFICULTY
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.errors import ColumnsMismatchError


def with_difficulty_as_used(interactions: Interactions) -> Interactions:
    """The same rows, with ``difficulty`` as used and ``next_difficulty`` as recorded.

    The difficulty used for an item is the one recorded with the item before, though that row may
    have been refused for another value. That of a student's first item is not in the file: it is
    missing, and the encoder says so by a mask bit.

    Raises:
        ColumnsMismatchError: There is no ``difficulty``, or there is a ``next_difficulty`` already.
    """
    numbers = dict(interactions.numbers)
    if DIFFICULTY.name not in numbers or NEXT_DIFFICULTY.name in numbers:
        reason = "to move the difficulty, 'difficulty' must be there and 'next_difficulty' not"
        raise ColumnsMismatchError(interactions.source, (DIFFICULTY.name,), reason)
    recorded = numbers[DIFFICULTY.name]
    used = interactions.recorded_before
    if used is None:
        used = np.concatenate([[np.nan], recorded[:-1]])[: len(recorded)]
        used[interactions.offsets[:-1][np.diff(interactions.offsets) > 0]] = np.nan
    numbers |= {DIFFICULTY.name: used, NEXT_DIFFICULTY.name: recorded}
    return attrs.evolve(interactions, numbers=numbers, difficulty_timing="after")
