"""Intervals of models' figures: rankings, F1, gaps between groups, stability, medians."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from kpisdk import IntervalReason, UnitMoments
from kpisdk.statistics import (
    EffectiveShare,
    auc_interval,
    effective_share,
    f1_interval,
    gap_interval,
    null_stability,
    quantile_levels,
    stability_interval,
    wald_interval,
    wilson,
)

RNG = np.random.default_rng(11)
POSITIVE, NEGATIVE = RNG.normal(1, 1, 25), RNG.normal(0, 1, 40)


def placements():
    """Of hits among the others and of the others among the hits, pair by pair."""
    wins = (POSITIVE[:, None] > NEGATIVE[None, :]).astype(float)
    return wins.mean(axis=1), wins.mean(axis=0)


def scored(copies=1) -> UnitMoments:
    """One row per unit, or as many copies of it."""
    hits, others = placements()
    rows = [{"h": 1, "o": 0, "hp": float(v), "op": 0.0} for v in hits]
    rows += [{"h": 0, "o": 1, "hp": 0.0, "op": float(v)} for v in others]
    return UnitMoments.of([{name: copies * x for name, x in row.items()} for row in rows])


def test_the_area_under_the_roc_curve_has_delongs_interval_on_the_logit():
    """Variances of the placements over their numbers; the limits back from the logit scale."""
    hits, others = placements()
    area = hits.mean()
    v1, v2 = hits.var(ddof=1) / 25, others.var(ddof=1) / 40
    degrees = (v1 + v2) ** 2 / (v1**2 / 24 + v2**2 / 39)
    reach = stats.t.ppf(0.975, degrees) * math.sqrt(v1 + v2) / (area * (1 - area))
    logit = math.log(area / (1 - area))
    expected = [1 / (1 + math.exp(-(logit + sign * reach))) for sign in (-1, 1)]

    found = auc_interval(scored(), "h", "o", "hp", "op")

    assert [found.low, found.high] == pytest.approx(expected)


def test_rows_that_repeat_add_nothing_to_a_ranking():
    """Three copies of each row in its unit: the same interval."""
    once, copies = (auc_interval(scored(n), "h", "o", "hp", "op") for n in (1, 3))

    assert (copies.low, copies.high) == pytest.approx((once.low, once.high))


def test_a_perfect_ranking_keeps_a_lower_limit():
    """Of 5 hits, all above 9 others, no more is known than of 5 successes in 5."""
    rows = [{"h": 1, "o": 0, "hp": 1.0, "op": 0.0}] * 5 + [
        {"h": 0, "o": 1, "hp": 0.0, "op": 1.0}
    ] * 9

    found = auc_interval(UnitMoments.of(rows), "h", "o", "hp", "op")

    assert (found.low, found.high) == (pytest.approx(wilson(5, 5).low), 1)


JACCARD = {"hits": {"tp": 1}, "rows": {"tp": 1, "fp": 1, "fn": 1}}


def test_f1_is_a_share_transformed():
    """8 hits, 2 false alarms and 4 misses: 8 in 14, and 2 J / (1 + J) of its limits."""
    counts = UnitMoments.of_rows({"tp": 8, "fp": 2, "fn": 4})
    share = effective_share(counts.combined(JACCARD), "hits", "rows").interval()

    found = f1_interval(counts, "tp", "fp", "fn")

    expected = [2 * each / (1 + each) for each in (share.low, share.high)]
    assert [found.low, found.high] == pytest.approx(expected)
    assert found.low < 16 / 22 < found.high


def test_a_figure_with_its_own_standard_error_has_walds_interval():
    """A slope of 0.9 with 0.1 and 20 degrees: 2.086 standard errors; without degrees, 1.96."""
    found = wald_interval(0.9, 0.1, 20)

    assert (found.low, found.high) == pytest.approx((0.9 - 0.2086, 0.9 + 0.2086), abs=1e-4)
    assert wald_interval(0.9, 0.1).high == pytest.approx(0.9 + 0.195996, abs=1e-5)
    assert wald_interval(0.9, 0.0) is IntervalReason.UNDEFINED


def test_groups_that_hardly_differ_have_a_gap_that_may_be_zero():
    """The largest of four observed gaps is no sign of a gap."""
    groups = [EffectiveShare(share, 100) for share in (0.30, 0.33, 0.36, 0.39)]

    found = gap_interval(groups)

    assert found.low == 0
    assert found.high > 0.09


def test_the_gap_of_two_groups_is_newcombes_difference():
    """Two groups are one pair: nothing is asked in addition."""
    two = [EffectiveShare(0.8, 70), EffectiveShare(0.6, 80)]

    found = gap_interval(two)

    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_more_groups_ask_for_more():
    """The same farthest pair, among others: the lower limit is farther down."""
    pair = [EffectiveShare(0.8, 70), EffectiveShare(0.6, 80)]
    between = [EffectiveShare(0.7, 75)] * 6

    assert gap_interval([*pair, *between]).low < gap_interval(pair).low
    assert gap_interval(pair[:1]) is IntervalReason.UNDEFINED


def test_what_two_samples_of_one_population_show_is_no_shift():
    """Ten bins, 2,000 and 500 rows: 9 (1 / 2000 + 1 / 500) = 0.0225 is to be expected."""
    expected = null_stability(10, 2_000, 500)

    found = stability_interval(expected, 10, 2_000, 500)

    assert expected == pytest.approx(0.0225)
    assert found.low == 0
    assert found.high > expected


def test_a_large_shift_is_bounded_from_below():
    """The limits are where a noncentral chi-square has 3 % above and 2 % below, by SciPy."""
    scale = 1 / 2_000 + 1 / 500

    found = stability_interval(0.25, 10, 2_000, 500)

    assert stats.ncx2.sf(0.25 / scale, 9, found.low / scale) == pytest.approx(0.03, abs=0.003)
    assert stats.ncx2.cdf(0.25 / scale, 9, found.high / scale) == pytest.approx(0.02, abs=0.003)


def test_a_median_of_independent_rows_is_bounded_by_its_binomial_ranks():
    """Of 99 rows, half below: 0.5 -+ 1.984 / (2 sqrt(98)), the ranks 40 and 60."""
    rows = [{"below": each, "rows": 1} for each in [1] * 49 + [0.5] + [0] * 49]

    levels = quantile_levels(UnitMoments.of(rows), "below", "rows")

    assert levels == pytest.approx((0.5 - 0.1002, 0.5 + 0.1002), abs=2e-3)
    assert [math.ceil(level * 99) for level in levels] == [40, 60]


def test_a_quantile_of_few_rows_has_no_limits():
    """Three rows do not reach below their median with 95 %."""
    rows = [{"below": each, "rows": 1} for each in (1, 0.5, 0)]

    assert quantile_levels(UnitMoments.of(rows), "below", "rows") is IntervalReason.TOO_FEW_UNITS
