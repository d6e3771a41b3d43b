"""Normalised inverse probability weighting (Hájek), with the error of estimated scores."""

from __future__ import annotations

import numpy as np

from kpisdk_causal.inference.influence import (
    degrees,
    design_of,
    of_propensity,
    standard_error,
    unclipped,
)
from kpisdk_causal.propensity import inverse_weights, weight_slopes
from kpisdk_causal.sample import Effect, Sample


def weighting(sample: Sample) -> Effect:
    """Difference of weighted means.

    The two means and the logistic regression of the scores solve one set of equations
    (M-estimation): the influence function has a part for the estimated scores, which makes the ATE
    less noisy than known scores would, and the effect on one arm more or less so (Lunceford and
    Davidian 2004).
    """
    arm, outcome, scores = sample.treatment, sample.centred, sample.scores
    weights = inverse_weights(arm, scores, sample.target)
    slopes = weight_slopes(arm, scores, sample.target)
    means = []
    influence, by_score = np.zeros(sample.n), np.zeros(sample.n)
    for level, sign in ((1.0, 1.0), (0.0, -1.0)):
        rows = arm == level
        total = weights[rows].sum()
        mean = weights[rows] @ outcome[rows] / total
        means.append(mean)
        gap = np.where(rows, outcome - mean, 0.0)
        # A row that weighs much pulls the mean towards itself: its gap is that to the others' mean.
        own = np.maximum(1 - weights / total, 0.5)
        influence += sign * weights * gap / own * sample.n / total
        by_score += sign * slopes * gap * sample.n / total
    design = design_of(sample)
    gradient = (by_score * unclipped(sample)) @ design / sample.n
    influence = influence + of_propensity(design, sample, gradient)
    return Effect(
        value=float(means[0] - means[1]),
        std_error=standard_error(influence),
        df=degrees(sample),
        influence=influence,
    )
