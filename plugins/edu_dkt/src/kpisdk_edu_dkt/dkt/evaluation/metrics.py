"""How good probabilities are: AUC, accuracy, log loss, RMSE and calibration, each with its n.

Every function takes probabilities and answers (0 or 1), optionally weighted by whole numbers (how
often a bootstrap drew the row), and gives ``None`` where the metric is undefined.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats, Integers
from kpisdk_edu_dkt.dkt.evaluation.calibration import ECE_BINS, CalibrationSums, bin_of

_CLIP = 1e-12
ONE_CLASS = "one_class"
NO_ROWS = "no_rows"


@attrs.frozen
class Score:
    """One metric of one set of predictions.

    Attributes:
        value: None where it is undefined.
        n: Number of scored answers.
        reason: Why there is no value: ``no_rows`` or ``one_class``.
        low: Lower end of the 95 % bootstrap interval over students, where one was computed.
        high: Upper end.
        method: How the interval was made: ``bca``, ``percentile`` or ``wilson``.
        interval_reason: Why there is none although one was computed: ``too_few_units`` students, or
            ``undefined`` where no choice of students moves the value.
    """

    value: float | None
    n: int
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    interval_reason: str | None = None


@attrs.frozen(eq=False)
class Ranking:
    """The order of predictions, found once and used for many weightings.

    Attributes:
        order: Positions by ascending prediction.
        last: For each position in that order, whether the next prediction is larger.
    """

    order: Integers
    last: Integers

    @classmethod
    def of(cls, p: Floats) -> Ranking:
        """The ranking of predictions; equal ones stay together."""
        order = np.argsort(p, kind="stable")
        ascending = p[order]
        ends = np.flatnonzero(np.append(ascending[1:] != ascending[:-1], True)) if len(p) else order
        return cls(order.astype(np.int64), ends.astype(np.int64))


def auc(
    p: Floats, y: Floats, weight: Floats | None = None, ranking: Ranking | None = None
) -> float | None:
    """Probability that a right answer was given a larger number than a wrong one; ties count half.

    The area under the ROC curve in its Mann-Whitney form.

    Args:
        p: (rows,) predictions.
        y: (rows,) answers.
        weight: (rows,) how often each answer counts; once if None.
        ranking: That of ``p``, where it is known already.
    """
    ranking = ranking or Ranking.of(p)
    weight = np.ones(len(p)) if weight is None else weight
    right = np.cumsum((weight * y)[ranking.order])[ranking.last]
    wrong = np.cumsum((weight * (1.0 - y))[ranking.order])[ranking.last]
    if not len(right) or right[-1] <= 0 or wrong[-1] <= 0:
        return None
    right_here = np.diff(right, prepend=0.0)
    wrong_here = np.diff(wrong, prepend=0.0)
    below = wrong - wrong_here
    return float((right_here * (below + 0.5 * wrong_here)).sum() / (right[-1] * wrong[-1]))


def accuracy(p: Floats, y: Floats, weight: Floats | None = None) -> float | None:
    """Share of answers on the right side of one half (a probability of 0.5 says "right").

    Args:
        p: (rows,) predictions.
        y: (rows,) answers.
        weight: (rows,) how often each answer counts; once if None.
    """
    return _mean(answer_losses("accuracy", p, y), weight)


def log_loss(p: Floats, y: Floats, weight: Floats | None = None) -> float | None:
    """Mean negative log likelihood over all answers at once (not a mean of batch means).

    Args:
        p: (rows,) predictions.
        y: (rows,) answers.
        weight: (rows,) how often each answer counts; once if None.
    """
    return _mean(answer_losses("log_loss", p, y), weight)


def rmse(p: Floats, y: Floats, weight: Floats | None = None) -> float | None:
    """Root of the mean squared difference.

    Args:
        p: (rows,) predictions.
        y: (rows,) answers.
        weight: (rows,) how often each answer counts; once if None.
    """
    mean = _mean(answer_losses("rmse", p, y), weight)
    return None if mean is None else float(np.sqrt(mean))


def ece(p: Floats, y: Floats, weight: Floats | None = None, bins: int = ECE_BINS) -> float | None:
    """Expected calibration error over equal-width bins: mean |answers - predictions| by bin.

    Plain: chance alone makes it larger than 0 for any model.

    Args:
        p: (rows,) predictions.
        y: (rows,) answers.
        weight: (rows,) how often each answer counts; once if None.
        bins: Number of bins.
    """
    return None if not len(p) else float(_calibration(p, y, weight, bins).plain()[0])


def debiased_ece(
    p: Floats, y: Floats, weight: Floats | None = None, bins: int = ECE_BINS
) -> float | None:
    """The same less what chance adds, as reports show it.

    Args:
        p: (rows,) predictions.
        y: (rows,) answers.
        weight: (rows,) how often each answer counts; once if None.
        bins: Number of bins.
    """
    return None if not len(p) else float(_calibration(p, y, weight, bins).debiased()[0])


def _calibration(p: Floats, y: Floats, weight: Floats | None, bins: int) -> CalibrationSums:
    return CalibrationSums.of(p, y, np.zeros(len(p), dtype=np.int64), weight, bins)


def answer_losses(name: str, p: Floats, y: Floats) -> Floats:
    """(rows,) what ``accuracy``, ``log_loss`` and ``rmse`` are the mean of (RMSE: its root).

    Args:
        name: The metric.
        p: (rows,) predictions.
        y: (rows,) answers.
    """
    if name == "accuracy":
        return np.asarray((p >= 0.5) == (y >= 0.5), dtype=np.float64)
    if name == "rmse":
        return np.asarray((p - y) ** 2)
    p = np.clip(p, _CLIP, 1.0 - _CLIP)
    return np.asarray(-(y * np.log(p) + (1.0 - y) * np.log1p(-p)))


def _mean(values: Floats, weight: Floats | None) -> float | None:
    if not len(values):
        return None
    if weight is None:
        return float(values.mean())
    return float((values * weight).sum() / weight.sum())


METRICS: dict[str, Callable[..., float | None]] = {
    "auc": auc,
    "accuracy": accuracy,
    "log_loss": log_loss,
    "rmse": rmse,
    "ece": debiased_ece,
}
"""Name -> function, in the order of reports."""


def score(name: str, p: Floats, y: Floats) -> Score:
    """One metric, with the reason where it has no value.

    Args:
        name: Key of :data:`METRICS`.
        p: (rows,) predictions.
        y: (rows,) answers.
    """
    value = METRICS[name](p, y)
    reason = None
    if value is None:
        reason = ONE_CLASS if len(p) else NO_ROWS
    return Score(value, len(p), reason)


def scores(p: Floats, y: Floats) -> dict[str, Score]:
    """All metrics.

    Args:
        p: (rows,) predictions.
        y: (rows,) answers.
    """
    return {name: score(name, p, y) for name in METRICS}


@attrs.frozen
class ReliabilityBin:
    """Predictions of one bin beside what came true.

    Attributes:
        low: Lower end of the bin, which belongs to it.
        high: Upper end.
        n: Number of predictions in it.
        predicted: Their mean; None without any.
        observed: Share of right answers; None likewise.
    """

    low: float
    high: float
    n: int
    predicted: float | None
    observed: float | None


def reliability(p: Floats, y: Floats, bins: int = ECE_BINS) -> tuple[ReliabilityBin, ...]:
    """The table behind the calibration error.

    Args:
        p: (rows,) predictions.
        y: (rows,) answers.
        bins: Number of bins.
    """
    at = bin_of(p, bins)
    table = []
    for index in range(bins):
        here = at == index
        n = int(here.sum())
        table.append(
            ReliabilityBin(
                index / bins,
                (index + 1) / bins,
                n,
                float(p[here].mean()) if n else None,
                float(y[here].mean()) if n else None,
            )
        )
    return tuple(table)
