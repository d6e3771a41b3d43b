"""How sure a score is: a bootstrap over students, as answers of one student are not independent.

1,000 draws; AUC, accuracy, log loss, RMSE, shares and gains get BCa intervals. The calibration
error is no smooth function of the answers, and BCa covers it badly (85 % where 95 % is claimed): it
gets percentiles of draws from which the bias of drawing is taken off as well, down to 0 where
perfect calibration cannot be ruled out. Every interval holds its own value.
"""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats, Integers
from kpisdk_edu_dkt.dkt.evaluation.calibration import CalibrationSums
from kpisdk_edu_dkt.dkt.evaluation.metrics import Score, answer_losses, auc
from kpisdk_edu_dkt.dkt.evaluation.resampling import (
    DRAWS,
    FEWEST_STUDENTS,
    LEVEL,
    bca,
    block_sizes,
    percentile,
    share_of_none,
    student_draws,
    widened_quantile,
)

_LARGEST_TABLE, _FEWEST_BINS, _MOST_BINS = 1 << 22, 256, 4096

__all__ = ["DRAWS", "LEVEL", "paired_gain", "share_with_interval", "with_intervals"]


def with_intervals(
    scores: dict[str, Score],
    p: Floats,
    y: Floats,
    student: Integers,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> dict[str, Score]:
    """The scores, with 95 % intervals.

    Args:
        scores: As :func:`~kpisdk_edu_dkt.dkt.evaluation.metrics.scores` gives them.
        p: (rows,) predictions.
        y: (rows,) answers.
        student: (rows,) who answered.
        seed: Seed of the draws.
        draws: Number of draws.
    """
    if draws < 2:
        return scores
    groups, member = np.unique(student, return_inverse=True)
    few = len(groups) < FEWEST_STUDENTS
    found = {}
    for name, score in scores.items():
        if score.value is None:
            found[name] = score
        elif few:
            found[name] = _too_few(score)
        elif name == "auc":
            ranks = _RanksByStudent(p, y, member, len(groups))
            drawn = ranks.drawn(seed, draws)
            influence = ranks.influence(score.value)
            found[name] = _bounded(score, drawn, influence, _answers(member))
        elif name == "ece":
            found[name] = _calibrated(score, p, y, member, seed, draws)
        else:
            sums, counts = (
                np.bincount(member, each).astype(np.float64)
                for each in (answer_losses(name, p, y), np.ones(len(p)))
            )
            found[name] = _mean(score, sums, counts, seed, draws, root=name == "rmse")
    return found


def share_with_interval(hits: Floats, of: Floats, *, seed: int = 0, draws: int = DRAWS) -> Score:
    """A share over students, such as of their practised skills, with its interval.

    Args:
        hits: (students,) what counts.
        of: (students,) out of what.
        seed: Seed of the draws.
        draws: Number of draws.
    """
    total = float(of.sum())
    if not total:
        return Score(None, 0, "no_rows")
    score = Score(float(hits.sum()) / total, int(total))
    there = of > 0
    if draws < 2:
        return score
    if np.count_nonzero(there) < FEWEST_STUDENTS:
        return _too_few(score)
    return _mean(score, hits[there], of[there], seed, draws, root=False)


def paired_gain(
    p: Floats, other: Floats, y: Floats, student: Integers, *, seed: int = 0, draws: int = DRAWS
) -> Score:
    """AUC of ``p`` minus AUC of ``other`` on the same answers, with its interval.

    Args:
        p: (rows,) predictions.
        other: (rows,) those of the other model.
        y: (rows,) answers.
        student: (rows,) who answered.
        seed: Seed of the draws.
        draws: Number of draws; below 2 for no interval.
    """
    mine, theirs = auc(p, y), auc(other, y)
    if mine is None or theirs is None:
        return Score(None, len(y), "one_class" if len(y) else "no_rows")
    gain = Score(mine - theirs, len(y))
    if draws < 2:
        return gain
    groups, member = np.unique(student, return_inverse=True)
    if len(groups) < FEWEST_STUDENTS:
        return _too_few(gain)
    first, second = (_RanksByStudent(each, y, member, len(groups)) for each in (p, other))
    drawn = first.drawn(seed, draws) - second.drawn(seed, draws)
    influence = first.influence(mine) - second.influence(theirs)
    ends = bca(gain.value or 0.0, drawn, influence, _answers(member))
    if ends is None:
        return _undefined(gain)
    return attrs.evolve(gain, low=ends[0], high=ends[1], method="bca")


def _answers(member: Integers) -> Floats:
    """(students,) how many answers each gave."""
    return np.bincount(member).astype(np.float64)


def _too_few(score: Score) -> Score:
    return attrs.evolve(score, interval_reason="too_few_units")


def _undefined(score: Score) -> Score:
    return attrs.evolve(score, interval_reason="undefined")


def _bounded(score: Score, drawn: Floats, influence: Floats, answers: Floats) -> Score:
    """The score of a share or an AUC with its BCa interval.

    Draws that are all 0 or all 1 say nothing of how far from it the truth may be: then the interval
    is that of a share of none (or of all) of the students (Wilson, 1927).
    """
    value = score.value
    if value is None:
        return score
    ends = bca(value, drawn, influence, answers)
    if ends is not None:
        return attrs.evolve(score, low=ends[0], high=ends[1], method="bca")
    reach = share_of_none(len(influence))
    if value == 0.0:
        return attrs.evolve(score, low=0.0, high=reach, method="wilson")
    if value == 1.0:
        return attrs.evolve(score, low=1.0 - reach, high=1.0, method="wilson")
    return _undefined(score)


def _mean(
    score: Score, sums: Floats, counts: Floats, seed: int, draws: int, *, root: bool
) -> Score:
    """The interval of a mean over answers (or its root) from each student's sum and count."""
    blocks = student_draws(len(sums), draws, seed)
    drawn = np.concatenate([(block @ sums) / (block @ counts) for block in blocks])
    if root:
        drawn = np.sqrt(drawn)  # whose derivative is a factor that all students have in common
    influence = sums - sums.sum() / counts.sum() * counts
    return _bounded(score, drawn, influence, counts)


def _calibrated(
    score: Score, p: Floats, y: Floats, member: Integers, seed: int, draws: int
) -> Score:
    whole = CalibrationSums.of(p, y, member)
    students = len(whole.count)
    drawn = np.concatenate(
        [
            # a draw's gaps have the chance of the answers in them, and that of the draw
            whole.summed(block).debiased(chances=2.0)
            for block in student_draws(students, draws, seed)
        ]
    )
    ends = percentile(score.value or 0.0, drawn, students)
    if ends is None:
        return _undefined(score)
    low, high = ends
    total = whole.summed(np.ones((1, students)))
    if float(total.plain()[0]) <= _by_chance(whole, seed, draws):
        low = 0.0
    return attrs.evolve(score, low=low, high=high, method="percentile")


def _by_chance(whole: CalibrationSums, seed: int, draws: int) -> float:
    """What the plain calibration error reaches in 1 of 40 samples of a calibrated model.

    Each student's gaps, freed of the mean gap of their bin, with random signs and sizes: answers of
    one student may go astray together.
    """
    total, count = whole.gap.sum(axis=0), whole.count.sum(axis=0)
    own = whole.gap - whole.count * (total / np.maximum(count, 1.0))
    rng = np.random.default_rng([seed, 1])
    sizes = [
        np.abs(rng.standard_normal((size, len(own))) @ own).sum(axis=1) / count.sum()
        for size in block_sizes(len(own), draws)
    ]
    reach = widened_quantile(len(own)) / widened_quantile(1_000_000)
    return float(np.quantile(np.concatenate(sizes), (1.0 + LEVEL) / 2.0)) * reach


class _RanksByStudent:
    """An AUC as a function of how often each student counts, from ranks that are found once.

    Predictions of many values are put into bins of like many answers for the draws, so that a draw
    is a product of two small matrices; what that takes from the AUC is given back. Whole numbers
    are added up, so that no order of adding changes a bit.
    """

    def __init__(self, p: Floats, y: Floats, member: Integers, students: int) -> None:
        right, wrong = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
        right, wrong = right[np.argsort(p[right])], wrong[np.argsort(p[wrong])]
        self.students = students
        self.right, self.wrong = member[right], member[wrong]
        # wrong answers that were given less than each right one, and not more; and the converse
        self.less = np.searchsorted(p[wrong], p[right], "left")
        self.not_more = np.searchsorted(p[wrong], p[right], "right")
        self.lower = np.searchsorted(p[right], p[wrong], "left")
        self.not_higher = np.searchsorted(p[right], p[wrong], "right")
        _, rank, count = np.unique(p, return_inverse=True, return_counts=True)
        most = int(np.clip(_LARGEST_TABLE // students, _FEWEST_BINS, _MOST_BINS))
        place = rank
        if len(count) > most:
            place = ((np.cumsum(count) - count) * most // len(p))[rank]
        self.bins = int(place.max(initial=0)) + 1
        self._rights, self._wrongs = (
            np.bincount(member[rows] * self.bins + place[rows], minlength=students * self.bins)
            .reshape(students, self.bins)
            .astype(np.float32)
            for rows in (right, wrong)
        )

    def drawn(self, seed: int, draws: int) -> Floats:
        """(draws,) AUCs; draws in which one class is absent are left out."""
        whole = self._of(np.ones((1, self.students)))
        values = [self._of(block) for block in student_draws(self.students, draws, seed)]
        exact = (self.less + self.not_more).sum() / (2.0 * len(self.right) * len(self.wrong))
        return np.asarray(np.clip(np.concatenate(values) + (exact - whole), 0.0, 1.0))

    def _of(self, times: Floats) -> Floats:
        single = times.astype(np.float32)
        right, wrong = (
            (single @ table).astype(np.float64) for table in (self._rights, self._wrongs)
        )
        won = (right * (np.cumsum(wrong, axis=1) - wrong / 2.0)).sum(axis=1)
        pairs = right.sum(axis=1) * wrong.sum(axis=1)
        return np.asarray(won[pairs > 0] / pairs[pairs > 0])

    def influence(self, value: float) -> Floats:
        """(students,) derivative of the AUC by how often each counts."""
        wrongs, rights = len(self.wrong), len(self.right)
        won = (self.less + self.not_more) / (2.0 * wrongs) - value
        lost = 1.0 - (self.lower + self.not_higher) / (2.0 * rights) - value
        return np.asarray(
            np.bincount(self.right, won, self.students) / rights
            + np.bincount(self.wrong, lost, self.students) / wrongs
        )
