"""How a column moves from row to row of a student, and whether such moves fix an answer."""

from __future__ import annotations

import math

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Booleans, Floats
from kpisdk_edu_dkt.dkt.data.interactions import Interactions

_SMALLEST_MOVE = 1e-9
_LEAST_ROWS, _SURE_SHARE, _LEAST_ODDS, _Z = 20, 0.9, 5.0, 1.645


def moves_of(interactions: Interactions, values: Floats) -> Floats:
    """(rows,) change of a column since the student's row before; 0 where there is none.

    Args:
        interactions: The rows, by student and time.
        values: (rows,) the column.
    """
    move = np.zeros(len(values))
    move[1:] = np.diff(values)
    first = interactions.offsets[:-1][np.diff(interactions.offsets) > 0]
    move[first] = 0.0
    move[np.isnan(move) | (np.abs(move) < _SMALLEST_MOVE)] = 0.0
    return move


def fixes_the_answer(chosen: Booleans, answered: Booleans) -> int:
    """Number of the chosen rows, if their answer is all but certain; otherwise 0.

    All but certain: the lower 95 % score bound of the share (Wilson, 1927) is at least 0.9, and its
    odds are five times those in the other rows, so that an easy class is no evidence.

    Args:
        chosen: (rows,) the rows in question.
        answered: (rows,) whether they were answered in the way that is suspected.
    """
    n = int(np.count_nonzero(chosen))
    if n < _LEAST_ROWS:
        return 0
    share = float(answered[chosen].mean())
    rest = float(answered[~chosen].mean()) if n < len(chosen) else 0.0
    scale = 1.0 + _Z**2 / n
    half = _Z * math.sqrt(share * (1.0 - share) / n + _Z**2 / (4.0 * n * n))
    low = (share + _Z**2 / (2.0 * n) - half) / scale
    is_rare_elsewhere = low * (1.0 - rest) >= _LEAST_ODDS * rest * (1.0 - low)
    return n if low >= _SURE_SHARE and is_rare_elsewhere else 0
