"""Trends and comparisons: every bucket has a result, and part of a period no change (rule 2)."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kpisdk import (
    Calculator,
    Estimate,
    FrameInput,
    Mean,
    Median,
    Ratio,
    Reason,
    Simple,
    count,
    count_distinct,
    total,
)
from kpisdk.engine import cell_results
from kpisdk.testing import ENGINES

FEW = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def on(day: str, **facts) -> dict:
    """A visit at noon of a day."""
    return {"at": dt.datetime.fromisoformat(f"{day}T12:00"), "site": "a", **facts}


def spread(start: str, days: int) -> list[dict]:
    """A visit on each of so many days."""
    first = dt.date.fromisoformat(start)
    return [on((first + dt.timedelta(days=each)).isoformat()) for each in range(days)]


def codes(result) -> list[str]:
    """The codes of a result's warnings."""
    return [note.code for note in result.warnings]


MARCH = [on("2025-03-06"), on("2025-03-06", site="b", amount=2.0), on("2025-03-09", amount=4.0)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_day_without_rows_counts_zero_on_every_engine(
    source_on, opened, table, make, visits, engine
):
    """A count is 0, a mean is absent; both have a result for each day."""
    kpis = (make(), make(Mean(visits, visits["amount"]), "CORE-T-002", unit="points"))
    workspace = opened(source_on(engine, {"core_visits": table(*MARCH)}, [visits]), *kpis)

    report = workspace.compute(
        "CORE-T-001", "CORE-T-002", window="2025-03-06..2025-03-09", grain="day", as_of="2025-04-01"
    )

    counts, means = ([each for each in report if each.kpi_id == kpi.id] for kpi in kpis)
    days = [f"2025-03-0{day}" for day in (6, 7, 8, 9)]
    assert [(each.period, each.value) for each in counts] == list(
        zip(days, (2, 0, 0, 1), strict=True)
    )
    assert [(each.period, each.value) for each in means] == list(
        zip(days, (2, None, None, 4), strict=True)
    )
    assert [each.reason for each in means[1:3]] == [Reason.NO_ROWS] * 2


def test_every_slice_of_the_window_is_in_every_bucket(opened, table, make):
    """Site b occurs on one day, and is 0 on the others."""
    workspace = opened({"core_visits": table(*MARCH)}, make())

    report = workspace.compute(
        "CORE-T-001", window="2025-03-06..2025-03-09", grain="day", by=["site"], as_of="2025-04-01"
    )

    found = {(each.period[-2:], each.slice["site"]): each.value for each in report}
    assert found == {
        (day, site): {("06", "a"): 1, ("06", "b"): 1, ("09", "a"): 1}.get((day, site), 0)
        for day in ("06", "07", "08", "09")
        for site in ("a", "b")
    }


def test_buckets_that_begin_at_or_after_as_of_are_not_shown(opened, table, make):
    """As_of on the first instant of the 8th: the 8th has not begun."""
    workspace = opened({"core_visits": table(*MARCH)}, make())

    report = workspace.compute(
        "CORE-T-001", window="2025-03-06..2025-03-31", grain="day", as_of="2025-03-08"
    )

    assert [each.period for each in report] == ["2025-03-06", "2025-03-07"]


def test_an_open_window_begins_with_the_first_row(opened, table, make):
    """Of all time, the years from the first row's to that of as_of."""
    rows = [on("2021-05-01"), on("2024-05-01")]
    report = opened({"core_visits": table(*rows)}, make()).compute(
        "CORE-T-001", window="all", grain="year", as_of="2025-06-01"
    )

    assert [(each.period, each.value) for each in report] == [
        ("2021", 1), ("2022", 0), ("2023", 0), ("2024", 1), ("2025", 0),
    ]  # fmt: skip


def test_a_share_of_everything_is_zero_where_the_slice_has_no_row(opened, table, make, visits):
    """Site b has none of the rows of the 9th, and there are some."""
    share = make(Ratio(count(visits), count(visits, across=("site",))), unit="ratio")
    report = opened({"core_visits": table(*MARCH)}, share).compute(
        share.id, window="2025-03-08..2025-03-09", grain="day", by=["site"],
        where={"site": ["a", "b"]}, as_of="2025-04-01",
    )  # fmt: skip
    both = opened({"core_visits": table(*MARCH)}, share).compute(
        share.id, window="2025-03-06..2025-03-09", grain="day", by=["site"], as_of="2025-04-01"
    )

    assert [each.value for each in report] == [None, 1]
    found = {(each.period[-2:], each.slice["site"]): each.value for each in both}
    assert (found["06", "b"], found["07", "b"], found["09", "b"]) == (0.5, None, 0)


def test_too_many_results_are_refused(opened, table, make, monkeypatch):
    """Slices times buckets have a limit; nothing is cut off in silence."""
    monkeypatch.setattr(cell_results, "MOST_CELLS", 7)
    workspace = opened({"core_visits": table(*MARCH)}, make())

    (refused,) = workspace.compute(
        "CORE-T-001", window="2025-03-06..2025-03-09", grain="day", by=["site"], as_of="2025-04-01"
    )

    assert (refused.value, refused.reason) == (None, Reason.UNSUPPORTED_SLICE)
    assert "8 results were requested, and one KPI gives 7 at most" in refused.message


def test_a_calculator_sees_the_window_of_its_bucket(opened, table, make, visits):
    """And is asked for the buckets without rows, too."""
    seen = []

    def rows_of(inputs):
        seen.append((inputs.window.start.day, inputs.window.end.day))
        return Estimate.of(float(len(inputs.frames["rows"])))

    kpi = make(Calculator(rows_of, (FrameInput("rows", visits, ("site",)),)), base=visits)
    report = opened({"core_visits": table(*MARCH)}, kpi).compute(
        kpi.id, window="2025-03-06..2025-03-09", grain="day", as_of="2025-04-01"
    )

    assert [each.value for each in report] == [2, 0, 0, 1]
    assert sorted(seen) == [(6, 7), (7, 8), (8, 9), (9, 10)]


HISTORY = spread("2025-02-01", 42)
"""A visit a day from 1 February to 14 March."""


@pytest.mark.parametrize(
    "window", ["this month", "2025-03", "2025-03-01..2025-03-31", "this year", "2025", "2025-Q1"]
)
@pytest.mark.parametrize("compare", ["previous", "year"])
def test_a_running_period_has_no_change(opened, table, make, window, compare):
    """However it is requested: the values stand side by side, and a warning says why."""
    rows = [*HISTORY, *spread("2024-01-01", 366)]
    (result,) = opened({"core_visits": table(*rows)}, make()).compute(
        "CORE-T-001", window=window, as_of="2025-03-15", compare=compare
    )

    assert (result.comparison.change, result.comparison.relative) == (None, None)
    assert result.comparison.value is not None
    assert {"unfinished_period", "partial_comparison"} <= set(codes(result))


def test_finished_periods_and_periods_to_date_have_a_change(opened, table, make):
    """February against the ten days of January that there are; fourteen days against fourteen."""
    rows = [*spread("2025-01-22", 10), *HISTORY]
    workspace = opened({"core_visits": table(*rows)}, make())
    asked = {"as_of": "2025-03-15", "compare": "previous"}

    (month,), (to_date,) = (
        workspace.compute("CORE-T-001", window=window, **asked) for window in ("last month", "mtd")
    )

    assert (month.value, month.comparison.change) == (28, 18)
    assert (to_date.value, to_date.comparison.change) == (14, 0)
    assert not {"unfinished_period", "partial_comparison"} & {*codes(month), *codes(to_date)}


def test_a_period_to_date_that_is_longer_than_the_one_before_has_no_change(opened, table, make):
    """Thirty days of March and a half, against all 28 of February."""
    rows = spread("2025-02-01", 59)
    (result,) = opened({"core_visits": table(*rows)}, make()).compute(
        "CORE-T-001", window="mtd", as_of="2025-03-31T12:00Z", compare="previous"
    )

    assert (result.value, result.comparison.value, result.comparison.change) == (30, 28, None)
    assert "partial_comparison" in codes(result)


def test_the_first_and_the_last_bucket_of_a_trend_have_no_change(opened, table, make):
    """Cut by the window, and running."""
    rows = spread("2025-01-01", 73)
    report = opened({"core_visits": table(*rows)}, make()).compute(
        "CORE-T-001", window="2025-01-10..2025-12-31", grain="month", as_of="2025-03-15",
        compare="previous",
    )  # fmt: skip

    changes = [(each.period, each.comparison.change) for each in report]
    assert changes == [("2025-01", None), ("2025-02", -3), ("2025-03", None)]


def test_days_that_are_there_are_whole_and_an_instant_is_not(opened, table, make, visits):
    """A day column that ends on 28 February holds February; a row at noon of that day does not."""
    rows = [{**each, "day": each["at"].date()} for each in spread("2025-01-01", 59)]
    days = make(Simple(count(visits.timed_by("day"))), "CORE-T-002")
    workspace = opened({"core_visits": table(*rows)}, make(), days)
    asked = {"window": "2025-02", "compare": "previous"}

    (instants,), (whole,) = (workspace.compute(kpi, **asked) for kpi in ("CORE-T-001", days.id))

    assert (instants.comparison.change, whole.comparison.change) == (None, -3)
    assert ("unfinished_period" in codes(instants), codes(whole)) == (True, [])


def test_before_the_first_row_there_is_no_partner(opened, table, make):
    """March has no February to be compared with: it is not 31 more than none."""
    (result,) = opened({"core_visits": table(*spread("2025-03-01", 31))}, make()).compute(
        "CORE-T-001", window="2025-03", as_of="2025-04-10", compare="previous"
    )

    assert (result.value, result.comparison.value, result.comparison.change) == (31, None, None)
    (note,) = [note for note in result.warnings if note.code == "not_compared"]
    assert "begin at 2025-03-01T12:00:00Z" in note.message


def test_a_period_within_which_rows_begin_is_named(opened, table, make):
    """The first row is of 15 February: March is compared with half of it, and says so."""
    workspace = opened({"core_visits": table(*spread("2025-02-15", 60))}, make())
    asked = {"as_of": "2025-04-10", "compare": "previous"}

    (month,) = workspace.compute("CORE-T-001", window="2025-03", **asked)
    trend = workspace.compute("CORE-T-001", window="2025-03-01..2025-03-31", grain="week", **asked)

    assert month.comparison.change == 31 - 14
    assert "history_begins" in codes(month)
    assert not any("history_begins" in codes(each) for each in trend)


def test_slices_of_one_period_only_are_listed_and_counted_as_zero(opened, table, make):
    """Site b went and site c came."""
    rows = [on("2025-01-05"), on("2025-02-05"), on("2025-02-06", site="b"), on("2025-03-05")]
    rows += [on("2025-03-06", site="c")] * 2
    report = opened({"core_visits": table(*rows)}, make()).compute(
        "CORE-T-001", window="2025-03", as_of="2025-04-10", by=["site"], compare="previous"
    )

    assert {
        each.slice["site"]: (each.value, each.comparison.value, each.comparison.change)
        for each in report
    } == {"a": (1, 1, 0), "b": (0, 1, -1), "c": (2, 0, 2)}


# --- what must not change -------------------------------------------------------------------------

CUTS = ({}, {"by": ["site"]}, {"grain": "week"}, {"by": ["site"], "grain": "week"})
ROWS = st.lists(
    st.tuples(st.integers(0, 70), st.sampled_from("abc"), st.integers(0, 9)),
    min_size=1,
    max_size=12,
)


def visits_of(rows, shift: int = 0) -> list[dict]:
    """Visits so many days after 10 January 2024, past 29 February and any change of clocks."""
    start = dt.datetime(2024, 1, 10, 6)
    return [
        {"at": start + dt.timedelta(days=day + shift), "site": site, "amount": float(amount)}
        for day, site, amount in rows
    ]


@FEW
@given(ROWS, st.integers(-30, 30))
def test_moving_rows_and_as_of_moves_the_answer(opened, table, make, visits, rows, shift):
    """By whole days, in UTC: values, and the windows that they stand for."""
    kpi = make(Mean(visits, visits["amount"]), unit="points")

    def answered(by: int):
        as_of = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC) + dt.timedelta(days=by)
        workspace = opened({"core_visits": table(*visits_of(rows, by))}, kpi)
        return workspace.compute(kpi.id, as_of=as_of, window="last 21 days", compare="previous")[0]

    here, there = answered(0), answered(shift)

    moved = dt.timedelta(days=shift)
    assert (here.value, here.n, here.reason) == (there.value, there.n, there.reason)
    assert (here.window.start + moved, here.window.end + moved) == (
        there.window.start, there.window.end,
    )  # fmt: skip
    assert here.comparison.value == there.comparison.value


@FEW
@given(ROWS)
def test_slices_and_buckets_add_up_and_a_future_row_changes_nothing(
    opened, table, make, visits, rows
):
    """An additive count over all slices and weeks is the count of the window."""
    kpis = (make(), make(Simple(total(visits, visits["amount"])), "CORE-T-002", unit="points"))
    asked = {"as_of": "2024-03-05", "window": "2024-01-15..2024-03-03"}
    future = {"at": dt.datetime(2024, 3, 5), "site": "z", "amount": 99.0}

    def answers(more=()):
        workspace = opened({"core_visits": table(*visits_of(rows), *more)}, *kpis)
        return [
            [(each.period, tuple(each.slice.values()), each.value) for each in report]
            for report in (
                workspace.compute(*(kpi.id for kpi in kpis), **asked, **cut)
                for cut in CUTS
            )
        ]  # fmt: skip

    before = answers()
    assert answers([future]) == before
    for cut in before[1:]:
        whole = [value or 0 for _, _, value in before[0]]
        assert sum(value or 0 for _, _, value in cut) == pytest.approx(sum(whole))


@FEW
@given(ROWS, st.sampled_from(["day", "week", "month"]))
def test_a_bucket_is_what_its_window_gives_alone(opened, table, make, visits, rows, grain):
    """Values, numbers of rows, reasons: in every bucket, with rows or not."""
    kpis = (
        make(),
        make(Median(visits, visits["amount"]), "CORE-T-002", unit="points"),
        make(Simple(count_distinct(visits, visits["site"])), "CORE-T-003"),
    )
    workspace = opened({"core_visits": table(*visits_of(rows))}, *kpis)
    ids = [kpi.id for kpi in kpis]
    asked = {"as_of": "2024-03-20"}

    trend = workspace.compute(*ids, window="2024-01-29..2024-02-18", grain=grain, **asked)

    windows = {(each.window.start, each.window.end) for each in trend}
    for start, end in windows:
        last = end - dt.timedelta(days=1)
        text = f"{start.date()}..{last.date()}"
        for alone in workspace.compute(*ids, window=text, **asked):
            (bucket,) = [
                each for each in trend if each.kpi_id == alone.kpi_id and each.window.start == start
            ]
            assert (bucket.value, bucket.n, bucket.reason) == (alone.value, alone.n, alone.reason)
    ends = sorted({(each.window.start, each.window.end) for each in trend})
    assert all(one[1] == other[0] for one, other in pairwise(ends))
