"""Connections that break: at every message of a computation, and what then comes of it."""

from __future__ import annotations

import pytest

from kpisdk import Median, Reason
from kpisdk.settings import Settings, SourceSettings

RIGHT = {"a": 15.5, "b": 35.5}
"""The medians of 1 to 30 in group a, and of 31 to 40 in group b."""


@pytest.fixture
def asked(proxy, source_on, table, visits, make, opened):
    """``asked(retries)``: a computation through the proxy."""
    rows = [{"amount": float(i + 1), "site": "a" if i < 30 else "b"} for i in range(40)]
    url = source_on("postgresql", {"core_visits": table(*rows)}, [visits])
    kpi = make(Median(visits, visits["amount"]), window=None)

    def ask(retries=2):
        source = SourceSettings(url=proxy.through(url), retries=retries)
        workspace = opened("cut", kpi, settings=Settings(sources={"cut": source}))
        return workspace.compute(kpi.id, by="site").results

    return ask


def is_right(results):
    """Whether both groups have their value, and the interval that goes with it."""
    found = {each.slice["site"]: each for each in results if each.slice}
    values = {site: each.value for site, each in found.items()}
    return values == RIGHT and all(each.interval is not None for each in results)


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_connection_that_breaks_once_at_any_message_costs_nothing(proxy, asked, side):
    """Every cut point of one computation is run: its start, its savepoints, its end."""
    whole = proxy.cuts(side, None)
    assert is_right(asked())
    points = whole.seen[side]
    assert points > 50

    wrong = {}
    for point in range(1, points + 1):
        proxy.cuts(side, point)
        results = asked()
        if not is_right(results):
            wrong[point] = [(each.value, each.reason, each.message) for each in results]

    assert wrong == {}


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_connection_that_breaks_every_time_is_told_or_comes_too_late(proxy, asked, side):
    """After the allowed attempts the KPI is absent; a break after the last answer is none."""
    whole = proxy.cuts(side, None)
    asked()
    points = whole.seen[side]

    late, wrong = [], {}
    for point in range(1, points + 1):
        cut = proxy.cuts(side, point, connections=2)
        results = asked(retries=1)
        absent = [(each.value, each.reason) for each in results]
        if is_right(results):
            late.append(point)
        elif absent != [(None, Reason.SOURCE_UNAVAILABLE)] or cut.connections:
            wrong[point] = [(each.value, each.reason, each.message) for each in results]

    assert wrong == {}
    # What is left at the end: releasing the last savepoint, and rolling back.
    assert late == list(range(points - len(late) + 1, points + 1))
    assert len(late) < points / 3


def test_without_retries_a_break_is_told_at_once(proxy, asked):
    """In the middle of the statements, say."""
    whole = proxy.cuts("client", None)
    asked()
    cut = proxy.cuts("client", whole.seen["client"] // 2)

    (result,) = asked(retries=0)

    assert (result.value, result.reason) == (None, Reason.SOURCE_UNAVAILABLE)
    assert "lost" in result.message
    assert cut.connections == 0
