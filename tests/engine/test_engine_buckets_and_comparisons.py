"""Trends by bucket, and comparisons with an earlier period, by slice and bucket."""

from __future__ import annotations

import datetime as dt

import pytest

from kpisdk import (
    Median,
    Reason,
)


@pytest.fixture
def sites(opened, table):
    """``sites(kpi, site, ...)``: a workspace on one visit a site."""

    def make_workspace(kpi, *names, **facts):
        rows = [{"site": name, **facts} for name in names]
        return opened({"core_visits": table(*rows)}, kpi)

    return make_workspace


def series(*days):
    """Visits at noon of these days."""
    return [{"at": dt.datetime.fromisoformat(f"{day} 12:00"), "site": "a"} for day in days]


@pytest.mark.parametrize(
    ("grain", "first", "unknown", "counted", "number"),
    [
        ("day", "2025-05-22", 0, {"2025-06-16": 1, "2025-06-20": 2}, 30),
        ("week", "2025-W13", 0, {"2025-W14": 1, "2025-W25": 3}, 13),
        ("month", "2024-07", 5, {"2024-12": 1, "2025-04": 1, "2025-06": 3}, 12),
        ("quarter", "2023-Q3", 5, {"2024-Q4": 1, "2025-Q2": 4}, 8),
        ("year", "2021", 3, {"2024": 1, "2025": 4}, 5),
    ],
)
def test_trends(opened, table, make, grain, first, unknown, counted, number):
    """One result a calendar bucket: absent before the rows begin, and 0 where none lies."""
    rows = series(
        "2024-12-31", "2025-04-01", "2025-06-16", "2025-06-20", "2025-06-20", "2031-01-01"
    )
    workspace = opened({"core_visits": table(*rows)}, make())

    report = workspace.compute("CORE-T-001", grain=grain)

    assert (report[0].period, len(report)) == (first, number)
    assert [each.value for each in report.results[:unknown]] == [None] * unknown
    assert [each.value for each in report.results[unknown:]] == [
        counted.get(each.period, 0) for each in report.results[unknown:]
    ]
    assert set(counted) <= {each.period for each in report}
    assert all("begin at 2024-12-31T12:00:00Z" in each.message for each in report.results[:unknown])
    assert [[note.code for note in result.warnings] for result in report] == [
        *([[]] * (number - 1)),
        ["unfinished_period"],
    ]
    assert all(result.window.label == result.period for result in report)
    assert report[-1 + len(report)].data_through == dt.datetime(2025, 6, 20, 12, tzinfo=dt.UTC)


def test_a_trend_of_a_given_window(opened, table, make):
    """Its buckets, cut at its bounds, and in each of them every slice that occurs in any."""
    rows = series("2025-04-01", "2025-05-10", "2025-05-31")
    rows[2]["site"] = None
    workspace = opened({"core_visits": table(*rows)}, make())

    report = workspace.compute("CORE-T-001", window="2025-05", grain="week", by=["site"])
    everything = workspace.compute("CORE-T-001", window="all", grain="year")

    assert [(result.period, result.slice["site"], result.value) for result in report] == [
        (f"2025-W{week}", site, int((week, site) in ((19, "a"), (22, None))))
        for week in range(18, 23)
        for site in ("a", None)
    ]
    assert [(result.period, result.value) for result in everything] == [("2025", 3)]


def test_a_kpi_without_a_window_has_no_trend(opened, table, make):
    """It is refused, not ignored."""
    result = opened({"core_visits": table({})}, make(window=None)).compute(
        "CORE-T-001", grain="day"
    )[0]

    assert result.reason is Reason.UNSUPPORTED_SLICE
    assert "no time window" in result.message


COMPARED = series("2025-05-01", "2025-05-25", "2025-06-10", "2025-06-20") + series(
    "2024-06-19", "2024-06-19", "2024-05-30"
)


@pytest.mark.parametrize(
    ("request_", "value", "other", "relative"),
    [
        ({"compare": "previous"}, 3, 1, 2.0),
        ({"compare": "year"}, 3, 3, 0.0),
        ({"compare": "previous", "window": "2025-06", "as_of": "2025-07-01"}, 2, 2, 0.0),
        ({"compare": "year", "window": "2025-05"}, 2, 1, 1.0),
        ({"compare": "previous", "window": "2024-06"}, 2, 1, 1.0),
        ({"compare": "previous", "window": "2025-05"}, 2, 0, None),
    ],
)
def test_comparisons(answer, make, request_, value, other, relative):
    """With the period before, or the same one a year earlier; no quotient by zero."""
    result = answer(COMPARED, make(), **request_)

    assert result.value == value
    assert result.comparison.value == other
    assert result.comparison.change == value - other
    assert result.comparison.relative == relative


def test_comparisons_by_slice(opened, table, make, visits):
    """Each slice with itself; one that is there in one of the two periods only is listed too."""
    rows = [
        {"at": dt.datetime(2025, 6, 20), "site": "a", "amount": 3.0},
        {"at": dt.datetime(2025, 6, 20), "site": "b", "amount": 3.0},
        {"at": dt.datetime(2025, 5, 10), "site": "a", "amount": 1.0},
        {"at": dt.datetime(2025, 5, 10), "site": "c", "amount": 1.0},
    ]
    kpi = make(Median(visits, visits["amount"]))
    workspace = opened({"core_visits": table(*rows)}, kpi)

    report = workspace.compute(kpi.id, by=["site"], compare="previous")

    assert [
        (each.slice["site"], each.comparison.value, each.comparison.change) for each in report
    ] == [
        ("a", 1.0, 2.0),
        ("b", None, None),
        ("c", 1.0, None),
    ]
    assert [each.value for each in report] == [3.0, 3.0, None]


def test_comparisons_in_trends(opened, table, make):
    """Each bucket with the one before it, the first with one that is not shown."""
    rows = series("2025-03-10", "2025-04-01", "2025-04-02", "2025-05-10", "2024-05-01")
    workspace = opened({"core_visits": table(*rows)}, make())

    previous = workspace.compute(
        "CORE-T-001", window="2025-04-01..2025-05-31", grain="month", compare="previous"
    )
    year = workspace.compute("CORE-T-001", window="2025-05", grain="month", compare="year")

    assert [(each.period, each.comparison.value, each.comparison.period) for each in previous] == [
        ("2025-04", 1, "2025-03"),
        ("2025-05", 2, "2025-04"),
    ]
    assert [(each.period, each.value, each.comparison.value) for each in year] == [
        ("2025-05", 1, 1)
    ]


def test_what_cannot_be_compared_says_so(answer, make):
    """An open window has no window before it, a KPI without one none at all; both keep values."""
    everything = answer(COMPARED, make(), window="all", compare="previous")
    timeless = answer(COMPARED, make(window=None), compare="previous")

    for result in (everything, timeless):
        assert (result.value, result.comparison) == (7, None)
        assert "not_compared" in [note.code for note in result.warnings]


def test_before_the_rows_begin_there_is_nothing_to_compare(opened, table, make):
    """Every bucket is absent and says when rows begin; none of them is a zero."""
    report = opened({"core_visits": table(*COMPARED)}, make()).compute(
        "CORE-T-001", grain="month", compare="previous", as_of="2020-01-01"
    )

    assert len(report) == 12
    assert {(each.value, each.reason, each.comparison.change) for each in report} == {
        (None, Reason.NO_ROWS, None)
    }
    assert all("begin at 2024-05-30T12:00:00Z" in each.message for each in report)


def test_a_finished_period_is_not_stale(opened, table, make):
    """Its data reach its end; only the running one is looked at from now."""
    days = [dt.datetime(2025, month, day) for month in (4, 5, 6) for day in (1, 15, 28)]
    kpi = make(frequency="weekly")
    report = opened({"core_visits": table(*({"at": day} for day in days))}, kpi).compute(
        kpi.id, window="2025-04-01..2025-06-30", grain="month"
    )

    assert [(each.period, each.stale) for each in report] == [
        ("2025-04", False),
        ("2025-05", False),
        ("2025-06", False),
    ]
