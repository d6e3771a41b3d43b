"""How far apart the highest and the lowest of several groups are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import permutations

from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.bounds import Bounds, bounded
from kpisdk.statistics.changes import Side, difference
from kpisdk.statistics.distributions import studentized_range_quantile
from kpisdk.statistics.intervals import LEVEL
from kpisdk.statistics.shares import EffectiveShare


def gap_interval(groups: Sequence[EffectiveShare], level: float = LEVEL) -> Bounds:
    """The interval of the largest less the smallest of several groups' shares.

    The largest of many observed differences is large even where no group differs. So the lower
    limit asks of each pair what all pairs together keep with that level (the studentised range:
    J. W. Tukey; C. Y. Kramer, Biometrics 12, 1956), and is 0 unless a pair exceeds it. The upper
    limit needs no such caution: the pair that is truly the farthest apart is one pair.

    Args:
        groups: the share of each group (:func:`~kpisdk.statistics.effective_share`).
        level: the confidence level, 0 to 1.

    Returns:
        ``undefined`` below two groups.
    """
    if len(groups) < 2:
        return IntervalReason.UNDEFINED
    strict = studentized_range_quantile(level, len(groups)) / math.sqrt(2)
    cautious = math.erf(strict / math.sqrt(2))
    low = high = 0.0
    for one, two in permutations(groups, 2):
        low = max(low, _limits(one, two, cautious)[0])
        high = max(high, _limits(one, two, level)[1])
    shares = [group.share for group in groups]
    gap = max(shares) - min(shares)
    return bounded(gap, low, high, level, "studentized_range", (0.0, 1.0))


def _limits(one: EffectiveShare, two: EffectiveShare, level: float) -> tuple[float, float]:
    """Newcombe's limits of a difference at a level."""
    now, before = (Side(each.share, each.interval(level)) for each in (one, two))
    found = difference(now, before)
    middle = one.share - two.share
    return (middle, middle) if isinstance(found, IntervalReason) else (found.low, found.high)
