"""Places within groups, for rows that are already in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def ranks(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row its place, from 0, in its run of equal ``group`` values (rows lie together)."""
    place = np.arange(group.size)
    starts = np.ones(group.size, bool)
    starts[1:] = group[1:] != group[:-1]
    return place - np.maximum.accumulate(np.where(starts, place, 0))
