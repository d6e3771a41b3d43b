"""Windows: which rows count at which instant (semantics rules 2 and 3)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kpisdk import (
    AsOf,
    Derived,
    NewestDay,
    Reason,
    Simple,
    Trailing,
    Window,
    WindowUse,
    count,
    total,
)


def at(text: str) -> dict:
    """A visit at that instant."""
    return {"at": dt.datetime.fromisoformat(text)}


def utc(text: str) -> dt.datetime:
    """An instant in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_the_default_instant_is_one_tick_after_the_newest_row(answer, make):
    """The frontier: the newest row counts, and the window ends just behind it."""
    result = answer([at("2025-06-20 10:00:00.000005")], make())

    assert result.value == 1
    assert result.window.end == utc("2025-06-20 10:00:00.000006")
    assert result.window.start == utc("2025-05-21 10:00:00.000006")
    assert result.data_through == utc("2025-06-20 10:00:00.000005")


def test_rows_from_the_future_never_count(answer, make):
    """The frontier is never after the clock: future rows neither count nor shift the window."""
    rows = [at("2025-06-20"), at("2025-06-30 12:00:00"), at("2031-01-01")]

    result = answer(rows, make())

    assert result.value == 1
    assert result.window.end == utc("2025-06-20 00:00:00.000001")
    assert result.data_through == utc("2025-06-20")
    assert not answer(rows, make(), window="this month").data_through > utc("2025-06-20")


def test_without_a_row_before_the_clock_the_clock_is_the_instant(answer, make, now):
    """Only future rows: nothing is known yet, and nothing is through."""
    result = answer([at("2031-01-01")], make())

    assert (result.value, result.window.end, result.data_through) == (None, now, None)
    assert "begin at 2031-01-01T00:00:00Z" in result.message


def test_a_stalled_feed_gives_its_last_full_window_marked_stale(answer, make):
    """Five months without a row: the window is the last one that has data."""
    rows = [at("2025-01-31"), at("2025-01-01 00:00:01"), at("2024-12-31")]

    result = answer(rows, make())

    assert result.value == 2
    assert result.window.end == utc("2025-01-31 00:00:00.000001")
    assert result.stale
    assert result.reason is Reason.NO_TARGET


@pytest.mark.parametrize(
    ("frequency", "age", "stale"),
    [
        ("daily", dt.timedelta(days=2), False),
        ("daily", dt.timedelta(days=2, microseconds=1), True),
        ("weekly", dt.timedelta(days=14), False),
        ("weekly", dt.timedelta(days=14, seconds=1), True),
        ("monthly", dt.timedelta(days=62), False),
        ("monthly", dt.timedelta(days=62, seconds=1), True),
        ("realtime", dt.timedelta(hours=2), False),
        ("realtime", dt.timedelta(hours=2, seconds=1), True),
        ("on_demand", dt.timedelta(days=900), False),
    ],
)
def test_stale_is_older_than_two_periods(answer, make, now, frequency, age, stale):
    """Two days, fourteen, sixty-two; a KPI without a rhythm is never stale."""
    newest = (now - age).replace(tzinfo=None)

    assert answer([{"at": newest}], make(frequency=frequency)).stale is stale


@pytest.mark.parametrize(
    ("request_", "stale"),
    [
        ({"as_of": "2025-01-03"}, False),
        ({"as_of": "2025-01-04"}, True),
        ({"window": "2025-01-01..2025-01-02"}, False),
        ({"window": "2025-01-01..2025-01-04"}, True),
        ({"window": "2025-01", "as_of": "2025-01-03"}, False),
        ({"window": "2025-01-01", "as_of": "2025-06-01"}, False),
        ({"window": "last 7 days"}, True),
        ({"window": "mtd", "as_of": "2025-01-03"}, False),
        ({"window": "all"}, True),
        ({}, True),
    ],
)
def test_stale_is_measured_where_the_caller_looks_from(answer, make, request_, stale):
    """From the caller's as_of or window end where one is given, else from the clock."""
    assert answer([at("2025-01-01")], make(), **request_).stale is stale


def test_a_period_to_date_that_just_begins_is_stale_by_the_instant_itself(opened, table, make):
    """``mtd`` has no meaning on the first instant of a month; the clock judges."""
    midnight = utc("2025-07-01")
    workspace = opened({"core_visits": table(at("2025-06-20"))}, make(), clock=lambda: midnight)

    result = workspace.compute("CORE-T-001", window="mtd")[0]

    assert (result.value, result.stale) == (1, True)


EDGES = [
    "2025-05-31 11:59:59.999999",
    "2025-05-31 12:00:00",
    "2025-06-30 11:59:59.999999",
    "2025-06-30 12:00:00",
]


def test_windows_are_half_open(answer, make):
    """The start counts, the end does not."""
    rows = [{**at(edge), "amount": float(10**i)} for i, edge in enumerate(EDGES)]

    result = answer(rows, make(), as_of="2025-06-30T12:00:00Z")
    amounts = answer(rows, make(), as_of="2025-06-30T12:00:00.000001Z", window="last 30 days")

    assert result.value == 2
    assert amounts.value == 2


@pytest.mark.parametrize(
    ("window", "value"),
    [
        ("all", 5),
        ("2025", 4),
        ("2025-06", 3),
        ("2025-Q2", 4),
        ("2025-W25", 1),
        ("2025-06-20", 1),
        ("2025-06-01..2025-06-20", 2),
        ("2025-06-20T00:00Z..2025-06-29T00:00Z", 1),
        ("last 10 days", 2),
        ("last month", 1),
        ("this month", 3),
        ("mtd", 3),
        ("last year", 1),
    ],
)
def test_windows_as_the_caller_gives_them(answer, make, window, value):
    """Absolute ones, trailing ones and calendar periods, cut at as_of (the frontier)."""
    rows = [
        at("2024-12-31 23:59:59"),
        at("2025-05-31"),
        at("2025-06-01"),
        at("2025-06-20"),
        at("2025-06-29"),
    ]

    assert answer([*rows, at("2025-06-30 23:00")], make(), window=window).value == value


def _in_window(scope):
    import sqlalchemy as sa

    rows = scope.rows()
    return sa.select(rows).where(scope.in_window(rows.c.at))


MONTHS = [at(f"2025-{month:02}-{day:02} 12:00:00") for month in (2, 3, 4) for day in range(1, 29)]
"""Twenty-eight visits in each of three months."""


def test_a_period_that_the_window_cuts_says_so(opened, table, make):
    """15 March to 15 April by month: 14 and 15 visits, each in the part that the window covers."""
    report = opened({"core_visits": table(*MONTHS)}, make()).compute(
        "CORE-T-001", window="2025-03-15..2025-04-15", grain="month"
    )

    parts = [(each.period, each.value, each.window.start, each.window.end) for each in report]
    assert parts == [
        ("2025-03", 14, utc("2025-03-15"), utc("2025-04-01")),
        ("2025-04", 15, utc("2025-04-01"), utc("2025-04-16")),
    ]
    assert [[note.code for note in each.warnings] for each in report] == [["partial_period"]] * 2


def test_whole_periods_and_one_that_is_still_running_are_not_cut(opened, table, make):
    """What as_of leaves out of the current period still belongs to it."""
    report = opened({"core_visits": table(*MONTHS)}, make()).compute(
        "CORE-T-001", window="2025-03-01..2025-06-30", grain="month"
    )

    assert [(each.period, each.window.end) for each in report] == [
        ("2025-03", utc("2025-04-01")),
        ("2025-04", utc("2025-05-01")),
    ]
    assert [[note.code for note in each.warnings] for each in report] == [[], ["unfinished_period"]]


@pytest.mark.parametrize("window", ["2025-03-15..2025-04-30", "2025-03-15..2025-04-15"])
def test_a_comparison_changes_no_value_of_a_trend(opened, table, make, window):
    """Rows before the window's start count where they are compared with, and nowhere else."""
    workspace = opened({"core_visits": table(*MONTHS)}, make())
    alone = workspace.compute("CORE-T-001", window=window, grain="month")

    for compare in ("previous", "year"):
        beside = workspace.compute("CORE-T-001", window=window, grain="month", compare=compare)
        assert [each.value for each in beside] == [each.value for each in alone]


def test_part_of_a_period_is_not_set_against_a_whole_one(opened, table, make):
    """March from the 15th on has no change; April, whole, is compared with all of March."""
    march, april = opened({"core_visits": table(*MONTHS, at("2025-05-01"))}, make()).compute(
        "CORE-T-001", window="2025-03-15..2025-04-30", grain="month", compare="previous"
    )

    assert (march.value, march.comparison.value, march.comparison.change) == (14, 28, None)
    assert (april.value, april.comparison.value, april.comparison.change) == (28, 28, 0)
    assert april.comparison.window.start == utc("2025-03-01")


def test_a_kpi_that_cannot_be_cut_into_buckets_leaves_the_others_alone(opened, table, make, visits):
    """Its relation is asked bucket by bucket, and an open window has no first one."""
    relation = Derived(
        "own_visits",
        base=visits.only("visit_id", "at"),
        build=_in_window,
        window_use=WindowUse.OWN,
    )
    kpis = (make(), make(Simple(count(relation)), "CORE-T-002"))
    workspace = opened({"core_visits": table(*MONTHS)}, *kpis)

    report = workspace.compute("CORE-T-001", "CORE-T-002", window="all", grain="month")

    *trend, refused = sorted(report, key=lambda each: each.kpi_id)
    assert [each.value for each in trend] == [28, 28, 28]
    assert (refused.kpi_id, refused.value, refused.reason) == ("CORE-T-002", None, Reason.NO_ROWS)
    assert "cannot be cut" in refused.message


def test_windows_as_records(answer, make):
    """A record and a rule do as well as a text."""
    rows = [at("2025-06-01"), at("2025-06-20")]
    june = Window(dt.datetime(2025, 6, 1), dt.datetime(2025, 6, 20), "june")

    assert answer(rows, make(), window=june).value == 1
    assert answer(rows, make(), window=Trailing(5)).value == 1


def test_a_window_in_the_future_is_refused(answer, make):
    """All of it lies at or after as_of: no zero is invented for it."""
    result = answer([at("2025-06-20")], make(), window="2025-07")

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)
    assert "'2025-07' starts at or after 2025-06-20" in result.message


def test_a_window_that_leaves_the_calendar_is_refused(answer, make):
    """Ten thousand years back there is nothing."""
    result = answer([at("2025-06-20")], make(), window="last 9000 years")

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)
    assert "outside the years 0001 to 9999" in result.message


@pytest.mark.parametrize(
    "request_",
    [
        {"as_of": "0001-01-01"},
        {"as_of": "0001-01-01", "grain": "week"},
        {"as_of": "0001-06-01", "window": "all", "grain": "year", "compare": "year"},
        {"as_of": "9999-12-31T23:00Z", "grain": "year"},
        {"as_of": "9999-12-31T23:00Z", "window": "all", "grain": "year"},
        {"as_of": "9999-12-31T23:00Z", "window": "all", "grain": "year", "compare": "previous"},
        {"as_of": "0001-01-03", "window": Trailing(5)},
    ],
)
def test_at_the_ends_of_the_calendar_values_are_absent(answer, make, request_):
    """The first and the last year have neighbours that no calendar knows: a reason, no crash."""
    rows = [{"at": dt.datetime(9999, 6, 1)}, {"at": dt.datetime(1, 1, 1)}]

    result = answer(rows, make(), **request_)

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)
    assert "years" in result.message


def test_a_past_as_of_can_be_reproduced(answer, make):
    """Rows at or after as_of do not exist for it."""
    rows = [at("2025-06-01"), at("2025-06-10"), at("2025-06-20")]

    result = answer(rows, make(), as_of="2025-06-10")

    assert (result.value, result.data_through) == (1, utc("2025-06-01"))


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=8), st.integers(-40, 40))
def test_shifting_as_of_shifts_the_window(answer, make, days, shift):
    """The same rows, all moved by so many days, give the same value."""
    start = dt.datetime(2024, 6, 1)
    as_of = utc("2024-08-01")
    rows = [{"at": start + dt.timedelta(days=day)} for day in (-100, *days)]
    moved = [{"at": row["at"] + dt.timedelta(days=shift)} for row in rows]

    here = answer(rows, make(), as_of=as_of)
    there = answer(moved, make(), as_of=as_of + dt.timedelta(days=shift))

    assert here.value == there.value
    assert here.value == sum(32 <= day + 1 <= 61 for day in days)


def test_a_kpi_of_the_clock_uses_the_clock(answer, make, now):
    """Where the record says so, a stalled feed shrinks the window (MAU)."""
    result = answer([at("2025-05-01"), at("2025-06-29")], make(clock=True))

    assert (result.value, result.window.end) == (1, now)


def test_a_kpi_without_a_window_keeps_its_value_under_one(answer, make):
    """And says that the window is not applicable."""
    kpi = make(window=None)

    plain, windowed = (
        answer([at("2020-01-01")], kpi),
        answer([at("2020-01-01")], kpi, window="2025"),
    )

    assert plain.value == windowed.value == 1
    assert plain.window is windowed.window is None
    assert "window" not in plain.details
    assert windowed.details["window"] == "not applicable"


@pytest.mark.parametrize("stored", ["-infinity", "0044-03-15 (BC)"])
def test_an_instant_outside_of_the_calendar_is_refused_by_name(
    opened, source_on, table, make, visits, stored
):
    """DuckDB holds what Python's calendar does not: the newest row is then no instant."""
    import duckdb

    frame = table({"day": dt.date(2025, 6, 20)})
    url = source_on("duckdb", {"core_visits": frame}, [visits])
    with duckdb.connect(url.removeprefix("duckdb:///")) as connection:
        connection.execute('UPDATE core_visits SET "at" = $1::TIMESTAMP', [stored])
    kpis = (make(), make(Simple(count(visits.timed_by("day"))), "CORE-T-002"))

    lost, other = opened(url, *kpis).compute(*(kpi.id for kpi in kpis), window="all")

    assert (lost.value, lost.reason) == (None, Reason.WRONG_TYPE)
    assert "(BC)" in lost.message
    assert "is not an instant of the years 1 to 9999" in lost.message
    assert "kpisdk-bad-value" not in lost.message
    assert (other.value, other.reason) == (1, Reason.NO_TARGET)


@pytest.mark.parametrize("request_", [{"grain": "month"}, {"compare": "previous"}])
def test_a_first_row_outside_of_the_calendar_harms_no_later_window(
    opened, source_on, table, make, visits, request_
):
    """Where rows begin cannot be told, and every window lies later."""
    import duckdb

    url = source_on("duckdb", {"core_visits": table(at("2025-06-20"), at("2025-05-10"))}, [visits])
    with duckdb.connect(url.removeprefix("duckdb:///")) as connection:
        connection.execute("INSERT INTO core_visits (\"at\") VALUES ('-infinity'::TIMESTAMP)")

    report = opened(url, make()).compute("CORE-T-001", window="2025-06", **request_)

    assert [each.value for each in report] == [1]


def test_a_day_outside_of_the_calendar_is_no_slice(opened, source_on, table, make, visits):
    """44 BC is not the year 44, and no text."""
    import duckdb

    url = source_on("duckdb", {"core_visits": table({})}, [visits])
    with duckdb.connect(url.removeprefix("duckdb:///")) as connection:
        connection.execute("UPDATE core_visits SET day = '0044-03-15 (BC)'::DATE")

    (result,) = opened(url, make()).compute("CORE-T-001", by=["day"])

    assert (result.value, result.reason) == (None, Reason.WRONG_TYPE)
    assert "'0044-03-15 (BC)' is not a day of the years 1 to 9999" in result.message


UNTIMED = {
    "missing": lambda frame: frame.drop(columns=["at"]),
    "text": lambda frame: frame.assign(at="x"),
}
"""What a source may have made of the time column."""


@pytest.mark.parametrize("how", UNTIMED)
def test_a_kpi_without_a_window_needs_no_time_column(opened, table, make, how):
    """It is computed where there is none, and where something else stands in it."""
    workspace = opened({"core_visits": UNTIMED[how](table({}, {}))}, make(window=None))

    for request in ({}, {"window": "2025"}, {"by": ["site"]}, {"compare": "year"}):
        (result,) = workspace.compute("CORE-T-001", **request)
        assert (result.value, result.window, result.data_through) == (2, None, None)


@pytest.mark.parametrize("how", UNTIMED)
def test_what_is_measured_from_the_newest_row_needs_the_time_column(
    opened, table, make, visits, how
):
    """The clock does not stand in for the newest row; an instant that the caller gives does."""
    kpi = make(Simple(count(visits, visits["day"] <= AsOf())), window=None)
    frame = UNTIMED[how](table({"day": dt.date(2025, 6, 1)}, {"day": dt.date(2025, 6, 3)}))
    workspace = opened({"core_visits": frame}, kpi)

    (refused,), (given,) = workspace.compute(kpi.id), workspace.compute(kpi.id, as_of="2025-06-02")

    assert refused.value is None
    assert "column 'at' of table 'core_visits'" in refused.message
    assert given.value == 1


def test_days_stand_for_their_midnight(opened, table, make, visits):
    """A window over a date column: the day of as_of itself counts once as_of is past midnight."""
    on_days = visits.timed_by("day")
    rows = [
        {"day": dt.date(2025, 6, 1)},
        {"day": dt.date(2025, 6, 29)},
        {"day": dt.date(2025, 6, 30)},
    ]
    kpi = make(Simple(count(on_days)), window=Trailing(1))
    workspace = opened({"core_visits": table(*rows)}, kpi)

    def value(**request):
        return workspace.compute(kpi.id, **request)[0].value

    assert value() == 1  # [29 June + 1 µs, 30 June + 1 µs): the 30th
    assert value(as_of="2025-06-30") == 1  # [29 June, 30 June): the 29th
    assert value(as_of="2025-06-30T00:00:00.000001Z") == 1
    assert value(as_of="2025-07-01") == 1
    assert value(window="2025-06-29..2025-06-30") == 2


def test_the_time_of_a_kpi_can_be_another_dataset(opened, table, make, visits, people):
    """Windows and freshness then refer to that one."""
    kpi = make(Simple(count(people)), time_of=visits)
    import pandas as pd

    frames = {
        "core_visits": table(at("2025-06-20")),
        "core_people": pd.DataFrame({"person": ["a"]}),
    }

    result = opened(frames, kpi).compute(kpi.id)[0]

    assert (result.value, result.data_through) == (1, utc("2025-06-20"))


DAYS = [
    {"at": dt.datetime(2025, 4, 30), "amount": 1.0},
    {"at": dt.datetime(2025, 5, 30, 9), "amount": 2.0},
    {"at": dt.datetime(2025, 5, 31, 8), "amount": 4.0},
    {"at": dt.datetime(2025, 5, 31, 20), "amount": 8.0},
    {"at": dt.datetime(2025, 6, 20, 1), "amount": 16.0},
    {"at": dt.datetime(2025, 6, 20, 2), "amount": 32.0},
    {"at": dt.datetime(2031, 1, 1), "amount": 64.0},
]


@pytest.fixture
def newest(make, visits):
    """The sum of the newest day's amounts: each amount a bit of its own."""
    return make(Simple(total(visits, visits["amount"])), window=NewestDay())


@pytest.mark.parametrize(
    ("request_", "value", "day"),
    [
        ({}, 48, "2025-06-20"),
        ({"as_of": "2025-06-19"}, 12, "2025-05-31"),
        ({"as_of": "2025-05-31T08:00Z"}, 4, "2025-05-31"),
        ({"as_of": "2025-05-31T07:59Z"}, 2, "2025-05-30"),
        ({"window": "2025-05"}, 12, "2025-05-31"),
        ({"window": "2025-04-01..2025-05-30"}, 2, "2025-05-30"),
    ],
)
def test_the_newest_day_is_a_state(answer, newest, request_, value, day):
    """The calendar day of the newest row at or before as_of, or in the window that is given."""
    result = answer(DAYS, newest, **request_)

    assert result.value == value
    assert result.window.start == utc(day)
    assert result.window.end == utc(day) + dt.timedelta(days=1)
    assert result.window.label == "newest day"


@pytest.mark.parametrize("window", ["2025-06-20..2025-06-30", "2025-06-05..2025-06-30"])
def test_no_window_shows_a_newest_day_after_as_of(answer, newest, window):
    """The 20th lies in both windows, and nobody knew of it on the 10th."""
    result = answer(DAYS, newest, as_of="2025-06-10", window=window)

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)


def test_a_window_without_a_day_has_no_state(answer, newest):
    """Nothing was recorded in March."""
    result = answer(DAYS, newest, window="2025-03")

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)


def test_the_newest_day_of_each_bucket(answer, opened, table, newest):
    """A trend of a state takes the last state of each period."""
    workspace = opened({"core_visits": table(*DAYS)}, newest)

    report = workspace.compute(newest.id, grain="month", window="2025-03-01..2025-07-31")

    assert [(result.period, result.value) for result in report] == [
        ("2025-03", None),
        ("2025-04", 1),
        ("2025-05", 12),
        ("2025-06", 48),
    ]
    assert [result.window.start for result in report] == [
        utc("2025-03-01"),
        utc("2025-04-30"),
        utc("2025-05-31"),
        utc("2025-06-20"),
    ]


def test_the_newest_day_compared(answer, newest):
    """With the day before it; a given window with the newest day of the one before it."""
    plain = answer(DAYS, newest, as_of="2025-05-31T20:00Z", compare="previous")
    given = answer(DAYS, newest, window="2025-06", compare="previous")

    assert (plain.value, plain.comparison.value) == (12, 2)
    assert (given.value, given.comparison.value) == (48, 12)
    assert given.comparison.change == 36
    assert given.comparison.relative == 3


def test_the_newest_day_of_nothing(answer, newest):
    """No row before the clock: the clock's own day, and no value."""
    result = answer(DAYS[-1:], newest)

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)
