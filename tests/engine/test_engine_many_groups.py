"""A slice by a column of very many values is refused above a limit, which can be raised."""

from __future__ import annotations

import attrs
import pytest

from kpisdk import (
    Calculator,
    Estimate,
    FrameInput,
    Median,
    Reason,
    Request,
    Settings,
    Simple,
    count,
    count_distinct,
)
from kpisdk.contracts.requests import RequestError


@pytest.fixture
def asked(source_on, table, visits, make, opened):
    """``asked(engine, calculation, settings, **request)``: visits at twelve sites, by site."""
    rows = [{"site": f"s{i:02}", "amount": float(i)} for i in range(12)]

    def ask(engine="duckdb", calculation=None, settings=None, **request):
        url = source_on(engine, {"core_visits": table(*rows)}, [visits])
        kpi = make(calculation or Simple(count(visits)), window=None)
        with opened(url, kpi, settings=settings or Settings()) as workspace:
            return workspace.compute(kpi.id, by="site", **request).results

    return ask


@pytest.mark.parametrize("engine", ["frames", "duckdb", "sqlite", "postgresql", "csv"])
def test_more_groups_than_the_limit_are_refused(asked, engine):
    """On every engine, and one group too many is enough."""
    (result,) = asked(engine, max_groups=11)

    assert (result.value, result.reason) == (None, Reason.UNSUPPORTED_SLICE)
    assert "By site there are more than 11 groups" in result.message
    assert "--max-groups" in result.message


@pytest.mark.parametrize("engine", ["frames", "duckdb", "sqlite", "postgresql", "csv"])
def test_as_many_groups_as_the_limit_are_all_there(asked, engine):
    """None is cut off."""
    results = asked(engine, max_groups=12)

    assert [(each.slice["site"], each.value) for each in results] == [
        (f"s{i:02}", 1.0) for i in range(12)
    ]


@pytest.mark.parametrize("kind", ["median", "distinct", "calculator"])
def test_every_kind_of_calculation_is_bounded(asked, visits, kind):
    """Medians and exact distinct counts have statements of their own, calculators frames."""
    calculation = {
        "median": Median(visits, visits["amount"]),
        "distinct": Simple(count_distinct(visits, visits["person"])),
        "calculator": Calculator(
            lambda _: Estimate.of(1.0), (FrameInput("rows", visits, ("site",)),), visits
        ),
    }[kind]

    (refused,) = asked("duckdb", calculation, max_groups=11)

    assert refused.reason is Reason.UNSUPPORTED_SLICE
    assert len(asked("duckdb", calculation, max_groups=12)) == 12


def test_the_settings_say_another_limit(asked):
    """And a request another one than they."""
    settings = attrs.evolve(Settings(), max_groups=5)

    (refused,) = asked(settings=settings)

    assert "more than 5 groups" in refused.message
    assert len(asked(settings=settings, max_groups=20)) == 12


def test_no_more_than_one_group_too_many_is_read(source_on, table, visits, make, opened):
    """The statement itself is bounded: the memory is not filled to find out."""
    url = source_on("duckdb", {"core_visits": table({})}, [visits])
    kpi = make(Simple(count(visits)), window=None)
    with opened(url, kpi) as workspace:
        (by_site,) = workspace.explain(kpi.id, by="site", max_groups=7).statements
        (whole,) = workspace.explain(kpi.id, max_groups=7).statements

    assert "LIMIT" in by_site.sql
    assert "LIMIT" not in whole.sql


@pytest.mark.parametrize("limit", [0, -1, True, "many", 1.5])
def test_a_limit_is_a_whole_number(limit):
    """Anything else is a fault of the request."""
    with pytest.raises(RequestError, match="max_groups"):
        Request(("A-1",), max_groups=limit)
