"""The slope of a logistic regression of outcomes on the log-odds of predictions, unpenalised."""

import math
from typing import Any

import attrs

CLIP = 1e-6
"""Probabilities nearer to 0 or 1 than this are taken as this near: log-odds stay finite."""

_STEPS = 100
_HALVINGS = 60
_ROUNDING = 1e-12
"""Near the maximum a full step changes the likelihood by less than its sum is rounded by."""


@attrs.frozen
class Fit:
    """A fitted line on the log-odds scale.

    Attributes:
        slope: change of the outcome's log-odds with those of the prediction.
        intercept: the outcome's log-odds where the prediction says even odds.
        standard_error: of the slope, by units where they are given.
        units: how many units there are; rows where none are given.
    """

    slope: float
    intercept: float
    standard_error: float
    units: int


def log_odds(probabilities: Any) -> Any:
    """``ln(p / (1 - p))`` of an array of probabilities, clipped to ``[CLIP, 1 - CLIP]``."""
    import numpy as np

    clipped = np.clip(np.asarray(probabilities, dtype=float), CLIP, 1 - CLIP)
    return np.log(clipped) - np.log1p(-clipped)


def is_separated(x: Any, y: Any) -> bool:
    """Whether some threshold of ``x`` splits the outcomes, so that the best slope is infinite.

    With one predictor that is so exactly when the outcomes' ranges of ``x`` meet in one point at
    most (Albert and Anderson, Biometrika 71, 1984), in either direction.

    Args:
        x: the predictor, shape ``(n,)``.
        y: outcomes 0 or 1, shape ``(n,)``.
    """
    ones, zeros = x[y == 1], x[y == 0]
    return bool(zeros.max() <= ones.min() or ones.max() <= zeros.min())


def fit(x: Any, y: Any, units: Any = None) -> Fit | None:
    """The maximum-likelihood line; ``None`` if the steps do not settle.

    Newton's method on two parameters (which is iteratively reweighted least squares), a step being
    halved until the likelihood rises. The likelihood is strictly concave and has a maximum wherever
    ``x`` varies and the data are not separated; the caller has looked.

    Args:
        x: log-odds, shape ``(n,)``.
        y: outcomes, 0 or 1, shape ``(n,)``.
        units: code of each row's unit, 0 to g - 1, shape ``(n,)``; ``None`` where each row is one.
    """
    import numpy as np

    design = np.column_stack([np.ones_like(x), x])

    def loss(line: Any) -> float:
        eta = design @ line
        return float(np.sum(np.logaddexp(0.0, eta) - y * eta))

    line = np.zeros(2)
    before = loss(line)
    for _ in range(_STEPS):
        share = _sigmoid(design @ line)
        information = design.T @ (design * (share * (1 - share))[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (y - share))
        except np.linalg.LinAlgError:
            return None
        length = 1.0
        for _ in range(_HALVINGS):
            after = loss(line + length * step)
            if after <= before + _ROUNDING * abs(before):
                break
            length /= 2
        line, before = line + length * step, after
        if np.all(np.abs(length * step) <= 1e-12 * (1 + np.abs(line))):
            error, count = _error(design, y - share, information, units)
            return Fit(float(line[1]), float(line[0]), error, count)
    return None


def _error(design: Any, residuals: Any, information: Any, units: Any) -> tuple[float, int]:
    """The slope's standard error by the sandwich of units, and how many of them there are.

    The scores of a unit's rows are added up before they are squared, with ``g / (g - 1)`` for the
    few (K.-Y. Liang and S. L. Zeger, Biometrika 73, 1986).
    """
    import numpy as np

    scores = design * residuals[:, None]
    if units is not None:
        summed = np.zeros((int(units.max()) + 1, 2))
        np.add.at(summed, units, scores)
        scores = summed
    count = len(scores)
    outer = np.linalg.solve(information, scores.T)[1]
    few = count / (count - 1) if count > 1 else math.inf
    return math.sqrt(few * float(outer @ outer)), count


def _sigmoid(eta: Any) -> Any:
    import numpy as np

    return np.exp(-np.logaddexp(0.0, -eta))
