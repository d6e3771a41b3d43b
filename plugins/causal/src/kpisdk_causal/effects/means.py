"""Difference in means: the whole answer where there is nothing to adjust for."""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_causal.inference.intervals import welch_df
from kpisdk_causal.sample import Effect, Sample, SegmentEffects
from kpisdk_causal.tables.table import Floats


def difference_in_means(sample: Sample) -> Effect:
    """Mean of the treated less mean of the controls, with Welch's standard error and t."""
    found = _welch(sample.centred, sample.treatment)
    return attrs.evolve(found, influence=_influence(sample.centred, sample.treatment))


def difference_by_segment(sample: Sample) -> SegmentEffects:
    """The same within each segment; the overall effect weighs the segments by their size."""
    effects = []
    shares = []
    influence = np.zeros((sample.n_segments, sample.n))
    for code in range(sample.n_segments):
        rows = sample.segments == code
        outcome, arm = sample.centred[rows], sample.treatment[rows]
        effects.append(_welch(outcome, arm))
        shares.append(float(np.mean(rows)))
        influence[code, rows] = _influence(outcome, arm) / shares[-1]
    values = np.array([effect.value for effect in effects])
    variances = np.array([effect.std_error**2 for effect in effects])
    weights = np.array(shares)
    whole = weights @ influence + values[sample.codes] - weights @ values
    return SegmentEffects(
        values=values,
        covariance=np.diag(variances),
        overall=Effect(
            value=float(weights @ values),
            # The shares of the segments are estimated too, hence the second term.
            std_error=float(
                np.sqrt(
                    weights**2 @ variances
                    + (weights @ values**2 - (weights @ values) ** 2) / sample.n
                )
            ),
            influence=whole,
        ),
        influence=influence,
        dfs=tuple(effect.df for effect in effects),
    )


def _welch(outcome: Floats, arm: Floats) -> Effect:
    groups = [outcome[arm == level] for level in (1.0, 0.0)]
    variances = [float(group.var(ddof=1)) for group in groups]
    counts = [len(group) for group in groups]
    return Effect(
        value=float(groups[0].mean() - groups[1].mean()),
        std_error=float(np.sqrt(sum(v / n for v, n in zip(variances, counts, strict=True)))),
        df=welch_df(variances, counts),
    )


def _influence(outcome: Floats, arm: Floats) -> Floats:
    """What each row adds to the difference of the means, shape (n,)."""
    added = np.zeros(len(arm))
    for level, sign in ((1.0, 1.0), (0.0, -1.0)):
        rows = arm == level
        added[rows] = sign * (outcome[rows] - outcome[rows].mean()) / rows.mean()
    return added
