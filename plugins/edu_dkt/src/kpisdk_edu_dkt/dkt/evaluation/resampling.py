"""Students drawn anew, and the interval that the drawn values of a statistic give."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats

LEVEL = 0.95
DRAWS = 1000
FEWEST_STUDENTS = 2
"""One student alone shows no spread between students."""

_LARGEST_BLOCK = 1 << 22
_NORMAL = NormalDist()


def student_draws(students: int, draws: int, seed: int) -> Iterator[Floats]:
    """Blocks of (draws, students): how often each draw has each student.

    A block is small enough for any number of students; the draws do not depend on its size.

    Args:
        students: Number of students.
        draws: Number of draws.
        seed: Seed of the draws.
    """
    rng = np.random.default_rng(seed)
    share = np.full(students, 1.0 / students)
    for size in block_sizes(students, draws):
        yield rng.multinomial(students, share, size).astype(np.float64)


def block_sizes(students: int, draws: int) -> Iterator[int]:
    """How many of the draws are made at once, so that a block of them fits into memory.

    Args:
        students: Number of students.
        draws: Number of draws.
    """
    block = max(1, _LARGEST_BLOCK // students)
    for begin in range(0, draws, block):
        yield min(block, draws - begin)


def bca(
    value: float, drawn: Floats, influence: Floats, answers: Floats
) -> tuple[float, float] | None:
    """The bias-corrected and accelerated bootstrap interval; None if it has no width.

    Source: B. Efron, JASA 82 (1987). Its normal quantile is :func:`reach_of`.

    Args:
        value: The statistic.
        drawn: (draws,) its values on drawn students.
        influence: (students,) how much each student moves it; any common factor cancels out.
        answers: (students,) how much each student has to say: their number of answers.
    """
    if not len(drawn) or float(np.ptp(drawn)) == 0.0:
        return None
    count = len(drawn)
    below = np.count_nonzero(drawn < value) + 0.5 * np.count_nonzero(drawn == value)
    bias = _NORMAL.inv_cdf(min(max(below, 0.5), count - 0.5) / count)
    centred = influence - influence.mean()
    spread = float((centred**2).sum()) ** 1.5
    acceleration = float((centred**3).sum()) / (6.0 * spread) if spread > 0.0 else 0.0
    reach = reach_of(answers, influence)
    ends = []
    for side in (-reach, reach):
        moved = bias + side
        ends.append(_NORMAL.cdf(bias + moved / (1.0 - acceleration * moved)))
    return _around(value, drawn, ends)


def percentile(value: float, drawn: Floats, students: int) -> tuple[float, float] | None:
    """The percentile interval, widened for few students; None if it has no width.

    Args:
        value: The statistic.
        drawn: (draws,) its values on drawn students.
        students: Number of students.
    """
    if not len(drawn) or float(np.ptp(drawn)) == 0.0:
        return None
    tail = _NORMAL.cdf(-widened_quantile(students))
    return _around(value, drawn, [tail, 1.0 - tail])


def _around(value: float, drawn: Floats, ends: list[float]) -> tuple[float, float] | None:
    """The interval between two quantiles of the draws, which holds the value."""
    quantiles = np.quantile(drawn, ends)
    low, high = float(min(quantiles[0], value)), float(max(quantiles[1], value))
    return (low, high) if low < high else None


def reach_of(answers: Floats, influence: Floats) -> float:
    """How many of the draws' standard errors an interval reaches: 1.96 for many equal students.

    Draws know no t distribution, and their spread is too small: by the factor (n - 1) / n where
    students are alike (T. Hesterberg, The American Statistician 69, 2015), and by more where one of
    them gave many of the answers and pulls the statistic along. The jackknife, which leaves that
    student out, says by how much. Unequal students are worth fewer equal ones, as in
    :func:`kpisdk.statistics.unit_degrees`: (sum of answers)**2 / sum of answers**2.

    Args:
        answers: (students,) how many answers each student gave.
        influence: (students,) how much each student moves the statistic.
    """
    students, share = len(answers), answers / answers.sum()
    worth = 1.0 / float((share**2).sum())
    moved = influence - influence.mean()
    squares = float((moved**2).sum())
    if squares == 0.0 or float(share.max()) >= 1.0:
        return widened_quantile(worth)
    left_out = float(((moved / (1.0 - share)) ** 2).sum()) * (students - 1) / students
    return _student_quantile(worth - 1.0) * math.sqrt(max(left_out / squares, 1.0))


def widened_quantile(students: float) -> float:
    """The quantile of Student's t, times sqrt(n / (n - 1)): 1.96 for many students.

    Args:
        students: How many equal students there are, or are worth as much.
    """
    students = max(students, float(FEWEST_STUDENTS))
    return _student_quantile(students - 1.0) * math.sqrt(students / (students - 1.0))


def _student_quantile(degrees: float) -> float:
    """By its expansion (Abramowitz and Stegun 26.7.5)."""
    degrees = max(degrees, 1.0)
    z = _NORMAL.inv_cdf((1.0 + LEVEL) / 2.0)
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def share_of_none(students: int) -> float:
    """Upper end of Wilson's interval of a share that was 0 in all of ``students``."""
    z = _NORMAL.inv_cdf((1.0 + LEVEL) / 2.0)
    return z * z / (students + z * z)
