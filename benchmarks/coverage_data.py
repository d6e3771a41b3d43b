"""Simulated rows with units, and their moments as a statement over 1,000 buckets returns them."""

from __future__ import annotations

import numpy as np

from kpisdk import UnitMoments
from kpisdk.contracts.unit_moments import pairs, triples

BUCKETS = 1_000


def hashed(unit, *, buckets=BUCKETS, seed=0):
    """The bucket of each row's unit."""
    return (unit * 2_654_435_761 + seed) % 4_294_967_291 % buckets


def moments(unit, columns, *, skewed=(), buckets=BUCKETS, seed=0):
    """The moments of per-row columns: rows of one unit fall into one bucket, by a hash.

    ``unit`` and every column have shape ``(rows,)``.
    """
    hashes = hashed(unit, buckets=buckets, seed=seed)
    names = tuple(columns)
    x = np.stack([np.bincount(hashes, columns[name], buckets) for name in names])
    filled = np.bincount(hashes, minlength=buckets) > 0
    x = x[:, filled]
    return UnitMoments(
        names,
        int(filled.sum()),
        tuple(map(float, x.sum(axis=1))),
        tuple(float(x[names.index(a)] @ x[names.index(b)]) for a, b in pairs(names)),
        tuple(map(int, (x != 0).sum(axis=1))),
        len(np.unique(unit)),
        0,
        {
            each: float(np.prod([x[names.index(name)] for name in each], axis=0).sum())
            for group in skewed
            for each in triples(sorted(group, key=names.index))
        },
    )


def equal_sizes(_rng, units, rows):
    """The unit of each row: so many rows each."""
    return np.repeat(np.arange(units), rows)


def skewed_sizes(rng, units, average):
    """The unit of each row: sizes are geometric-like, a few units have many rows."""
    sizes = 1 + np.floor(rng.lognormal(np.log(average) - 0.5, 1.0, units)).astype(int)
    return np.repeat(np.arange(units), sizes)


def rates(rng, unit, p, icc):
    """A probability per row: beta over units, with that intra-class correlation."""
    units = int(unit.max()) + 1
    if not icc:
        return np.full(len(unit), p)
    strength = 1 / icc - 1
    return rng.beta(p * strength, (1 - p) * strength, units)[unit]


def hits(rng, unit, p, icc):
    """Whether each row is a hit."""
    return (rng.random(len(unit)) < rates(rng, unit, p, icc)).astype(float)


def effects(rng, unit, icc):
    """A standard normal value per row, correlated within units."""
    units = int(unit.max()) + 1
    shared = rng.normal(0, 1, units)[unit]
    return np.sqrt(icc) * shared + np.sqrt(1 - icc) * rng.normal(0, 1, len(unit))
