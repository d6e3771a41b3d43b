"""Which intervals a request gets, by units, by rows or none, and what is said of them."""

from __future__ import annotations

import datetime as dt
import math

import attrs
import pytest

from kpisdk import (
    CENSUS,
    STORED,
    IntervalReason,
    Median,
    Ratio,
    Simple,
    Unit,
    ValueRange,
    count,
    sample,
    total,
)
from kpisdk.statistics import student_t_critical, wilson


@pytest.fixture
def share(make, visits):
    """``share(sampling)``: the share of paid visits, as a sample of something."""
    calculation = Ratio(count(visits, visits["done"].is_true()), count(visits))

    def kpi(sampling=None, **facts):
        declared = {} if sampling is None else {"sampling": sampling}
        return make(calculation, unit=Unit.RATIO, **declared, **facts)

    return kpi


def visits_of(people, rows=5):
    """Visits of people who always pay, or never do."""
    return [
        {"visit_id": f"{person}-{row}", "person": f"p{person}", "done": person % 2 == 0}
        for person in range(people)
        for row in range(rows)
    ]


def test_rows_that_are_alike_within_a_unit_count_as_one_answer_each(answer, share):
    """40 people of 5 equal visits are 40 answers, worth 40 (1.96 / t(39))^2 of Wilson's rows.

    1,000 buckets hold 40 people nearly one each; two in one bucket move the ends by little.
    """
    rows = 40 * (1.959964 / student_t_critical(0.95, 39)) ** 2
    expected = wilson(rows / 2, rows)

    result = answer(visits_of(40), share(sample("person")))

    assert result.interval.unit == "person"
    assert result.interval.low == pytest.approx(expected.low, abs=0.02)
    assert result.interval.high == pytest.approx(expected.high, abs=0.02)


def test_rows_count_where_the_request_wants_it_so(answer, share):
    """200 rows of which half are paid: Wilson's interval, whoever they belong to."""
    result = answer(visits_of(40), share(sample("person")), intervals="row")

    assert result.interval == wilson(100, 200)
    assert result.warnings == ()


@pytest.mark.parametrize(
    ("sampling", "asked", "reason"),
    [
        (sample("person"), "none", IntervalReason.NOT_ASKED),
        (CENSUS, "unit", IntervalReason.CENSUS),
        (STORED, "unit", IntervalReason.STORED),
        (CENSUS, "none", IntervalReason.CENSUS),
    ],
)
def test_a_value_without_an_interval_says_why(answer, share, sampling, asked, reason):
    """The value itself is the same."""
    result = answer(visits_of(40), share(sampling), intervals=asked)

    assert (result.value, result.interval, result.interval_reason) == (0.5, None, reason)


def test_one_unit_alone_shows_no_spread(answer, share):
    """However many rows it has."""
    result = answer(visits_of(1, rows=50), share(sample("person")))

    assert result.interval_reason is IntervalReason.TOO_FEW_UNITS


def test_rows_without_a_unit_are_units_of_their_own_and_counted(answer, share):
    """30 rows of nobody, half of them paid, are worth 30 answers."""
    rows = [{"visit_id": f"v{place}", "done": place % 2 == 0} for place in range(30)]
    result = answer(rows, share(sample("person")))

    (note,) = [each for each in result.warnings if each.code == "rows_without_unit"]
    assert note.message == "30 row(s) have no person: each is a unit of its own."
    wide = wilson(15, 30)
    assert result.interval.high - result.interval.low == pytest.approx(
        wide.high - wide.low, rel=0.1
    )


def test_a_source_without_the_units_counts_rows_and_warns(opened, table, share):
    """The interval may be too narrow; the note says what to do."""
    frame = table(*visits_of(40)).drop(columns="person")
    (result,) = opened({"core_visits": frame}, share(sample("person"))).compute("CORE-T-001")

    assert result.interval == wilson(100, 200)
    (note,) = [each for each in result.warnings if each.code == "unit_unknown"]
    assert "'core_visits' has no column 'person'" in note.message
    assert "name another unit in the settings" in note.message


def test_a_median_that_many_rows_share_lies_between_its_neighbours(answer, make, visits):
    """Of 98 twos, a one and a three both ranks are a two: an interval of no width is none."""
    amounts = [1.0, *[2.0] * 98, 3.0]
    rows = [
        {"visit_id": f"v{place}", "person": f"p{place}", "amount": amount}
        for place, amount in enumerate(amounts)
    ]
    kpi = make(Median(visits, visits["amount"]), unit=Unit.POINTS, sampling=sample("person"))

    result = answer(rows, kpi)

    assert (result.value, result.interval.low, result.interval.high) == (2.0, 1.0, 3.0)


def test_a_median_that_is_the_least_value_is_its_own_lower_limit(answer, make, visits):
    """Of 80 zeros and 20 ones nothing lies below the median; above it the ones begin."""
    rows = [
        {"visit_id": f"v{each}", "person": f"p{each}", "amount": 0.0 if each < 80 else 1.0}
        for each in range(100)
    ]
    kpi = make(Median(visits, visits["amount"]), unit=Unit.POINTS, sampling=sample("person"))

    result = answer(rows, kpi)

    assert (result.value, result.interval.low, result.interval.high) == (0.0, 0.0, 1.0)


def test_a_median_of_equal_values_has_no_interval(answer, make, visits):
    """There is no value beside it."""
    rows = [{"visit_id": f"v{each}", "person": f"p{each}", "amount": 2.0} for each in range(50)]
    kpi = make(Median(visits, visits["amount"]), unit=Unit.POINTS, sampling=sample("person"))

    assert answer(rows, kpi).interval_reason is IntervalReason.UNDEFINED


def test_a_total_by_units_is_as_wide_as_their_sums_make_it(answer, make, visits):
    """The sum of 50 people's amounts 0 and 2: t(49) times the root of 50 times their variance.

    The number of people is chance as well, but 950 empty buckets change that by a fortieth only.
    """
    rows = [
        {"visit_id": f"v{each}", "person": f"p{each}", "amount": 2.0 * (each % 2)}
        for each in range(50)
    ]
    kpi = make(
        Simple(total(visits, visits["amount"])),
        unit=Unit.POINTS,
        sampling=sample("person"),
        value_range=ValueRange(0),
    )

    result = answer(rows, kpi)

    squares = math.fsum(row["amount"] ** 2 for row in rows)
    assert result.value == 50.0
    half = (result.interval.high - result.interval.low) / 2
    assert half == pytest.approx(2.0 * math.sqrt(squares), rel=0.15)


def test_the_same_people_in_both_windows_are_pairs(opened, table, share):
    """40 people answer in June as in May, but for two of them, who change their minds for good.

    The change is 2 of 40. Its standard error by pairs is sqrt(2 / 40 * 38 / 40 / 39) = 0.035, and
    by rows sqrt(2 * 0.25 / 40) = 0.11.
    """
    rows = [
        {**row, "visit_id": f"{month}-{row['visit_id']}", "at": dt.datetime(2025, month, 10)}
        for month in (5, 6)
        for row in visits_of(40, rows=1)
    ]
    for row in rows:
        if row["visit_id"] in ("6-1-0", "6-3-0"):
            row["done"] = True
    asked = {"window": "2025-06", "as_of": "2025-07-01", "compare": "previous"}
    widths = {}
    for name, kpi in (("units", share(sample("person"))), ("rows", share(sample()))):
        (result,) = opened({"core_visits": table(*rows)}, kpi).compute("CORE-T-001", **asked)
        found = result.comparison
        assert found.change == pytest.approx(0.05)
        widths[name] = found.interval.high - found.interval.low

    assert widths["rows"] == pytest.approx(0.42, abs=0.03)
    assert widths["units"] == pytest.approx(2 * 1.96 * 0.035, rel=0.25)


def test_looking_again_and_again_needs_wider_intervals(answer, share):
    """One year of looks at windows that move along: each at 1 - 0.05 / 365."""
    kpi = share(sample())
    once, often = (answer(visits_of(40), kpi, repeated=each) for each in (False, True))

    assert once.value == often.value
    assert often.interval == attrs.evolve(
        wilson(100, 200, 1 - 0.05 / 365), level=often.interval.level
    )
    assert often.interval.low < once.interval.low
