"""Which window another one is compared with."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from kpisdk.contracts.time_windows import NewestDay, Window
from kpisdk.contracts.trailing_windows import Trailing
from kpisdk.windows import (
    OutOfCalendarError,
    UnboundedWindowError,
    parse_window,
    previous_window,
    year_before,
)

AS_OF = "2026-03-31T12:30"  # a Tuesday


def at(text: str) -> datetime:
    """An instant as the tables below write it, read by the standard library."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def bounds(window: Window) -> tuple[datetime | None, datetime | None]:
    """The two bounds of a window."""
    return window.start, window.end


@pytest.mark.parametrize(
    ("text", "as_of", "start", "end"),
    [
        # A calendar period: the one before, whatever the lengths.
        ("this month", AS_OF, "2026-02-01", "2026-03-01"),
        ("last month", AS_OF, "2026-01-01", "2026-02-01"),
        ("this week", AS_OF, "2026-03-23", "2026-03-30"),
        ("last quarter", AS_OF, "2025-07-01", "2025-10-01"),
        ("this year", AS_OF, "2025-01-01", "2026-01-01"),
        ("2025-03", AS_OF, "2025-02-01", "2025-03-01"),
        ("2025-Q1", AS_OF, "2024-10-01", "2025-01-01"),
        ("2025", AS_OF, "2024-01-01", "2025-01-01"),
        ("2025-W01", AS_OF, "2024-12-23", "2024-12-30"),
        ("2025-03-01", AS_OF, "2025-02-28", "2025-03-01"),
        # A period to date: as much elapsed time, cut at the end of the period before.
        ("mtd", "2026-03-10T06:00", "2026-02-01", "2026-02-10T06:00"),
        ("mtd", AS_OF, "2026-02-01", "2026-03-01"),
        ("wtd", AS_OF, "2026-03-23", "2026-03-24T12:30"),
        ("qtd", "2026-05-15", "2026-01-01", "2026-02-14"),
        ("ytd", "2025-07-01", "2024-01-01", "2024-06-30"),
        # Trailing: as many steps before, next to the window.
        ("last 30 days", AS_OF, "2026-01-30T12:30", "2026-03-01T12:30"),
        ("last 36 hours", AS_OF, "2026-03-28T12:30", "2026-03-30T00:30"),
        ("last 1 month", AS_OF, "2026-01-31T12:30", "2026-02-28T12:30"),
        # An absolute range: the range of equal length before it, February's 28 days included.
        ("2025-02-01..2025-02-28", AS_OF, "2025-01-04", "2025-02-01"),
        ("2025-01-01T12:00..2025-01-02", AS_OF, "2024-12-31T00:00", "2025-01-01T12:00"),
    ],
)
def test_the_window_before(text, as_of, start, end):
    """Calendar periods compare by the calendar, everything else by its length."""
    rule = parse_window(text)

    assert (at(start), at(end)) == bounds(previous_window(rule.resolve(at(as_of)), rule))


@pytest.mark.parametrize(
    ("text", "as_of", "start", "end"),
    [
        ("this month", AS_OF, "2025-03-01", "2025-04-01"),
        ("2024-02", AS_OF, "2023-02-01", "2023-03-01"),
        ("2025-02", AS_OF, "2024-02-01", "2024-03-01"),
        ("2025-Q1", AS_OF, "2024-01-01", "2024-04-01"),
        ("2025", AS_OF, "2024-01-01", "2025-01-01"),
        ("2024-02-29", AS_OF, "2023-02-28", "2023-03-01"),
        ("2024-02-28", AS_OF, "2023-02-28", "2023-03-01"),
        # Weeks keep their number and their weekdays; 2020 has 53 of them, 2019 and 2021 have 52.
        ("2021-W01", AS_OF, "2019-12-30", "2020-01-06"),
        ("2020-W53", AS_OF, "2019-12-23", "2019-12-30"),
        ("last week", AS_OF, "2025-03-24", "2025-03-31"),
        ("wtd", AS_OF, "2025-03-31", "2025-04-01T12:30"),
        # Everything else keeps its dates, 29 February becoming the 28th.
        ("mtd", AS_OF, "2025-03-01", "2025-03-31T12:30"),
        ("ytd", "2024-02-29T12:00", "2023-01-01", "2023-02-28T12:00"),
        ("last 30 days", AS_OF, "2025-03-01T12:30", "2025-03-31T12:30"),
        ("2024-02-01..2024-02-28", AS_OF, "2023-02-01", "2023-03-01"),
        ("2024-02-29..2024-03-10", AS_OF, "2023-02-28", "2023-03-11"),
        # Both ends of a day that ends on 29 February would fall together: it keeps its length.
        ("last 1 day", "2024-02-29T12:00", "2023-02-27T12:00", "2023-02-28T12:00"),
    ],
)
def test_the_same_window_a_year_before(text, as_of, start, end):
    """The same range one year earlier; whole calendar periods stay whole."""
    rule = parse_window(text)

    assert (at(start), at(end)) == bounds(year_before(rule.resolve(at(as_of)), rule))


def test_default_windows_of_kpis_are_compared_too():
    """The rules that KPI records carry compare as trailing and as absolute windows do."""
    trailing, newest = Trailing(30), NewestDay()
    noon = at("2026-03-31T12:00")

    assert bounds(previous_window(trailing.resolve(noon), trailing)) == (
        at("2026-01-30T12:00"),
        at("2026-03-01T12:00"),
    )
    assert bounds(previous_window(newest.resolve(noon), newest)) == (
        at("2026-03-30"),
        at("2026-03-31"),
    )
    assert bounds(year_before(newest.resolve(noon), newest)) == (at("2025-03-31"), at("2025-04-01"))


def test_a_compared_window_is_named_as_the_grammar_writes_it():
    """Whole buckets carry their bucket's name, other windows their range."""
    month, days = parse_window("2025-03"), parse_window("last 30 days")
    midnight = at("2026-03-31")

    assert previous_window(month.resolve(midnight), month).label == "2025-02"
    assert previous_window(days.resolve(midnight), days).label == "2026-01-30..2026-02-28"


@pytest.mark.parametrize("compare", [previous_window, year_before])
@pytest.mark.parametrize(
    "window", [Window(), Window(start=at("2026-01-01")), Window(end=at("2026-01-01"))]
)
def test_a_window_without_bounds_has_nothing_to_compare_with(compare, window):
    """An open side is a typed error that names the window."""
    with pytest.raises(UnboundedWindowError, match="nothing to compare it with"):
        compare(window, parse_window("all"))


@pytest.mark.parametrize("compare", [previous_window, year_before])
@pytest.mark.parametrize("text", ["0001", "0001-W01", "0001-01-01..0001-06-30"])
def test_nothing_lies_before_the_calendar(compare, text):
    """A comparison that would start before the year 1 is a typed error, no overflow."""
    rule = parse_window(text)

    with pytest.raises(OutOfCalendarError):
        compare(rule.resolve(at(AS_OF)), rule)


FORMS = st.sampled_from(
    ["last 30 days", "last 5 hours", "last 3 months", "last 2 quarters", "last 1 year"]
    + [
        f"{word} {grain}"
        for word in ("this", "last")
        for grain in ("week", "month", "quarter", "year")
    ]
    + ["wtd", "mtd", "qtd", "ytd"]
)
INSTANTS = st.datetimes(datetime(1900, 1, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=1)
)


@given(FORMS, INSTANTS)
def test_the_window_before_lies_before(text, as_of):
    """It never overlaps the window, and touches it unless the window is a period to date."""
    rule = parse_window(text)
    window = rule.resolve(as_of)
    before = previous_window(window, rule)

    assert before.end <= window.start
    assert before.end == window.start or text.endswith("td")
    assert timedelta(0) < before.end - before.start


@given(FORMS, INSTANTS)
def test_a_year_before_is_about_a_year(text, as_of):
    """Both ends move by a year, give or take the week that ISO weeks and leap days may cost."""
    rule = parse_window(text)
    window = rule.resolve(as_of)
    before = year_before(window, rule)

    assert abs(window.start - before.start - timedelta(365)) <= timedelta(8)
    assert abs(window.end - before.end - timedelta(365)) <= timedelta(8)
