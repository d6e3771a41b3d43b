"""The claims of the second table: what many results, many looks and guardrails decide wrongly."""

from __future__ import annotations

from functools import partial

import numpy as np
from coverage_data import hits, moments

from kpisdk import Interval, Thresholds, UnitMoments, statistics
from kpisdk.contracts.vocabulary import Direction, Status

THRESHOLDS = Thresholds(0.6, 0.5, 0.4, Direction.HIGHER)


def _share(hit, n):
    counted = UnitMoments.of_rows({"hits": float(hit), "rows": float(n)}, {"hits": "rows"})
    return statistics.effective_share(counted, "hits", "rows")


def family(rng, replicates, *, size, n, p, adjust):
    """How often any of the slices is decided critical, though all are in "warning"."""
    wrong, families = 0, max(1, replicates // 4)
    for _ in range(families):
        shares = [_share(hit, n) for hit in rng.binomial(n, p, size)]
        adjusted = adjust([
            statistics.status_p_value(
                each.interval, lambda value: THRESHOLDS.judge(value).status, each.share
            )
            for each in shares
        ])  # fmt: skip
        wrong += any(
            level <= 0.05 and THRESHOLDS.judge(each.share).status is Status.CRITICAL
            for each, level in zip(shares, adjusted, strict=True)
        )
    return wrong / families


def looks(rng, replicates, *, window, days, daily):
    """How often any of a year's daily looks decides that a rate just inside "warning" is critical.

    ``window`` is how many days each look sees; without one it sees all days so far.
    """
    wrong = 0
    for _ in range(replicates):
        hit = np.cumsum(rng.binomial(daily, 0.4, days))
        n = daily * np.arange(1, days + 1)
        if window:
            hit = hit - np.concatenate([np.zeros(window), hit[:-window]])
            n = np.minimum(n, daily * window)
        # Only looks whose share is low can be decided critical.
        z = (hit / n - 0.4) / np.sqrt(0.24 / n)
        for day in np.flatnonzero(z < -1.96):
            level = statistics.repeated_level(float(n[day]), accumulates=not window, looks=days)
            if _share(hit[day], n[day]).interval(level).high < 0.4:
                wrong += 1
                break
    return wrong / replicates


def guardrail(rng, replicates, *, n, margin, icc):
    """How often a guardrail that is 40 % worse is called safe."""
    wrong = 0
    units = np.repeat(np.arange(n // 5), 5) if icc else np.arange(n)
    improved = Interval(0.1, 0.2)
    for _ in range(replicates):
        columns = {"rows": np.ones(n), "now": hits(rng, units, 0.14, icc)}
        columns["before"] = hits(rng, units, 0.1, icc)
        read = moments(units, columns)
        sides = [statistics.effective_share(read, each, "rows") for each in ("now", "before")]
        now, before = (statistics.Side(each.share, each.interval()) for each in sides)
        change = statistics.relative_change(now, before)
        verdict = statistics.guarded_verdict(
            improved, change, Direction.HIGHER, Direction.LOWER, margin
        )
        wrong += verdict is statistics.GuardedVerdict.SAFE
    return wrong / replicates


DECISIONS = [
    ("family: any slice decided critical, all in warning", "50 slices of 40, at the bound, Holm",
     0.05, partial(family, size=50, n=40, p=0.4, adjust=statistics.holm)),
    ("family: any slice decided critical, all in warning",
     "50 slices of 40, at the bound, Benjamini-Hochberg", 0.05,
     partial(family, size=50, n=40, p=0.4, adjust=statistics.benjamini_hochberg)),
    ("guardrail 40 % worse called safe, margin 20 %", "200 rows a side", 0.025,
     partial(guardrail, n=200, margin=0.2, icc=0)),
    ("guardrail 40 % worse called safe, margin 20 %", "1,000 rows a side", 0.025,
     partial(guardrail, n=1_000, margin=0.2, icc=0)),
    ("guardrail 40 % worse called safe, margin 20 %", "200 units of 5 a side, ICC 0.3", 0.025,
     partial(guardrail, n=1_000, margin=0.2, icc=0.3)),
    ("looks: any of 365 decided critical, at the bound", "a window that grows, 20 rows a day", 0.05,
     partial(looks, window=0, days=365, daily=20)),
    ("looks: any of 365 decided critical, at the bound", "the last 30 days, 20 rows a day", 0.05,
     partial(looks, window=30, days=365, daily=20)),
    ("looks: any of 365 decided critical, at the bound", "each day alone, 200 rows", 0.05,
     partial(looks, window=1, days=365, daily=200)),
]  # fmt: skip
