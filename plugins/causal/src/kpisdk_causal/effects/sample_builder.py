"""From a table and a contrast to the numbers that an estimator gets, and the rows left out."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.cautions import LOW_OVERLAP, ONE_ARM_ONLY, SMALL_N, Caution
from kpisdk_causal.inference.clusters import clusters_of
from kpisdk_causal.inference.influence import SMALL_ARM
from kpisdk_causal.propensity import fit_propensity
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.questions.rules import Rules
from kpisdk_causal.sample import Sample
from kpisdk_causal.tables.covariates import Covariates, read_covariates
from kpisdk_causal.tables.rank import supported
from kpisdk_causal.tables.table import Table
from kpisdk_causal.tables.treatment_levels import Contrast


@attrs.frozen(kw_only=True)
class Prepared:
    """A sample, and what became of the table's rows.

    Attributes:
        sample: the numbers, with e(x) fitted.
        rows: places in the table of the rows of the sample.
        cautions: columns and rows that were left out, and why.
        left_out: share of the target's rows that the other arm cannot speak for.
        reason: why no estimate can be made, or ``None``.
    """

    sample: Sample
    rows: NDArray[np.int64]
    cautions: tuple[Caution, ...]
    left_out: float
    reason: str | None


def prepare(
    table: Table, contrast: Contrast, question: EffectQuestion, adjusted: tuple[str, ...]
) -> Prepared:
    """The numbers of one contrast, ready for an estimator.

    Rows that an arm's regression cannot predict (a category that occurs in one arm only) are left
    out before anything is fitted, and counted. Where they are more than the gate
    tolerates, or nothing is left, ``reason`` says ``LOW_OVERLAP``.

    Args:
        table: the rows.
        contrast: the two arms.
        question: what is asked.
        adjusted: columns that are adjusted for.
    """
    rules = question.rules
    rows = np.flatnonzero(contrast.rows)
    arm = contrast.arm
    found = read_covariates(table.rows(contrast.rows), adjusted)
    kept = np.ones(len(arm), dtype=np.bool_)
    reason = too_few(arm, len(found.names), rules)
    while reason is None and found.names:
        fine = supported(arm[kept], found.matrix)
        if fine.all():
            break
        kept[np.flatnonzero(kept)[~fine]] = False
        if len(np.unique(arm[kept])) < 2:
            reason = LOW_OVERLAP
            break
        found = found.rows(fine)
        reason = too_few(arm[kept], len(found.names), rules) and LOW_OVERLAP
    share = _share(arm, kept, question.target_units)
    cautions = [*found.cautions, *_said(arm, kept, question, reason)]
    if reason is None and share > rules.overlap_tolerance and not rules.force:
        reason = LOW_OVERLAP
    if len(np.unique(arm[kept])) < 2:
        kept[:] = True
        found = Covariates(matrix=np.empty((len(arm), 0)), names=())
    chosen = np.zeros(len(table), dtype=np.bool_)
    chosen[rows[kept]] = True
    outcome = table.rows(chosen).outcome(question.outcome)
    codes = clusters_of(table, question.cluster)
    sample = Sample(
        outcome=outcome,
        treatment=arm[kept],
        covariates=found.matrix,
        names=found.names,
        target=question.target_units,
        propensity=fit_propensity(arm[kept], found.matrix),
        clip=rules.clip,
        seed=rules.seed,
        clusters=None if codes is None else _compact(codes[rows[kept]]),
    )
    return Prepared(
        sample=sample, rows=rows[kept], cautions=tuple(cautions), left_out=share, reason=reason
    )


def too_few(arm: NDArray[np.float64], k: int, rules: Rules) -> str | None:
    """``SMALL_N`` where two arms cannot carry an estimate with k confounders, else ``None``.

    Args:
        arm: 1 treated and 0 control, shape (n,).
        k: how many confounders there are.
        rules: how to compute and when to refuse.
    """
    if len(arm) < rules.min_n:
        return SMALL_N
    smaller = int(min(arm.sum(), len(arm) - arm.sum()))
    # An arm with hardly more rows than coefficients is fitted exactly: its error would look small.
    return SMALL_N if k and smaller < ROWS_PER_COEFFICIENT * (k + 1) else None


ROWS_PER_COEFFICIENT = 2


def small_arm(sample: Sample) -> list[Caution]:
    """A caution where an arm has fewer than 10 rows, and Student's t stands for the normal."""
    treated = int(sample.treatment.sum())
    smaller = min(treated, sample.n - treated)
    if smaller >= SMALL_ARM:
        return []
    return [Caution(SMALL_N, f"The smaller arm has {smaller} rows: the interval uses Student's t.")]


def _share(arm: NDArray[np.float64], kept: NDArray[np.bool_], target: str) -> float:
    members = {"att": arm == 1, "atc": arm == 0}.get(target, np.ones(len(arm), dtype=np.bool_))
    return float((~kept)[members].mean())


def _said(
    arm: NDArray[np.float64],
    kept: NDArray[np.bool_],
    question: EffectQuestion,
    reason: str | None,
) -> list[Caution]:
    count = int((~kept).sum())
    if count == 0:
        return []
    treated = int((~kept)[arm == 1].sum())
    text = (
        f"{count} of {len(arm)} rows ({treated} treated, {count - treated} control) have "
        "confounders that the other arm cannot speak for"
    )
    share = _share(arm, kept, question.target_units)
    if reason == LOW_OVERLAP or (share > question.rules.overlap_tolerance):
        rest = "the value was forced and leaves them out" if question.rules.force else "no value"
        text += f": {rest if reason is None else 'nothing that can be compared is left'}"
        return [Caution(ONE_ARM_ONLY, f"{text}."), Caution(LOW_OVERLAP, f"{text}.")]
    text += ", a category that occurs in one arm only for instance; they are left out"
    return [Caution(ONE_ARM_ONLY, f"{text}, and the value is the effect on the others.")]


def _compact(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)
