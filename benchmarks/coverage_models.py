"""The cases of the coverage table that a plugin's own intervals are behind: drift and calibration.

Each draws rows of units, bins or fits them as the plugin does, and gives interval, truth and value.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from coverage_data import effects, equal_sizes
from scipy.special import expit, ndtr, ndtri

from kpisdk.statistics import wald_interval
from kpisdk_ws1_quality.drift_interval import Binned, counts_by_bucket, mean_interval
from kpisdk_ws1_quality.logistic_slope import fit
from kpisdk_ws1_quality.psi import bins_of, smoothed, stability

BINS = 10
SHARES = np.full(BINS, 1 / BINS)
EDGES = ndtri(np.arange(1, BINS) / BINS)


def drift(rng, units, rows, icc, features, correlation, shift):
    """The mean stability index of features, each moved by ``shift`` standard deviations."""
    unit = equal_sizes(rng, units, rows)
    common = effects(rng, unit, icc)
    binned, indices = {}, []
    for feature in range(features):
        own = effects(rng, unit, icc)
        x = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own + shift
        actual = smoothed(x, EDGES)
        counts = counts_by_bucket(bins_of(x, EDGES), unit, BINS)
        binned[str(feature)] = Binned(SHARES, actual, counts)
        indices.append(stability(SHARES, actual))
    moved = np.diff(np.concatenate([[0.0], ndtr(EDGES - shift), [1.0]]))
    value = float(np.mean(indices))
    return mean_interval(binned, value), stability(SHARES, moved), value


def calibration(rng, units, rows, icc, slope):
    """The slope of outcomes on log-odds, both alike within a unit."""
    unit = equal_sizes(rng, units, rows)
    x, noise = effects(rng, unit, icc), effects(rng, unit, icc)
    y = (ndtr(noise) < expit(slope * x - 0.5)).astype(float)
    found = fit(x, y, unit)
    interval = wald_interval(found.slope, found.standard_error, found.units - 1)
    return interval, slope, found.slope


MODELS = [
    *(("drift, one feature", f"{units} units of {rows}, ICC {icc}, moved by {shift}",
       partial(drift, units=units, rows=rows, icc=icc, features=1, correlation=0, shift=shift))
      for units, rows, icc in ((500, 1, 0), (200, 5, 0.3)) for shift in (0.15, 0.3)),
    *(("drift, mean of five features", f"{units} units of {rows}, ICC {icc}, correlation {r}",
       partial(drift, units=units, rows=rows, icc=icc, features=5, correlation=r, shift=0.3))
      for units, rows, icc in ((500, 1, 0), (200, 5, 0.3)) for r in (0, 0.7)),
    *(("calibration slope, by units", f"0.9, {units} units of {rows}, ICC {icc}",
       partial(calibration, units=units, rows=rows, icc=icc, slope=0.9))
      for units, rows, icc in ((500, 1, 0), (200, 5, 0.3), (60, 5, 0.3))),
]  # fmt: skip
"""Kind, data and case of each row."""
