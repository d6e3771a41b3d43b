"""Comparisons that come out of a request: the change, its interval, and whether it is settled."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from kpisdk import IntervalReason, Ratio, Trailing, count, sample
from kpisdk.contracts.sampling import CENSUS, STORED
from kpisdk.statistics import wilson

MAY_TO_JUNE = {"window": "2025-06", "as_of": "2025-07-01", "compare": "previous"}


@pytest.fixture
def months(table):
    """``months(now, before)``: visits of June and of May, so many at site ``a`` of so many."""

    def made(now, before):
        return table(
            *(
                {"at": dt.datetime(2025, month, 1 + place % 28), "site": "ab"[place >= hits]}
                for month, (hits, rows) in ((6, now), (5, before))
                for place in range(rows)
            )
        )

    return made


@pytest.fixture
def change(opened, make, months, visits):
    """``change(now, before, …)``: the comparison of the share of site ``a`` in June with May."""

    def asked(now, before, *, request=None, **facts):
        share = Ratio(count(visits, visits["site"].equals("a")), count(visits))
        kpi = make(share, window=Trailing(30), unit="ratio", **facts)
        workspace = opened({"core_visits": months(now, before)}, kpi)
        return workspace.compute(kpi.id, **(request or MAY_TO_JUNE))[-1].comparison

    return asked


def newcombe(now, before):
    """The limits of a difference of independent shares (R. G. Newcombe 1998, method 10)."""
    p, q = now[0] / now[1], before[0] / before[1]
    one, two = wilson(*now), wilson(*before)
    low = math.hypot(p - one.low, two.high - q)
    high = math.hypot(one.high - p, q - two.low)
    return p - q - low, p - q + high


def test_a_change_of_independent_rows_has_newcombes_interval(change):
    found = change((40, 80), (20, 80), sampling=sample())

    assert found.change == 0.25
    assert (found.interval.low, found.interval.high) == pytest.approx(newcombe((40, 80), (20, 80)))
    assert (found.interval.method, found.interval.unit) == ("newcombe", "row")
    assert found.decided is True


def test_a_small_change_is_not_settled(change):
    found = change((42, 80), (40, 80), sampling=sample())

    assert found.interval.low < 0 < found.interval.high
    assert found.decided is False


@pytest.mark.parametrize(
    ("sampling", "reason", "decided"),
    [(CENSUS, IntervalReason.CENSUS, True), (STORED, IntervalReason.STORED, None)],
)
def test_a_census_changes_exactly_and_a_stored_figure_nobody_knows_how_surely(
    change, sampling, reason, decided
):
    found = change((40, 80), (20, 80), sampling=sampling)

    assert (found.interval, found.interval_reason, found.decided) == (None, reason, decided)


def test_who_wants_no_intervals_gets_none_of_the_change_either(change):
    found = change((40, 80), (20, 80), request={**MAY_TO_JUNE, "intervals": "none"})

    assert (found.interval, found.interval_reason) == (None, IntervalReason.NOT_ASKED)


def test_a_period_that_still_runs_has_no_change_to_be_sure_of(change):
    found = change((40, 80), (20, 80), request={**MAY_TO_JUNE, "as_of": "2025-06-20"})

    assert (found.change, found.interval, found.decided) == (None, None, None)


def test_in_a_trend_each_bucket_has_the_interval_of_its_change(change):
    request = {"window": "2025-05-01..2025-06-30", "as_of": "2025-07-01", "compare": "previous"}
    found = change((40, 80), (20, 80), request={**request, "grain": "month"}, sampling=sample())

    assert (found.interval.low, found.interval.high) == pytest.approx(newcombe((40, 80), (20, 80)))
