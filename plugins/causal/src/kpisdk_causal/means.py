"""Difference in means: the whole answer where there is nothing to adjust for."""

from __future__ import annotations

import numpy as np

from kpisdk_causal.inference import welch_df
from kpisdk_causal.sample import Effect, Sample, SegmentEffects
from kpisdk_causal.table import Floats


def difference_in_means(sample: Sample) -> Effect:
    """Mean of the treated less mean of the controls, with Welch's standard error and t."""
    return _welch(sample.outcome, sample.treatment)


def difference_by_segment(sample: Sample) -> SegmentEffects:
    """The same within each segment; the overall effect weighs the segments by their size."""
    effects = []
    shares = []
    for code in range(sample.n_segments):
        rows = sample.segments == code
        effects.append(_welch(sample.outcome[rows], sample.treatment[rows]))
        shares.append(float(np.mean(rows)))
    values = np.array([effect.value for effect in effects])
    variances = np.array([effect.std_error**2 for effect in effects])
    weights = np.array(shares)
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
        ),
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
