"""Rows that belong together: their clusters, the error that follows, and the warning without."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.cautions import REPEATED_UNITS, Caution
from kpisdk_causal.errors import ClusterError
from kpisdk_causal.sample import Effect, Sample, SegmentEffects
from kpisdk_causal.tables.levels import coded
from kpisdk_causal.tables.table import Floats, Table
from kpisdk_causal.tables.units import UNITS

LEAST = 2
"""Fewer clusters have no spread."""


def clusters_of(table: Table, cluster: str | None) -> NDArray[np.int64] | None:
    """The code 0..g-1 of each row's cluster.

    Args:
        table: the rows.
        cluster: column of the clusters; without one there are none.

    Raises:
        ClusterError: all rows are in one cluster.
    """
    if cluster is None:
        return None
    levels, codes = coded(table.frame[cluster])
    if len(levels) < LEAST:
        raise ClusterError(cluster, "all rows are in one cluster, which shows no spread")
    return codes


def repeated_units(frame: Any, cluster: str | None) -> list[Caution]:
    """A caution where somebody has several rows, and the errors take rows for independent.

    Args:
        frame: a pandas frame.
        cluster: column of the clusters, if one was named.
    """
    if cluster is not None:
        return []
    for name in UNITS:
        if name in frame.columns and not frame[name].dropna().is_unique:
            rows, units = len(frame), frame[name].nunique()
            text = (
                f"{rows} rows are about {units} values of {name!r}: errors that take rows for "
                f"independent are too small. Name cluster={name!r}."
            )
            return [Caution(REPEATED_UNITS, text)]
    return []


def clustered(effect: Effect, codes: NDArray[np.int64], cluster: str) -> Effect:
    """The effect with the error of independent clusters instead of rows (Liang and Zeger 1986).

    Args:
        effect: with the influence of each row.
        codes: code 0..g-1 of each row's cluster, shape (n,).
        cluster: column that names whose rows belong together.

    Raises:
        ClusterError: the estimator does not say what each row adds to its number.
    """
    if effect.influence is None:
        raise ClusterError(cluster, "the estimator does not tell what each row adds")
    count = int(codes.max()) + 1
    error = float(np.sqrt(covariance(effect.influence[None], codes)[0, 0]))
    details = {**effect.details, "n_clusters": count}
    return attrs.evolve(effect, std_error=error, df=float(count - 1), details=details)


def clustered_segments(effects: SegmentEffects, sample: Sample, cluster: str) -> SegmentEffects:
    """Effects per segment with the errors of independent clusters.

    Args:
        effects: of the segments, with the influence of each row.
        sample: the numbers.
        cluster: column that names whose rows belong together.

    Raises:
        ClusterError: the estimator does not say what each row adds, or a segment has one cluster.
    """
    codes = sample.clusters
    if effects.influence is None or codes is None:
        raise ClusterError(cluster, "the estimator does not tell what each row adds")
    counts = [len(np.unique(codes[sample.codes == code])) for code in range(sample.n_segments)]
    if min(counts) < LEAST:
        raise ClusterError(cluster, "a segment lies within one cluster, which shows no spread")
    return attrs.evolve(
        effects,
        covariance=covariance(effects.influence, codes),
        overall=clustered(effects.overall, codes, cluster),
        dfs=tuple(float(count - 1) for count in counts),
    )


def covariance(influence: Floats, codes: NDArray[np.int64]) -> Floats:
    """Covariance of s effects from what each of n rows adds to them, shape (s, n).

    Args:
        influence: shape (s, n).
        codes: code 0..g-1 of each row's cluster, shape (n,).
    """
    count = int(codes.max()) + 1
    sums = np.stack([np.bincount(codes, weights=row, minlength=count) for row in influence])
    found: Floats = sums @ sums.T / influence.shape[1] ** 2 * (count / (count - 1))
    return found
