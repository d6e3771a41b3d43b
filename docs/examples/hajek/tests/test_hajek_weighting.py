"""Inverse propensity weighting: by hand, and the checks that every estimator passes."""

import attrs
import numpy as np
import pytest

from kpisdk_causal import Effect, Sample, testing
from kpisdk_causal.propensity import Propensity
from kpisdk_hajek.weighting import HAJEK, hajek


def test_the_effect_of_five_units_by_hand():
    """Weights 2, 4 and 4/3, 4/3, 2 give the means 20/6 and 6/(14/3); the effect is 43/21."""
    sample = Sample(
        outcome=np.array([2.0, 4.0, 1.0, 2.0, 1.0]),
        treatment=np.array([1.0, 1.0, 0.0, 0.0, 0.0]),
        covariates=np.empty((5, 0)),
        propensity=Propensity(
            scores=np.array([0.5, 0.25, 0.25, 0.25, 0.5]), separated=False, converged=True
        ),
    )

    assert hajek(sample).value == pytest.approx(20 / 6 - 6 / (14 / 3))
    assert hajek(sample).value == pytest.approx(43 / 21)


@pytest.mark.parametrize("check", testing.checks(HAJEK), ids=lambda check: check.__name__)
def test_it_keeps_the_promises_of_its_kind(check):
    """Order, scale, swapped arms, purity, truth, placebo, false alarms, coverage."""
    check(HAJEK)


def test_sums_that_are_not_normalised_are_refused():
    """Horvitz and Thompson's estimate changes with a constant in the outcome."""

    def horvitz_thompson(sample: Sample) -> Effect:
        arm, score = sample.treatment, sample.scores
        parts = sample.outcome * (arm / score - (1 - arm) / (1 - score))
        return Effect(value=parts.mean(), std_error=parts.std(ddof=1) / np.sqrt(sample.n))

    with pytest.raises(testing.ConformanceError, match="outcome scaled by 3"):
        testing.affine(attrs.evolve(HAJEK, fit=horvitz_thompson))
