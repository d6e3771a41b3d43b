"""Simulated samples with a known effect, for the conformance checks of :mod:`.testing`."""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_causal.propensity import fit_propensity
from kpisdk_causal.sample import Sample
from kpisdk_causal.tables.covariates import standardised


def two_arms(
    *,
    seed: int,
    n: int = 400,
    effect: float = 1.0,
    varying: float = 0.0,
    randomised: bool = False,
) -> Sample:
    """Two arms with mean effect ``effect``.

    Args:
        seed: of the draw.
        n: rows.
        effect: average effect over the population.
        varying: how much the effect grows with the first covariate, whose mean is 0.
        randomised: no covariates and a coin for the treatment; otherwise three confounders.
    """
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((n, 3))
    chance = np.full(n, 0.5) if randomised else 1 / (1 + np.exp(1 + 0.8 * x[:, 0] - 0.4 * x[:, 1]))
    treatment = (generator.random(n) < chance).astype(np.float64)
    noise = generator.standard_normal(n)
    outcome = x @ np.array([1.0, 0.5, -0.5]) + (effect + varying * x[:, 0]) * treatment + noise
    covariates = standardised(x[:, :0] if randomised else x, () if randomised else ("a", "b", "c"))
    return refitted(
        Sample(
            outcome=outcome,
            treatment=treatment,
            covariates=covariates.matrix,
            names=covariates.names,
        )
    )


def dosed(*, seed: int, n: int = 400, effect: float = 1.0) -> Sample:
    """A continuous treatment with the effect ``effect`` per unit and three confounders.

    Args:
        seed: of the random numbers.
        n: how many rows.
        effect: per unit of the treatment.
    """
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((n, 3))
    dose = x[:, 0] + generator.standard_normal(n)
    outcome = x.sum(axis=1) + effect * dose + generator.standard_normal(n)
    covariates = standardised(x, ("a", "b", "c"))
    return Sample(
        outcome=outcome, treatment=dose, covariates=covariates.matrix, names=covariates.names
    )


def segmented(*, seed: int, n: int = 600, randomised: bool = False) -> Sample:
    """Two segments with the effects 1 and 2; the segment is a covariate where there are any.

    Args:
        seed: of the random numbers.
        n: how many rows.
        randomised: whether nothing drives the treatment.
    """
    generator = np.random.default_rng(seed)
    segment = generator.integers(0, 2, n)
    x = generator.standard_normal((n, 2))
    chance = np.full(n, 0.5) if randomised else 1 / (1 + np.exp(-0.7 * x[:, 0]))
    treatment = (generator.random(n) < chance).astype(np.float64)
    outcome = x.sum(axis=1) + (1 + segment) * treatment + generator.standard_normal(n)
    columns = np.column_stack([x, segment.astype(np.float64)])
    covariates = standardised(
        columns[:, :0] if randomised else columns, () if randomised else ("a", "b", "segment")
    )
    return refitted(
        Sample(
            outcome=outcome,
            treatment=treatment,
            covariates=covariates.matrix,
            names=covariates.names,
            segments=segment.astype(np.int64),
            n_segments=2,
        )
    )


def rearranged(sample: Sample, seed: int) -> Sample:
    """The same rows and covariates in another order, the propensity fitted anew.

    Args:
        sample: the numbers.
        seed: of the order.
    """
    generator = np.random.default_rng(seed)
    rows = generator.permutation(sample.n)
    columns = generator.permutation(sample.covariates.shape[1])
    return refitted(
        attrs.evolve(
            sample,
            outcome=sample.outcome[rows],
            treatment=sample.treatment[rows],
            covariates=np.ascontiguousarray(sample.covariates[rows][:, columns]),
            names=tuple(sample.names[column] for column in columns),
            segments=None if sample.segments is None else sample.segments[rows],
        )
    )


def refitted(sample: Sample) -> Sample:
    """The sample with the propensity of its own treatment; a dose stays without one."""
    if not np.isin(sample.treatment, (0.0, 1.0)).all():
        return sample
    return attrs.evolve(sample, propensity=fit_propensity(sample.treatment, sample.covariates))
