"""Inverse propensity weighting by hand: two weighted means, and how uncertain they are.

The difference of the weighted means of both arms (Hájek 1971), with weights 1/e(x) for the treated
and 1/(1-e(x)) for the others, estimates the average effect. The scores e(x) are themselves
estimated, which makes the estimate less noisy than known scores would: the influence function is
what is left of it after its projection on the scores of the logistic model.
"""

import numpy as np

from kpisdk_causal import Effect, Estimator, Sample, Task


def hajek(sample: Sample) -> Effect:
    """The average treatment effect of a sample."""
    treated, outcome, score = sample.treatment, sample.outcome, sample.scores
    one = treated / score  # shape (n,); 0 for the others
    zero = (1 - treated) / (1 - score)
    mean_one = (one @ outcome) / one.sum()
    mean_zero = (zero @ outcome) / zero.sum()
    influence = sample.n * (
        one * (outcome - mean_one) / one.sum() - zero * (outcome - mean_zero) / zero.sum()
    )
    design = np.column_stack([np.ones(sample.n), sample.covariates])  # shape (n, 1 + k)
    tangent = design * (treated - score)[:, None]
    coefficients, *_ = np.linalg.lstsq(tangent, influence, rcond=None)
    residual = influence - tangent @ coefficients
    return Effect(
        value=float(mean_one - mean_zero),
        std_error=float(residual.std(ddof=1) / np.sqrt(sample.n)),
    )


HAJEK = Estimator(
    name="hajek",
    task=Task.EFFECT,
    estimands=("ate",),
    fit=hajek,
    interval_method="influence function",
    p_method="two-sided wald",
    covariates="needed",
)
