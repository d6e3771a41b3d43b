"""Normalised inverse probability weighting (Hájek), with an influence-function standard error."""

from __future__ import annotations

import numpy as np

from kpisdk_causal.aipw import small_sample_df, with_intercept
from kpisdk_causal.propensity import inverse_weights
from kpisdk_causal.sample import Effect, Sample


def weighting(sample: Sample) -> Effect:
    """Difference of weighted means.

    The propensity is estimated, which for the ATE makes the estimate less noisy than known scores
    would: the influence function is the residual of its projection on the scores of the logistic
    model (Lunceford and Davidian 2004).
    """
    arm, outcome, scores = sample.treatment, sample.outcome, sample.scores
    weights = inverse_weights(arm, scores, sample.target)
    means = []
    influence = np.zeros(sample.n)
    for level, sign in ((1.0, 1.0), (0.0, -1.0)):
        rows = arm == level
        total = weights[rows].sum()
        mean = weights[rows] @ outcome[rows] / total
        means.append(mean)
        influence[rows] = sign * weights[rows] * (outcome[rows] - mean) * sample.n / total
    likelihood = with_intercept(sample.covariates) * (arm - scores)[:, None]
    explained = likelihood @ np.linalg.lstsq(likelihood, influence, rcond=None)[0]
    residual = influence - explained
    return Effect(
        value=float(means[0] - means[1]),
        std_error=float(residual.std(ddof=1) / np.sqrt(sample.n)),
        df=small_sample_df(arm),
    )
