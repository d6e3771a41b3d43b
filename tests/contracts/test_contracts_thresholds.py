"""Thresholds: every real number has exactly one status (semantics rule 8)."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kpisdk import DefinitionError, Direction, Interval, Status, Thresholds

GOOD, WARNING, CRITICAL = Status.GOOD, Status.WARNING, Status.CRITICAL
HIGHER = Thresholds(0.6, 0.45, 0.3)
LOWER = Thresholds(0.15, 0.25, 0.40, Direction.LOWER)


@pytest.mark.parametrize(
    ("thresholds", "value", "status", "rule"),
    [
        (HIGHER, 0.6, GOOD, "value >= target (0.6)"),
        (HIGHER, 1e300, GOOD, "value >= target (0.6)"),
        (HIGHER, 0.6 - 1e-11, WARNING, "critical (0.3) <= value < target (0.6)"),
        (HIGHER, 0.4, WARNING, "critical (0.3) <= value < target (0.6)"),
        (HIGHER, 0.3, WARNING, "critical (0.3) <= value < target (0.6)"),
        (HIGHER, 0.3 - 1e-11, CRITICAL, "value < critical (0.3)"),
        (HIGHER, -5, CRITICAL, "value < critical (0.3)"),
        (LOWER, 0.15, GOOD, "value <= target (0.15)"),
        (LOWER, -1, GOOD, "value <= target (0.15)"),
        (LOWER, 0.15 + 1e-11, WARNING, "target (0.15) < value <= warning (0.25)"),
        (LOWER, 0.25, WARNING, "target (0.15) < value <= warning (0.25)"),
        (LOWER, 0.25 + 1e-11, CRITICAL, "value > warning (0.25)"),
        (LOWER, 0.3, CRITICAL, "value > warning (0.25)"),
    ],
)
def test_the_table_of_rule_8(thresholds, value, status, rule):
    """Lower is better turns critical beyond ``warning``; values are not rounded beforehand."""
    verdict = thresholds.judge(value)

    assert (verdict.status, verdict.rule, verdict.decided) == (status, rule, None)


@pytest.mark.parametrize(
    ("thresholds", "interval", "decided"),
    [
        (HIGHER, Interval(0.6, 0.9), True),
        (HIGHER, Interval(0.59, 0.9), False),
        (HIGHER, Interval(0.1, 0.9), False),
        (LOWER, Interval(0.0, 0.15), True),
        (LOWER, Interval(0.0, 0.151), False),
    ],
)
def test_a_status_is_decided_where_the_whole_interval_agrees(thresholds, interval, decided):
    """The interval lies wholly on one side of the boundary, or it does not."""
    value = 0.7 if thresholds is HIGHER else 0.1

    assert thresholds.judge(value, interval).decided is decided


@pytest.mark.parametrize(
    ("bounds", "direction", "what"),
    [
        ((0.3, 0.45, 0.6), "higher", "must descend where higher is better"),
        ((0.6, 0.3, 0.45), "higher", "must descend"),
        ((0.4, 0.25, 0.15), "lower", "must ascend where lower is better"),
        ((1, 1, 1), "context", "a context-dependent KPI cannot have thresholds"),
    ],
)
def test_bounds_out_of_order_are_refused(bounds, direction, what):
    """Thresholds that contradict their direction never reach a judgement."""
    with pytest.raises(DefinitionError, match=what):
        Thresholds(*bounds, direction)


def test_bounds_that_are_not_finite_are_refused_together():
    """NaN and infinities order nothing; all faults are said at once."""
    with pytest.raises(DefinitionError) as refused:
        Thresholds(float("nan"), float("inf"), 0, "context")

    assert [problem.where for problem in refused.value.problems] == [
        "target",
        "warning",
        "direction",
    ]


def test_equal_bounds_are_in_order():
    """A KPI may have one boundary only."""
    assert Thresholds(1, 1, 1).judge(1).status is GOOD
    assert Thresholds(1, 1, 1).judge(0.999).status is CRITICAL
    assert Thresholds(1, 1, 1, "lower").judge(1.001).status is CRITICAL


reals = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def thresholds(draw: st.DrawFn) -> Thresholds:
    """Any thresholds that can be registered."""
    direction = draw(st.sampled_from(["higher", "lower"]))
    bounds = sorted(draw(st.tuples(reals, reals, reals)), reverse=direction == "higher")
    return Thresholds(*bounds, direction)


@given(thresholds(), reals)
def test_every_real_has_the_status_of_the_only_rule_that_holds(bounds, value):
    """The three conditions of rule 8 exclude one another and leave no gap."""
    if bounds.direction is Direction.HIGHER:
        good, critical = value >= bounds.target, value < bounds.critical
    else:
        good, critical = value <= bounds.target, value > bounds.warning
    expected = {(True, False): GOOD, (False, True): CRITICAL, (False, False): WARNING}

    assert bounds.judge(value).status is expected[good, critical]


@given(thresholds(), reals, reals)
def test_a_better_value_never_has_a_worse_status(bounds, one, other):
    """Judgement is monotone along the direction."""
    rank = {CRITICAL: 0, WARNING: 1, GOOD: 2}
    worse, better = sorted((one, other), reverse=bounds.direction is Direction.LOWER)

    assert rank[bounds.judge(worse).status] <= rank[bounds.judge(better).status]


@given(thresholds(), reals, reals, st.floats(0, 1))
def test_decided_means_that_every_point_of_the_interval_agrees(bounds, one, other, share):
    """Where the ends agree, so does whatever lies between."""
    low, high = sorted((one, other))
    between = min(high, max(low, low * (1 - share) + high * share))
    verdict = bounds.judge(low, Interval(low, high))

    if verdict.decided:
        assert bounds.judge(between).status is verdict.status


@pytest.mark.parametrize(
    ("thresholds", "value", "status"),
    [
        (HIGHER, 0.1 + 0.2, WARNING),
        (HIGHER, 0.6 * (1 - 1e-13), GOOD),
        (HIGHER, 0.6 * (1 - 1e-11), WARNING),
        (HIGHER, 0.3 * (1 - 1e-13), WARNING),
        (HIGHER, 0.3 * (1 - 1e-11), CRITICAL),
        (LOWER, 0.15 * (1 + 1e-13), GOOD),
        (LOWER, 0.25 * (1 + 1e-13), WARNING),
        (LOWER, 0.25 * (1 + 1e-11), CRITICAL),
        (Thresholds(0, -1, -2), -1e-300, WARNING),
    ],
)
def test_the_last_digit_of_a_sum_decides_no_status(thresholds, value, status):
    """Within 1e-12 of a bound is on it; rows added up in another order differ by less."""
    assert thresholds.judge(value).status is status
