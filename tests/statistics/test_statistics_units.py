"""Intervals by units: what the moments say is what leaving out each bucket in turn says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from kpisdk import Interval, IntervalReason, UnitMoments
from kpisdk.contracts.unit_moments import triples
from kpisdk.statistics import (
    correlation_of,
    effective_share,
    formula_interval,
    influence_interval,
    mean_interval,
    quotient_interval,
    share_interval,
    spread_of,
    unit_degrees,
    welch_degrees,
    wilson,
)

RNG = np.random.default_rng(7)
SIZES = RNG.integers(1, 9, 60)
BUCKETS = [
    {
        "hits": int(RNG.binomial(size, RNG.beta(2, 4))),
        "rows": int(size),
        "days": float(RNG.gamma(size)),
    }
    for size in SIZES
]
CELL = UnitMoments.of(BUCKETS, skewed=triples(("rows", "days")))


def jackknife(formula) -> float:
    """The variance of a formula when one bucket at a time is left out, as textbooks have it."""
    wholes = {name: sum(row[name] for row in BUCKETS) for name in BUCKETS[0]}
    left = [formula({name: wholes[name] - row[name] for name in wholes}) for row in BUCKETS]
    b = len(BUCKETS)
    return (b - 1) / b * float(np.square(np.array(left) - np.mean(left)).sum())


FORMULAS = {
    "quotient": lambda t: t["days"] / t["rows"],
    "odds": lambda t: t["hits"] / (t["rows"] - t["hits"]),
    "product": lambda t: t["hits"] / t["rows"] * t["days"] / t["rows"],
    "logarithm": lambda t: math.log(t["hits"] / t["rows"]),
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_the_spread_of_a_formula_is_that_of_leaving_out_each_bucket(formula):
    """To the order of one over the number of buckets, which the two differ by."""
    spread = spread_of(CELL, formula)

    assert spread.variance == pytest.approx(jackknife(formula), rel=0.08)
    assert spread.degrees == 59


def test_of_a_linear_formula_the_two_are_equal():
    """A total has the variance B / (B - 1) times the squared deviations; no gradient comes in."""
    days = np.array([row["days"] for row in BUCKETS])

    spread = spread_of(CELL, lambda totals: totals["days"])

    assert spread.variance == pytest.approx(60 / 59 * np.square(days - days.mean()).sum())
    assert spread.variance == pytest.approx(60 * days.var(ddof=1))


def test_a_formula_that_rounds_its_counts_has_a_spread_all_the_same():
    """A third party writes ``int(...)``: a step as long as a bucket sees through it."""
    rough = spread_of(CELL, lambda t: int(t["hits"]) / int(t["rows"]))
    smooth = spread_of(CELL, lambda t: t["hits"] / t["rows"])

    assert rough.variance == pytest.approx(smooth.variance, rel=0.3)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        (lambda totals: totals["rows"] / totals["rows"], IntervalReason.UNDEFINED),
        (lambda _: None, IntervalReason.UNDEFINED),
        (lambda totals: totals["rows"] / 0, IntervalReason.UNDEFINED),
    ],
    ids=["constant", "absent", "division by zero"],
)
def test_a_formula_without_spread_has_no_interval_and_no_width_of_zero(formula, reason):
    """What does not move, and what has no value, says ``undefined``."""
    assert formula_interval(CELL, formula) is reason


def test_one_unit_shows_no_spread():
    """Of a single bucket every function says so."""
    alone = UnitMoments.of([{"hits": 3, "rows": 5, "days": 2.5}])

    assert spread_of(alone, FORMULAS["quotient"]) is IntervalReason.TOO_FEW_UNITS
    assert share_interval(alone, "hits", "rows") is IntervalReason.TOO_FEW_UNITS
    assert quotient_interval(alone, "days", "rows") is IntervalReason.TOO_FEW_UNITS


def test_figures_of_the_same_buckets_know_how_they_move_together():
    """The correlation of two quotients is that of their residuals over buckets."""
    days, hits, rows = (
        np.array([row[name] for row in BUCKETS]) for name in ("days", "hits", "rows")
    )
    residuals = [x - x.sum() / rows.sum() * rows for x in (days, hits)]
    expected = np.corrcoef(*residuals)[0, 1]

    found = correlation_of(CELL, FORMULAS["quotient"], lambda t: t["hits"] / t["rows"])

    assert found == pytest.approx(expected, abs=0.01)
    assert correlation_of(CELL, FORMULAS["quotient"], FORMULAS["quotient"]) == pytest.approx(1)


def test_a_unit_per_row_gives_the_row_wise_interval():
    """Wilson's of 900 in 3,000, but for what Student's t takes of so many units."""
    rows = [{"hits": int(place < 900), "rows": 1} for place in range(3_000)]
    expected = wilson(900, 3_000)

    found = share_interval(UnitMoments.of(rows), "hits", "rows")

    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-4)


def test_few_units_are_worth_less_than_their_rows():
    """9 in 30: 30 rows become 29, and those (1.96 / 2.045)**2 of them."""
    rows = [{"hits": int(place < 9), "rows": 1} for place in range(30)]
    worth = 29 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 29)) ** 2
    expected = wilson(0.3 * worth, worth)

    found = share_interval(UnitMoments.of(rows), "hits", "rows")

    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_five_equal_rows_per_unit_count_as_one():
    """Every unit is all hits or none: 60 rows are worth 11, less what t takes of 11 degrees."""
    units = [{"hits": 5 * (place < 4), "rows": 5} for place in range(12)]

    share = effective_share(UnitMoments.of(units), "hits", "rows")

    # Residuals: 4 units of 5 (2/3), 8 of 5 (1/3); v = 12/11 * 25 * (16 + 8) / 9 / 3600.
    effect = 12 / 11 * 25 * 24 / 9 / 3600 / (2 / 9 / 60)
    assert share.design_effect == pytest.approx(effect)
    assert share.n == pytest.approx(11)
    assert share.degrees == pytest.approx(11)
    worth = 11 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 11)) ** 2
    found, expected = share.interval(), wilson(worth / 3, worth)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_where_all_rows_are_alike_each_unit_counts_once():
    """9,997 copies of one figure in 4 units are 4 observations, and 0 keeps an upper limit."""
    copies = UnitMoments.of(
        [{"hits": 0, "rows": 2_500}] * 3 + [{"hits": 0, "rows": 2_497}], units=4
    )

    found = share_interval(copies, "hits", "rows")

    assert (found.low, found.high) == (0, pytest.approx(wilson(0, 4).high))


def test_no_more_units_than_rows_are_believed():
    """Units are counted over the cell; a share of five of its rows has five at most."""
    cell = UnitMoments(("hits", "rows"), 900, (5, 5), (5, 5, 5), (5, 5), units=4_000)

    assert share_interval(cell, "hits", "rows") == wilson(5, 5)


def test_a_quotient_of_counts_above_one_has_the_interval_of_a_quotient():
    """1.2 prescriptions per patient are no share."""
    cell = UnitMoments.of(
        [{"top": each % 3, "rows": 1} for each in range(7, 40)] + [{"top": 9, "rows": 1}]
    )

    found = share_interval(cell, "top", "rows")

    assert found.method == "t"
    assert found.low < 42 / 34 < found.high


def test_the_p_value_of_a_share_is_where_its_interval_ends():
    """At the confidence of one less, the limit is the bound."""
    share = effective_share(CELL, "hits", "rows")

    p = share.p_value(0.25)

    limits = share.interval(1 - p)
    assert min(abs(limits.low - 0.25), abs(limits.high - 0.25)) < 1e-9


def test_a_mean_without_cubes_has_students_interval_by_units():
    """One row per unit: SciPy's interval of the mean."""
    x = RNG.normal(10, 2, 25)
    cell = UnitMoments.of([{"total": float(each), "rows": 1} for each in x])
    expected = stats.t.interval(0.95, 24, x.mean(), x.std(ddof=1) / 5)

    found = quotient_interval(cell, "total", "rows")

    assert (found.low, found.high) == pytest.approx(expected)
    assert found.method == "t"


def test_skewness_moves_the_interval_away_from_the_short_side():
    """Hall's transformation, its cubic solved by NumPy; inwards three quarters of the move."""
    x = RNG.lognormal(0, 1, 40)
    cell = UnitMoments.of(
        [{"total": float(each), "rows": 1} for each in x], skewed=triples(("total", "rows"))
    )
    mean, error, t = x.mean(), x.std(ddof=1) / math.sqrt(40), stats.t.ppf(0.975, 39)
    # SciPy's skewness without bias divides by the deviation with divisor n.
    skewness = stats.skew(x) * 40**2 / (39 * 38) * (39 / 40) ** 1.5
    sample = skewness / math.sqrt(40)
    a = sample * (1 + 4 / 40 + sample)

    def root(y):
        # h(T) = T + a T**2 / 3 + a**2 T**3 / 27 + a / 6, which only ever rises.
        roots = np.roots([a * a / 27, a / 3, 1, a / 6 - y])
        return float(roots[np.argmin(abs(roots.imag))].real)

    found = quotient_interval(cell, "total", "rows")

    below, above = root(t), root(-t)
    assert found.high == pytest.approx(mean - error * above)
    assert found.low == pytest.approx(mean - error * (t + 0.75 * (below - t)))
    assert found.method == "hall_t"


def test_deviations_from_the_mean_give_the_same_interval_as_totals():
    """A statement sums deviations, so that large values lose no digits when they are squared."""
    days, rows = (np.array([row[name] for row in BUCKETS]) for name in ("days", "rows"))
    mean = days.sum() / rows.sum()
    deviations = [{"e": float(d - mean * n), "n": int(n)} for d, n in zip(days, rows, strict=True)]

    by_totals = quotient_interval(CELL, "days", "rows")
    by_deviations = mean_interval(
        UnitMoments.of(deviations, skewed=[("e", "e", "e")]), mean, "e", "n"
    )

    ends = (by_totals.low, by_totals.high)
    assert (by_deviations.low, by_deviations.high) == pytest.approx(ends)


@pytest.mark.parametrize("value", [5, 0.1])
def test_values_that_are_all_alike_have_no_interval(value):
    """Not one of width zero; nor one made of rounding, where the value is no sum of powers of 2."""
    cell = UnitMoments.of(
        [{"total": value * n, "rows": n} for n in (1, 2, 3, 7)], skewed=triples(("total", "rows"))
    )

    assert quotient_interval(cell, "total", "rows") is IntervalReason.UNDEFINED
    assert formula_interval(cell, lambda t: t["total"] / t["rows"]) is IntervalReason.UNDEFINED


def test_large_counts_cancel_exactly():
    """A hit in one of 1,000 buckets of a million rows: whole numbers lose nothing."""
    buckets = [{"hits": 1_000_000 - (place == 0), "rows": 1_000_000} for place in range(1_000)]

    share = effective_share(UnitMoments.of(buckets), "hits", "rows")

    # One miss among 1e9 rows: the residuals' squares are 1 - 1e-3, almost those of a row alone.
    assert share.design_effect == pytest.approx(1.0, abs=2e-3)


def test_an_interval_holds_its_value_and_keeps_within_what_is_possible():
    """Days are not negative, whatever two units say."""
    two = UnitMoments.of([{"days": 0.1, "rows": 1}, {"days": 9.9, "rows": 1}])

    found = quotient_interval(two, "days", "rows", possible=(0.0, None))

    assert (found.low, found.low <= 5 <= found.high) == (0, True)


def test_a_formula_of_positive_values_is_symmetric_on_its_logarithm():
    """And one between 0 and 1 on the logit: the limits keep within without being cut."""
    odds = formula_interval(CELL, FORMULAS["odds"], possible=(0.0, None))
    share = formula_interval(CELL, lambda t: t["hits"] / t["rows"], possible=(0.0, 1.0))
    totals = CELL.totals
    value = FORMULAS["odds"](totals)

    assert odds.high / value == pytest.approx(value / odds.low)
    # The logit of the share is the logarithm of the odds.
    assert share.high / (1 - share.high) == pytest.approx(odds.high, rel=0.02)


def test_units_of_unequal_sizes_are_worth_fewer():
    """A unit of nine rows and nine of one are 18**2 / (81 + 9) = 3.6 units."""
    cell = UnitMoments.of([{"rows": 9}] + [{"rows": 1}] * 9)

    assert unit_degrees(cell, "rows") == pytest.approx(2.6)


def test_welchs_degrees_are_those_of_the_textbook():
    """Variances 4 / 10 and 9 / 15 with 9 and 14 degrees: 1 / (0.16 / 9 + 0.36 / 14)."""
    assert welch_degrees((0.4, 9), (0.6, 14)) == pytest.approx(1 / (0.16 / 9 + 0.36 / 14))


def test_an_influence_function_gives_the_interval_of_what_it_belongs_to():
    """A share's influence is its residual: symmetric on the logit, with the spread by units."""
    p = CELL.total("hits") / CELL.total("rows")
    cell = UnitMoments.of(
        [{"z": row["hits"] - p * row["rows"], "rows": row["rows"]} for row in BUCKETS]
    )

    found = influence_interval(cell, p, "z", "rows")

    middle = (math.log(found.low / (1 - found.low)) + math.log(found.high / (1 - found.high))) / 2
    assert middle == pytest.approx(math.log(p / (1 - p)))
    assert isinstance(found, Interval)


def test_a_figure_that_is_too_large_on_average_has_an_interval_that_lies_lower():
    """Symmetric on the logit around the figure without its bias, and wide enough to hold it."""
    cell = UnitMoments.of(
        [{"z": row["hits"] - 0.4 * row["rows"], "rows": row["rows"]} for row in BUCKETS]
    )

    plain, lower, far = (influence_interval(cell, 0.4, "z", "rows", bias=b) for b in (0, 0.01, 0.9))

    assert isinstance(plain, Interval)
    assert isinstance(lower, Interval)
    assert isinstance(far, Interval)
    middle = sum(math.log(each / (1 - each)) for each in (lower.low, lower.high)) / 2
    assert middle == pytest.approx(math.log(0.39 / 0.61))
    assert (lower.low < plain.low, lower.high < plain.high) == (True, True)
    # An estimate of the bias is none to be followed below half of the figure.
    assert far.low < 0.2 < far.high
    assert far.high >= 0.4
