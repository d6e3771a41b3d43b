"""Logistic regression on counts: the baseline that a knowledge tracer must be shown beside.

Fitted by Newton's method. The one-hot of the skill is never written out: its block of the Hessian
is a diagonal where every event has one skill, so the cost grows with rows x features, and not with
rows x skills.
"""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats
from kpisdk_edu_dkt.dkt.features.encoder import Encoder
from kpisdk_edu_dkt.dkt.features.encoding import Encoded
from kpisdk_edu_dkt.dkt.sigmoid import sigmoid

RIDGE = 1.0
_STEPS, _TOLERANCE, _SMALLEST_STEP = 50, 1e-9, 1e-6


@attrs.frozen(eq=False)
class CountsRegression:
    """Coefficients of the baseline.

    Attributes:
        bias: The intercept.
        skill: (heads,) one for each head.
        phase: (phases,) one for each phase that an item may have.
        features: (counts + query,) the rest: past counts, then the item's known numbers.
    """

    bias: float
    skill: Floats
    phase: Floats
    features: Floats

    def predict(self, encoded: Encoded) -> Floats:
        """(events,) probability of a right answer."""
        logit = self.bias + (self.skill[encoded.skill] * encoded.skill_weight).sum(axis=1)
        if len(self.phase):
            logit = logit + self.phase[encoded.query_phase]
        logit = logit + _features(encoded) @ self.features
        return sigmoid(logit)


def _features(encoded: Encoded) -> Floats:
    return np.concatenate([encoded.counts, encoded.query], axis=1).astype(np.float64)


def fit_counts_regression(
    encoded: Encoded, encoder: Encoder, ridge: float = RIDGE
) -> CountsRegression:
    """Coefficients that minimise the log loss plus ``ridge`` / 2 times their squares.

    The intercept is not penalised. Solved by Newton's method with halved steps where a whole one
    would not improve; the objective is convex, so the end point is the minimum.

    Args:
        encoded: Training events.
        encoder: How they were encoded.
        ridge: Weight of the penalty.
    """
    design = _Design(encoded, encoder.heads, encoder.query_phases)
    answers = encoded.correct.astype(np.float64)
    beta = np.zeros(design.columns)
    penalty = np.full(len(beta), ridge)
    penalty[encoder.heads] = 1e-9  # the intercept; not quite 0, so that one class ends too
    loss = _objective(design, beta, answers, penalty)
    for _ in range(_STEPS):
        p = sigmoid(design.times(beta))
        gradient = design.transposed(p - answers) + penalty * beta
        step = design.newton_step(p * (1.0 - p), penalty, gradient)
        rate = 1.0
        while (trial := _objective(design, beta - rate * step, answers, penalty)) > loss:
            rate /= 2.0
            if rate < _SMALLEST_STEP:
                return design.named(beta)  # rounding is all that is left to gain
        beta, gain, loss = beta - rate * step, loss - trial, trial
        if gain <= _TOLERANCE:
            break
    return design.named(beta)


def _objective(design: _Design, beta: Floats, answers: Floats, penalty: Floats) -> float:
    logit = design.times(beta)
    loss = np.logaddexp(0.0, logit) - answers * logit
    return float(loss.sum() + 0.5 * (penalty * beta**2).sum())


class _Design:
    """The design matrix: skills (never written out), then intercept, phases and features."""

    def __init__(self, encoded: Encoded, heads: int, phases: int) -> None:
        phase = np.eye(phases)[encoded.query_phase] if phases else np.zeros((len(encoded), 0))
        ones = np.ones((len(encoded), 1))
        self.rest = np.hstack([ones, phase, _features(encoded)])
        self.heads, self.phases = heads, phases
        self.columns = heads + self.rest.shape[1]
        self.skill = encoded.skill
        self.share = encoded.skill_weight.astype(np.float64)

    def times(self, beta: Floats) -> Floats:
        own = (self.share * beta[: self.heads][self.skill]).sum(axis=1)
        return np.asarray(own + self.rest @ beta[self.heads :])

    def transposed(self, residual: Floats) -> Floats:
        return np.concatenate([self._by_skill(residual), self.rest.T @ residual])

    def newton_step(self, weight: Floats, penalty: Floats, gradient: Floats) -> Floats:
        """The Hessian's inverse times the gradient, by the Schur complement of the skill block."""
        heads = self.heads
        weighted = self.rest * weight[:, None]
        rest = self.rest.T @ weighted + np.diag(penalty[heads:])
        cross = np.stack([self._by_skill(column) for column in weighted.T], axis=1)
        solved: Floats
        both = np.column_stack([cross, gradient[:heads]])
        if self.skill.shape[1] == 1:
            own = np.bincount(self.skill[:, 0], weight, heads) + penalty[:heads]
            solved = both / own[:, None]
        else:
            solved = np.asarray(
                np.linalg.solve(self._skill_block(weight, penalty[:heads]), both), dtype=np.float64
            )
        schur = rest - cross.T @ solved[:, :-1]
        step = np.linalg.solve(schur, gradient[heads:] - cross.T @ solved[:, -1])
        return np.concatenate([solved[:, -1] - solved[:, :-1] @ step, step])

    def _by_skill(self, values: Floats) -> Floats:
        """(heads,) sums of values over the events of each skill."""
        spread = (self.share * values[:, None]).ravel()
        return np.asarray(np.bincount(self.skill.ravel(), spread, self.heads), dtype=np.float64)

    def _skill_block(self, weight: Floats, penalty: Floats) -> Floats:
        """(heads, heads) where events have several skills, and so skills meet."""
        block = np.diag(penalty)
        places = range(self.skill.shape[1])
        for left in places:
            for right in places:
                pair = self.skill[:, left] * self.heads + self.skill[:, right]
                share = weight * self.share[:, left] * self.share[:, right]
                block += np.bincount(pair, share, self.heads**2).reshape(block.shape)
        return block

    def named(self, beta: Floats) -> CountsRegression:
        at = self.heads + 1
        return CountsRegression(
            float(beta[self.heads]),
            beta[: self.heads],
            beta[at : at + self.phases],
            beta[at + self.phases :],
        )
