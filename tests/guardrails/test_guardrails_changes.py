"""Changes of a KPI, their intervals, and the verdict on a pair of them."""

from __future__ import annotations

import math
import random
import statistics

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Direction, Unit
from kpisdk.guardrails import Movement, Verdict, change, in_order, judged, rest_of, reversal
from kpisdk.statistics.intervals import mean_t, wilson


def a_result(
    value: float | None, n: int | None, interval: Interval | None = None, **facts
) -> Result:
    return Result(
        kpi_id="A-1",
        name="A",
        workstream="w",
        unit=Unit.RATIO,
        value=value,
        n=n,
        interval=interval,
        **facts,
    )


def share(hits: int, of: int) -> Result:
    """A share of counts with its Wilson interval."""
    interval = wilson(hits, of)
    return a_result(hits / of, of, interval, numerator=float(hits), denominator=float(of))


def mean_of(values: list[float]) -> Result:
    """A mean with its t interval."""
    spread = statistics.variance(values) if len(values) > 1 else None
    average = statistics.fmean(values)
    interval = mean_t(average, spread, len(values))
    return a_result(
        average, len(values), interval, numerator=sum(values), denominator=float(len(values))
    )


def test_two_shares_get_newcombe_s_interval():
    """56 of 70 against 48 of 80: 0.0524 to 0.3339, the worked example of Newcombe (1998)."""
    made = change(share(48, 80), share(56, 70), Direction.HIGHER)

    assert pytest.approx(0.2) == made.value
    assert made.interval is not None
    assert (round(made.interval.low, 4), round(made.interval.high, 4)) == (0.0524, 0.3339)
    assert (made.interval.method, made.interval.level) == ("newcombe", 0.95)


@pytest.mark.parametrize(
    ("before", "after"), [((0, 10), (10, 10)), ((3, 50), (40, 41)), ((7, 9), (0, 30))]
)
def test_newcombe_agrees_with_statsmodels(before, after):
    """An independent implementation gives the same bounds, also at shares of 0 and 1."""
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    expected = proportion.confint_proportions_2indep(
        *after, *before, method="newcomb", compare="diff"
    )

    made = change(share(*before), share(*after), Direction.HIGHER).interval

    assert made is not None
    assert pytest.approx(expected, abs=1e-9) == (made.low, made.high)


def test_other_values_square_and_add_their_own_intervals():
    """Means of 1 +- 0.3 and 2 +- 0.4 differ by 1 +- 0.5."""
    before = a_result(1.0, 50, Interval(0.7, 1.3, 0.95, "t"))
    after = a_result(2.0, 50, Interval(1.6, 2.4, 0.95, "t"))

    made = change(before, after, Direction.LOWER)

    assert Interval(0.5, 1.5, 0.95, "mover") == attrs.evolve(
        made.interval, low=round(made.interval.low, 12), high=round(made.interval.high, 12)
    )
    assert (made.gain, made.movement) == (-1.0, Movement.WORSE)


def test_the_interval_of_a_difference_of_means_covers():
    """Of 400 pairs of skewed samples of 60, about 95 in 100 intervals hold the true difference."""
    draw = random.Random(5)
    hits = 0
    for _ in range(400):
        before = mean_of([draw.expovariate(1.0) for _ in range(60)])
        after = mean_of([draw.expovariate(0.5) for _ in range(60)])
        made = change(before, after, Direction.HIGHER).interval
        hits += made is not None and made.low <= 1.0 <= made.high

    assert 0.91 * 400 <= hits <= 0.99 * 400


def test_without_a_value_or_an_interval_there_is_no_movement():
    """And the change says what is missing, on which side."""
    known, bare = share(5, 40), a_result(0.5, 40)
    absent = a_result(None, 0, message="Table 't' holds no rows.")
    for baseline, current, why in (
        (None, known, "the baseline has no value: there are no rows"),
        (known, absent, "the current has no value: Table 't' holds no rows."),
        (bare, known, "the baseline has no interval"),
        (known, bare, "the current has no interval"),
    ):
        made = change(baseline, current, Direction.HIGHER)
        assert (Movement.UNKNOWN, why) == (made.movement, made.why)
        assert made.interval is None


def test_a_few_equal_units_prove_nothing():
    """Three users without a ticket have a t interval of no width, which is not certainty."""
    made = change(mean_of([0.0] * 3), mean_of([1.0, 2.0, 3.0, 2.0]), Direction.LOWER)

    assert (made.value, made.interval, made.movement) == (2.0, None, Movement.UNKNOWN)


def test_an_effect_without_a_direction_has_no_gain():
    """It is read in its context and never judged."""
    made = change(share(10, 100), share(90, 100), Direction.CONTEXT)

    assert (made.gain, made.movement) == (None, Movement.UNKNOWN)
    assert Verdict.UNDECIDED is judged(made, made)[0]


BETTER, WORSE = (share(20, 100), share(60, 100)), (share(60, 100), share(20, 100))
SAME, SAME_FEW = (share(50, 100), share(51, 100)), (share(5, 10), share(6, 10))


@pytest.mark.parametrize(
    ("principal", "guardrail", "verdict"),
    [
        (BETTER, BETTER, Verdict.SAFE),
        (BETTER, SAME, Verdict.SAFE),
        (BETTER, WORSE, Verdict.SUSPICIOUS),
        (BETTER, SAME_FEW, Verdict.UNDECIDED),
        (BETTER, (None, share(1, 2)), Verdict.UNDECIDED),
        (WORSE, BETTER, Verdict.NOT_IMPROVED),
        (SAME, WORSE, Verdict.NOT_IMPROVED),
        (SAME_FEW, WORSE, Verdict.UNDECIDED),
        ((share(1, 2), None), WORSE, Verdict.UNDECIDED),
    ],
)
def test_the_verdict_on_each_pair_of_movements(principal, guardrail, verdict):
    """Intervals decide where they can, and thirty units on both sides where they cannot."""
    made = judged(change(*principal, Direction.HIGHER), change(*guardrail, Direction.HIGHER))

    assert verdict is made[0]
    assert made[1]


def test_ten_of_ten_against_none_of_ten_is_decided():
    """Few units are too few only where the interval leaves the question open."""
    made = judged(
        change(share(0, 10), share(10, 10), Direction.HIGHER),
        change(share(0, 10), share(10, 10), Direction.LOWER),
    )

    assert Verdict.SUSPICIOUS is made[0]


def test_a_whole_that_improves_while_its_segments_get_worse():
    """Kidney stones (Charig et al., 1986): 273 of 350, then 289, and the opposite inside."""
    whole = change(share(273, 350), share(289, 350), Direction.HIGHER)
    small = change(share(81, 87), share(234, 270), Direction.HIGHER)
    large = change(share(192, 263), share(55, 80), Direction.HIGHER)

    found = reversal("A-1", whole, "stone", {"small": small, "large": large})

    assert found is not None
    assert (found.worse, found.segments) == (("small", "large"), 2)
    assert (
        "A-1 improves on the whole and gets worse in 2 of 2 segments by stone (small, large)"
        in (found.message)
    )


def test_no_reversal_without_a_majority_or_without_a_gain():
    """Half of the segments is not most of them, one is no mix, and a loss is no paradox."""
    up = change(share(10, 100), share(20, 100), Direction.HIGHER)
    down = change(share(20, 100), share(10, 100), Direction.HIGHER)
    unknown = change(None, share(1, 2), Direction.HIGHER)

    assert reversal("A", up, "c", {1: up, 2: down}) is None
    assert reversal("A", up, "c", {1: down, 2: unknown}) is None
    assert reversal("A", down, "c", {1: down, 2: down}) is None
    assert reversal("A", unknown, "c", {1: down, 2: down}) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2026-W10", "2026-W9", None], ["2026-W9", "2026-W10"]),
        (["promo 10", "promo 2"], ["promo 2", "promo 10"]),
        (["2025-12-31", "2026-01-01"], ["2025-12-31", "2026-01-01"]),
        ([3, 1.5, 2], [1.5, 2, 3]),
        ([], []),
        (["-1", "-3", "+2"], ["-3", "-1", "+2"]),
        (["v1.10", "v1.9"], ["v1.9", "v1.10"]),
        (["18-25", "9-17"], ["9-17", "18-25"]),
        (["2025/2", "2024/11"], ["2024/11", "2025/2"]),
        (["0.5", "0.25", "1.0"], None),
        (["0,5", "0,25"], None),
        (["dose 0.5", "dose 0.25"], None),
        (["shift -1", "shift -2"], None),
        (["15/12/2024", "01/02/2025"], None),
        (["15/12/24", "01/02/25"], None),
        (["15-12-24", "01-02-25"], None),
        (["12-2024", "01-2025"], None),
        (["Q4 2025", "Q1 2026"], None),
        (["Togo", "Benin"], None),
        (["Togo"], None),
        (["W1", "week 2"], None),
        ([True, False], None),
    ],
)
def test_which_groups_follow_one_another(values, expected):
    """Names that differ in their numbers only do, by those, unless they could be read otherwise."""
    assert expected == in_order(values)


@pytest.mark.parametrize("lead", ["", "run "])
def test_names_with_thousands_of_digits_follow_one_another(lead):
    """More digits than an int is read from are a number all the same."""
    names = [f"{lead}{'9' * 5000}", f"{lead}{'1' * 5000}", f"{lead}7"]

    assert in_order(names) == names[::-1]


def test_the_rest_of_a_share_is_counted_out():
    """30 of 100 without 20 of 40 is 10 of 60."""
    assert share(10, 60) == rest_of(share(30, 100), share(20, 40))


def test_the_rest_of_a_mean_is_that_of_the_other_values():
    """Mean, interval and counts, although only results and no values were known."""
    draw = random.Random(3)
    part = [draw.gauss(5, 2) for _ in range(17)]
    others = [draw.gauss(1, 1) for _ in range(40)]

    found, expected = rest_of(mean_of(part + others), mean_of(part)), mean_of(others)

    assert found is not None
    assert pytest.approx(expected.value) == found.value
    assert (expected.n, expected.denominator) == (found.n, found.denominator)
    assert pytest.approx((expected.interval.low, expected.interval.high)) == (
        found.interval.low,
        found.interval.high,
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=40),
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=40),
    st.sampled_from([0.0, 1.0, -7.5, 1e3, 1e5, -1e6, 1e9, 1e12, 1e15]),
    st.sampled_from([1.0, 1e-3, 1e-6, 1e4]),
)
def test_the_rest_of_a_mean_does_not_depend_on_zero_point_and_unit(part, others, shift, scale):
    """A mean of 100,000 with a deviation of 1: the interval is right, or none is made up."""
    mine, theirs = ([shift + scale * each for each in values] for values in (part, others))

    found, expected = rest_of(mean_of(mine + theirs), mean_of(mine)), mean_of(theirs)

    if abs(shift) <= 1e5 and scale >= 1e-3 and len(set(theirs)) > 1:
        assert found is not None
    if found is None:
        return
    assert found.n == expected.n
    half = (expected.interval.high - expected.interval.low) / 2
    ours = (found.interval.high - found.interval.low) / 2
    spread = statistics.pstdev(mine + theirs)
    assert ours == pytest.approx(half, rel=0.01, abs=1e-4 * spread)
    assert found.value == pytest.approx(expected.value, abs=0.02 * spread + 1e-9 * abs(shift))


def test_a_large_mean_with_a_small_spread_keeps_its_width():
    """Sums of squares of 100,000 and a bit lose the bit: the interval was of width zero."""
    part = [100_000 + (i % 7 - 3) * 0.5 for i in range(60)]
    others = [100_000 + (i % 5 - 2) * 0.7 for i in range(45)]

    found, expected = rest_of(mean_of(part + others), mean_of(part)), mean_of(others)

    assert found.interval.high - found.interval.low == pytest.approx(
        expected.interval.high - expected.interval.low, rel=1e-6
    )


def test_the_rest_of_one_unit_and_of_all():
    """A part of one has no interval but a square; a part that is all leaves nothing."""
    found = rest_of(mean_of([1.0, 2.0, 4.0]), mean_of([4.0]))
    nothing = rest_of(share(3, 9), share(3, 9))

    assert found is not None
    assert pytest.approx(1.5) == found.value
    assert math.isclose(found.interval.high, mean_of([1.0, 2.0]).interval.high)
    assert (nothing.value, nothing.n) == (None, 0)


def test_the_rest_of_equal_values_has_no_spread():
    """What is left of large sums that cancel is rounding and must not pass for a variance."""
    found = rest_of(mean_of([0.7, 0.7, 0.7, 2.0, 3.0]), mean_of([2.0, 3.0]))

    assert found.interval.low == found.interval.high


def test_a_median_cannot_be_taken_apart():
    """Its rest has to be asked of the source."""
    median = a_result(3.0, 9, Interval(1.0, 5.0, 0.95, "order_statistic"))

    assert rest_of(median, median) is None
