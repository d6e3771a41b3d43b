"""Calendar buckets: where they begin and end, what they are called, and that they tile a window."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Grain
from kpisdk.windows import (
    MOST_BUCKETS,
    OutOfCalendarError,
    TooManyBucketsError,
    UnboundedWindowError,
    bucket_end,
    bucket_label,
    bucket_start,
    bucket_window,
    buckets,
    is_unfinished,
    parse_window,
    trend_window,
)


def at(text: str) -> datetime:
    """An instant as the tables below write it, read by the standard library."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "grain", "start", "end", "label"),
    [
        ("2026-02-14T23:59:59.999999", "day", "2026-02-14", "2026-02-15", "2026-02-14"),
        ("2026-02-14T10:00", "week", "2026-02-09", "2026-02-16", "2026-W07"),
        ("2026-02-16T00:00", "week", "2026-02-16", "2026-02-23", "2026-W08"),
        ("2027-01-02T00:00", "week", "2026-12-28", "2027-01-04", "2026-W53"),
        ("2026-02-14T10:00", "month", "2026-02-01", "2026-03-01", "2026-02"),
        ("2026-12-31T10:00", "month", "2026-12-01", "2027-01-01", "2026-12"),
        ("2026-03-31T10:00", "quarter", "2026-01-01", "2026-04-01", "2026-Q1"),
        ("2026-11-01T00:00", "quarter", "2026-10-01", "2027-01-01", "2026-Q4"),
        ("2026-02-14T10:00", "year", "2026-01-01", "2027-01-01", "2026"),
        ("0001-01-03T10:00", "week", "0001-01-01", "0001-01-08", "0001-W01"),
        ("0099-05-03T10:00", "month", "0099-05-01", "0099-06-01", "0099-05"),
    ],
)
def test_the_bucket_of_an_instant(instant, grain, start, end, label):
    """An instant lies in one bucket per grain; weeks start on Monday and carry ISO numbers."""
    moment, kind = at(instant), Grain(grain)

    assert at(start) == bucket_start(moment, kind)
    assert at(end) == bucket_end(moment, kind)
    assert label == bucket_label(moment, kind)
    assert Window(at(start), at(end), label) == bucket_window(moment, kind)


def test_buckets_are_those_of_utc():
    """An instant with another offset lies in the bucket of its UTC time."""
    late = datetime(2026, 3, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))

    assert bucket_label(late, Grain.MONTH) == "2026-02"


def test_the_last_bucket_of_the_calendar_has_no_end():
    """What would end in the year 10000 raises the typed error."""
    for grain in Grain:
        with pytest.raises(OutOfCalendarError):
            bucket_end(at("9999-12-31T10:00"), grain)


def test_a_window_by_grain_is_cut_at_its_own_bounds():
    """The first and the last bucket are cut to the window and keep their bucket's label."""
    window = Window(at("2026-01-20"), at("2026-03-05T12:00"))

    expected = (
        Window(at("2026-01-20"), at("2026-02-01"), "2026-01"),
        Window(at("2026-02-01"), at("2026-03-01"), "2026-02"),
        Window(at("2026-03-01"), at("2026-03-05T12:00"), "2026-03"),
    )
    assert expected == buckets(window, Grain.MONTH)


def test_a_window_up_to_the_end_of_the_calendar_can_be_cut():
    """Its own end closes the last bucket, which has none in the calendar."""
    window = Window(at("9999-12-30"), at("9999-12-31T12:00"))

    assert [at("9999-12-31"), at("9999-12-31T12:00")] == [
        tile.end for tile in buckets(window, Grain.DAY)
    ]


@pytest.mark.parametrize(
    "window", [Window(), Window(start=at("2026-01-01")), Window(end=at("2026-01-01"))]
)
def test_an_open_window_cannot_be_cut(window):
    """Without two bounds there is no first or no last bucket: a typed error."""
    with pytest.raises(UnboundedWindowError, match="cut into one day each"):
        buckets(window, Grain.DAY)


def test_a_cut_into_too_many_buckets_is_refused():
    """Ten thousand buckets are given, one more is refused and not truncated."""
    first = at("2000-01-01")

    assert len(buckets(Window(first, first + timedelta(MOST_BUCKETS)), Grain.DAY)) == MOST_BUCKETS
    with pytest.raises(TooManyBucketsError, match="more than 10000 buckets of one day"):
        buckets(Window(first, first + timedelta(MOST_BUCKETS, microseconds=1)), Grain.DAY)


INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
GRAINS = st.sampled_from(list(Grain))


@given(INSTANTS, st.timedeltas(timedelta(microseconds=1), timedelta(1500)), GRAINS)
def test_buckets_tile_the_window(start, length, grain):
    """No gap, no overlap, nothing outside, and each tile lies in the bucket it is named for."""
    tiles = buckets(Window(start, start + length), grain)

    assert (start, start + length) == (tiles[0].start, tiles[-1].end)
    assert [tile.end for tile in tiles[:-1]] == [tile.start for tile in tiles[1:]]
    assert len(tiles) == len({tile.label for tile in tiles})
    for tile in tiles:
        whole = parse_window(tile.label).resolve(start)
        assert whole.start <= tile.start < tile.end <= whole.end


@given(INSTANTS, GRAINS)
def test_an_instant_lies_in_its_bucket(instant, grain):
    """From start, included, to end, excluded; and a bucket's start is its own bucket's start."""
    start, end = bucket_start(instant, grain), bucket_end(instant, grain)

    assert start <= instant < end
    assert start == bucket_start(start, grain)
    assert end == bucket_start(end, grain)


@pytest.mark.parametrize(
    ("grain", "start", "end", "count"),
    [
        ("day", "2026-01-20", "2026-02-19", 30),
        ("week", "2025-11-24", "2026-02-23", 13),
        ("month", "2025-03-01", "2026-03-01", 12),
        ("quarter", "2024-04-01", "2026-04-01", 8),
        ("year", "2022-01-01", "2027-01-01", 5),
    ],
)
def test_a_trend_ends_with_the_current_bucket(grain, start, end, count):
    """Without a window, a trend holds whole buckets, the unfinished current one as its last."""
    as_of = at("2026-02-18T09:00")  # a Wednesday
    window = trend_window(as_of, Grain(grain))

    assert (at(start), at(end)) == (window.start, window.end)
    assert count == len(buckets(window, Grain(grain)))
    assert window.label == f"last {count} {grain}s to date"


def test_a_trend_as_of_midnight_ends_with_the_bucket_just_finished():
    """At a bucket's first instant nothing of it has happened: it would only add an empty point."""
    window = trend_window(at("2026-03-01"), Grain.MONTH)

    assert at("2026-03-01") == window.end
    assert not is_unfinished(at("2026-02-01"), Grain.MONTH, at("2026-03-01"))


def test_a_trend_outside_the_calendar_is_refused():
    """At the very first instants there is no trend: a typed error, no overflow."""
    for text in ("0001-01-01", "0001-01-05"):
        with pytest.raises(OutOfCalendarError):
            trend_window(at(text), Grain.DAY)


@pytest.mark.parametrize(
    ("as_of", "unfinished"),
    [
        ("2026-02-28T23:59:59.999999", True),
        ("2026-03-01T00:00", False),
        ("2026-02-01T00:00", True),
        ("2026-03-02T00:00", False),
    ],
)
def test_a_bucket_is_unfinished_until_its_end(as_of, unfinished):
    """A bucket that ends at as_of is complete: rows at as_of belong to the next one."""
    assert unfinished is is_unfinished(at("2026-02-01"), Grain.MONTH, at(as_of))
