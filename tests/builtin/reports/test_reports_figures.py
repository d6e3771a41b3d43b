"""Numbers for people: rounded to the unit, and never across a bound."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from kpisdk.builtin.reports import figure_text as figures
from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.vocabulary import Direction, Unit


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.5234, Unit.RATIO, "0.523"),
        (1.0, Unit.RATIO, "1.000"),
        (0.0, Unit.RATIO, "0.000"),
        (-0.0, Unit.RATIO, "0.000"),
        (0.8765, Unit.SCORE, "0.876"),
        (1234567.0, Unit.COUNT, "1,234,567"),
        (12.5, Unit.COUNT, "12.50"),
        (12.34, Unit.DAYS, "12.3 days"),
        (36.0, Unit.HOURS, "36.0 hours"),
        (1.256, Unit.POINTS, "1.26 points"),
        (2.4, Unit.MULTIPLIER, "2.40x"),
        (0.98765, Unit.SLOPE, "0.988"),
        (0.1234, Unit.PSI, "0.123"),
        (-0.05, Unit.EFFECT, "-0.0500"),
    ],
)
def test_figures_by_unit(value, unit, expected):
    """Each unit has its decimals and its word; thousands are separated."""
    assert figures.figure(value, unit) == expected


def test_figures_of_every_unit():
    """No unit is forgotten."""
    assert all(figures.figure(1.0, unit) for unit in Unit)


@pytest.mark.parametrize(
    ("value", "bounds", "expected"),
    [
        (0.4996, (0.5,), "0.4996"),
        (0.50004, (0.5,), "0.50004"),
        (0.5, (0.5,), "0.500"),
        (0.4994, (0.5,), "0.499"),
        # The ends of a ratio are bounds as well: almost all is not all, hardly any is not none.
        (0.9999, (), "0.9999"),
        (0.0004, (), "0.0004"),
        (-0.0004, (), "-0.0004"),
        # Past the spare decimals the number is written out.
        (1e-12, (), "1e-12"),
        (0.5 + 1e-12, (0.5,), "0.500000000001"),
    ],
)
def test_figures_do_not_round_across_a_bound(value, bounds, expected):
    """What is shown lies on the same side of each bound as the value that was judged."""
    assert figures.figure(value, Unit.RATIO, bounds) == expected


@pytest.mark.parametrize("value", [1e15, -1e300, float("inf"), float("nan")])
def test_figures_of_huge_numbers_are_written_out(value):
    """Three hundred digits would pretend a precision that a float has not."""
    assert figures.figure(value, Unit.SCORE) == repr(value)


@given(value=st.floats(-1e6, 1e6), bound=st.floats(-1e6, 1e6), unit=st.sampled_from(Unit))
def test_figures_keep_the_order(value, bound, unit):
    """For any value and bound, the shown number compares with the bound as the value does."""
    text = figures.figure(value, unit, (bound,)).split(" ")[0].rstrip("x").replace(",", "")
    shown = float(text)

    assert (shown < bound, shown > bound, shown < 0) == (value < bound, value > bound, value < 0)


def test_figures_of_intervals():
    """Both ends in brackets, the unit once, the level only where it is unusual."""
    assert figures.span(Interval(0.4567, 0.5823), Unit.RATIO) == "[0.457, 0.582]"
    assert figures.span(Interval(1.04, 20.0, 0.9), Unit.DAYS) == "[1.0, 20.0] days at 90 %"


def test_figures_of_interval_ends_keep_their_side():
    """An interval that stops short of the target does not read as if it touched it."""
    assert figures.span(Interval(0.4, 0.49999), Unit.RATIO, (0.5,)) == "[0.400, 0.49999]"


def test_figures_of_targets():
    """A target is never rounded, and says which side of it is good."""
    assert figures.target(Thresholds(0.8555, 0.8, 0.7), Unit.RATIO) == ">= 0.8555"
    lower = Thresholds(14, 21, 28, Direction.LOWER)
    assert figures.target(lower, Unit.DAYS) == "<= 14 days"
    assert figures.target(Thresholds(12000, 2, 1), Unit.COUNT) == ">= 12,000"


def test_figures_of_changes_have_a_sign():
    """A change says whether it goes up or down; none has no sign."""
    assert figures.change(0.0214, Unit.RATIO) == "+0.021"
    assert figures.change(-3.0, Unit.DAYS) == "-3.0 days"
    assert figures.change(0.0, Unit.COUNT) == "0"
    assert figures.percent(0.042) == "+4.2 %"
    assert figures.percent(-0.00001) == "-0.001 %"


def test_figures_of_instants():
    """Instants are shown in UTC to the minute; midnight is the day alone."""
    east = timezone(timedelta(hours=2))
    assert figures.instant(datetime(2026, 3, 1, 1, 30, 59, tzinfo=east)) == "2026-02-28 23:30"
    assert figures.instant(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01"
