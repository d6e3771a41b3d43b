"""The ZPDES rule: which difficulty comes next, after a streak of failures or of successes.

Zone of Proximal Development and Empirical Success, in the simple form of the reference notebook:
more than two failures in a row make the next item easier, more than three successes harder.
"""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk import Problem
from kpisdk_edu_dkt.dkt.arrays import Floats, Integers
from kpisdk_edu_dkt.dkt.errors import InteractionsError


@attrs.frozen
class ZpdesRule:
    """The numbers of the rule.

    Attributes:
        failures: Failures in a row that are still borne without a change.
        successes: Successes in a row that are still borne without a change.
        step: How much the difficulty changes.
        low: Smallest difficulty.
        high: Largest difficulty.
    """

    failures: int = 2
    successes: int = 3
    step: float = 0.1
    low: float = 0.2
    high: float = 0.9


@attrs.frozen
class NextDifficulty:
    """What the rule decides: the change's direction (-1, 0, 1) and the difficulty after it.

    Attributes:
        adjustment: Direction of the change: -1, 0 or 1.
        difficulty: The difficulty after it.
    """

    adjustment: int
    difficulty: float


def next_difficulty(
    difficulty: float, failures: int, successes: int, rule: ZpdesRule | None = None
) -> NextDifficulty:
    """The difficulty of the next item of one student.

    Args:
        difficulty: The one used for the item just answered, 0 to 1.
        failures: Failures in a row, the answer just given included.
        successes: Successes in a row, the answer just given included.
        rule: Its numbers, if not the usual ones.

    Raises:
        InteractionsError: The difficulty is not in [0, 1], or a streak is negative, or both
            streaks are running.
    """
    problems = []
    if not 0.0 <= difficulty <= 1.0:
        problems.append(Problem("difficulty", f"{difficulty!r} is not from 0 to 1"))
    if failures < 0 or successes < 0:
        problems.append(Problem("streaks", f"{failures} and {successes}: none may be negative"))
    if failures > 0 and successes > 0:
        problems.append(Problem("streaks", f"{failures} and {successes}: one of them must be 0"))
    if problems:
        raise InteractionsError("The ZPDES rule", problems)
    adjustment, changed = adjust(
        np.array([difficulty]), np.array([failures]), np.array([successes]), rule or ZpdesRule()
    )
    return NextDifficulty(int(adjustment[0]), float(changed[0]))


def adjust(
    difficulty: Floats, failures: Integers, successes: Integers, rule: ZpdesRule
) -> tuple[Integers, Floats]:
    """The rule for many students at once: (adjustments, next difficulties).

    Args:
        difficulty: (students,) in force.
        failures: (students,) wrong answers in a row.
        successes: (students,) right answers in a row.
        rule: The rule.
    """
    adjustment = np.where(
        failures > rule.failures, -1, np.where(successes > rule.successes, 1, 0)
    ).astype(np.int64)
    changed = np.clip(difficulty + rule.step * adjustment, rule.low, rule.high)
    return adjustment, changed
