"""Calculators: what they are given, when they are called, and whose fault theirs is."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from kpisdk import (
    Calculator,
    Estimate,
    FrameInput,
    Parameter,
    Reason,
    hookimpl,
)

DAY = dt.datetime(2025, 6, 20)


def ask(visits, function, **facts):
    """A calculator over amounts."""
    return Calculator(function, (FrameInput("rows", visits, ("amount",), **facts),), visits)


def test_calculators_get_copies_of_just_their_columns(opened, table, make, visits):
    """Two KPIs of one input: what the first does to its frame, the second does not see."""

    def spoil(inputs):
        frame = inputs.frames["rows"]
        seen = list(frame.columns), frame["amount"].sum()
        frame["amount"] = -1.0
        frame.loc[len(frame)] = 99.0
        return Estimate.of(seen[1], details={"columns": seen[0]})

    kpis = make(ask(visits, spoil)), make(ask(visits, spoil), "CORE-T-002")
    workspace = opened({"core_visits": table({"amount": 1.0}, {"amount": 2.0})}, *kpis)

    report = workspace.compute("CORE-T-001", "CORE-T-002")

    assert [result.value for result in report] == [3, 3]
    assert report[0].details["columns"] == ["amount"]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda inputs: 1 / 0, "ZeroDivisionError"),
        (lambda inputs: 3, "returned int, not an Estimate"),
        (lambda inputs: Estimate(value=None), "give one of the two"),
    ],
)
def test_a_broken_calculator_is_the_fault_of_its_kpi_alone(
    opened, table, make, visits, function, words
):
    """Reason ``calculator_failed`` with the exception's own words."""
    kpis = make(ask(visits, function)), make(kpi_id="CORE-T-002")

    report = opened({"core_visits": table({})}, *kpis).compute("CORE-T-001", "CORE-T-002")

    assert (report[0].value, report[0].reason) == (None, Reason.CALCULATOR_FAILED)
    assert words in report[0].message
    assert report[1].value == 1


def test_calculators_are_called_for_each_slice_and_bucket(opened, table, make, visits):
    """Frames hold the rows of one slice; missing slices, unsliced and unwindowed inputs too."""
    seen = []

    def note(inputs):
        seen.append(
            (dict(inputs.slice), {name: len(frame) for name, frame in inputs.frames.items()})
        )
        return Estimate.of(inputs.frames["rows"]["amount"].sum())

    calculator = Calculator(
        note,
        (
            FrameInput("rows", visits, ("amount",), visits["amount"] > 0, optional=("units",)),
            FrameInput("all", visits, ("amount",), sliced=False, windowed=False),
            FrameInput("ever", visits, ("amount",), windowed=False),
        ),
    )
    rows = [
        {"at": dt.datetime(2025, 5, 25), "site": "a", "amount": 1.0},
        {"at": dt.datetime(2025, 6, 20), "site": "a", "amount": 2.0},
        {"at": dt.datetime(2025, 6, 20), "site": None, "amount": 4.0},
        {"at": dt.datetime(2025, 6, 20), "site": "b", "amount": -8.0},
        {"at": dt.datetime(2020, 6, 20), "site": "a", "amount": 16.0},
    ]
    kpi = make(calculator, base=visits)
    workspace = opened({"core_visits": table(*rows).drop(columns="units")}, kpi)

    plain = workspace.compute(kpi.id)
    by_site = workspace.compute(kpi.id, by=["site"])
    window = "2025-04-01..2025-06-30"
    trend = workspace.compute(kpi.id, by=["site"], grain="month", window=window)

    assert [result.value for result in plain] == [7]
    assert {result.slice["site"]: result.value for result in by_site} == {"a": 3, None: 4, "b": 0}
    assert seen[0] == ({}, {"rows": 3, "all": 5, "ever": 5})
    assert ({"site": "a"}, {"rows": 2, "all": 5, "ever": 3}) in seen
    assert [(each.period, each.slice["site"], each.value) for each in trend] == [
        ("2025-04", "a", 0),
        ("2025-04", None, 0),
        ("2025-05", "a", 1),
        ("2025-05", None, 0),
        ("2025-06", "a", 2),
        ("2025-06", None, 4),
    ]


def test_a_calculator_compared(answer, make, visits):
    """It is called for the other window too."""
    kpi = make(ask(visits, lambda inputs: Estimate.of(inputs.frames["rows"]["amount"].sum())))
    rows = [{"at": DAY, "amount": 3.0}, {"at": dt.datetime(2025, 5, 10), "amount": 1.0}]

    result = answer(rows, kpi, compare="previous")

    assert (result.value, result.comparison.value) == (3, 1)


def test_inputs_that_a_function_names(answer, make, visits):
    """By parameters and settings; it may refuse, or fail."""

    def asks(parameters, settings):
        if parameters["column"] == "boom":
            raise RuntimeError("no idea")
        return (FrameInput("rows", visits, (parameters["column"],)),)

    def summed(inputs):
        return Estimate.of(float(inputs.frames["rows"].iloc[:, 0].sum()))

    kpi = make(
        Calculator(summed, asks),
        base=visits,
        parameters=(Parameter("column", "text", default="units"),),
    )
    rows = [{"units": 2, "amount": 0.5}]

    assert answer(rows, kpi).value == 2
    assert answer(rows, kpi, parameters={"column": "amount"}).value == 0.5
    assert answer(rows, kpi, parameters={"column": "nothing"}).reason is Reason.MISSING_PARAMETER
    assert answer(rows, kpi, parameters={"column": "boom"}).reason is Reason.CALCULATOR_FAILED


def test_a_calculator_sees_the_plugins_settings(table, make, visits):
    """The attrs class of the plugin, filled from its table; a fault there is the KPI's."""
    from kpisdk import Workspace
    from kpisdk.settings import Settings

    @attrs.frozen
    class Knobs:
        factor: int = 2

    kpi = make(
        ask(visits, lambda inputs: Estimate.of(inputs.settings.factor * len(inputs.frames["rows"])))
    )

    class WithSettings:
        name = "core_knobs"
        __version__ = "1"

        @hookimpl
        def kpisdk_kpis(self):
            return [kpi]

        @hookimpl
        def kpisdk_settings(self):
            return Knobs

    def result(**knobs):
        workspace = Workspace(
            {"core_visits": table({})},
            plugins=[WithSettings()],
            settings=Settings(plugins={"core_knobs": knobs}),
            cache="off",
        )
        return workspace.compute(kpi.id)[0]

    assert result().value == 2
    assert result(factor=7).value == 7
    wrong = result(factor="many")
    assert (wrong.value, wrong.reason) == (None, Reason.MISSING_PARAMETER)
    assert "plugins.core_knobs.factor" in wrong.message
