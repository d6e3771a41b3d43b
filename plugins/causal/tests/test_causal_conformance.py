"""The built-in estimators keep the promises that third parties are asked to keep."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from kpisdk_causal import testing
from kpisdk_causal.estimator import Estimator, Task
from kpisdk_causal.estimators.builtin import estimators
from kpisdk_causal.sample import Effect


class TestBuiltIn(testing.EstimatorContract):
    """Every estimator that is offered passes every check of its kind."""

    estimators = tuple(estimators())

    @pytest.fixture(autouse=True)
    def libraries(self, request, estimator):
        """What warns while it is imported has been imported before."""
        if estimator.requires and not estimator.lacking():
            request.getfixturevalue("third_parties")


def _made(fit, **fields) -> Estimator:
    given = {
        "name": "mine",
        "task": Task.EFFECT,
        "estimands": ("ate",),
        "fit": fit,
        "interval_method": "mine",
        "p_method": "mine",
        "covariates": "needed",
    }
    return Estimator(**{**given, **fields})


def _naive(sample):
    """Difference in means beside confounders: biased."""
    groups = [sample.outcome[sample.treatment == level] for level in (1, 0)]
    errors = [group.var(ddof=1) / len(group) for group in groups]
    return Effect(value=groups[0].mean() - groups[1].mean(), std_error=float(np.sqrt(sum(errors))))


def _no_interactions(sample):
    """Regression without interactions: not the ATE where effects vary with the propensity."""
    from kpisdk_causal.effects.regression import partial_linear

    return partial_linear(sample)


def _one_row(sample):
    """An answer that hangs on the first row."""
    from kpisdk_causal.effects.aipw import aipw

    effect = aipw(sample)
    return attrs.evolve(effect, value=effect.value + 1e-6 * sample.outcome[0])


def _impure(sample):
    """Draws from the global random state."""
    from kpisdk_causal.effects.aipw import aipw

    np.random.random()  # noqa: NPY002  # what the check must catch
    return aipw(sample)


@pytest.mark.parametrize(
    ("fit", "check"),
    [
        (_naive, testing.truth),
        (_naive, testing.null),
        (_no_interactions, testing.coverage),
        (_one_row, testing.invariance),
        (_impure, testing.purity),
    ],
)
def test_a_check_catches_what_it_is_for(fit, check):
    """A check that nothing fails proves nothing: each one refuses an estimator with its fault."""
    with pytest.raises(testing.ConformanceError):
        check(_made(fit))
