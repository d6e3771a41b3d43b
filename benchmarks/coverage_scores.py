"""The cases of models' figures: rankings, F1, slopes, gaps between groups, stability, the mix."""

from __future__ import annotations

import numpy as np
from coverage_data import effects, equal_sizes, hits, moments
from scipy.special import ndtr

from kpisdk import IntervalReason, statistics


def _scored(rng, unit, p, distance, icc):
    """Outcomes and scores: normal in both classes, ``distance`` apart, correlated within units."""
    outcome = rng.random(len(unit)) < p
    return outcome, effects(rng, unit, icc) + distance * outcome


def auc(rng, unit, p, distance, icc):
    """The area under the ROC curve."""
    unit = unit(rng)
    outcome, score = _scored(rng, unit, p, distance, icc)
    if outcome.all() or not outcome.any():
        return IntervalReason.UNDEFINED, 0, 0
    ordered_others, ordered_hits = np.sort(score[~outcome]), np.sort(score[outcome])
    placed = np.searchsorted(ordered_others, score) / len(ordered_others)
    other_placed = 1 - np.searchsorted(ordered_hits, score) / len(ordered_hits)
    columns = {
        "hits": outcome * 1.0,
        "others": ~outcome * 1.0,
        "hits_placed": placed * outcome,
        "others_placed": other_placed * ~outcome,
    }
    read = moments(unit, columns)
    found = statistics.auc_interval(read, *columns)
    return found, float(ndtr(distance / np.sqrt(2))), placed[outcome].mean()


def _true_average_precision(p, distance):
    t = np.linspace(8, -8, 40_001)
    recall, alarms = ndtr(distance - t), ndtr(-t)
    precision = p * recall / (p * recall + (1 - p) * alarms)
    return float(np.sum(precision[1:] * np.diff(recall)))


AP_TRUTH = {(p, d): _true_average_precision(p, d) for p, d in ((0.3, 1.0),)}


def average_precision(rng, unit, p, distance, icc):
    """Average precision, the mean of the precision at each hit."""
    unit = unit(rng)
    outcome, score = _scored(rng, unit, p, distance, icc)
    order = np.argsort(-score)
    y, n = outcome[order].astype(float), np.arange(1, len(unit) + 1)
    precision, hits_at = np.cumsum(y) / n, y.sum()
    if hits_at < 2:
        return IntervalReason.TOO_FEW_UNITS, 0, 0
    value = float((precision * y).sum() / hits_at)
    upwards = [np.cumsum(each[::-1])[::-1] for each in (y / n, y * precision / n)]
    contributed = np.empty(len(unit))
    contributed[order] = y * (precision - value) + y * upwards[0] - upwards[1]
    columns = {"z": contributed, "hits": outcome * 1.0}
    read = moments(unit, columns)
    bias = float((y * (1 - precision) / np.maximum(n - 1, 1)).sum() / hits_at)
    found = statistics.influence_interval(read, value, "z", "hits", bias=bias)
    return found, AP_TRUTH[p, distance], value


def f1(rng, unit, icc):
    """F1 of alarms raised above a threshold, 30 % of the rows with the outcome."""
    unit = unit(rng)
    outcome, score = _scored(rng, unit, 0.3, 1.5, icc)
    alarm = score > 0.9
    columns = {
        "tp": (alarm & outcome) * 1.0,
        "fp": (alarm & ~outcome) * 1.0,
        "fn": (~alarm & outcome) * 1.0,
    }
    read = moments(unit, columns)
    recall, alarms = ndtr(1.5 - 0.9), ndtr(-0.9)
    truth = 2 * 0.3 * recall / (0.3 * recall + 0.7 * alarms + 0.3)
    sums = read.totals
    value = 2 * sums["tp"] / (2 * sums["tp"] + sums["fp"] + sums["fn"])
    return statistics.f1_interval(read, "tp", "fp", "fn"), truth, value


def slope(rng, unit):
    """A calibration slope: of a logistic regression of the outcome on the logit of the score."""
    unit = unit(rng)
    logit = rng.normal(0, 1, len(unit))
    y = rng.random(len(unit)) < 1 / (1 + np.exp(-0.8 * logit))
    x, beta = np.stack([np.ones(len(unit)), logit], axis=1), np.zeros(2)
    for _ in range(8):
        p = 1 / (1 + np.exp(-x @ beta))
        information = (x * (p * (1 - p))[:, None]).T @ x
        beta = beta + np.linalg.solve(information, x.T @ (y - p))
    error = np.sqrt(np.linalg.inv(information)[1, 1])
    return statistics.wald_interval(beta[1], error), 0.8, beta[1]


def gap(rng, size, rates, icc):
    """The largest less the smallest rate of groups, units of five rows in one group each."""
    groups = []
    for p in rates:
        unit = equal_sizes(rng, size // 5, 5) if icc else np.arange(size)
        hit = hits(rng, unit, p, icc)
        read = moments(unit, {"hits": hit, "rows": np.ones(len(unit))})
        groups.append(statistics.effective_share(read, "hits", "rows"))
    shares = [each.share for each in groups]
    found = statistics.gap_interval(groups)
    return found, max(rates) - min(rates), max(shares) - min(shares)


def stability(rng, n, m, shift):
    """The population stability index of ten bins, tenths of the reference population."""
    tilt = 1 + shift * np.linspace(-1, 1, 10)
    p, q = np.full(10, 0.1), 0.1 * tilt
    a, b = rng.multinomial(n, p) / n, rng.multinomial(m, q) / m
    if not (a.all() and b.all()):
        return IntervalReason.UNDEFINED, 0, 0
    value = float(((b - a) * np.log(b / a)).sum())
    truth = float(((q - p) * np.log(q / p)).sum())
    return statistics.stability_interval(value, 10, n, m), truth, value


def mix(rng, unit, *, part, moved):
    """What another mix, and what the rates within, did to a rate over three segments."""
    unit = unit(rng)
    rates0, rates1 = np.array([0.2, 0.4, 0.6]), np.array([0.25, 0.4, 0.6])
    w0 = np.array([0.4, 0.3, 0.3])
    w1 = np.array([0.2, 0.3, 0.5]) if moved else w0
    columns = {}
    for side, w, r in (("0", w0, rates0), ("1", w1, rates1)):
        segment = rng.choice(3, len(unit), p=w)
        hit = rng.random(len(unit)) < r[segment]
        for each in range(3):
            columns[f"n{each}{side}"] = (segment == each) * 1.0
            columns[f"h{each}{side}"] = ((segment == each) & hit) * 1.0
    read = moments(unit, columns)
    segments = [statistics.Segment(f"h{s}1", f"n{s}1", f"h{s}0", f"n{s}0") for s in range(3)]
    found = statistics.decomposed(read, segments)
    truth = {
        "mix": float(((w1 - w0) * (rates1 + rates0) / 2).sum()),
        "within": float(((rates1 - rates0) * (w1 + w0) / 2).sum()),
    }
    return getattr(found, f"{part}_interval"), truth[part], getattr(found, part)
