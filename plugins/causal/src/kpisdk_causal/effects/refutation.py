"""Attempts to refute an estimate: closed form, seeded, and only when asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import attrs
import numpy as np

from kpisdk_causal.estimate import CausalEstimate, Refutation
from kpisdk_causal.inference.intervals import monte_carlo_p, quantile
from kpisdk_causal.propensity import fit_propensity
from kpisdk_causal.sample import Sample
from kpisdk_causal.tables.covariates import standardised
from kpisdk_causal.tables.rank import supported
from kpisdk_causal.tables.table import Floats

if TYPE_CHECKING:
    from kpisdk_causal.estimator import Estimator
    from kpisdk_causal.questions.rules import Rules

Progress = Callable[[Iterable[int], str, int], Iterable[int]]
"""Wraps the loop over simulations: (numbers, what it is, how many) -> the same numbers."""

SUBSET = 0.8


def silent(numbers: Iterable[int], what: str, total: int) -> Iterable[int]:  # noqa: ARG001  # Progress
    """No bar.

    Args:
        numbers: what is gone through.
        what: is done, in words.
        total: how many there are.
    """
    return numbers


def refute(
    sample: Sample,
    estimator: Estimator,
    answer: CausalEstimate,
    rules: Rules,
    progress: Progress = silent,
) -> tuple[Refutation, ...]:
    """Run the refuters that ``rules.refute`` names, each with its own stream of ``rules.seed``.

    Args:
        sample: the numbers.
        estimator: what gave the answer.
        answer: what is put to the test.
        rules: how to compute and when to refuse.
        progress: shows how far it is.
    """
    run = {
        "placebo": _placebo,
        "random_common_cause": _random_common_cause,
        "subset": _subset,
    }
    found = []
    for place, name in enumerate(rules.refute):
        if name == "sensitivity":
            found.append(_sensitivity(sample, answer, rules))
            continue
        generator = np.random.default_rng([rules.seed, place])
        bar = progress(range(rules.n_simulations), name, rules.n_simulations)
        found.append(run[name](sample, estimator, answer, rules, generator, bar))
    return tuple(found)


def _placebo(
    sample: Sample,
    estimator: Estimator,
    answer: CausalEstimate,  # noqa: ARG001  # the refuters share one signature
    rules: Rules,
    generator: np.random.Generator,
    bar: Iterable[int],
) -> Refutation:
    """Permuted treatment, everything re-fitted: the effect must vanish."""
    draws = _draws(
        estimator, (_with_treatment(sample, generator.permutation(sample.treatment)) for _ in bar)
    )
    # The centre of the placebo effects is what must be 0; single ones scatter by design.
    error = float(draws.std(ddof=1) / math.sqrt(len(draws)))
    p = monte_carlo_p(draws)
    return Refutation(
        name="placebo",
        n_sim=len(draws),
        seed=rules.seed,
        effect=float(draws.mean()),
        std_dev=float(draws.std(ddof=1)),
        p_value=p,
        passed=bool(abs(draws.mean()) <= 3 * error),
        meaning="the mean effect of permuted treatments is within 3 standard errors of 0",
    )


def _random_common_cause(
    sample: Sample,
    estimator: Estimator,
    answer: CausalEstimate,
    rules: Rules,
    generator: np.random.Generator,
    bar: Iterable[int],
) -> Refutation:
    """One more confounder of pure noise: the effect must stay."""
    value, error = _answered(answer)
    draws = _draws(
        estimator,
        (_with_covariate(sample, generator.standard_normal(sample.n)) for _ in bar),
    )
    return Refutation(
        name="random_common_cause",
        n_sim=len(draws),
        seed=rules.seed,
        effect=float(draws.mean()),
        std_dev=float(draws.std(ddof=1)),
        p_value=monte_carlo_p(draws, value),
        passed=bool(abs(draws.mean() - value) <= error / 2),
        meaning="a confounder of noise moves the effect by less than half a standard error",
    )


def _subset(
    sample: Sample,
    estimator: Estimator,
    answer: CausalEstimate,
    rules: Rules,
    generator: np.random.Generator,
    bar: Iterable[int],
) -> Refutation:
    """Random 80 % of each arm: the effects must lie in the interval."""
    low, high = answer.confidence_interval or (math.nan, math.nan)
    draws = _draws(estimator, (_rows(sample, _part(sample, generator)) for _ in bar))
    inside = float(((draws >= low) & (draws <= high)).mean())
    return Refutation(
        name="subset",
        n_sim=len(draws),
        seed=rules.seed,
        effect=float(draws.mean()),
        std_dev=float(draws.std(ddof=1)),
        p_value=monte_carlo_p(draws, _answered(answer)[0]),
        passed=inside >= answer.ci_level,
        meaning=f"at least {answer.ci_level:.0%} of the effects in 80 % subsets are within",
        details={"share_inside": inside},
    )


def _sensitivity(sample: Sample, answer: CausalEstimate, rules: Rules) -> Refutation:
    """How strong an unmeasured confounder must be to explain the effect away.

    Robustness value of Cinelli and Hazlett (2020): the share of the remaining variance of both
    treatment and outcome that a confounder must explain. E-value of VanderWeele and Ding (2017),
    on the risk ratio that a standardised effect corresponds to.
    """
    value, error = _answered(answer)
    df = sample.n - len(sample.names) - 2
    score = abs(value) / error if error else math.inf
    limit = quantile(rules.confidence_level)
    to_zero, to_interval = (_robustness(max(score - shift, 0.0), df) for shift in (0.0, limit))
    spread = float(sample.outcome.std(ddof=1))
    ratio = math.exp(0.91 * abs(value) / spread) if spread else 1.0
    return Refutation(
        name="sensitivity",
        n_sim=0,
        seed=rules.seed,
        effect=value,
        std_dev=None,
        p_value=None,
        passed=None,
        meaning="not a test: a confounder weaker than these values cannot explain the effect away",
        details={
            "robustness_value": to_zero,
            "robustness_value_interval": to_interval,
            "e_value": ratio + math.sqrt(ratio * (ratio - 1)),
        },
    )


def _robustness(score: float, df: int) -> float:
    if math.isinf(score):
        return 1.0
    square = score**2 / max(df, 1)
    return 0.5 * (math.sqrt(square**2 + 4 * square) - square)


def _answered(answer: CausalEstimate) -> tuple[float, float]:
    if answer.value is None or answer.std_error is None:
        raise ValueError("only an answer with a value can be refuted")
    return answer.value, answer.std_error


def _draws(estimator: Estimator, samples: Iterator[Sample]) -> Floats:
    return np.array([estimator.fit(sample).value for sample in samples])


def _with_treatment(sample: Sample, treatment: Floats) -> Sample:
    return _refitted(attrs.evolve(sample, treatment=treatment))


def _with_covariate(sample: Sample, noise: Floats) -> Sample:
    return _refitted(
        attrs.evolve(
            sample,
            covariates=np.column_stack([sample.covariates, noise]),
            names=(*sample.names, "noise"),
        )
    )


def _rows(sample: Sample, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Sample:
    # A rare level may vanish from a subset, and its column must then go too.
    covariates = standardised(sample.covariates[rows], sample.names)
    return _refitted(
        attrs.evolve(
            sample,
            outcome=sample.outcome[rows],
            treatment=sample.treatment[rows],
            covariates=covariates.matrix,
            names=covariates.names,
            clusters=None if sample.clusters is None else sample.clusters[rows],
        )
    )


def _refitted(sample: Sample) -> Sample:
    """The sample with its propensity fitted anew: a stale score would answer for the old arms.

    Rows that another draw leaves without a counterpart are left out, as in the estimate itself.
    """
    if sample.propensity is None:
        return sample
    if sample.names:
        fine = supported(sample.treatment, sample.covariates)
        if not fine.all() and len(np.unique(sample.treatment[fine])) == len(ARMS):
            return _rows(sample, np.flatnonzero(fine))
    return attrs.evolve(sample, propensity=fit_propensity(sample.treatment, sample.covariates))


ARMS = (0.0, 1.0)


def _part(
    sample: Sample, generator: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if sample.propensity is None:
        return np.sort(generator.permutation(sample.n)[: round(SUBSET * sample.n)])
    chosen = []
    for level in (1.0, 0.0):
        rows = np.flatnonzero(sample.treatment == level)
        chosen.append(generator.permutation(rows)[: max(2, round(SUBSET * len(rows)))])
    return np.sort(np.concatenate(chosen))
