"""The confidence that a figure needs which is looked at every day.

Whoever looks often enough sees an interval of 95 % miss the truth. An always-valid interval holds
it at all looks together, with that confidence.
"""

from __future__ import annotations

import math

from kpisdk.statistics.distributions import normal_quantile, normal_tail
from kpisdk.statistics.intervals import LEVEL

YEAR = 365
"""The looks of a year, one a day."""


def repeated_level(
    units: float,
    *,
    accumulates: bool,
    looks: int = YEAR,
    planned: float = 100.0,
    level: float = LEVEL,
) -> float:
    """The confidence level of each single interval, so that all looks together keep ``level``.

    While one window grows, the boundary of the normal mixture holds at any number of looks: in
    standard errors ``sqrt((1 + 1 / r) (ln(1 + r) - 2 ln(1 - level)))`` with ``r = units / rho``
    (H. Robbins, Annals of Mathematical Statistics 41, 1970; S. R. Howard et al., Annals of
    Statistics 49, 2021, equation 14). Windows that move along look at other rows each day, and
    chance has as many occasions as there are looks; the level is then divided by their number,
    whatever the looks share.

    Args:
        units: how many units stand behind the figure at this look.
        accumulates: whether all looks are at one window that grows, and never at another one.
        looks: how many looks the level is kept for, where windows move along.
        planned: the number of units at which the boundary of a growing window is closest.
        level: the confidence of all looks together.

    Returns:
        A level above ``level``, to be given to the function that makes the interval.
    """
    miss = 1 - level
    if not accumulates:
        return 1 - miss / max(1, looks)
    ratio = max(units, 1e-9) / (planned / _closest(miss))
    reach = math.sqrt((1 + 1 / ratio) * (math.log1p(ratio) - 2 * math.log(miss)))
    wanted = max(reach, normal_quantile(1 - miss / 2))
    return 1 - 2 * normal_tail(wanted)


def _closest(miss: float) -> float:
    """The ratio at which the boundary, in standard errors, is lowest: near it it is flat."""
    # The derivative of (1 + 1/r) (ln(1 + r) + c) vanishes where r = ln(1 + r) + c.
    constant, ratio = -2 * math.log(miss), 10.0
    for _ in range(60):
        ratio = math.log1p(ratio) + constant
    return ratio
