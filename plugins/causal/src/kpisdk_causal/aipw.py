"""Augmented inverse probability weighting (Robins, Rotnitzky and Zhao 1994), the default estimator.

The estimate is the mean of scores ψ. Their spread is the influence function's, so the standard
error needs no bootstrap; it is right where the outcome model or the propensity model is right.
"""

from __future__ import annotations

import numpy as np

from kpisdk_causal.propensity import inverse_weights
from kpisdk_causal.sample import Effect, Sample, SegmentEffects
from kpisdk_causal.table import Floats


def aipw(sample: Sample) -> Effect:
    """AIPW with one linear regression per arm and the logistic propensity, without folds."""
    treated, control = arm_predictions(sample)
    return effect_of(sample, treated, control, sample.scores)


def effect_of(sample: Sample, treated: Floats, control: Floats, scores: Floats) -> Effect:
    """AIPW from predictions of both arms' outcomes and clipped scores, all of shape (n,)."""
    value, influence = influence_of(sample, treated, control, scores)
    return Effect(
        value=value,
        std_error=float(influence.std(ddof=1) / np.sqrt(sample.n)),
        df=small_sample_df(sample.treatment),
    )


def influence_of(
    sample: Sample, treated: Floats, control: Floats, scores: Floats
) -> tuple[float, Floats]:
    """The estimate for ``sample.target`` and its influence function, shape (n,), with mean 0."""
    arm, outcome = sample.treatment, sample.outcome
    weights = inverse_weights(arm, scores, sample.target)
    if sample.target == "ate":
        psi = (
            treated
            - control
            + np.where(arm == 1, weights * (outcome - treated), -weights * (outcome - control))
        )
        value = float(psi.mean())
        return value, psi - value
    if sample.target == "att":
        psi = np.where(arm == 1, 1.0, -weights) * (outcome - control)
        members = arm
    else:
        psi = np.where(arm == 1, weights, -1.0) * (outcome - treated)
        members = 1 - arm
    value = float(psi.sum() / members.sum())
    return value, (psi - members * value) / members.mean()


def aipw_segments(sample: Sample) -> SegmentEffects:
    """Means of the AIPW scores per segment; their weighted mean is the ATE."""
    treated, control = arm_predictions(sample)
    value, influence = influence_of(sample, treated, control, sample.scores)
    psi = influence + value
    codes, s = sample.codes, sample.n_segments
    counts = np.bincount(codes, minlength=s)
    values = np.bincount(codes, weights=psi, minlength=s) / counts
    squares = np.bincount(codes, weights=(psi - values[codes]) ** 2, minlength=s)
    variances = squares / (counts - 1) / counts
    return SegmentEffects(
        values=values,
        covariance=np.diag(variances),
        overall=Effect(
            value=value,
            std_error=float(influence.std(ddof=1) / np.sqrt(sample.n)),
            df=small_sample_df(sample.treatment),
        ),
        dfs=_segment_dfs(sample),
    )


def arm_predictions(sample: Sample) -> tuple[Floats, Floats]:
    """Predicted outcomes under treatment and under control of every row, each of shape (n,)."""
    design = with_intercept(sample.covariates)
    fitted = []
    for level in (1.0, 0.0):
        rows = sample.treatment == level
        coefficients = np.linalg.lstsq(design[rows], sample.outcome[rows], rcond=None)[0]
        fitted.append(design @ coefficients)
    return fitted[0], fitted[1]


def with_intercept(covariates: Floats) -> Floats:
    """``covariates`` (n, k) with a first column of ones, shape (n, k + 1)."""
    return np.column_stack([np.ones(len(covariates)), covariates])


def small_sample_df(arm: Floats) -> float | None:
    """Degrees of freedom of the smaller arm where it has fewer than 10 rows, else ``None``."""
    smaller = int(min(arm.sum(), len(arm) - arm.sum()))
    return float(smaller - 1) if smaller < SMALL_ARM else None


SMALL_ARM = 10


def _segment_dfs(sample: Sample) -> tuple[float | None, ...]:
    return tuple(
        small_sample_df(sample.treatment[sample.codes == code]) for code in range(sample.n_segments)
    )
