"""How sure a score is: a bootstrap over students, as answers of one student are not independent."""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats, Integers
from kpisdk_edu_dkt.dkt.judging.metrics import METRICS, Ranking, Score, auc

LEVEL = 0.95
DRAWS = 200


def with_intervals(
    scores: dict[str, Score],
    p: Floats,
    y: Floats,
    student: Integers,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> dict[str, Score]:
    """The scores, with 95 % percentile intervals.

    Args:
        scores: As :func:`~kpisdk_edu_dkt.dkt.judging.metrics.scores` gives them.
        p: (rows,) predictions.
        y: (rows,) answers.
        student: (rows,) who answered.
        seed: Seed of the draws.
        draws: Number of draws.
    """
    groups, member = np.unique(student, return_inverse=True)
    if len(groups) < 2 or draws < 2:
        return scores
    rng = np.random.default_rng(seed)
    ranking = Ranking.of(p)
    drawn: dict[str, list[float]] = {name: [] for name in scores}
    for _ in range(draws):
        times = np.bincount(rng.integers(0, len(groups), len(groups)), minlength=len(groups))
        weight = times[member].astype(np.float64)
        for name in scores:
            value = auc(p, y, weight, ranking) if name == "auc" else METRICS[name](p, y, weight)
            if value is not None:
                drawn[name].append(value)
    return {name: _bounded(score, drawn[name]) for name, score in scores.items()}


def paired_gain(
    p: Floats, other: Floats, y: Floats, student: Integers, *, seed: int = 0, draws: int = DRAWS
) -> Score:
    """AUC of ``p`` minus AUC of ``other`` on the same answers, with its interval."""
    mine, theirs = auc(p, y), auc(other, y)
    if mine is None or theirs is None:
        return Score(None, len(y), "one_class" if len(y) else "no_rows")
    gain = Score(mine - theirs, len(y))
    groups, member = np.unique(student, return_inverse=True)
    if len(groups) < 2 or draws < 2:
        return gain
    rng = np.random.default_rng(seed)
    first, second = Ranking.of(p), Ranking.of(other)
    gains = []
    for _ in range(draws):
        times = np.bincount(rng.integers(0, len(groups), len(groups)), minlength=len(groups))
        weight = times[member].astype(np.float64)
        one, two = auc(p, y, weight, first), auc(other, y, weight, second)
        if one is not None and two is not None:
            gains.append(one - two)
    return _bounded(gain, gains)


def _bounded(score: Score, values: list[float]) -> Score:
    if score.value is None or len(values) < 2:
        return score
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return attrs.evolve(score, low=float(low), high=float(high))
