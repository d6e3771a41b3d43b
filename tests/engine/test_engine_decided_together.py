"""Families: which results are decided together, and what becomes of their status."""

import attrs
import pytest

from kpisdk.contracts.certainty import Family
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Status, Unit
from kpisdk.engine.decided_together import with_families


def critical(p, kpi_id="A-1", **facts):
    """A critical result of which chance would make another status with probability p."""
    plain = {"value": 0.1, "status": Status.CRITICAL, "decided": None if p is None else p <= 0.05}
    return Result(
        kpi_id=kpi_id, name="A", workstream="a", unit=Unit.RATIO, status_p=p, **{**plain, **facts}
    )


def decided(results, **request):
    """What becomes of results in order: (decided, method, size)."""
    found = with_families(results, Request(("A-1", "B-1"), **request))
    return [
        (each.decided, each.family and each.family.method.value, each.family and each.family.size)
        for each in found
    ]


def test_slices_are_decided_together_by_holms_procedure():
    """0.05 / 3 = 0.0167 for the least p, 0.05 / 2 for the next: 0.03 does not pass, nor any after.

    By themselves all three would be decided.
    """
    results = [critical(p) for p in (0.03, 0.01, 0.04)]

    assert decided(results, by=["brand"]) == [
        (False, "holm", 3),
        (True, "holm", 3),
        (False, "holm", 3),
    ]


def test_benjamini_and_hochberg_let_more_pass():
    """The largest p of three passes at 0.05 itself, and with it all that are smaller."""
    results = [critical(p) for p in (0.03, 0.01, 0.04)]

    assert decided(results, by=["brand"], family="bh") == [(True, "bh", 3)] * 3


def test_each_kpi_is_a_family_of_its_own_slices():
    """Twenty slices of one KPI say nothing about the two of another."""
    few = [critical(0.02, "B-1"), critical(0.04, "B-1")]
    many = [critical(0.02) for _ in range(20)]

    found = decided([*few, *many], by=["brand"])

    assert found[:2] == [(True, "holm", 2), (True, "holm", 2)]
    assert found[2:] == [(False, "holm", 20)] * 20


def test_all_kpis_of_a_request_are_a_screening():
    """Without slices the results of everything that is installed are one family, by bh."""
    results = [critical(0.04, "A-1"), critical(0.2, "B-1")]

    assert decided(results, everything=True) == [(False, "bh", 2), (False, "bh", 2)]
    assert decided(results) == [(True, None, None), (False, None, None)]


def test_what_has_no_interval_is_no_member():
    """A census is decided, a stored figure is not known to be; neither counts among the others."""
    census = critical(None, decided=True)
    stored = critical(None)
    results = [census, stored, critical(0.02), critical(0.04)]

    assert decided(results, by=["brand"]) == [
        (True, None, None),
        (None, None, None),
        (True, "holm", 2),
        (True, "holm", 2),
    ]


@pytest.mark.parametrize("method", ["holm", "bh"])
def test_a_family_of_one_stays_as_it_is(method):
    """There is nothing to adjust for."""
    alone = critical(0.04)

    assert with_families([alone], Request("A-1", by=["brand"], family=method)) == (alone,)


def test_none_leaves_each_to_its_own_interval():
    """As the command line's --family none asks for."""
    results = [critical(0.04), critical(0.04)]

    assert with_families(results, Request("A-1", by=["brand"], family="none")) == tuple(results)


def test_a_family_is_written_and_read_as_json():
    """The method is its word, the size a number."""
    result = attrs.evolve(critical(0.04), family=Family("holm", 50))

    assert result.to_dict()["family"] == {"method": "holm", "size": 50}
    assert Result.from_dict(result.to_dict()) == result
