"""A KPI of several sources: the first with a value answers, and disagreement is named."""

from __future__ import annotations

import pytest

from kpisdk import (
    Calculator,
    Estimate,
    FirstOf,
    Option,
    Parameter,
    Reason,
    Simple,
    Trailing,
    maximum,
)


def codes(result):
    """The codes of a result's warnings."""
    return {note.code for note in result.warnings}


def external(value):
    """A calculator that asks no source of rows (a tracking server)."""

    def function(inputs):
        return (
            Estimate.of(value)
            if value is not None
            else Estimate.absent(Reason.NO_ROWS, "none there")
        )

    return Calculator(function)


def first_of(visits, stored, far=None, tolerance=0.5):
    """Amounts, else units, else what a server says."""
    return FirstOf(
        (
            Option("stored", Simple(maximum(visits, visits["amount"]))),
            Option("computed", Simple(maximum(visits, visits["units"])), Trailing(400)),
            Option("far", external(far)),
        ),
        tolerance=tolerance,
    )


@pytest.fixture
def fallback(make, visits):
    """A KPI of three sources, one of which a parameter can force."""
    choice = Parameter("source", "text")
    return make(first_of(visits, None, far=9.0), parameters=(choice,), base=visits)


@pytest.mark.parametrize(
    ("row", "parameters", "value", "answered"),
    [
        ({"amount": 1.0, "units": 1}, {}, 1, "stored"),
        ({"units": 2}, {}, 2, "computed"),
        ({}, {}, 9, "far"),
        ({"amount": 1.0, "units": 2}, {"source": "computed"}, 2, "computed"),
        ({"amount": 1.0}, {"source": "far"}, 9, "far"),
    ],
)
def test_the_first_source_with_a_value_answers(answer, fallback, row, parameters, value, answered):
    """In order, or the one that is forced; the result names it."""
    result = answer([row], fallback, parameters=parameters)

    assert (result.value, result.answered_by) == (value, answered)


def test_a_forced_source_that_has_nothing_is_not_replaced(answer, fallback):
    """Its own reason stands; an unknown one is refused with those there are."""
    forced = answer([{"units": 2}], fallback, parameters={"source": "stored"})
    unknown = answer([{"units": 2}], fallback, parameters={"source": "'; --"})

    assert (forced.value, forced.reason) == (None, Reason.NO_ROWS)
    assert (unknown.value, unknown.reason) == (None, Reason.MISSING_PARAMETER)
    assert "stored, computed and far" in unknown.message


def test_sources_that_disagree_are_named_with_both_values(answer, fallback):
    """Beyond the tolerance; the external one is not even asked where others answer."""
    apart = answer([{"amount": 1.0, "units": 2}], fallback)
    alike = answer([{"amount": 1.0, "units": 1}], fallback)

    assert codes(apart) == {"sources_disagree", "few_rows"}
    assert any("stored says 1 and computed says 2" in each.message for each in apart.warnings)
    assert codes(alike) == {"few_rows"}


def test_when_no_source_answers_all_reasons_are_said(opened, table, make, visits):
    """Each under its name; a missing column is one of them."""
    kpi = make(first_of(visits, None), base=visits)
    workspace = opened({"core_visits": table({}).drop(columns="amount")}, kpi)

    result = workspace.compute(kpi.id)[0]

    assert (result.value, result.reason) == (None, Reason.MISSING_COLUMN)
    for words in ("stored: ", "'amount'", "computed: ", "far: none there"):
        assert words in result.message


def test_each_slice_takes_its_own_first_source(opened, table, make, visits):
    """One site has stored figures, another computed ones; the whole's figure answers for none."""
    kpi = make(first_of(visits, None, far=9.0), base=visits)
    rows = [{"site": "a", "amount": 1.0, "units": 1}, {"site": "b", "units": 5}, {"site": "c"}]

    report = opened({"core_visits": table(*rows)}, kpi).compute(kpi.id, by=["site"])

    assert [(each.value, each.answered_by) for each in report][:2] == [
        (1, "stored"),
        (5, "computed"),
    ]
    assert report[2].value is None
    assert "holds one figure for the whole" in report[2].message
