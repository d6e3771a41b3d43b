"""Changes of a KPI, their intervals, and the verdict on a pair of them."""

from __future__ import annotations

import random
import statistics

import attrs
import pytest

from kpisdk.cli.commands.guardrails import change_words, relative_words
from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.governance import Guardrail
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Direction, IntervalReason, Unit
from kpisdk.errors import DefinitionError
from kpisdk.guardrails import Movement, Verdict, change, in_order, judged, worse_segments
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


def test_equal_units_prove_nothing():
    """Three users without a ticket have a t interval of no width, which is not certainty."""
    made = change(mean_of([0.0] * 3), mean_of([1.0, 2.0, 3.0, 2.0]), Direction.LOWER)

    assert (made.value, made.interval, made.movement) == (2.0, None, Movement.UNKNOWN)
    assert made.why == (
        "the baseline has no interval: its units are all alike, or none is known for it"
    )


def test_a_result_without_an_interval_says_why():
    """The reason of the result is the reason of the change."""
    stored = a_result(0.4, None, interval_reason=IntervalReason.STORED)

    made = change(stored, share(50, 100), Direction.HIGHER)

    assert made.why == (
        "the baseline was computed elsewhere, and how uncertain it is was not stored"
    )


def test_figures_that_are_exact_have_an_exact_change():
    """All rows that there are: from 0.8 to 0.9 is an eighth more, and nothing is uncertain."""
    before, after = (
        a_result(value, 100, interval_reason=IntervalReason.CENSUS) for value in (0.8, 0.9)
    )

    made = change(before, after, Direction.HIGHER)

    assert (made.value, made.relative) == pytest.approx((0.1, 0.125))
    assert (made.interval, made.relative_interval, made.is_exact) == (None, None, True)
    assert made.to_dict()["exact"] is True
    assert made.movement is Movement.BETTER
    assert change_words(made) == "+0.1 (exact)"
    assert relative_words(made) == "+0.125 (exact)"


def test_a_relative_change_is_measured_by_the_size_of_the_baseline():
    """From -2 to -1 is half of 2 more; limits by Fieller's equation on the distances.

    With 1 +- 0.1 over 2 +- 0.2 the quotient r solves (1 - 2 r)**2 = 0.01 + 0.04 r**2, which is
    0.43380 and 0.57630; the relative change of the mirrored figures is 1 - r.
    """
    before = a_result(-2.0, 50, Interval(-2.2, -1.8, 0.95, "t"))
    after = a_result(-1.0, 50, Interval(-1.1, -0.9, 0.95, "t"))

    made = change(before, after, Direction.HIGHER)

    assert made.relative == 0.5
    assert (made.relative_interval.low, made.relative_interval.high) == pytest.approx(
        (1 - 0.576297, 1 - 0.433804), abs=1e-6
    )


def test_a_baseline_that_may_be_zero_has_no_relative_interval():
    """None of ten: the interval of the baseline begins at 0."""
    made = change(share(0, 10), share(10, 10), Direction.HIGHER)

    assert (made.relative, made.relative_interval) == (None, None)
    assert made.interval is not None
    assert made.relative_why == "the baseline may be 0, and nothing is relative to that"


def test_a_change_that_is_refused_has_no_value():
    """As a comparison of periods gives none."""
    made = change(share(1, 10), share(9, 10), Direction.HIGHER, "this period is still running")

    assert (made.value, made.why) == (None, "this period is still running")


def test_an_effect_without_a_direction_has_no_gain():
    """It is read in its context and never judged."""
    made = change(share(10, 100), share(90, 100), Direction.CONTEXT)
    better = change(share(10, 100), share(90, 100), Direction.HIGHER)

    assert (made.gain, made.movement) == (None, Movement.UNKNOWN)
    assert judged(made, better, 0.1) == (
        Verdict.UNDECIDED,
        "the principal has no direction to improve in",
    )
    assert judged(better, made, 0.1) == (
        Verdict.HARM_NOT_RULED_OUT,
        "the guardrail has no direction to improve in",
    )


def a_figure(value: float, reach: float) -> Result:
    """A mean with its interval, as far to either side as ``reach``."""
    return a_result(value, 500, Interval(value - reach, value + reach, 0.95, "t"))


BETTER = (a_figure(10, 0.3), a_figure(12, 0.4))
"""A principal that gains 2 +- 0.5 (a triangle of 3, 4 and 5)."""
OPEN = (a_figure(10, 0.3), a_figure(10.4, 0.4))
"""One that gains 0.4 +- 0.5."""
WORSE = (a_figure(12, 0.3), a_figure(10, 0.4))


@pytest.mark.parametrize(
    ("principal", "guardrail", "margin", "verdict", "why"),
    [
        # (101 - 100 r)**2 = 3**2 + (3 r)**2 has the larger solution 1.0536
        (BETTER, (a_figure(100, 3), a_figure(101, 3)), 0.1, Verdict.SAFE, "at most 5.4% worse"),
        (BETTER, (a_figure(100, 3), a_figure(101, 3)), 0.02, Verdict.HARM_NOT_RULED_OUT,
         "may be 5.4% worse (margin 2%)"),
        (BETTER, (a_figure(100, 3), a_figure(120, 3)), 0.1, Verdict.HARMFUL, "got worse"),
        # worse for certain, by a tenth at most: that much is tolerated
        (BETTER, (a_figure(100, 1), a_figure(105, 1)), 0.1, Verdict.SAFE, "(margin 10%)"),
        (BETTER, (a_figure(100, 3), a_figure(80, 3)), 0.1, Verdict.SAFE, "both improved"),
        (WORSE, (a_figure(100, 3), a_figure(80, 3)), 0.1, Verdict.NOT_IMPROVED, "got worse"),
        (OPEN, (a_figure(100, 3), a_figure(80, 3)), 0.1, Verdict.UNDECIDED, "is open"),
        (BETTER, (None, a_figure(1, 0.1)), 0.1, Verdict.HARM_NOT_RULED_OUT,
         "guardrail: the baseline has no value: there are no rows"),
        ((a_figure(1, 0.1), None), BETTER, 0.1, Verdict.UNDECIDED,
         "principal: the current has no value: there are no rows"),
        # a baseline that may be 0: no margin, and harm only where the absolute change shows it
        (BETTER, (a_figure(1, 2), a_figure(1, 2)), 0.1, Verdict.HARM_NOT_RULED_OUT,
         "guardrail: the baseline may be 0, and nothing is relative to that"),
        (BETTER, (a_figure(1, 2), a_figure(9, 2)), 0.1, Verdict.HARMFUL, "got worse"),
        (BETTER, (a_figure(1, 2), a_figure(-9, 2)), 0.1, Verdict.SAFE, "both improved"),
    ],
)  # fmt: skip
def test_the_verdict_on_each_pair_of_changes(principal, guardrail, margin, verdict, why):
    """The principal gets better upwards, the guardrail downwards."""
    made = judged(change(*principal, Direction.HIGHER), change(*guardrail, Direction.LOWER), margin)

    assert made[0] is verdict
    assert why in made[1]


def test_exact_figures_without_a_change_did_not_improve():
    """And there is nothing open about it."""
    exact = a_result(0.8, 100, interval_reason=IntervalReason.CENSUS)
    same = change(exact, exact, Direction.HIGHER)

    assert judged(same, same, 0.1) == (Verdict.NOT_IMPROVED, "the principal did not change")


@pytest.mark.parametrize("margin", [-0.1, float("nan"), float("inf"), True, "0.1"])
def test_a_margin_is_a_number_of_zero_or_more(margin):
    """Anything else is refused where the record is made."""
    with pytest.raises(DefinitionError, match="margin"):
        Guardrail("A-1", margin=margin)


def test_a_whole_that_improves_while_its_segments_get_worse():
    """Kidney stones (Charig et al., 1986): 273 of 350, then 289, and the opposite inside."""
    whole = change(share(273, 350), share(289, 350), Direction.HIGHER)
    small = change(share(81, 87), share(234, 270), Direction.HIGHER)
    large = change(share(192, 263), share(55, 80), Direction.HIGHER)

    assert worse_segments(whole, {"small": small, "large": large}) == ("small", "large")


def test_no_reversal_without_a_majority_or_without_a_gain():
    """Half of the segments is not most of them, one is no mix, and a loss is no paradox."""
    up = change(share(10, 100), share(20, 100), Direction.HIGHER)
    down = change(share(20, 100), share(10, 100), Direction.HIGHER)
    unknown = change(None, share(1, 2), Direction.HIGHER)

    assert worse_segments(up, {1: up, 2: down}) == ()
    assert worse_segments(up, {1: down, 2: unknown}) == ()
    assert worse_segments(down, {1: down, 2: down}) == ()
    assert worse_segments(unknown, {1: down, 2: down}) == ()


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
