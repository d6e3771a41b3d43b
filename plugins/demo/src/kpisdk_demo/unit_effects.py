"""Draws that rows of one unit share in part, as patients, HCPs and days differ from one another.

The share of the variance that lies between units is the intra-class correlation; how often an
event happens over all units does not depend on it.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

BETWEEN: Final = 0.1
"""Share of the variance of a number that lies between units."""

BETWEEN_CHANCES: Final = 0.2
"""The same of the latent number behind an event: an event of chance 0.1 has an intra-class
correlation of 0.08 then, one of chance 0.5 one of 0.13."""

_erfc = np.frompyfunc(math.erfc, 1, 1)


def normals(
    rng: np.random.Generator,
    unit: NDArray[np.int64],
    share: float = BETWEEN,
    effects: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Standard normal draws, shape (rows,).

    Args:
        rng: what is drawn from.
        unit: number of each row's unit, from 0.
        share: share of the variance that lies between units.
        effects: standard normal effects of the units, where other rows share them; else drawn.
    """
    own = rng.standard_normal(int(unit.max(initial=-1)) + 1) if effects is None else effects
    within = rng.standard_normal(unit.size)
    drawn: NDArray[np.float64] = math.sqrt(share) * own[unit] + math.sqrt(1 - share) * within
    return drawn


def uniforms(
    rng: np.random.Generator, unit: NDArray[np.int64], share: float = BETWEEN_CHANCES
) -> NDArray[np.float64]:
    """Draws from 0 to 1, uniform over all units, shape (rows,); smaller than p with chance p.

    Args:
        rng: what is drawn from.
        unit: number of each row's unit, from 0.
        share: share of the latent normal number's variance that lies between units.
    """
    below = _erfc(-normals(rng, unit, share) / math.sqrt(2.0))
    return np.asarray(below, dtype=np.float64) / 2.0
