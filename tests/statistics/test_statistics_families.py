"""Families, decisions and looks: chance has many occasions."""

from __future__ import annotations

import math
from functools import partial

import pytest
from scipy.stats import binom
from statsmodels.stats.multitest import multipletests

from kpisdk import Interval, IntervalReason, Status, Thresholds
from kpisdk.statistics import (
    EffectiveShare,
    benjamini_hochberg,
    holm,
    normal_critical,
    normal_tail,
    repeated_level,
    status_p_value,
)

P_VALUES = [0.01, 0.04, 0.03, 0.005, 0.5, 0.03]
BOUNDS = Thresholds(0.6, 0.5, 0.4, "higher")


@pytest.mark.parametrize(("adjust", "method"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_adjusted_p_values_are_those_of_statsmodels(adjust, method):
    """In the order given; what has none counts for nothing."""
    expected = multipletests(P_VALUES, method=method)[1]

    found = adjust([*P_VALUES[:2], None, *P_VALUES[2:]])

    assert found[2] is None
    assert [each for each in found if each is not None] == pytest.approx(list(expected))


def test_holms_steps_are_those_of_the_hand():
    """Three results: 3 * 0.01, then 2 * 0.02, then 0.03 raised to what came before."""
    assert holm([0.03, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([]) == []


def judge(value: float) -> Status:
    return BOUNDS.judge(value).status


def test_the_p_value_of_a_status_is_where_its_interval_leaves_it():
    """30 in 100 is critical below 0.4; the score test of 0.4 has z = 2.041."""
    share = EffectiveShare(0.3, 100)

    p = status_p_value(share.interval, judge, 0.3)

    assert p == pytest.approx(2 * normal_tail(0.1 / math.sqrt(0.24 / 100)), rel=1e-4)
    assert p == pytest.approx(share.p_value(0.4), rel=1e-4)


def test_a_status_between_two_bounds_has_the_p_value_of_the_nearer():
    """45 in 100 lies between critical and target: 0.4 is nearer than 0.6."""
    share = EffectiveShare(0.45, 100)

    p = status_p_value(share.interval, judge, 0.45)

    assert p == pytest.approx(share.p_value(0.4), rel=1e-4)


def test_a_status_without_interval_has_no_p_value():
    """It cannot be decided, and takes nothing from the others."""
    assert status_p_value(lambda _: IntervalReason.UNDEFINED, judge, 0.3) is None


def test_a_status_that_any_interval_holds_is_as_sure_as_can_be():
    """The smallest p-value is 1e-12."""
    assert status_p_value(lambda _: Interval(0.1, 0.2), judge, 0.15) == 1e-12


def test_a_value_on_its_bound_is_never_decided():
    """Every interval around it reaches to both sides."""
    share = EffectiveShare(0.4, 100)

    assert status_p_value(share.interval, judge, 0.4) == pytest.approx(1.0)


def test_a_family_in_warning_is_decided_critical_in_at_most_one_of_twenty():
    """50 slices of 40 rows, all truly on the bound: added up over all counts, not simulated."""

    def decided(hits: int) -> bool:
        # The smallest p-value of the family decides first: against 0.05 / 50.
        share = EffectiveShare(hits / 40, 40)
        return judge(hits / 40) is Status.CRITICAL and share.p_value(0.4) <= 0.05 / 50

    one = sum(binom.pmf(hits, 40, 0.4) for hits in range(41) if decided(hits))

    assert 1 - (1 - one) ** 50 <= 0.05


def test_the_boundary_of_a_growing_window_is_robbins():
    """At 100 planned units the ratio is where (1 + 1/r) (ln(1 + r) + 2 ln 20) is least."""
    ratios = [step / 1000 for step in range(1_000, 30_000)]
    reaches = [(1 + 1 / r) * (math.log(1 + r) + 2 * math.log(20)) for r in ratios]

    level = repeated_level(100, accumulates=True, planned=100)

    assert normal_critical(level) == pytest.approx(math.sqrt(min(reaches)), abs=1e-4)


@pytest.mark.parametrize("units", [1, 10, 1_000, 1e7])
def test_other_looks_ask_for_more_than_the_planned_one(units):
    """And never for less than a single look."""
    asked = partial(repeated_level, accumulates=True, planned=100)

    assert asked(units) > asked(100) > 0.95


def test_windows_that_move_along_divide_the_level_by_the_looks():
    """Each sees other rows: 0.05 / 365."""
    assert repeated_level(40, accumulates=False) == pytest.approx(1 - 0.05 / 365)
    assert repeated_level(40, accumulates=False, looks=1) == pytest.approx(0.95)
