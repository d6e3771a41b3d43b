"""From a table and a contrast to the numbers that an estimator gets."""

from __future__ import annotations

from kpisdk_causal.aipw import SMALL_ARM
from kpisdk_causal.arms import Contrast
from kpisdk_causal.covariates import Covariates, read_covariates
from kpisdk_causal.estimate import SMALL_N, Caution
from kpisdk_causal.propensity import fit_propensity
from kpisdk_causal.question import EffectQuestion
from kpisdk_causal.rules import Rules
from kpisdk_causal.sample import Sample
from kpisdk_causal.table import Table


def sample_of(
    table: Table, contrast: Contrast, question: EffectQuestion, adjusted: tuple[str, ...]
) -> tuple[Sample, Covariates]:
    """The numbers of one contrast, ready for an estimator, with e(x) fitted."""
    covariates = read_covariates(table, adjusted)
    if not contrast.rows.all():
        covariates = covariates.rows(contrast.rows)
    outcome = table.floats(question.outcome, "outcome")[contrast.rows]
    sample = Sample(
        outcome=outcome,
        treatment=contrast.arm,
        covariates=covariates.matrix,
        names=covariates.names,
        target=question.target_units,
        propensity=fit_propensity(contrast.arm, covariates.matrix),
        clip=question.rules.clip,
        seed=question.rules.seed,
    )
    return sample, covariates


def too_few(sample: Sample, rules: Rules) -> str | None:
    """``SMALL_N`` where the rows cannot carry the estimate, else ``None``."""
    if sample.n < rules.min_n:
        return SMALL_N
    needed = len(sample.names) + 2
    if sample.propensity is None:
        return SMALL_N if sample.n <= needed else None
    smaller = min(sample.treatment.sum(), sample.n - sample.treatment.sum())
    # An arm with as many rows as coefficients is fitted exactly: its error would look like zero.
    return SMALL_N if len(sample.names) and smaller < needed else None


def small_arm(sample: Sample) -> list[Caution]:
    """A caution where an arm has fewer than 10 rows, and Student's t stands for the normal."""
    treated = int(sample.treatment.sum())
    smaller = min(treated, sample.n - treated)
    if smaller >= SMALL_ARM:
        return []
    return [Caution(SMALL_N, f"The smaller arm has {smaller} rows: the interval uses Student's t.")]
