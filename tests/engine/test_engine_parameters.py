"""Parameters: defaults, what is refused, and hostile values, which are bound."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kpisdk import (
    Derived,
    Parameter,
    ParameterRef,
    ProblemsError,
    Simple,
    UsageError,
    WindowUse,
    count,
)

PARAMETERS = (
    Parameter("least", "int", default=1, minimum=0),
    Parameter("word", "text", default="a"),
    Parameter("since", "date"),
    Parameter("share", "float", default=0.5),
    Parameter("strict", "bool", default=False),
)


@pytest.fixture
def asked(make, visits):
    """A count by parameters."""
    where = (visits["units"] >= ParameterRef("least", "int")) & visits["site"].equals(
        ParameterRef("word", "text")
    )
    return make(Simple(count(visits, where)), parameters=PARAMETERS)


def test_parameters_have_defaults_and_are_parsed(answer, asked):
    """Values as they are and as a command line gives them."""
    rows = [{"units": 1, "site": "a"}, {"units": 5, "site": "a"}, {"units": 9, "site": "b"}]

    assert answer(rows, asked).value == 2
    assert answer(rows, asked, parameters={"least": "5"}).value == 1
    assert answer(rows, asked, parameters={"least": 0, "word": "b", "strict": "yes"}).value == 1
    assert answer(rows, asked, parameters={"since": "2025-01-01", "share": "0.25"}).value == 2


def test_bad_parameters_are_refused_all_at_once(answer, asked):
    """Unknown names, wrong types and values out of range, before anything is read."""
    given = {"least": "-1", "share": "half", "since": 5, "strict": "perhaps", "colour": "red"}

    with pytest.raises(ProblemsError) as refused:
        answer([{}], asked, parameters=given)

    assert {(each.where, each.what) for each in refused.value.problems} == {
        ("CORE-T-001 least", "-1 is below 0"),
        ("CORE-T-001 share", "'half' is not float"),
        ("CORE-T-001 since", "'5' is not date"),
        ("CORE-T-001 strict", "'perhaps' is not bool"),
        (
            "colour",
            (
                "is a parameter of none of the KPIs asked for; "
                "they have: least, share, since, strict and word"
            ),
        ),
    }


def test_parameters_where_none_are_taken(answer, make):
    """It is said that there are none."""
    with pytest.raises(ProblemsError, match="take no parameters"):
        answer([{}], make(), parameters={"k": 1})


HOSTILE = ["'", '"', "'; DROP TABLE core_visits; --", "%s", ":word", "\\", "日本", "x" * 1_000_000]


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_hostile_parameters_are_bound(source_on, opened, table, asked, visits, engine):
    """They are compared as what they are, and the table is there afterwards."""
    rows = [{"units": 1, "site": word} for word in HOSTILE]
    workspace = opened(source_on(engine, {"core_visits": table(*rows)}, [visits]), asked)

    for word in HOSTILE:
        assert workspace.compute(asked.id, parameters={"word": word})[0].value == 1
    nul = workspace.compute(asked.id, parameters={"word": "a\0b"})[0]
    assert nul.value in (0, None)
    assert workspace.compute(asked.id, parameters={"word": "a"})[0].value == 0


@pytest.mark.parametrize("name", ["'; DROP TABLE x; --", "a\0b", "\ud800", "x" * 1_000_000])
def test_hostile_names_of_everything_are_refused(opened, table, make, name):
    """KPI ids, windows, instants, grains, parameters: refused in a sentence of bounded length."""
    workspace = opened({"core_visits": table({})}, make())
    asks = [
        lambda: workspace.compute(name),
        lambda: workspace.compute("CORE-T-001", window=name),
        lambda: workspace.compute("CORE-T-001", as_of=name),
        lambda: workspace.compute("CORE-T-001", parameters={name: "1"}),
        lambda: workspace.compute(workstream=name),
    ]

    for hostile in asks:
        with pytest.raises(UsageError):
            hostile()


def test_text_that_no_database_could_hold_is_no_parameter(answer, asked):
    """Half a surrogate pair."""
    with pytest.raises(ProblemsError, match="is not text"):
        answer([{}], asked, parameters={"word": "\ud800"})


def test_relations_with_parameters(answer, make, visits):
    """What a relation's function reads of the request is part of what is asked."""

    def dear(scope):
        rows = scope.rows()
        return sa.select(*rows.c).where(rows.c.amount >= scope.parameter("least"))

    relation = Derived("core_dear", visits, dear, parameters=("least",), window_use=WindowUse.ROWS)
    kpi = make(Simple(count(relation)), parameters=(Parameter("least", "int", default=2),))
    rows = [{"amount": 1.0}, {"amount": 2.0}, {"amount": 3.0}]

    assert answer(rows, kpi).value == 2
    assert answer(rows, kpi, parameters={"least": 3}).value == 1
