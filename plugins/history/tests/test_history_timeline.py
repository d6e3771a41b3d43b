"""What periods are worth now, what was known on a day, and what nobody recorded."""

from datetime import UTC, datetime, timedelta

import pytest

from kpisdk import UnknownNameError, UsageError
from kpisdk_history import history
from kpisdk_history.timeline.sparklines import sparkline

DAYS = {"grain": "day", "window": "last 9 days"}


def asked(bakery, **arguments):
    """The history of the bakery's KPI."""
    return history(bakery.workspace(), "BAKERY-001", store=bakery.store, **arguments)


def values(found):
    """The values of the first series by period."""
    return {point.period: point.value for point in found.series[0].points}


def test_both_axes_of_time_are_told(bakery):
    """5 March was worth 0.9 for those who looked on the tenth, and is worth 0.6 since."""
    bakery.record(**DAYS)
    bakery.sell("2026-03-05", late=5)
    bakery.wait(days=1)
    bakery.record(**DAYS)

    now, then = asked(bakery), asked(bakery, known_at="2026-03-10T12:00Z")

    assert values(now)["2026-03-05"] == 0.6
    assert values(then)["2026-03-05"] == 0.9
    point = now.series[0].points[5]
    assert (point.period, point.restated, point.first) == ("2026-03-05", 1, 0.9)
    assert [each["reasons"] for each in now.restated_rows()] == [["late_rows"]]
    assert then.restatements == ()


def test_a_day_that_nobody_recorded_is_missing_and_not_zero(bakery):
    """Three days of a recorded fortnight were never asked for, and one had no orders."""
    bakery.record(grain="day", window="2026-03-01..2026-03-03")
    bakery.run_sql("DELETE FROM orders WHERE placed_at::DATE = DATE '2026-03-08'")
    bakery.wait(days=1)
    bakery.record(grain="day", window="2026-03-07..2026-03-09")

    points = {point.period: point for point in asked(bakery).series[0].points}

    missing = {name: each.reason for name, each in points.items() if each.is_missing}
    assert missing == {
        "2026-03-04": "not_recorded",
        "2026-03-05": "not_recorded",
        "2026-03-06": "not_recorded",
        "2026-03-08": "zero_denominator",
    }
    assert points["2026-03-04"].start == datetime(2026, 3, 4, tzinfo=UTC)
    assert 0.0 not in {each.value for each in points.values()}


def test_a_moving_window_that_was_not_recorded_is_missing(bakery):
    """Recorded on four days of five: the window of the day between is told as missing."""
    for day in range(10, 15):
        bakery.sell(f"2026-03-{day}", punctual=1)
        if day != 12:
            bakery.record()
        bakery.wait(days=1)

    points = asked(bakery).series[0].points

    assert [point.is_missing for point in points] == [False, False, True, False, False]
    assert points[2].end - points[1].end == timedelta(days=1)


def test_a_changed_definition_is_marked_where_it_begins(bakery, bakeries):
    """The first day that was computed by another definition says so."""
    bakery.record(grain="day", window="2026-03-01..2026-03-03")
    bakery.kpis = (bakeries.punctuality(strict=True),)
    bakery.wait(days=1)
    bakery.record(grain="day", window="2026-03-04..2026-03-06")

    points = asked(bakery).series[0].points

    marked = [point.period for point in points if point.definition_changed]
    assert marked == ["2026-03-04"]
    assert len({point.definition_version for point in points}) == 2


def test_a_part_of_a_bucket_does_not_stand_beside_the_whole(bakery):
    """A window that begins at noon cuts the first day; the whole day was recorded before."""
    bakery.record(grain="day", window="2026-03-01..2026-03-08")
    bakery.wait(days=1)
    bakery.record(grain="day", window="2026-03-03T18:00..2026-03-08")

    found = values(asked(bakery))

    assert list(found) == [f"2026-03-0{day}" for day in range(1, 9)]
    assert found["2026-03-03"] == 0.9


def test_of_several_cuts_the_one_that_is_asked_for_is_told(bakery):
    """By branch, with a filter, day by day, or the KPI's own window; the others are named."""
    bakery.sell("2026-03-05", punctual=10, branch="south")
    bakery.record()
    bakery.record(**DAYS)
    bakery.record(by="branch")
    bakery.record(where={"branch": "south"})

    by_branch = asked(bakery, by="branch")
    south, filtered = (
        asked(bakery, by="branch", where={"branch": "south"}),
        asked(bakery, where={"branch": "south"}),
    )
    whole = asked(bakery, window="last 7 days")

    assert [each.slice for each in by_branch.series] == [{"branch": "north"}, {"branch": "south"}]
    assert [each.slice for each in south.series] == [{"branch": "south"}]
    assert values(south) == values(filtered) == {next(iter(values(south))): 1.0}
    assert asked(bakery).cut.grain == "day"
    assert whole.cut.grain is None
    assert len(whole.others) == 3


def test_a_frame_holds_a_row_a_point(bakery):
    """Slice columns stand under their own names."""
    bakery.record(by="branch", **DAYS)

    frame = asked(bakery, by="branch").to_frame()

    assert list(frame["branch"].unique()) == ["north"]
    assert frame["value"].dropna().tolist() == [0.9] * 9


def test_since_leaves_older_windows_out(bakery):
    """By an instant, or a span before now."""
    bakery.record(**DAYS)

    assert min(values(asked(bakery, since="2026-03-06"))) == "2026-03-06"
    assert min(values(asked(bakery, since="3d"))) == "2026-03-07"


def test_an_outage_is_told(bakery):
    """The day on which the source was away is no day on which the KPI was 0."""
    bakery.record()
    hidden = bakery.file.with_suffix(".away")
    bakery.file.rename(hidden)
    bakery.wait(days=1)
    bakery.record()

    found = asked(bakery)

    assert found.outages == (datetime(2026, 3, 11, 6, tzinfo=UTC),)
    assert [point.value for point in found.series[0].points] == [0.9]


def test_a_kpi_that_was_removed_still_has_its_history(bakery):
    """What was recorded is told, and that it is not installed any more; another one is unknown."""
    bakery.record()
    bakery.kpis = ()

    found = asked(bakery)

    assert (found.is_installed, found.name) == (False, "BAKERY-001")
    assert len(found.series[0].points) == 1
    with pytest.raises(UnknownNameError, match="There is no KPI 'BAKERY-002'"):
        history(bakery.workspace(), "BAKERY-002", store=bakery.store)


def test_what_was_never_recorded_is_a_sentence(small_bakery):
    """No store, no such cut, no such instant: each says what to do."""
    with pytest.raises(UsageError, match=r"There is no store .* yet. kpisdk record makes one"):
        asked(small_bakery)
    small_bakery.record()

    with pytest.raises(UsageError, match=r"Of BAKERY-001, by branch nothing is recorded in .*Reco"):
        asked(small_bakery, by="branch")
    with pytest.raises(UsageError, match="known_at is 'yesterday'; it takes an instant such as"):
        asked(small_bakery, known_at="yesterday")
    with pytest.raises(UsageError, match=r"since is 'long ago'; it takes an instant .* or a span"):
        asked(small_bakery, since="long ago")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([0.0, 0.5, 1.0], "▁▅█"),
        ([1.0, None, 0.0], "█·▁"),
        ([3.0, 3.0], "▅▅"),
        ([None, None], "··"),
        ([], ""),
        ([-1e308, 1e308], "▁█"),
    ],
)
def test_a_sparkline_goes_from_the_least_to_the_greatest(given, expected):
    """A missing value is a dot, and never the lowest block."""
    assert sparkline(given) == expected
