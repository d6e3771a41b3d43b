"""Drawings of pages: every shape lies where its numbers say, and nothing is drawn for a gap."""

import itertools

import pytest

from kpisdk.builtin.pages.axes import Axis
from kpisdk.builtin.pages.scale_drawing import scale_of
from kpisdk.builtin.pages.trend_drawing import Box, drawing_of
from kpisdk.builtin.pages.trend_points import Trend
from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.vocabulary import Direction, Reason, Status

PLAIN = Box(100, 100, left=0, right=0, top=0, bottom=0)


def stretches(drawing):
    """Zones as (status, from, to)."""
    return [(z.status, z.start, round(z.start + z.length, 1)) for z in drawing.zones]


def test_scale_of_higher_is_better(make):
    """Zones change at critical and target. Drawn: 0 to 1 with a margin of 0.08, 160 wide."""
    result = make(
        value=0.5,
        status=Status.WARNING,
        interval=Interval(0.0, 1.0),
        thresholds=Thresholds(0.8, 0.5, 0.2),
    )
    drawing = scale_of(result)

    # x = (value + 0.08) / 1.16 * 160
    assert stretches(drawing) == [
        ("critical", 0.0, 38.6),
        ("warning", 38.6, 121.4),
        ("good", 121.4, 160.0),
    ]
    assert (drawing.low, drawing.value, drawing.high) == (11.0, 80.0, 149.0)


def test_scale_of_lower_is_better(make):
    """Zones change at target and warning, the rule's own bounds."""
    result = make(
        value=0.5,
        status=Status.WARNING,
        interval=Interval(0.0, 1.0),
        thresholds=Thresholds(0.2, 0.8, 0.9, Direction.LOWER),
    )

    assert stretches(scale_of(result)) == [
        ("good", 0.0, 38.6),
        ("warning", 38.6, 121.4),
        ("critical", 121.4, 160.0),
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"value": 0.5},
        {"value": 0.5, "interval": Interval(0.4, 0.6)},
        {"interval": Interval(0.4, 0.6), "thresholds": Thresholds(0.8, 0.5, 0.2)},
        # Wider than a float can say.
        {
            "value": 0.0,
            "interval": Interval(-1.7e308, 1.7e308),
            "thresholds": Thresholds(0.8, 0.5, 0.2),
        },
    ],
)
def test_a_scale_is_not_drawn_without_a_value_and_thresholds(make, facts):
    """Nothing is drawn that could be taken for one."""
    assert scale_of(make(**facts)) is None


def test_a_value_without_an_interval_has_no_line_on_its_scale(make):
    """A stored figure is a point on its scale: no interval is made up."""
    drawing = scale_of(make(value=0.5, thresholds=Thresholds(0.8, 0.5, 0.2)))

    assert not drawing.has_interval
    assert drawing.low == drawing.value == drawing.high
    assert drawing.label == "0.500, target >= 0.8, unknown"


@pytest.mark.parametrize("point", [0.0, 5.0, -5.0, 5e-324, 1e300])
def test_scale_of_a_single_point(make, point):
    """Value, interval and thresholds at one point are drawn in the middle."""
    result = make(
        value=point,
        interval=Interval(point, point),
        thresholds=Thresholds(point, point, point),
    )
    drawing = scale_of(result)

    assert (drawing.low, drawing.value, drawing.high) == (80.0, 80.0, 80.0)


def test_a_scale_can_be_read_aloud(good):
    """The drawing says in words what it shows."""
    expected = "0.520, interval [0.457, 0.582], target >= 0.5, good (undecided)"
    assert scale_of(good).label == expected


def months(make, *values):
    """Results by month; ``None`` is an absent one."""
    return [
        make(
            value=value,
            reason=None if value is not None else Reason.NO_ROWS,
            interval=None if value is None else Interval(value - 1, value + 1),
            period=f"2026-{number:02}",
        )
        for number, value in enumerate(values, start=1)
    ]


def test_a_line_stops_at_a_gap(make):
    """Drawn over -1 to 5 with a margin of 0.48: y = (5.48 - value) / 6.96 * 100."""
    drawing = drawing_of(Trend.of(months(make, 0, 2, None, 4, 2)), PLAIN)

    assert drawing.lines == ("0,78.7 25,50", "75,21.3 100,50")
    assert [dot.x for dot in drawing.dots] == [0, 25, 75, 100]
    assert drawing.bands[0] == "0,64.4 25,35.6 25,64.4 0,93.1"
    assert len(drawing.bands) == 2


def test_a_value_between_two_gaps_has_a_dot_and_a_band(make):
    """It is seen though no line reaches it."""
    drawing = drawing_of(Trend.of(months(make, 1, None, 3, None, 5)), PLAIN)

    assert drawing.lines == ()
    assert len(drawing.dots) == len(drawing.bands) == 3


def test_periods_after_the_newest_value_are_no_part_of_a_trend(make):
    """A month that has not come yet is no gap; one in between is."""
    trend = Trend.of(months(make, 1, None, 2, None, None))

    assert [point.period for point in trend.points] == ["2026-01", "2026-02", "2026-03"]
    assert trend.points[1].reason == "no rows"
    assert Trend.of(months(make, None, None)) is None


def test_the_last_periods_are_kept(make):
    """Twelve of fourteen: the oldest go."""
    trend = Trend.of(months(make, *range(12)), last=3)

    assert [point.value for point in trend.points] == [9, 10, 11]


def test_ticks_are_round_and_inside():
    """Ones, twos, halves and fives of a power of ten."""
    axis = Axis(0.13, 0.87, 0, 100)

    assert [round(tick, 6) for tick in axis.ticks()] == [0.2, 0.4, 0.6, 0.8]
    assert Axis(-3, 117, 0, 100).ticks() == (0, 50, 100)


def test_labels_of_periods_do_not_touch(make):
    """At most one a stretch of 84 units; the newest is always there."""
    results = [make(value=1.0, period=f"{2000 + year}") for year in range(50)]
    drawing = drawing_of(Trend.of(results), Box(800, 100, left=0, right=0))

    places = [tick.at for tick in drawing.columns]
    assert drawing.columns[-1].text == "2049"
    assert min(b - a for a, b in itertools.pairwise(places)) >= 80
