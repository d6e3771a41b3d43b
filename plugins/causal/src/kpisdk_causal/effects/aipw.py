"""Augmented inverse probability weighting (Robins, Rotnitzky and Zhao 1994), the default estimator.

The estimate is a mean of scores ψ. Its error is that of ψ together with both regressions, so that
it is right where one of outcome model and propensity model is right.
"""

from __future__ import annotations

import numpy as np

from kpisdk_causal.inference.influence import (
    SMALL_ARM,
    ArmFit,
    degrees,
    design_of,
    fit_arm,
    of_propensity,
    of_regression,
    standard_error,
    unclipped,
)
from kpisdk_causal.propensity import inverse_weights, weight_slopes
from kpisdk_causal.sample import Effect, Sample, SegmentEffects
from kpisdk_causal.tables.table import Floats


def aipw(sample: Sample) -> Effect:
    """AIPW with one linear regression per arm and the logistic propensity, without folds."""
    members = {"ate": np.ones(sample.n), "att": sample.treatment, "atc": 1 - sample.treatment}
    value, influence = _mean_of_scores(sample, _fitted(sample), members[sample.target])
    return Effect(
        value=value,
        std_error=standard_error(influence),
        df=degrees(sample),
        influence=influence,
    )


def aipw_segments(sample: Sample) -> SegmentEffects:
    """Means of the AIPW scores per segment; their weighted mean is the ATE."""
    fitted = _fitted(sample)
    found = [
        _mean_of_scores(sample, fitted, np.asarray(sample.codes == code, dtype=np.float64))
        for code in range(sample.n_segments)
    ]
    influence = np.stack([added for _, added in found])
    overall, added = _mean_of_scores(sample, fitted, np.ones(sample.n))
    return SegmentEffects(
        values=np.array([value for value, _ in found]),
        covariance=np.atleast_2d(np.cov(influence)) / sample.n,
        overall=Effect(
            value=overall, std_error=standard_error(added), df=degrees(sample), influence=added
        ),
        dfs=_segment_dfs(sample),
        influence=influence,
    )


def _fitted(sample: Sample) -> tuple[Floats, ArmFit, ArmFit]:
    """The columns of all regressions, and those of the treated and of the controls."""
    design = design_of(sample)
    return design, fit_arm(design, sample, 1.0), fit_arm(design, sample, 0.0)


def _mean_of_scores(
    sample: Sample, fitted: tuple[Floats, ArmFit, ArmFit], members: Floats
) -> tuple[float, Floats]:
    """The mean effect on ``members`` (0/1, shape (n,)) and what each row adds to it.

    Members are rows of both arms, or those of the one arm that the sample's target names.
    """
    arm, scores = sample.treatment, sample.scores
    design, treated, control = fitted
    weights = inverse_weights(arm, scores, sample.target)
    # How strongly each residual counts; a target's own arm needs no prediction of itself.
    up = np.where(arm == 1, weights, 0.0) * (members if sample.target == "ate" else 1.0)
    down = np.where(arm == 0, weights, 0.0) * (members if sample.target == "ate" else 1.0)
    share = members.mean()
    psi = members * (treated.predicted - control.predicted)
    psi += up * treated.residuals - down * control.residuals
    value = float(psi.sum() / members.sum())
    spread = members * (treated.predicted - control.predicted - value)
    spread += up * treated.spread - down * control.spread
    by_treated = ((members - up) @ design) / sample.n
    by_control = ((down - members) @ design) / sample.n
    own = members if sample.target == "ate" else np.ones(sample.n)
    slopes = weight_slopes(arm, scores, sample.target)
    by_score = own * unclipped(sample) * slopes * (treated.residuals - control.residuals)
    influence = (
        spread
        + of_regression(design, treated, by_treated)
        + of_regression(design, control, by_control)
        + of_propensity(design, sample, by_score @ design / sample.n)
    ) / share
    return value, influence - influence.mean()


def effect_of(sample: Sample, treated: Floats, control: Floats, scores: Floats) -> Effect:
    """AIPW from cross-fitted predictions of both arms' outcomes and scores, all of shape (n,).

    Args:
        sample: the numbers.
        treated: predicted outcomes under treatment.
        control: predicted outcomes without.
        scores: predicted probabilities of treatment.
    """
    arm, outcome = sample.treatment, sample.outcome
    weights = inverse_weights(arm, scores, sample.target)
    members = {"ate": np.ones(sample.n), "att": arm, "atc": 1 - arm}[sample.target]
    psi = members * (treated - control) + np.where(
        arm == 1, weights * (outcome - treated), -weights * (outcome - control)
    )
    value = float(psi.sum() / members.sum())
    influence = (psi - members * value) / members.mean()
    return Effect(
        value=value,
        std_error=standard_error(influence),
        df=small_sample_df(arm),
        influence=influence,
    )


def with_intercept(covariates: Floats) -> Floats:
    """``covariates`` (n, k) with a first column of ones, shape (n, k + 1)."""
    return np.column_stack([np.ones(len(covariates)), covariates])


def small_sample_df(arm: Floats) -> float | None:
    """Degrees of freedom of the smaller arm where it has fewer than 10 rows, else ``None``."""
    smaller = int(min(arm.sum(), len(arm) - arm.sum()))
    return float(smaller - 1) if smaller < SMALL_ARM else None


def _segment_dfs(sample: Sample) -> tuple[float | None, ...]:
    return tuple(
        small_sample_df(sample.treatment[sample.codes == code]) for code in range(sample.n_segments)
    )
