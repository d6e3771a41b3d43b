"""The population stability index: how far one distribution has moved from another."""

from collections.abc import Sequence
from typing import Any

import attrs

from kpisdk import UsageError

FLOOR = 1e-6
"""An expected share of nothing counts as this much: the index stays finite."""


@attrs.define(eq=False)
class SampleError(UsageError):
    """Samples or bins that no stability index can be taken of.

    Attributes:
        where: which one.
        what: what is wrong with it.
    """

    where: str
    what: str

    template = "psi: {where} {what}."


def psi(expected: Sequence[float] | Any, actual: Sequence[float] | Any, bins: int = 10) -> float:
    """The population stability index of two raw samples: 0 where they are distributed alike.

    ``sum over bins of (q - p) ln(q / p)``, ``p`` and ``q`` being the shares of ``expected`` and
    ``actual``. Bins are the quantiles of ``expected`` (linear between rows), closed on the left,
    and open to the outside at both ends; quantiles that coincide are one edge, so that there may be
    fewer bins. Both shares are smoothed: ``(count + 1) / (n + bins)``.

    Args:
        expected: the reference sample, such as a feature in training: numbers, any order. Missing
            ones (``None``, NaN) do not count.
        actual: the sample to compare with it, such as the feature in production; the same.
        bins: how many bins to make, 2 at least.

    Raises:
        SampleError: a sample without numbers, one with infinities, or too few bins.
    """
    import numpy as np

    if isinstance(bins, bool) or not isinstance(bins, int) or bins < 2:
        raise SampleError("bins", f"must be a whole number of 2 or more, not {bins!r:.40}")
    reference, current = _numbers("expected", expected), _numbers("actual", actual)
    levels = np.arange(1, bins) / bins
    edges = np.unique(np.quantile(reference, levels))
    return stability(smoothed(reference, edges), smoothed(current, edges))


def smoothed(values: Any, edges: Any) -> Any:
    """The share of values in each bin between inner ``edges``, ``(count + 1) / (n + bins)``.

    Args:
        values: numbers, shape ``(n,)``.
        edges: inner edges, ascending, shape ``(bins - 1,)``; a value at an edge lies above it.
    """
    import numpy as np

    counts = np.bincount(bins_of(values, edges), minlength=len(edges) + 1)
    return (counts + 1) / (len(values) + len(counts))


def bins_of(values: Any, edges: Any) -> Any:
    """The bin of each value, 0 to ``bins - 1``, shape ``(n,)``; see :func:`smoothed`.

    Args:
        values: numbers, shape ``(n,)``.
        edges: inner edges of the bins, ascending.
    """
    import numpy as np

    return np.searchsorted(edges, values, side="right")


def stability(expected: Any, actual: Any) -> float:
    """The index of two lists of shares, bin by bin; expected shares count as ``FLOOR`` at least.

    Args:
        expected: shares in training, 0 to 1.
        actual: shares now, of the same bins.
    """
    import numpy as np

    p, q = floored(expected), np.asarray(actual, dtype=float)
    return float(np.sum((q - p) * np.log(q / p)))


def floored(shares: Any) -> Any:
    """Expected shares, none below ``FLOOR``, shape ``(bins,)``."""
    import numpy as np

    return np.maximum(np.asarray(shares, dtype=float), FLOOR)


def _numbers(name: str, sample: Any) -> Any:
    import numpy as np

    try:
        values = np.asarray(sample, dtype=float).ravel()
    except (TypeError, ValueError):
        raise SampleError(name, "holds something that is not a number") from None
    values = values[~np.isnan(values)]
    if not len(values):
        raise SampleError(name, "holds no number")
    if np.isinf(values).any():
        raise SampleError(name, "holds infinities; leave them out or replace them")
    return values
