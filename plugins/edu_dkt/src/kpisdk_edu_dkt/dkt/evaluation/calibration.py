"""The calibration error by equal-width bins, and how much of it chance alone would make.

Even a perfectly calibrated model has gaps between predictions and answers in every bin, and their
sizes add up, whatever their signs. The expected excess of a gap ``|d|`` over its truth is that of a
folded normal distribution with the gap's own standard error, and is taken off (Kumar, Liang and Ma,
Verified Uncertainty Calibration, 2019, which samples what stands here in closed form).
"""

from __future__ import annotations

import math

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats, Integers

ECE_BINS = 15
_erf = np.frompyfunc(math.erf, 1, 1)


def bin_of(p: Floats, bins: int = ECE_BINS) -> Integers:
    """(rows,) bin of each prediction; 1.0 belongs to the last one.

    Args:
        p: (rows,) predictions.
        bins: Number of bins of equal width.
    """
    return np.minimum((p * bins).astype(np.int64), bins - 1)


@attrs.frozen(eq=False)
class CalibrationSums:
    """What the calibration error is made of, for each of some groups of answers.

    Attributes:
        gap: (groups, bins) sum of answer minus prediction.
        chance: (groups, bins) sum of the variances that the predictions imply: p (1 - p).
        right: (groups, bins) sum of the answers.
        count: (groups, bins) number of answers.
    """

    gap: Floats
    chance: Floats
    right: Floats
    count: Floats

    @classmethod
    def of(
        cls,
        p: Floats,
        y: Floats,
        group: Integers,
        weight: Floats | None = None,
        bins: int = ECE_BINS,
    ) -> CalibrationSums:
        """The sums of answers by group (numbers from 0) and bin.

        Args:
            p: (rows,) predictions.
            y: (rows,) answers.
            group: (rows,) number of the group, from 0.
            weight: (rows,) how often each answer counts; once if None.
            bins: Number of bins of equal width.
        """
        weight = np.ones(len(p)) if weight is None else weight
        groups = int(group.max(initial=0)) + 1
        place = group * bins + bin_of(p, bins)

        def summed(values: Floats) -> Floats:
            sums = np.bincount(place, weight * values, groups * bins)
            return np.asarray(sums.reshape(groups, bins))

        return cls(summed(y - p), summed(p * (1.0 - p)), summed(y), summed(np.ones(len(p))))

    def summed(self, times: Floats) -> CalibrationSums:
        """The sums of (draws, groups) choices of the groups."""
        parts = (self.gap, self.chance, self.right, self.count)
        return CalibrationSums(*(times @ part for part in parts))

    def plain(self) -> Floats:
        """(groups,) mean absolute gap, as it is."""
        return np.asarray(np.abs(self.gap).sum(axis=1) / self.count.sum(axis=1))

    def debiased(self, chances: float = 1.0) -> Floats:
        """(groups,) mean absolute gap less what chance adds; at least 0.

        Args:
            chances: How many times the variance of the answers is in the gaps.
        """
        count = np.maximum(self.count, 1e-12)
        gap, share = np.abs(self.gap / count), self.right / count
        # where predictions are far too sure, the answers themselves say how they vary
        variance = np.maximum(self.chance / count, share * (1.0 - share)) / count
        spread = np.sqrt(chances * variance)
        excess = _excess(gap, np.maximum(spread, 1e-300))
        weight = self.count / self.count.sum(axis=1, keepdims=True)
        return np.asarray(np.maximum((weight * (gap - excess)).sum(axis=1), 0.0))


def _excess(gap: Floats, spread: Floats) -> Floats:
    """E|N(gap, spread)| - gap: how much larger chance makes an absolute gap."""
    ratio = np.minimum(gap / spread, 40.0)
    inside = np.asarray(_erf(ratio / math.sqrt(2.0)), dtype=np.float64)
    folded = spread * math.sqrt(2.0 / math.pi) * np.exp(-0.5 * ratio**2) + gap * inside
    return np.asarray(np.where(ratio >= 40.0, 0.0, folded - gap))
