"""Normalised inverse probability weighting (Hájek), with the error of estimated scores."""

from __future__ import annotations

import numpy as np

from kpisdk_causal.influence import (
    degrees,
    design_of,
    is_lean,
    of_propensity,
    smaller_arm,
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
        influence += sign * weights * gap * sample.n / total
        by_score += sign * slopes * gap * sample.n / total
    design = design_of(sample)
    gradient = (by_score * unclipped(sample)) @ design / sample.n
    influence = influence + of_propensity(design, sample, gradient)
    if is_lean(sample):
        # The scores bend to the rows that they are made from, more so the fewer there are.
        smaller = smaller_arm(sample)
        influence = influence * np.sqrt(smaller / max(1, smaller - design.shape[1]))
    return Effect(
        value=float(means[0] - means[1]),
        std_error=standard_error(influence),
        df=degrees(sample),
        influence=influence,
    )
