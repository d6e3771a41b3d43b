"""The interval of a change: pairs of units count as pairs, and what is not known counts fully."""

from __future__ import annotations

import math
import random
import statistics
from datetime import UTC, datetime

import pytest

from kpisdk import (
    Column,
    Dataset,
    Interval,
    IntervalReason,
    Mean,
    Median,
    Ratio,
    ValueRange,
    Window,
    count,
    sample,
    sample_by_day,
)
from kpisdk.contracts.results import Comparison
from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.engine.intervals.change_intervals import compared, joint_reader, paired, unpaired
from kpisdk.engine.intervals.metric_intervals import MetricIntervals
from kpisdk.statistics import Side

VISITS = Dataset(
    "visits",
    (Column("patient", "text"), Column("days", "float"), Column("kept", "bool")),
)
SHARE = ValueRange(0, 1)
KEPT = Ratio(count(VISITS, VISITS["kept"].is_true()), count(VISITS))
FEBRUARY = Window(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
JANUARY = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
NOW = {"numerator": "m0", "denominator": "m1"}
BEFORE = {"numerator": "m2", "denominator": "m3"}


def units(correlated):
    """The buckets of 200 patients with 4 visits in each of two months."""
    chance = random.Random(3)
    found = []
    for _ in range(200):
        own, other = chance.random(), chance.random()
        later = sum(chance.random() < own for _ in range(4))
        earlier = sum(chance.random() < (own if correlated else other) for _ in range(4))
        found.append({"m0": later, "m1": 4, "m2": earlier, "m3": 4})
    return found


def correlation(buckets):
    intervals = MetricIntervals.of(KEPT, KEPT.measures(), SHARE, sample("patient"))
    reader = joint_reader(NOW, BEFORE, KEPT.measures())
    influence = intervals.influence({"numerator": 1.0, "denominator": 4.0})
    return paired(reader.read([UnitMoments.of(buckets)]), influence, influence)


@pytest.mark.parametrize("correlated", [True, False])
def test_values_of_the_same_patients_go_together_as_their_units_do(correlated):
    buckets = units(correlated)
    expected = statistics.correlation(
        [each["m0"] for each in buckets], [each["m2"] for each in buckets]
    )
    assert correlation(buckets) == pytest.approx(expected, abs=1e-6)
    assert (expected > 0.3) is correlated


def test_a_mean_and_a_median_go_together_by_their_parts():
    for metric, name, parts in (
        (Mean(VISITS, VISITS["days"]), "mean", ("_n", "_e")),
        (Median(VISITS, VISITS["days"]), "median", ("_n", "_below")),
    ):
        buckets = [
            {"m0" + parts[0]: 4, "m0" + parts[1]: place % 3, "m1" + parts[0]: 4}
            | {"m1" + parts[1]: 2 - place % 3}
            for place in range(90)
        ]
        intervals = MetricIntervals.of(metric, metric.measures(), ValueRange(), sample("patient"))
        reader = joint_reader({name: "m0"}, {name: "m1"}, metric.measures())
        influence = intervals.influence({name: 3.0, "n": 360.0})
        found = paired(reader.read([UnitMoments.of(buckets)]), influence, influence)
        assert found == pytest.approx(-1.0)


def test_of_two_statements_the_correlation_is_not_known():
    moments = (UnitMoments.of([{"a:": 1}]), UnitMoments.of([{"b:": 1}]))
    assert paired(moments, lambda _: 1.0, lambda _: 1.0) is None
    assert paired(IntervalReason.UNDEFINED, lambda _: 1.0, lambda _: 1.0) is None


@pytest.mark.parametrize(
    ("sampling", "unit", "windows", "wanted"),
    [
        (sample("patient"), "patient", (FEBRUARY, JANUARY), -1.0),
        (sample("patient"), "row", (FEBRUARY, JANUARY), 0.0),
        (sample_by_day("at"), "day of at", (FEBRUARY, JANUARY), 0.0),
        (sample(), "row", (FEBRUARY, FEBRUARY), -1.0),
        (sample(), "row", (FEBRUARY, None), -1.0),
    ],
    ids=["patients", "rows", "days", "overlapping", "unknown"],
)
def test_what_was_not_read_is_taken_at_its_worst_unless_no_unit_can_be_in_both(
    sampling, unit, windows, wanted
):
    assert unpaired(sampling, unit, *windows) == wanted


def change(now, before):
    return Comparison("previous", JANUARY, before, now - before, None)


def side(value, half):
    return Side(value, Interval(value - half, value + half, method="t", unit="patient"))


@pytest.mark.parametrize(
    ("correlation", "half"),
    [(0.0, 0.05), (-1.0, 0.07), (0.5, math.sqrt(0.0025 - 0.0012))],
    ids=["apart", "at worst", "together"],
)
def test_a_change_is_as_certain_as_its_sides_are_together(correlation, half):
    found = compared(change(0.6, 0.5), side(0.6, 0.04), side(0.5, 0.03), correlation, SHARE)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.1 - half, 0.1 + half))
    assert found.interval.unit == "patient"
    assert found.decided is True


def test_a_change_whose_interval_holds_zero_is_not_decided():
    found = compared(change(0.52, 0.5), side(0.52, 0.04), side(0.5, 0.03), 0.0, SHARE)
    assert found.decided is False


def test_a_change_of_shares_stays_between_minus_one_and_one():
    found = compared(change(1.0, 0.0), side(1.0, 0.2), side(0.0, 0.2), 0.0, SHARE)
    assert found.interval.high == 1.0


@pytest.mark.parametrize(
    ("reason", "decided"),
    [
        (IntervalReason.CENSUS, True),
        (IntervalReason.STORED, None),
        (IntervalReason.TOO_FEW_UNITS, None),
    ],
)
def test_a_change_of_values_without_intervals_says_why_it_has_none(reason, decided):
    found = compared(change(0.6, 0.5), reason, reason, 0.0, SHARE)
    assert (found.interval, found.interval_reason, found.decided) == (None, reason, decided)


def test_where_there_is_no_change_there_is_nothing_to_decide():
    none = Comparison("previous", JANUARY, 0.5, None, None)
    assert compared(none, side(0.6, 0.1), side(0.5, 0.1), 0.0, SHARE) == none
