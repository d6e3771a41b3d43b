"""Columns that are taken as known before an answer, and give that answer away.

The model reads the number columns and the phase of the very item that it predicts. One that was
written after the answer would make any model look good, and a coin learnable. Nothing but the data
can show it, and they show it in three ways:

* its *moves*, or its gaps, fix the answer of their own row, nearly without exception;
* alone, and on students that nothing was counted on, it tells the answers better than an item or a
  mood known beforehand does;
* its moves go with the answer of their own row, and those of the next row do not.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Booleans, Floats, Integers
from kpisdk_edu_dkt.dkt.data.columns import DIFFICULTY, PHASE, SKILL
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.moves import fixes_the_answer, moves_of
from kpisdk_edu_dkt.dkt.evaluation.metrics import auc

_LEAST_ROWS, _BINS, _FOLDS = 200, 20, 2
_TELLING = {DIFFICULTY.name: 0.80, PHASE.name: 0.80, SKILL.name: 0.90}
"""AUC of the column alone above which it tells too much: items may be hard, and skills harder."""
_TELLING_OF_A_STATE, _GAIN_OF_A_STATE = 0.70, 0.10
"""The same for what describes the student: it also must tell more than it did a row before."""
_LEAST_ASYMMETRY = 0.08


@attrs.frozen
class GivenAway:
    """A column that gives away the answer of its own row.

    Attributes:
        column: Its name.
        rows: Rows whose answer it fixes; 0 if it tells in another way.
        of_rows: Rows looked at.
        auc: AUC of the column alone for the answer of its own row, over students apart.
        auc_before: The same of what it was in the row before, where that says something.
    """

    column: str
    rows: int
    of_rows: int
    auc: float | None
    auc_before: float | None

    @property
    def sentence(self) -> str:
        """What was found, and what to do."""
        what = f"{self.column} tells the answer of its own row"
        if self.rows:
            what += f" (in {self.rows} of {self.of_rows} rows nearly without exception)"
        elif self.auc is not None:
            what += f" (AUC {self.auc:.2f} by itself)"
        return (
            f"{what}: if it is written after the answer, nothing that is said of this model holds. "
            "Leave the column out, or record it before."
        )


def given_away(interactions: Interactions, columns: Iterable[str]) -> tuple[GivenAway, ...]:
    """The columns that tell the answer of their own row better than they should.

    Args:
        interactions: Rows, whose ``difficulty`` is the one used.
        columns: Names of what is read of the item: numbers, ``phase_type``, ``skill_id``.
    """
    if len(interactions) < _LEAST_ROWS:
        return ()
    found = (_given_away(interactions, name) for name in dict.fromkeys(columns))
    return tuple(each for each in found if each is not None)


def _given_away(interactions: Interactions, name: str) -> GivenAway | None:
    answers = interactions.correct.astype(np.float64)
    later = np.zeros(len(answers), dtype=bool)
    later[1:] = np.diff(interactions.student.codes) == 0
    if name in interactions.numbers:
        values = interactions.numbers[name]
        move = moves_of(interactions, values)
        gap = np.isnan(values)
        fixed = _fixed_by_moves(move, answers)
        fixed += max(fixes_the_answer(gap, answers == kind) for kind in (0.0, 1.0))
        if name != DIFFICULTY.name and not fixed:
            fixed = _fixed_to_wrong(_bins(values), answers)
        bins = _bins(values) * 3 + np.sign(move).astype(np.int64) + 1
        asymmetric = name != DIFFICULTY.name and _is_asymmetric(move, answers, later)
    else:
        ids = interactions.phase if name == PHASE.name else interactions.skill
        if ids is None:
            return None
        bins, asymmetric = ids.codes, False
        # an easy phase may be pure; one in which every answer is wrong was chosen afterwards
        fixed = 0 if name == SKILL.name else _fixed_to_wrong(bins, answers)
    alone = _auc_over_students(bins, answers, interactions.student.codes)
    before = _auc_before(bins, answers, interactions.student.codes, later)
    if not (fixed or asymmetric or _tells_too_much(name, alone, before)):
        return None
    return GivenAway(name, fixed, len(answers), alone, before)


def _tells_too_much(name: str, alone: float | None, before: float | None) -> bool:
    if alone is None:
        return False
    if name in _TELLING:
        return alone >= _TELLING[name]
    return alone >= max(_TELLING_OF_A_STATE, (before or 0.5) + _GAIN_OF_A_STATE)


def _fixed_by_moves(move: Floats, answers: Floats) -> int:
    return sum(
        max(fixes_the_answer(move * way > 0, answers == kind) for kind in (0.0, 1.0))
        for way in (1.0, -1.0)
    )


def _fixed_to_wrong(bins: Integers, answers: Floats) -> int:
    return sum(fixes_the_answer(bins == each, answers == 0) for each in np.unique(bins))


def _bins(values: Floats) -> Integers:
    """(rows,) number of the bin of each value: of as many rows each, and one for none."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values), dtype=np.int64)
    edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, _BINS + 1)[1:-1]))
    at = np.searchsorted(edges, values, side="right")
    return np.where(np.isnan(values), _BINS, at).astype(np.int64)


def _auc_over_students(bins: Integers, answers: Floats, student: Integers) -> float | None:
    """AUC of the share of right answers of a bin, each share counted on other students."""
    size = int(bins.max(initial=0)) + 1
    predicted = np.empty(len(answers))
    for fold in range(_FOLDS):
        here = student % _FOLDS == fold
        seen = np.bincount(bins[~here], minlength=size)
        right = np.bincount(bins[~here], answers[~here], minlength=size)
        rate = float(answers[~here].mean()) if (~here).any() else 0.5
        predicted[here] = ((right + rate) / (seen + 1.0))[bins[here]]
    return auc(predicted, answers)


def _auc_before(
    bins: Integers, answers: Floats, student: Integers, later: Booleans
) -> float | None:
    """The same for the answer of the row after: what a lasting state would tell as well."""
    row = np.flatnonzero(later)
    return _auc_over_students(bins[row - 1], answers[row], student[row])


def _is_asymmetric(move: Floats, answers: Floats, later: Booleans) -> bool:
    """Whether moves go with the answer of their own row, and not as much with the one before."""
    row = np.flatnonzero(later)
    own, next_row = auc(move[row], answers[row]), auc(move[row], answers[row - 1])
    if own is None or next_row is None:
        return False
    strength = abs(own - 0.5)
    # the standard error of an AUC of n rows is below 1 / sqrt(n) for classes of like size
    is_certain = strength * np.sqrt(len(row)) >= 4.0
    return bool(is_certain and strength >= abs(next_row - 0.5) + _LEAST_ASYMMETRY)
