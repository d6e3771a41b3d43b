"""What a status is worth: decided or not, at which error rate, and at how many looks."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import attrs
import pytest

from kpisdk import Direction, Estimate, Interval, IntervalReason, Thresholds, ValueRange
from kpisdk.contracts.time_windows import NewestDay
from kpisdk.contracts.trailing_windows import Trailing
from kpisdk.engine.intervals.claims import (
    Claim,
    claim_of,
    measured,
    one_growing_window,
    repeated,
    stricter,
)
from kpisdk.engine.intervals.interval_figures import (
    KnownFigure,
    SearchedFigure,
    ShareFigure,
    SpreadFigure,
)
from kpisdk.engine.intervals.limits import kept
from kpisdk.statistics import (
    EffectiveShare,
    normal_critical,
    normal_tail,
    status_p_value,
    wilson,
)
from kpisdk.windows import parse_window

SHARE = ValueRange(0, 1)
HIGHER = Thresholds(0.8, 0.7, 0.6)
LOWER = Thresholds(0.1, 0.2, 0.3, Direction.LOWER)
NOW = datetime(2026, 3, 1, tzinfo=UTC)

FIGURES = [
    ShareFigure(EffectiveShare(0.75, 150, 40)),
    ShareFigure(EffectiveShare(0.15, 90)),
    SpreadFigure(0.66, 0.04, 12, "jackknife_t", (0.0, 1.0)),
    SpreadFigure(0.25, 0.03, 30, "jackknife_t", (0.0, None)),
    SpreadFigure(0.9, 0.05, math.inf, "t"),
    KnownFigure(0.7, Interval(0.62, 0.75)),
]


def shown(figure, possible=SHARE):
    return measured(Estimate(figure.value), figure, possible)


@pytest.mark.parametrize("thresholds", [HIGHER, LOWER], ids=["higher", "lower"])
@pytest.mark.parametrize("figure", FIGURES, ids=lambda each: f"{type(each).__name__}-{each.value}")
def test_the_level_at_which_a_status_is_lost_is_the_one_that_a_search_finds(figure, thresholds):
    claim = claim_of(shown(figure), thresholds, SHARE)

    def status(value):
        return thresholds.judge(value).status

    def interval_at(level):
        return kept(figure.at(level), figure.value, SHARE)

    searched = status_p_value(interval_at, status, figure.value)
    assert claim.status_p == pytest.approx(searched, rel=1e-3, abs=1e-11)
    assert claim.decided == (claim.status_p <= 0.05)


def test_a_figure_without_closed_form_is_searched():
    plain = FIGURES[0]
    claim = claim_of(shown(SearchedFigure(plain.value, plain.at)), HIGHER, SHARE)
    assert claim.status_p == pytest.approx(claim_of(shown(plain), HIGHER, SHARE).status_p, rel=1e-3)


def test_a_bound_that_no_value_can_have_decides_nothing():
    # Nothing is above 1: a share of 0.99 is never "critical" from above.
    thresholds = Thresholds(0.5, 1.2, 1.5, Direction.LOWER)
    figure = ShareFigure(EffectiveShare(0.99, 400))
    claim = claim_of(shown(figure), thresholds, SHARE)
    assert claim.status_p == pytest.approx(figure.p_value(0.5))
    assert claim.decided


def test_of_an_interval_alone_each_side_is_taken_for_so_many_standard_errors():
    made = Estimate(0.7, interval=Interval(0.62, 0.75))
    claim = claim_of(made, Thresholds(0.8, 0.7, 0.6), SHARE)
    above, below = (0.1 / 0.05 * 1.959964, 0.1 / 0.08 * 1.959964)
    assert claim.status_p == pytest.approx(2 * max(map(normal_tail, (above, below))), rel=1e-5)


@pytest.mark.parametrize(
    ("made", "immature", "wanted"),
    [
        (Estimate(0.7, interval_reason=IntervalReason.CENSUS), False, Claim(True)),
        (Estimate(0.7, interval_reason=IntervalReason.CENSUS), True, Claim(False)),
        (Estimate(0.7, interval_reason=IntervalReason.STORED), False, Claim()),
        (Estimate(0.7, interval_reason=IntervalReason.UNDEFINED), False, Claim()),
        (Estimate(0.7, interval=Interval(0.69, 0.71)), True, Claim(False)),
    ],
    ids=["census", "immature census", "stored", "undefined", "immature"],
)
def test_what_has_no_interval_or_can_still_change(made, immature, wanted):
    assert claim_of(made, HIGHER, SHARE, immature=immature) == wanted


def test_without_thresholds_there_is_no_status_to_decide():
    assert claim_of(Estimate(0.7, interval=Interval(0.69, 0.71)), None, SHARE) == Claim()


@pytest.mark.parametrize(
    ("interval", "value", "wanted"),
    [
        (Interval(0.4, 1.2, method="t"), 0.8, (0.4, 1.0)),
        (Interval(0.4, 0.6), 0.5, (0.4, 0.6)),
        (Interval(0.4, 0.6), 0.7, (0.4, 0.7)),
        (Interval(0.9, 1.4), 1.2, (0.9, 1.2)),
        (Interval(0.5, 0.5), 0.5, None),
        (Interval(1.1, 1.3), 1.0, None),
    ],
    ids=["cut", "left", "holds its value", "stored nonsense", "no width", "none of it possible"],
)
def test_an_interval_holds_its_value_and_stays_in_range_or_is_none(interval, value, wanted):
    found = kept(interval, value, SHARE)
    if wanted is None:
        assert found is IntervalReason.UNDEFINED
    else:
        assert (found.low, found.high) == wanted


def test_an_interval_of_a_plugin_that_does_not_hold_its_value_is_not_mended():
    """Cut to what is possible it would look right; so the contract of plugins sees it."""
    wrong = Interval(50.0, 101.0)

    assert measured(Estimate(0.5), KnownFigure(0.5, wrong), SHARE).interval == wrong


@pytest.mark.parametrize(
    ("rule", "grows"),
    [
        (None, True),
        (parse_window("2026-01-01..2026-12-31"), True),
        (parse_window("2026-02"), True),
        (Trailing(30), False),
        (NewestDay(), False),
        (parse_window("ytd"), False),
    ],
    ids=["none", "dates", "a month", "trailing", "newest day", "year to date"],
)
def test_looks_are_at_one_window_where_it_keeps_its_start(rule, grows):
    assert one_growing_window(rule, NOW) is grows


def test_at_repeated_looks_the_interval_of_a_moving_window_holds_at_all_of_them():
    figure = ShareFigure(EffectiveShare(0.5, 400))
    found = repeated(figure, stricter(400, accumulates=False)).at(0.95)
    plain = wilson(200, 400, 1 - 0.05 / 365)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))
    assert found.level == 0.95


def test_at_repeated_looks_the_error_rate_is_that_of_all_of_them():
    figure = SpreadFigure(0.7, 0.02, math.inf, "t")
    often = repeated(figure, stricter(400, accumulates=False))
    once = claim_of(shown(figure), Thresholds(0.8, 0.7, 0.6), SHARE)
    claim = claim_of(shown(often), Thresholds(0.8, 0.7, 0.6), SHARE)
    # Five standard errors to either bound: 365 looks have 365 times the chance to be wrong.
    assert once.status_p == pytest.approx(2 * normal_tail(5), rel=1e-6)
    assert claim.status_p == pytest.approx(365 * once.status_p, rel=1e-3)


def test_at_a_growing_window_the_interval_is_that_of_the_normal_mixture():
    figure = SpreadFigure(0.0, 1.0, math.inf, "t")
    found = repeated(figure, stricter(100, accumulates=True)).at(0.95)
    # sqrt((1 + 1/r) (ln(1 + r) - 2 ln 0.05)) at the r where that is least.
    least = min(
        math.sqrt((1 + 1 / r) * (math.log1p(r) - 2 * math.log(0.05)))
        for r in (each / 100 for each in range(100, 3000))
    )
    assert found.high == pytest.approx(least, rel=1e-4)
    assert found.high > normal_critical(0.95)


def test_an_estimate_stays_what_it_was_but_for_its_interval():
    made = Estimate(0.5, n=400, numerator=200, denominator=400, details={"a": 1})
    found = shown_with(made)
    assert (found.n, found.numerator, found.denominator, found.details) == (400, 200, 400, {"a": 1})
    assert attrs.evolve(found, n=3).figure is found.figure


def shown_with(made):
    return measured(made, ShareFigure(EffectiveShare(0.5, 400)), SHARE, "patient_id")


def test_an_absent_value_stays_absent():
    made = Estimate.absent("no_rows", "Nothing.")
    assert measured(made, IntervalReason.UNDEFINED, SHARE) is made
    assert claim_of(made, HIGHER, SHARE) == Claim()
