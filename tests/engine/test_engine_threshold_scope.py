"""Thresholds belong to the window and population that they were set for (semantics rule 8)."""

from __future__ import annotations

import datetime as dt

import pytest

from kpisdk import (
    Calculator,
    Difference,
    Estimate,
    Formula,
    Mean,
    Ratio,
    Reason,
    RequiredSlice,
    Simple,
    Status,
    Trailing,
    count,
    count_distinct,
    maximum,
    total,
)
from kpisdk.cli.gate.exit_codes import GateExit, GateRule, gate_exit
from kpisdk.windows import CalendarPeriod, Everything, ToDate, parse_window

BOUNDS = {"target": 3, "warning": 2, "critical": 1}
ROWS = [
    {"at": dt.datetime(2025, month, 3), "site": "a", "amount": 1.0, "done": True}
    for month in (3, 4, 5, 6)
]


@pytest.fixture
def counted(make):
    """The number of visits of 30 days, of which three are aimed at."""
    return make(**BOUNDS)


@pytest.mark.parametrize(
    "request_",
    [
        {"window": "2025"},
        {"window": "last 60 days"},
        {"window": "last 7 days"},
        {"window": "all"},
        {"window": "last 1 months"},
        {"window": "mtd"},
        {"window": "2025-06"},
        {"where": {"site": "a"}},
        {"by": ["site"]},
        {"grain": "month"},
        {"grain": "month", "window": "2025-04-01..2025-04-30"},
    ],
)
def test_a_count_over_another_window_or_population_has_no_status(opened, table, counted, request_):
    """The value stands; the reason says why it is not judged."""
    workspace = opened({"core_visits": table(*ROWS)}, counted)

    results = workspace.compute(counted.id, as_of="2025-06-20", **request_)

    assert {each.status for each in results} == {Status.UNKNOWN}
    known = [each for each in results if each.value is not None]
    assert {each.reason for each in known} == {Reason.THRESHOLDS_DO_NOT_APPLY}
    assert all("were set for the window 'last 30 days'" in each.message for each in known)
    assert all("rule" not in each.details for each in results)


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"as_of": "2025-06-20"},
        {"window": "last 30 days"},
        {"window": "2025-04-01..2025-04-30"},
        {"window": "2025-04-10T06:00Z..2025-05-10T06:00Z"},
        {"window": "2025-04"},
    ],
)
def test_a_count_is_judged_over_its_own_length_wherever_that_lies(opened, table, counted, request_):
    """Any thirty days: one visit is a warning."""
    (result,) = opened({"core_visits": table(*ROWS)}, counted).compute(counted.id, **request_)

    assert (result.value, result.status, result.reason) == (1, Status.WARNING, None)


def test_a_share_is_judged_everywhere(opened, table, make, visits):
    """It does not grow with its window."""
    share = make(
        Ratio(count(visits, visits["done"].is_true()), count(visits)),
        unit="ratio",
        target=0.9,
        warning=0.5,
        critical=0.2,
    )
    workspace = opened({"core_visits": table(*ROWS)}, share)

    for request in ({"window": "2025"}, {"by": ["site"]}, {"grain": "month"}):
        results = workspace.compute(
            share.id,
            as_of="2025-06-20",
            window="2025",
            **{key: each for key, each in request.items() if key != "window"},
        )
        assert {each.status for each in results if each.value is not None} == {Status.GOOD}


def test_a_gate_does_not_pass_what_could_not_be_judged(opened, table, counted):
    """Exit 3, and with ``--unknown ok`` 0: unlike a KPI that has no target at all."""
    report = opened({"core_visits": table(*ROWS)}, counted).compute(counted.id, window="2025")

    assert gate_exit(report.results, [counted.id], GateRule()) is GateExit.NOT_JUDGED
    assert gate_exit(report.results, [counted.id], GateRule(unknown_ok=True)) is GateExit.PASSED


def test_a_slice_that_the_kpi_needs_is_its_population(opened, table, make):
    """Thresholds of a KPI that needs a site are those of one site."""
    kpi = make(requires=RequiredSlice("site"), **BOUNDS)
    workspace = opened({"core_visits": table(*ROWS)}, kpi)

    (one,), (two,) = (
        workspace.compute(kpi.id, where={"site": sites}) for sites in ("a", ["a", "b"])
    )
    (each,) = workspace.compute(kpi.id, by=["site"])

    assert [r.status for r in (one, two, each)] == [Status.WARNING, Status.UNKNOWN, Status.WARNING]


@pytest.mark.parametrize(
    ("rule", "window", "judged"),
    [
        (CalendarPeriod("month"), "2025-04", True),
        (CalendarPeriod("month"), "2025-03-01..2025-03-31", True),
        (CalendarPeriod("month"), "2025-04-02..2025-05-01", False),
        (CalendarPeriod("month"), "2025-06", False),  # it still runs
        (CalendarPeriod("month", is_current=False), "2025-04", True),
        (Everything(), "all", True),
        (Everything(), "2025", False),
        (ToDate("month"), "2025-04-01..2025-04-10", True),
        (ToDate("month"), "2025-04-02..2025-04-10", False),
        (parse_window("last 1 months"), "2025-04-10..2025-05-09", True),
        (parse_window("last 1 months"), "2025-04-10..2025-05-10", False),
        (Trailing(1), "2025-04-10", True),
        (None, "2025", True),
    ],
)
def test_the_own_length_is_what_the_rule_could_give(answer, make, rule, window, judged):
    """Of a calendar month any whole one, of a month to date any beginning of one."""
    result = answer(ROWS, make(window=rule, **BOUNDS), window=window, as_of="2025-06-20")

    assert (result.reason is None) is judged


def test_what_grows_follows_from_the_calculation(make, visits):
    """Counts and sums do, quotients and extremes do not; the record has the last word."""
    rows, amount = count(visits), visits["amount"]
    grows = {
        "count": make(Simple(rows)),
        "distinct": make(Simple(count_distinct(visits, visits["site"]))),
        "sum": make(Simple(total(visits, amount)), unit="points"),
        "difference": make(Difference(total(visits, amount), rows), unit="points"),
        "calculator of a count": make(Calculator(lambda inputs: Estimate.of(1.0)), window=None),
        "said so": make(Mean(visits, amount), unit="points", extensive=True),
    }
    stays = {
        "ratio": make(Ratio(rows, rows), unit="ratio"),
        "largest": make(Simple(maximum(visits, amount)), unit="points"),
        "mean": make(Mean(visits, amount)),
        "calculator": make(Calculator(lambda inputs: Estimate.of(1.0)), unit="score", window=None),
        "formula": make(Formula({"n": rows}, lambda values: Estimate.of(1.0)), unit="score"),
        "said so": make(Simple(rows), extensive=False),
    }

    assert [name for name, kpi in grows.items() if not kpi.is_extensive] == []
    assert [name for name, kpi in stays.items() if kpi.is_extensive] == []
