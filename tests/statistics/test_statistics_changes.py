"""Changes, lifts and guardrails: two figures with intervals, and what may be said of both."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from kpisdk import Direction, Interval, IntervalReason, UnitMoments
from kpisdk.statistics import (
    GuardedVerdict,
    Segment,
    Side,
    decomposed,
    difference,
    guarded_verdict,
    lift_delta,
    lift_interval,
    relative_change,
    wilson,
)


def share(hits, rows) -> Side:
    return Side(hits / rows, wilson(hits, rows))


def test_the_difference_of_two_shares_is_newcombes():
    """As statsmodels has it: 56 in 70 and 48 in 80 (Newcombe's example a)."""
    expected = confint_proportions_2indep(56, 70, 48, 80, method="newcomb")

    found = difference(share(56, 70), share(48, 80), possible=(-1.0, 1.0))

    assert (found.low, found.high) == pytest.approx(expected)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.method == "newcombe"


def test_sides_that_move_together_differ_by_less():
    """Of normal figures: the variances added, less twice the covariance."""
    now, before = Side(5, Interval(5 - 1.2, 5 + 1.2)), Side(3, Interval(3 - 0.9, 3 + 0.9))
    half = math.sqrt(1.2**2 + 0.9**2 - 2 * 0.5 * 1.2 * 0.9)

    found = difference(now, before, correlation=0.5)

    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half))


def test_a_relative_change_of_normal_figures_is_fiellers():
    """Both roots of ``(x - r y)**2 = t**2 (v_x - 2 r c + r**2 v_y)``, by NumPy."""
    now, before = Side(6, Interval(6 - 1.2, 6 + 1.2)), Side(4, Interval(4 - 0.8, 4 + 0.8))
    shared = 0.3 * 1.2 * 0.8
    roots = np.roots([16 - 0.64, -2 * (24 - shared), 36 - 1.44])

    found = relative_change(now, before, correlation=0.3)

    assert (found.low + 1, found.high + 1) == pytest.approx(sorted(roots))


def test_a_relative_change_counts_from_the_size_of_what_it_is_measured_by():
    """From -4 to -6 is half as much worse: -0.5; the interval is mirrored, and holds it."""
    now, before = Side(-6, Interval(-7.2, -4.8)), Side(-4, Interval(-4.8, -3.2))
    above = relative_change(now.mirrored, before.mirrored)

    found = relative_change(now, before)

    assert (found.low, found.high) == (-above.high, -above.low)
    assert found.low < -0.5 < found.high


def test_a_change_of_sign_has_a_relative_change():
    """From 4 down to -2 is -1.5, with limits on either side."""
    found = relative_change(Side(-2, Interval(-3, -1)), Side(4, Interval(3, 5)))

    assert found.low < -1.5 < found.high < -1


def test_nothing_is_measured_by_what_may_be_zero():
    """No interval, and not one that reaches to infinity."""
    found = relative_change(Side(3, Interval(2, 4)), Side(0.5, Interval(-0.1, 1.1)))

    assert found is IntervalReason.UNDEFINED


def test_a_share_that_fell_to_zero_has_limits_above_minus_one():
    """0 in 40 after 10 in 40: all of it is gone at the least, and how much may be left is shown."""
    found = relative_change(share(0, 40), share(10, 40))

    assert found.low == -1
    assert -1 < found.high < 0


def arms(h1, n1, h0, n0) -> UnitMoments:
    """Rows that are each a unit of their own, in one arm each."""
    return UnitMoments.of_rows({"h1": h1, "n1": n1, "h0": h0, "n0": n0}, {"h1": "n1", "h0": "n0"})


def test_a_lift_of_independent_rows_is_katzs():
    """The delta method on the logarithm of the ratio, but for what t takes of 2,000 rows."""
    expected = lift_delta(300, 2_000, 200, 2_000)

    found = lift_interval(arms(300, 2_000, 200, 2_000), "h1", "n1", "h0", "n0")

    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=2e-3)


def test_a_lift_counts_that_units_repeat():
    """Each row four times over, in its unit: the same interval, and not one half as wide."""
    kinds = [((1, 1, 0, 0), 9), ((0, 1, 0, 0), 21), ((0, 0, 1, 1), 6), ((0, 0, 0, 1), 24)]
    rows = [
        dict(zip(("h1", "n1", "h0", "n0"), kind, strict=True))
        for kind, times in kinds
        for _ in range(times)
    ]
    copied = [{name: 4 * value for name, value in row.items()} for row in rows]

    once, copies = (
        lift_interval(UnitMoments.of(each), "h1", "n1", "h0", "n0") for each in (rows, copied)
    )

    assert (copies.low, copies.high) == pytest.approx((once.low, once.high))


@pytest.mark.parametrize("counts", [(0, 40, 10, 40), (40, 40, 10, 40), (10, 40, 40, 40)])
def test_a_rate_at_an_end_gives_a_lift_with_width(counts):
    """The logarithm would show none, or none that is finite."""
    h1, n1, h0, n0 = counts
    value = (h1 / n1) / (h0 / n0) - 1

    found = lift_interval(arms(*counts), "h1", "n1", "h0", "n0")

    assert -1 <= found.low <= value <= found.high
    assert found.low < found.high


def test_a_lift_by_three_units_has_limits_at_any_level():
    """One degree of freedom: at a level near 1, t is beyond what the logarithm of a number is."""
    names = ("h1", "n1", "h0", "n0")
    units = ((1, 4, 3, 5), (0, 2, 1, 2), (0, 0, 2, 3))
    moments = UnitMoments.of([dict(zip(names, unit, strict=True)) for unit in units])

    found = lift_interval(moments, *names, level=1 - 1e-10)

    assert -1 <= found.low < (1 / 6) / (6 / 10) - 1 < found.high < math.inf


def test_no_lift_is_measured_by_a_rate_of_zero():
    """There is no value either."""
    assert lift_interval(arms(5, 40, 0, 40), "h1", "n1", "h0", "n0") is IntervalReason.UNDEFINED


SIDES = [
    # principal, guardrail (relative, lower is better), margin, verdict
    ((0.1, 0.2), (-0.05, 0.08), 0.1, GuardedVerdict.SAFE),
    ((0.1, 0.2), (0.02, 0.08), 0.1, GuardedVerdict.SAFE),
    ((0.1, 0.2), (-0.05, 0.12), 0.1, GuardedVerdict.HARM_NOT_RULED_OUT),
    ((0.1, 0.2), (0.02, 0.12), 0.1, GuardedVerdict.HARMFUL),
    ((0.1, 0.2), (0.02, 0.12), 0.2, GuardedVerdict.SAFE),
    ((-0.2, -0.1), (-0.05, 0.08), 0.1, GuardedVerdict.NOT_IMPROVED),
    ((-0.1, 0.2), (-0.05, 0.08), 0.1, GuardedVerdict.UNDECIDED),
    ((0.1, 0.2), None, 0.1, GuardedVerdict.HARM_NOT_RULED_OUT),
    (None, (-0.05, 0.08), 0.1, GuardedVerdict.UNDECIDED),
]


@pytest.mark.parametrize(("principal", "guardrail", "margin", "verdict"), SIDES)
def test_a_guardrail_is_safe_only_if_it_is_shown_to_be(principal, guardrail, margin, verdict):
    """The five verdicts, and what a missing interval leaves open."""
    changes = [
        IntervalReason.UNDEFINED if each is None else Interval(*each)
        for each in (principal, guardrail)
    ]

    found = guarded_verdict(*changes, Direction.HIGHER, Direction.LOWER, margin)

    assert found is verdict


def test_directions_say_which_way_is_worse():
    """A guardrail that is better when higher is harmed by a fall."""
    fell = Interval(-0.3, -0.15)

    verdict = guarded_verdict(Interval(-0.2, -0.1), fell, Direction.LOWER, Direction.HIGHER)

    assert verdict is GuardedVerdict.HARMFUL


SEGMENTS = [Segment("h1", "n1", "h0", "n0"), Segment("g1", "m1", "g0", "m0")]
NESTED = {"h1": "n1", "h0": "n0", "g1": "m1", "g0": "m0"}


def test_simpsons_fall_is_all_mix():
    """Rates 0.2 and 0.8 in both windows; half of the rows move to where they are low."""
    counts = {"h1": 150, "n1": 750, "g1": 200, "m1": 250, "h0": 50, "n0": 250, "g0": 600, "m0": 750}

    found = decomposed(UnitMoments.of_rows(counts, NESTED), SEGMENTS)

    # Shares 0.75 and 0.25 after 0.25 and 0.75: 0.5 * 0.2 - 0.5 * 0.8.
    assert found.change == pytest.approx(-0.3)
    assert (found.mix, found.within) == pytest.approx((-0.3, 0))
    assert found.mix_interval.high < 0
    assert found.within_interval.low < 0 < found.within_interval.high


def test_a_mix_that_did_not_change_is_not_said_to_have():
    """Rates fall in both segments; the mix holds zero, and what is within does not."""
    counts = {"h1": 50, "n1": 500, "g1": 200, "m1": 500, "h0": 150, "n0": 500, "g0": 300, "m0": 500}

    found = decomposed(UnitMoments.of_rows(counts, NESTED), SEGMENTS)

    assert (found.mix, found.within) == pytest.approx((0, -0.2))
    assert found.mix_interval.low < 0 < found.mix_interval.high
    assert found.within_interval.high < 0


def test_a_segment_of_one_window_moves_the_mix_only():
    """It has one rate. Half of all rows become a segment of rate 0.8: 0.5 * (0.8 - 0.2)."""
    counts = {"h1": 100, "n1": 500, "g1": 400, "m1": 500, "h0": 200, "n0": 1_000, "g0": 0, "m0": 0}

    found = decomposed(UnitMoments.of_rows(counts, NESTED), SEGMENTS)

    assert (found.mix, found.within) == pytest.approx((0.3, 0))


def test_a_window_without_rows_has_no_change():
    """There is nothing to split."""
    counts = {"h1": 0, "n1": 0, "g1": 0, "m1": 0, "h0": 2, "n0": 10, "g0": 3, "m0": 10}

    assert decomposed(UnitMoments.of_rows(counts, NESTED), SEGMENTS) is None
