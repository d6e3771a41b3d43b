"""Examples on engines: rows go in, and what comes out is compared with what was expected."""

from __future__ import annotations

import datetime as dt

import pytest

from kpisdk import (
    Column,
    Dataset,
    Example,
    Expected,
    Kpi,
    Parameter,
    ParameterRef,
    Ratio,
    Reference,
    Simple,
    SourceUnavailableError,
    Trailing,
    count,
    hookimpl,
    total,
)
from kpisdk.examples import example_engines as engines
from kpisdk.examples.example_runs import run_examples
from kpisdk.plugins import load_plugins
from kpisdk.registry import Registry

PEOPLE = Dataset("ex_people", (Column("person", "text", key=True), Column("age", "int")))
VISITS = Dataset(
    "ex_visits",
    (
        Column("visit", "text", key=True),
        Column("at", "timestamp"),
        Column("day", "date"),
        Column("person", "text"),
        Column("amount", "float"),
        Column("units", "int"),
        Column("done", "bool"),
        Column("doc", "json"),
    ),
    "at",
    (Reference("person", PEOPLE),),
)
DAY = dt.date(2026, 1, 2)
NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
FULL = {
    "visit": "007",
    "at": NOON,
    "day": DAY,
    "person": "p",
    "amount": 3,
    "units": 2,
    "done": True,
    "doc": '{"k": [1, 2]}',
}
LOCAL = ("frames", "duckdb", "sqlite", "csv", "parquet")


def a_kpi(calculation, *examples: Example, **more) -> Kpi:
    """A KPI over visits with these examples."""
    facts = {
        "id": "EX-001",
        "name": "Example",
        "workstream": "examples",
        "definition": "What the test says.",
        "formula": "the test's",
        "unit": "score",
        "window": Trailing(30),
    }
    return Kpi(calculation=calculation, examples=examples, **{**facts, **more})


class Bringer:
    """A plugin that brings KPIs and hears of results."""

    name = "examples_tests"

    def __init__(self, *kpis: Kpi) -> None:
        self.kpis = kpis
        self.heard: list = []

    @hookimpl
    def kpisdk_kpis(self):
        return self.kpis

    @hookimpl
    def kpisdk_computed(self, result):
        self.heard.append(result)


def outcomes(kpi: Kpi, *names: str, url=None):
    """How the examples of a KPI fare on engines."""
    registry = Registry(load_plugins([Bringer(kpi)], entry_points=()))
    return list(run_examples(registry, [kpi.id], names or LOCAL, postgresql_url=url))


DONE = Ratio(count(VISITS, VISITS["done"].is_true()), count(VISITS, VISITS["done"].not_null()))


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_every_type_reaches_every_engine(engine, request):
    """Values and missing values of all types, in a table and in one that it refers to."""
    is_full = (
        VISITS["visit"].equals("007")
        & VISITS["at"].equals(NOON)
        & VISITS["day"].equals(DAY)
        & VISITS["amount"].equals(3.0)
        & VISITS["units"].equals(2)
        & VISITS["done"].is_true()
        & VISITS["doc"].json_kind().equals("object")
    )
    rows = {
        "ex_visits": [FULL, {"visit": "8", "at": NOON, "person": "p"}],
        "ex_people": [{"person": "p", "age": 3}],
    }
    example = Example(
        rows=rows,
        expected=Expected(value=1, slice={"age": 3}),
        by=("age",),
        as_of=dt.datetime(2026, 1, 9),
    )
    url = request.getfixturevalue("postgresql_url") if engine == "postgresql" else None

    (outcome,) = outcomes(a_kpi(Simple(count(VISITS, is_full)), example), engine, url=url)

    assert (outcome.state, outcome.remarks) == ("passed", ())


def test_an_empty_table_is_a_table():
    """What no row is given for holds none, and the reason is the data's."""
    example = Example(rows={}, expected=Expected(reason="no_rows"), as_of=NOON)

    assert {each.state for each in outcomes(a_kpi(DONE, example))} == {"passed"}


@pytest.mark.parametrize(
    ("expected", "remark"),
    [
        ({"value": 0.25}, "value: expected 0.25, got 0.5"),
        ({"status": "good"}, "status: expected good, got critical"),
        ({"numerator": 2.0}, "numerator: expected 2, got 1"),
        ({"n": 3}, "n: expected 3, got 2"),
        ({"reason": "no_rows"}, "reason: expected no_rows, got none"),
        (
            {"interval": (0.0, 1.0)},
            "interval: expected [0, 1], got [0.0945312057342, 0.905468794266]",
        ),
        ({"value": 0.5, "slice": {"person": "x"}}, "person=x: expected one result, got no result"),
    ],
)
def test_a_difference_is_told_with_both_sides(expected, remark):
    """What was expected and what came out, in a sentence."""
    rows = {"ex_visits": [{"at": NOON, "done": True}, {"at": NOON, "done": False}]}
    example = Example(rows=rows, expected=Expected(**expected), as_of=dt.datetime(2026, 1, 9))
    kpi = a_kpi(DONE, example, target=0.9, warning=0.8, critical=0.7)

    (outcome,) = outcomes(kpi, "sqlite")

    assert outcome.state == "failed"
    assert outcome.remarks[0] == remark


def test_a_value_that_is_absent_is_told_with_its_reason():
    """So that nobody has to run it again to know."""
    example = Example(rows={}, expected=Expected(value=1), as_of=NOON)

    (outcome,) = outcomes(a_kpi(DONE, example), "sqlite")

    assert outcome.remarks[0].startswith("value: expected 1, got no value (no_rows: Table")


def test_every_result_must_be_expected():
    """A group that nobody thought of is a difference, and so is one that is missing."""
    rows = {"ex_visits": [{"at": NOON, "person": "p"}, {"at": NOON}]}
    expected = [Expected(value=1, slice={"person": "p"}), Expected(value=1, slice={"person": "q"})]
    example = Example(rows=rows, expected=expected, by=("person",), as_of=dt.datetime(2026, 1, 9))

    (outcome,) = outcomes(a_kpi(Simple(count(VISITS)), example), "sqlite")

    assert outcome.remarks == (
        "person=q: expected one result, got no result",
        "person=null: an unexpected result, 1",
    )


def test_a_number_may_be_off_by_the_tolerance():
    """A third need not be written out to the last digit."""
    rows = {"ex_visits": [{"at": NOON, "done": each} for each in (True, False, False)]}
    asked = {"rows": rows, "as_of": dt.datetime(2026, 1, 9), "expected": Expected(value=0.333)}
    kpi = a_kpi(DONE, Example(**asked, tolerance=0.001), Example(**asked, name="strict"))

    assert [(each.example, each.state) for each in outcomes(kpi, "sqlite")] == [
        ("1", "passed"),
        ("strict", "failed"),
    ]


def test_the_question_of_an_example_is_asked_as_it_is_put():
    """Window, filter, grain and parameters are those of a request."""
    amount = VISITS["amount"]
    kpi = a_kpi(
        Simple(total(VISITS, amount, amount > ParameterRef("least", "float"))),
        Example(
            rows={
                "ex_visits": [
                    {"at": dt.datetime(2026, 1, day, tzinfo=dt.UTC), "amount": day, "done": day < 8}
                    for day in (1, 2, 5, 6, 7, 9)
                ]
            },
            as_of=dt.datetime(2026, 1, 31),
            where={"done": True},
            grain="week",
            parameters={"least": 1},
            expected=[Expected(value=2, period="2026-W01"), Expected(value=18, period="2026-W02")],
        ),
        parameters=(Parameter("least", "float", default=0.0),),
    )

    (outcome,) = outcomes(kpi, "sqlite")

    assert (outcome.state, outcome.remarks) == ("passed", ())


def test_a_wrong_question_fails_the_example():
    """With the sentence that a user would read."""
    example = Example(rows={}, expected=Expected(value=1), as_of=NOON, parameters={"k": 1})

    (outcome,) = outcomes(a_kpi(DONE, example), "sqlite")

    assert outcome.state == "failed"
    assert outcome.remarks[0].startswith("The parameters: k: ")


def test_observers_hear_nothing_of_examples():
    """An example is no alarm."""
    example = Example(rows={}, expected=Expected(reason="no_rows"), as_of=NOON)
    bringer = Bringer(a_kpi(DONE, example))
    registry = Registry(load_plugins([bringer], entry_points=()))

    (outcome,) = run_examples(registry, ["EX-001"], ["sqlite"])

    assert outcome.state == "passed"
    assert bringer.heard == []


def test_what_csv_cannot_hold_is_not_run_there():
    """An empty text would be read as no value; the other engines run it."""
    rows = {"ex_visits": [{"at": NOON, "person": ""}]}
    example = Example(rows=rows, expected=Expected(value=1), as_of=dt.datetime(2026, 1, 9))
    kpi = a_kpi(Simple(count(VISITS, VISITS["person"].equals(""))), example)

    told = {each.engine: each for each in outcomes(kpi)}

    assert told.pop("csv").remarks == ("CSV has no empty text: it would be read as no value.",)
    assert {each.state for each in told.values()} == {"passed"}


def test_an_engine_that_is_not_there_is_told(monkeypatch):
    """Which library is missing, or that no server is named; never a silent pass."""
    example = Example(rows={}, expected=Expected(reason="no_rows"), as_of=NOON)
    find = engines.find_spec
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == "pandas" else find(name))

    found = outcomes(a_kpi(DONE, example), "frames", "postgresql", "sqlite")

    assert [(each.engine, each.state) for each in found] == [
        ("frames", "absent"),
        ("postgresql", "absent"),
        ("sqlite", "passed"),
    ]
    assert found[0].remarks == ("pandas is not installed. Run: pip install 'kpisdk[frames]'",)
    assert "--postgresql URL" in found[1].remarks[0]


def test_a_server_that_refuses_is_an_error():
    """With its own words."""
    example = Example(rows={}, expected=Expected(reason="no_rows"), as_of=NOON)

    with pytest.raises(SourceUnavailableError, match="postgresql"):
        outcomes(a_kpi(DONE, example), "postgresql", url="postgresql://nobody@localhost:1/none")


def test_options_of_a_url_are_kept(postgresql_url):
    """The schema of the examples is put beside what the URL asks for."""
    with engines.placed("postgresql", f"{postgresql_url}&options=-ctimezone%3DAsia/Tokyo") as place:
        url = place.put([])

    assert "timezone%3DAsia" in url
    assert "search_path%3Dkpisdk_examples_" in url
