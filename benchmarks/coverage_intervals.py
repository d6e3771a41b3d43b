"""The cases of the coverage table: each draws data and gives interval, truth and observed value."""

from __future__ import annotations

from functools import partial

import numpy as np
from coverage_data import effects, equal_sizes, hits, moments, skewed_sizes
from coverage_scores import auc, average_precision, f1, gap, mix, slope, stability
from scipy.special import betaincinv, ndtr

from kpisdk import IntervalReason, statistics


def share(rng, unit, p, icc):
    """A share of rows; at 30 rows any interval's coverage jumps with p, so p is drawn."""
    unit = unit(rng)
    if isinstance(p, tuple):
        p = rng.uniform(*p)
    hit = hits(rng, unit, p, icc)
    read = moments(unit, {"hits": hit, "rows": np.ones(len(unit))})
    return statistics.share_interval(read, "hits", "rows"), p, hit.mean()


def _values(rng, unit, family, icc):
    normal = effects(rng, unit, icc)
    if family == "log-normal":
        return np.exp(normal), float(np.exp(0.5))
    if family == "normal":
        return 10 + 2 * normal, 10.0
    # Negative binomial with r = 0.5, mean 2: Poisson counts of gamma rates.
    return rng.poisson(rng.gamma(0.5, 4.0, len(unit))).astype(float), 2.0


def mean(rng, unit, family, icc):
    """A mean of values."""
    unit = unit(rng)
    x, truth = _values(rng, unit, family, icc)
    columns = {"total": x, "rows": np.ones(len(unit))}
    read = moments(unit, columns, skewed=[("total", "rows")])
    return statistics.quotient_interval(read, "total", "rows"), truth, x.mean()


def weighted_mean(rng, unit, icc):
    """A quotient of two totals: values weighted by how often they occurred."""
    unit = unit(rng)
    weight = rng.poisson(3, len(unit)) + 1.0
    x = weight * (5 + effects(rng, unit, icc))
    columns = {"total": x, "weight": weight}
    read = moments(unit, columns, skewed=[("total", "weight")])
    return statistics.quotient_interval(read, "total", "weight"), 5.0, x.sum() / weight.sum()


def odds(rng, unit, p, icc):
    """A formula of a third party, which knows nothing of intervals: the odds."""
    unit = unit(rng)
    hit = hits(rng, unit, p, icc)
    read = moments(unit, {"hits": hit, "rows": np.ones(len(unit))})

    def formula(totals):
        misses = totals["rows"] - totals["hits"]
        return totals["hits"] / misses if misses > 0 else None

    value = formula({"hits": hit.sum(), "rows": float(len(unit))})
    return statistics.formula_interval(read, formula, possible=(0.0, None)), p / (1 - p), value


def median(rng, unit, icc, *, whole=False):
    """A median: two ranks, and the values at them."""
    unit = unit(rng)
    x, truth = np.exp(effects(rng, unit, icc)), 1.0
    if whole:
        x, truth = np.floor(3 * x), 3.0
    middle = np.median(x)
    below = (x < middle) + 0.5 * (x == middle)
    read = moments(unit, {"below": below, "rows": np.ones(len(unit))})
    levels = statistics.quantile_levels(read, "below", "rows")
    if isinstance(levels, IntervalReason):
        return levels, truth, middle
    ranked, n = np.sort(x), len(x)
    low, high = (ranked[int(np.ceil(each * n)) - 1] for each in levels)
    found = statistics.bounded(middle, low, high, 0.95, "woodruff")
    return found, truth, middle


def _arms(rng, unit, p1, p0, icc):
    treated = (rng.random(int(unit.max()) + 1) < 0.5)[unit].astype(float)
    hit = hits(rng, unit, p1, icc) * treated + hits(rng, unit, p0, icc) * (1 - treated)
    control = 1 - treated
    columns = {"h1": treated * hit, "n1": treated, "h0": control * hit, "n0": control}
    return columns, moments(unit, columns)


def lift(rng, unit, p1, p0, icc):
    """A lift of one rate over another, units in one arm each."""
    columns, read = _arms(rng, unit(rng), p1, p0, icc)
    found = statistics.lift_interval(read, "h1", "n1", "h0", "n0")
    sums = {name: column.sum() for name, column in columns.items()}
    if not sums["h0"] or not sums["n1"]:
        return IntervalReason.UNDEFINED, 0, 0
    value = sums["h1"] / sums["n1"] / (sums["h0"] / sums["n0"]) - 1
    return found, p1 / p0 - 1, value


def change(rng, unit, p1, p0, icc, *, relative, paired=True):
    """The change of a share between two windows that the same units are in."""
    unit = unit(rng)
    n, units = len(unit), int(unit.max()) + 1
    # A unit's two probabilities come from one draw, so that the windows are correlated.
    ranks = ndtr(rng.normal(0, 1, units))
    other = ranks if paired else ndtr(rng.normal(0, 1, units))
    strength = 1 / icc - 1
    now = rng.random(n) < betaincinv(p1 * strength, (1 - p1) * strength, ranks)[unit]
    before = rng.random(n) < betaincinv(p0 * strength, (1 - p0) * strength, other)[unit]
    columns = {"h1": now * 1.0, "n1": np.ones(n), "h0": before * 1.0, "n0": np.ones(n)}
    read = moments(unit, columns)
    one, two = (
        statistics.Side(read.total(h) / read.total(m), statistics.share_interval(read, h, m))
        for h, m in (("h1", "n1"), ("h0", "n0"))
    )
    together = statistics.correlation_of(
        read, lambda t: t["h1"] / t["n1"], lambda t: t["h0"] / t["n0"]
    )
    if relative:
        found = statistics.relative_change(one, two, together)
        return found, p1 / p0 - 1, one.value / two.value - 1
    found = statistics.difference(one, two, together, (-1.0, 1.0))
    return found, p1 - p0, one.value - two.value


def mean_change(rng, unit, icc):
    """The relative change of a skewed mean between two windows that the same units are in."""
    unit = unit(rng)
    shared = effects(rng, unit, icc)
    x1, x0 = (np.exp(0.7 * shared + 0.7 * rng.normal(0, 1, len(unit)) + m) for m in (0.2, 0.0))
    columns = {"x1": x1, "x0": x0, "n": np.ones(len(unit))}
    read = moments(unit, columns, skewed=[("x1", "n"), ("x0", "n")])
    one, two = (
        statistics.Side(x.mean(), statistics.quotient_interval(read, name, "n"))
        for name, x in (("x1", x1), ("x0", x0))
    )
    together = statistics.correlation_of(
        read, lambda t: t["x1"] / t["n"], lambda t: t["x0"] / t["n"]
    )
    found = statistics.relative_change(one, two, together)
    return found, float(np.exp(0.2) - 1), x1.mean() / x0.mean() - 1


def _rows(n):
    return partial(equal_sizes, units=n, rows=1)


def _units(n, rows):
    return partial(equal_sizes, units=n, rows=rows)


def _skewed(n, average):
    return partial(skewed_sizes, units=n, average=average)


AT_LEAST = {
    "median, ties": "a tied value is a limit, or it is not: nothing in between",
    "fairness gap": "limits for all pairs; where several are farthest apart, none of them is alone",
    "population stability": "0 is the least it can be, and is missed on one side only",
}
"""Kinds whose intervals may hold the truth more often than they say, and why."""

_SAMPLES = [
    ("30 rows", _rows(30), 0.0),
    ("500 rows", _rows(500), 0.0),
    ("200 units of 5, ICC 0.3", _units(200, 5), 0.3),
    ("200 units of skewed sizes, ICC 0.3", _skewed(200, 5), 0.3),
]
"""Independent rows, few of them; clustered rows; units of which some are large."""

INTERVALS = [
    ("share", "p 0.2 to 0.4, 30 rows", partial(share, unit=_rows(30), p=(0.2, 0.4), icc=0)),
    ("share", "p 0.05 to 0.15, 30 rows", partial(share, unit=_rows(30), p=(0.05, 0.15), icc=0)),
    *(("share", f"p 0.3, {data}", partial(share, unit=unit, p=0.3, icc=icc))
      for data, unit, icc in _SAMPLES[1:]),
    ("share", "p 0.02, 500 rows", partial(share, unit=_rows(500), p=0.02, icc=0)),
    *(("share", f"p 0.3, {units} units of {rows}, ICC {icc}",
       partial(share, unit=_units(units, rows), p=0.3, icc=icc))
      for units, rows, icc in ((200, 5, 0.8), (25, 40, 0.1), (12, 40, 0.1))),
    ("share", "p 0.97, 200 units of 5, ICC 0.3",
     partial(share, unit=_units(200, 5), p=0.97, icc=0.3)),
    ("share", "p 0.3, 28 days of 50, ICC 0.05",
     partial(share, unit=_units(28, 50), p=0.3, icc=0.05)),
    ("share", "p 0.3, 5,000 units of 2, ICC 0.3",
     partial(share, unit=_units(5_000, 2), p=0.3, icc=0.3)),
    *(("mean, log-normal", data, partial(mean, unit=unit, family="log-normal", icc=icc))
      for data, unit, icc in _SAMPLES),
    *(("mean, negative binomial", data, partial(mean, unit=unit, family="counts", icc=0))
      for data, unit, icc in _SAMPLES[:2]),
    *(("mean, normal", data, partial(mean, unit=unit, family="normal", icc=icc))
      for data, unit, icc in _SAMPLES),
    *(("weighted mean", data, partial(weighted_mean, unit=unit, icc=icc))
      for data, unit, icc in _SAMPLES),
    *(("formula (odds)", f"p 0.3, {data}", partial(odds, unit=unit, p=0.3, icc=icc))
      for data, unit, icc in _SAMPLES[1:]),
    *(("median", data, partial(median, unit=unit, icc=icc)) for data, unit, icc in _SAMPLES),
    ("median, ties", "whole days, 500 rows", partial(median, unit=_rows(500), icc=0, whole=True)),
    *(("lift", f"0.3 over 0.2, {data}", partial(lift, unit=unit, p1=0.3, p0=0.2, icc=icc))
      for data, unit, icc in _SAMPLES[1:]),
    ("lift", "0.1 over 0.3, 60 rows", partial(lift, unit=_rows(60), p1=0.1, p0=0.3, icc=0)),
    *((f"{'relative ' * relative}change of a share", f"0.35 from 0.3, {data}",
       partial(change, unit=unit, p1=0.35, p0=0.3, icc=icc or 0.3, relative=relative))
      for relative in (False, True) for data, unit, icc in _SAMPLES),
    *(("relative change of a mean", f"skewed, {data}", partial(mean_change, unit=unit, icc=icc))
      for data, unit, icc in _SAMPLES),
    *(("ROC-AUC", f"0.76, {data}", partial(auc, unit=unit, p=0.3, distance=1.0, icc=icc))
      for data, unit, icc in _SAMPLES),
    ("ROC-AUC", "0.96, 100 rows", partial(auc, unit=_rows(100), p=0.3, distance=2.5, icc=0)),
    *(("average precision", f"hits 0.3, {data}",
       partial(average_precision, unit=unit, p=0.3, distance=1.0, icc=icc))
      for data, unit, icc in _SAMPLES),
    *(("F1", data, partial(f1, unit=unit, icc=icc)) for data, unit, icc in _SAMPLES),
    ("calibration slope", "500 rows", partial(slope, unit=_rows(500))),
    *(("fairness gap", f"4 groups of 200, true gap {max(r) - min(r):g}, ICC {icc:g}",
       partial(gap, size=200, rates=r, icc=icc))
      for r in ((0.3,) * 4, (0.3, 0.3, 0.3, 0.4), (0.2, 0.3, 0.3, 0.5)) for icc in (0, 0.3)),
    *(("population stability", f"10 bins, 2,000 and 500 rows, shift {shift:g}",
       partial(stability, n=2_000, m=500, shift=shift)) for shift in (0, 0.2, 0.5)),
    *((f"decomposition, {part}", f"3 segments, 500 rows, mix {'moved' if moved else 'as before'}",
       partial(mix, unit=_rows(500), part=part, moved=moved))
      for part in ("mix", "within") for moved in (False, True)),
]  # fmt: skip
