"""How good the model is: exact metrics of each version from counts that do not grow with the data.

Probabilities have four decimals, so the counts of outcomes per probability say everything that the
rows say about ROC-AUC, average precision, F1, Brier score and calibration; recall@K needs the 100
highest rows as well, and the fairness gap the counts per group.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_demo.people import INSURANCES, Cell
from kpisdk_demo.scoring import VERSIONS, Reference, Scored, binned

_STEPS: Final = 10_000
_THRESHOLD: Final = _STEPS // 2
_TOP: Final = 100
_CUTS: Final = (5, 10, 20, 100)
_NEWTON_STEPS: Final = 50
_WORST_CONDITION: Final = 1e12


@attrs.frozen
class Figures:
    """The metrics of one version; None where its rows do not define one.

    Attributes:
        roc_auc: ROC-AUC, ties counting half.
        average_precision: PR-AUC, step-wise.
        precision: at a probability of 0.5 or more.
        recall: likewise.
        recall_at: JSON, ``recall_at_<k>`` for some k.
        brier: Brier score.
        slope: calibration slope.
        fairness: JSON, recall by insurance group.
    """

    roc_auc: float | None
    average_precision: float | None
    precision: float | None
    recall: float | None
    recall_at: str | None
    brier: float | None
    slope: float | None
    fairness: str | None


@attrs.define(eq=False)
class Tally:
    """Counts over cells, from which :meth:`figures` and :meth:`drift` follow.

    Attributes:
        training: distribution of the features in training.
        outcomes: rows by version, outcome and probability in ten-thousandths.
        recalled: positives by version, insurance group and whether the model finds them.
        production: rows of the newest version by feature and bin.
    """

    training: Reference
    outcomes: NDArray[np.int64] = attrs.field(init=False)
    recalled: NDArray[np.int64] = attrs.field(init=False)
    production: NDArray[np.int64] = attrs.field(init=False)
    _top: list[NDArray[np.int64]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.outcomes = np.zeros((len(VERSIONS), 2, _STEPS + 1), np.int64)
        self.recalled = np.zeros((len(VERSIONS), len(INSURANCES), 2), np.int64)
        self.production = np.zeros(self.training.proportions.shape, np.int64)
        self._top = [np.empty((0, 2), np.int64) for _ in VERSIONS]

    def add(self, cell: Cell, scores: Scored) -> None:
        """Count the scores of a cell; cells come in ascending order.

        Args:
            cell: the people.
            scores: theirs.
        """
        newest = scores.version == 0
        self.production += binned(scores.features[newest], self.training.edges)
        known = np.flatnonzero(~np.isnan(scores.outcome))
        version = scores.version[known]
        outcome = scores.outcome[known].astype(np.int64)
        step = np.rint(scores.probability[known] * _STEPS).astype(np.int64)
        np.add.at(self.outcomes, (version, outcome, step), 1)
        group = cell.patients.insurance[scores.patient[known]]
        counted = (outcome == 1) & (group >= 0)
        found = (step >= _THRESHOLD).astype(np.int64)
        np.add.at(self.recalled, (version[counted], group[counted], found[counted]), 1)
        for code in range(len(VERSIONS)):
            mine = version == code
            # Row order is the order of prediction ids, which decides between equal scores.
            rows = np.stack([step[mine], outcome[mine]], axis=1)
            rows = np.concatenate([self._top[code], rows])
            self._top[code] = rows[np.argsort(-rows[:, 0], kind="stable")[:_TOP]]

    def figures(self) -> list[Figures]:
        """The metrics of every version, in the order of :data:`VERSIONS`."""
        return [self._figures(code) for code in range(len(VERSIONS))]

    def _figures(self, code: int) -> Figures:
        negatives, positives = self.outcomes[code]
        total = int(positives.sum())
        if total == 0 or negatives.sum() == 0:
            return Figures(None, None, None, None, None, None, None, None)
        hits = int(positives[_THRESHOLD:].sum())
        flagged = hits + int(negatives[_THRESHOLD:].sum())
        ranked = self._top[code][:, 1]
        recall_at = {f"recall_at_{k}": round(ranked[:k].sum() / total, 6) for k in _CUTS}
        by_group = {
            name: round(int(found) / int(found + missed), 6)
            for name, (missed, found) in zip(INSURANCES, self.recalled[code], strict=True)
            if found + missed
        }
        return Figures(
            roc_auc=roc_auc(negatives, positives),
            average_precision=average_precision(negatives, positives),
            precision=hits / flagged if flagged else None,
            recall=hits / total,
            recall_at=json.dumps(recall_at),
            brier=brier(negatives, positives),
            slope=calibration_slope(negatives, positives),
            fairness=json.dumps({"recall_by_group": {"insurance_type": by_group}}),
        )

    def drift(self) -> NDArray[np.float64]:
        """The population stability index of each feature, shape (features,).

        Production shares are smoothed by one row per bin, training shares are at least 1e-6.
        """
        bins = self.production.shape[1]
        rows = self.production.sum(axis=1, keepdims=True)
        actual = (self.production + 1) / (rows + bins)
        expected = np.maximum(self.training.proportions, 1e-6)
        index: NDArray[np.float64] = ((actual - expected) * np.log(actual / expected)).sum(axis=1)
        return index


def tally(training: Reference, cells: Iterable[tuple[Cell, Scored]]) -> Tally:
    """The counts over all cells.

    Args:
        training: the features' distribution in training.
        cells: each cell with its scores, in ascending order.
    """
    counts = Tally(training)
    for cell, scores in cells:
        counts.add(cell, scores)
    return counts


def roc_auc(negatives: NDArray[np.int64], positives: NDArray[np.int64]) -> float:
    """Chance that a positive outranks a negative; ties count half (Mann–Whitney).

    Args:
        negatives: rows by probability in ten-thousandths, shape (10001,).
        positives: likewise.
    """
    below = np.cumsum(negatives) - negatives
    wins = (positives * (below + negatives / 2)).sum()
    return float(wins / (int(negatives.sum()) * int(positives.sum())))


def average_precision(negatives: NDArray[np.int64], positives: NDArray[np.int64]) -> float:
    """Precision at each distinct score, weighted by the recall that the score adds.

    Args:
        negatives: rows by probability in ten-thousandths, shape (10001,).
        positives: likewise.
    """
    hits = np.cumsum(positives[::-1])
    flagged = np.cumsum((positives + negatives)[::-1])
    gained = positives[::-1]
    some = flagged > 0
    return float((gained[some] * hits[some] / flagged[some]).sum() / hits[-1])


def brier(negatives: NDArray[np.int64], positives: NDArray[np.int64]) -> float:
    """Mean squared distance of probability and outcome.

    Args:
        negatives: rows by probability in ten-thousandths, shape (10001,).
        positives: likewise.
    """
    level = np.arange(negatives.size) / _STEPS
    loss = (negatives * level**2 + positives * (1 - level) ** 2).sum()
    return float(loss / (negatives.sum() + positives.sum()))


def calibration_slope(negatives: NDArray[np.int64], positives: NDArray[np.int64]) -> float | None:
    """Slope of the logistic regression of outcome on logit(p), by Newton's method.

    None where it does not settle: the classes are separated.

    Args:
        negatives: rows by probability in ten-thousandths, shape (10001,).
        positives: likewise.
    """
    seen = np.flatnonzero(negatives + positives)
    level = np.clip(seen / _STEPS, 1e-6, 1 - 1e-6)
    design = np.stack([np.ones(seen.size), np.log(level / (1 - level))], axis=1)
    rows, hits = (negatives + positives)[seen], positives[seen]
    estimate = np.array([0.0, 1.0])
    for _ in range(_NEWTON_STEPS):
        # The logistic function as a hyperbolic tangent: no overflow where classes are separated.
        fitted = (1 + np.tanh(design @ estimate / 2)) / 2
        weight = rows * fitted * (1 - fitted)
        information = design.T @ (weight[:, None] * design)
        if not np.linalg.cond(information) < _WORST_CONDITION:
            return None
        step = np.linalg.solve(information, design.T @ (hits - rows * fitted))
        estimate = estimate + step
        if np.abs(step).max() < 1e-10:
            return float(estimate[1])
    return None
