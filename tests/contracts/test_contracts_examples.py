"""Examples as records: what they refuse, and that they are no part of a KPI's meaning."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from kpisdk import (
    Column,
    Dataset,
    DefinitionError,
    Example,
    Expected,
    Kpi,
    Reference,
    Simple,
    count,
)
from kpisdk.registry.fingerprint import fingerprint

SHOPS = Dataset("shops", (Column("shop", "text", key=True),))
SALES = Dataset(
    "sales",
    (
        Column("at", "timestamp"),
        Column("shop", "text"),
        Column("doc", "json"),
        Column("units", "int"),
    ),
    "at",
    (Reference("shop", SHOPS),),
)
KPI = Kpi(
    id="SALES-001",
    name="Sales",
    workstream="shop",
    definition="Number of sales.",
    formula="count(sales)",
    calculation=Simple(count(SALES)),
    unit="count",
)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "names nothing that must come out"),
        ({"slice": {"shop": "x"}}, "names nothing that must come out"),
        ({"value": 1, "reason": "no_rows"}, "no_rows leaves no value"),
    ],
)
def test_an_expectation_that_could_not_fail_is_refused(facts, words):
    """Or that could only fail."""
    with pytest.raises(DefinitionError, match=words):
        Expected(**facts)


def test_a_value_without_thresholds_has_a_reason_beside_it():
    """``no_target`` says why there is no status, not why there is no value."""
    assert Expected(value=1, reason="no_target").facts == {"value": 1, "reason": "no_target"}


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"expected": ()}, "could not fail"), ({"tolerance": 0}, "must be above 0")],
)
def test_an_example_must_be_able_to_fail(facts, words):
    """Nothing expected, or no number near enough: both are refused."""
    with pytest.raises(DefinitionError, match=words):
        Example(**{"rows": {}, "expected": Expected(value=1), **facts})


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ({"sale": []}, "examples.1.rows.sale: is no table that the KPI reads"),
        ({"sales": [{}, {"unit": 1}]}, "rows.sales.2.unit: is not a column of 'sales'; did you"),
        ({"sales": [{"units": "x"}]}, "examples.1.rows.sales.1.units: 'x' is not int"),
        ({"sales": [{"doc": {}}]}, "examples.1.rows.sales.1.doc: '{}' is not json; put it in"),
        ({"shops": [{"shop": 1}]}, "examples.1.rows.shops.1.shop: '1' is not text"),
    ],
)
def test_rows_that_do_not_fit_the_tables_are_refused_with_the_kpi(rows, fault):
    """A misspelt column would be a missing value, and nobody would know."""
    example = Example(rows=rows, expected=Expected(value=1))

    with pytest.raises(DefinitionError) as caught:
        attrs.evolve(KPI, examples=(example,))

    assert fault in str(caught.value)


def test_rows_may_be_of_tables_that_are_referred_to():
    """Their columns are dimensions."""
    rows = {"sales": [{"at": dt.datetime(2026, 1, 1), "doc": "{}"}], "shops": [{"shop": "x"}]}

    assert Example(rows=rows, expected=Expected(value=1)).faults(KPI.datasets) == []


def test_a_kpi_of_the_clock_needs_the_instant_of_its_examples():
    """The example would come out otherwise tomorrow."""
    example = Example(rows={}, expected=Expected(value=1))

    with pytest.raises(DefinitionError, match=r"examples\.1\.as_of: is needed"):
        attrs.evolve(KPI, clock=True, examples=(example,))


def test_examples_change_neither_equality_nor_fingerprint():
    """They test what a KPI means; they are no part of it."""
    tested = attrs.evolve(KPI, examples=(Example(rows={}, expected=Expected(value=1)),))

    assert tested == KPI
    assert fingerprint(tested) == fingerprint(KPI)


def test_dimensions_refuse_every_other_column():
    """Also those that nobody declared and the table has."""
    kpi = attrs.evolve(KPI, dimensions=("shop",), refuses={"shop": "not now"})

    assert kpi.refusal("region") == "its definition allows shop"
    assert kpi.refusal("shop") == "not now"
    assert attrs.evolve(KPI, dimensions=()).refusal("shop") == "its definition allows no dimensions"
    assert KPI.refusal("region") is None
