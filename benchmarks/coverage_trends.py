"""Trends: a calendar bucket against the one before it, most of whose units are in both."""

from __future__ import annotations

from functools import partial

import numpy as np
from coverage_data import equal_sizes, hashed, moments, skewed_sizes
from scipy.special import betaincinv, ndtr

from kpisdk import Column, Dataset, Ratio, Simple, ValueRange, count, sample, statistics
from kpisdk.engine.intervals.change_intervals import joint_moments, neighbour_reader, paired
from kpisdk.engine.intervals.metric_intervals import MetricIntervals
from kpisdk.engine.intervals.moment_parts import PartsReader

_VISITS = Dataset("visits", (Column("kept", "bool"),))
_KEPT = count(_VISITS, _VISITS["kept"].is_true())
SHARE = Ratio(_KEPT, count(_VISITS)), {"numerator": "hits", "denominator": "rows"}, ValueRange(0, 1)
TOTAL = Simple(_KEPT), {"value": "hits"}, ValueRange(0)
_THERE = 0.7
"""How likely a unit has rows in a month; which other units it has says nothing of that."""


def _month(rng, unit, ranks, p, icc):
    """The rows of a month. A unit that is in two of them keeps its habit."""
    unit = unit[(rng.random(len(ranks)) < _THERE)[unit]]
    strength = 1 / icc - 1
    rates = betaincinv(p * strength, (1 - p) * strength, ranks)[unit]
    return unit, {"hits": (rng.random(len(unit)) < rates) * 1.0, "rows": np.ones(len(unit))}


def change(rng, figure, sizes, units, icc, p1=0.35, p0=0.3):
    """The change of a share or of a number of rows, as the engine makes it of two buckets."""
    metric, labels, possible = figure
    # How many units there are is chance: a total varies with it.
    unit = sizes(rng, rng.poisson(units))
    ranks = ndtr(rng.normal(0, 1, int(unit.max()) + 1))
    months = [_month(rng, unit, ranks, p, icc) for p in (p1, p0)]
    names = tuple(labels.values())
    read = [moments(own, {each: rows[each] for each in names}) for own, rows in months]
    held = [[np.bincount(hashed(own), rows[each], 1_000) for each in names] for own, rows in months]
    shared = {
        (one, two): float(held[0][i] @ held[1][j])
        for i, one in enumerate(names)
        for j, two in enumerate(names)
    }
    intervals = MetricIntervals.of(metric, metric.measures(), possible, sample("unit"))
    reader, sides, influences = PartsReader([labels], metric.measures()), [], []
    for each in read:
        values = {name: float(each.total(label)) for name, label in labels.items()}
        made = metric.estimate(values)
        limits = intervals.figure(made, values, reader.read([each])).at(0.95)
        sides.append(statistics.Side(made.value, limits))
        influences.append(intervals.influence(values))
    joint = neighbour_reader(labels, labels, metric.measures())
    together = paired(joint.read([joint_moments(*read, shared)]), *influences)
    rows = units * 5 * _THERE if figure is TOTAL else 1
    found = statistics.difference(*sides, together)
    return found, rows * (p1 - p0), sides[0].value - sides[1].value


TRENDS = [
    *(("change of a share in a trend", f"0.35 from 0.3, {data}, 7 of 10 in each month, ICC {icc}",
       partial(change, figure=SHARE, sizes=sizes, units=units, icc=icc))
      for data, sizes, units, icc in (
          ("200 units of 5", partial(equal_sizes, rows=5), 200, 0.3),
          ("200 units of 5", partial(equal_sizes, rows=5), 200, 0.8),
          ("200 units of skewed sizes", partial(skewed_sizes, average=5), 200, 0.3),
          ("3,000 units of 2", partial(equal_sizes, rows=2), 3_000, 0.3),
      )),
    ("change of a number in a trend", "hits 0.35 from 0.3, 200 units of 5, ICC 0.3",
     partial(change, figure=TOTAL, sizes=partial(equal_sizes, rows=5), units=200, icc=0.3)),
]  # fmt: skip
"""Units that are in both months, or in one of them, and keep their habits."""
