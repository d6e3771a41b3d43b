"""Several ways to one figure: the next answers where the one before holds nothing (rule 1)."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kpisdk import (
    Calculator,
    Column,
    Dataset,
    Estimate,
    FirstOf,
    FrameInput,
    Mean,
    Option,
    Parameter,
    Ratio,
    Reason,
    Simple,
    count,
    total,
)

OTHER = Dataset("core_other", (Column("when", "timestamp"), Column("worth", "float")), time="when")
DAY = dt.datetime(2025, 6, 20)
OTHERS = pd.DataFrame({"when": [DAY, dt.datetime(2025, 5, 5)], "worth": [7.0, 5.0]})


@pytest.fixture
def kpi(make, visits):
    """The mean amount of visits, else the mean worth of something else."""
    ways = (
        Option("amounts", Mean(visits, visits["amount"])),
        Option("others", Mean(OTHER, OTHER["worth"])),
    )
    return make(FirstOf(ways), unit="points", parameters=(Parameter("source", "text"),))


def fallen_back(result) -> list[str]:
    """The sentences of the warning that another way answers."""
    return [note.message for note in result.warnings if note.code == "fell_back"]


def of(table, *rows, **columns):
    """Both tables, with columns of the first replaced or (as ``None``) taken away."""
    frame = table(*rows)
    for name, values in columns.items():
        frame = frame.drop(columns=name) if values is None else frame.assign(**{name: values})
    return {"core_visits": frame, "core_other": OTHERS}


NOTHING = {
    "no table": (lambda table: {"core_other": OTHERS}, "missing_table"),
    "no column": (lambda table: of(table, {}, amount=None), "missing_column"),
    "no value": (lambda table: of(table, {}, {}), "no_rows"),
    "no row in the window": (
        lambda table: of(table, {"at": dt.datetime(2024, 1, 1), "amount": 1.0}),
        "no_rows",
    ),
    "no row at all": (lambda table: of(table) | {"core_visits": table().astype(object)}, "no_rows"),
}


@pytest.mark.parametrize("case", NOTHING)
def test_a_way_that_holds_nothing_gives_way_and_is_named(opened, table, kpi, case):
    """The value comes from the next way, and the warning says why."""
    frames, code = NOTHING[case]

    (result,) = opened(frames(table), kpi).compute(kpi.id, as_of="2025-06-21")

    assert (result.value, result.answered_by) == (7, "others")
    (message,) = fallen_back(result)
    assert message.startswith(f"amounts holds nothing ({code}), so that others answers: ")


FAILED = {
    "text": (["9,0"], Reason.WRONG_TYPE),
    "an infinity": ([float("inf")], Reason.NOT_FINITE),
}


@pytest.mark.parametrize("case", FAILED)
def test_a_way_that_fails_is_the_answer(opened, table, kpi, case):
    """Nothing is taken from the second table as if nothing had happened."""
    values, reason = FAILED[case]
    workspace = opened(of(table, *({} for _ in values), amount=values), kpi)

    (result,) = workspace.compute(kpi.id, as_of="2025-06-21")
    (forced,) = workspace.compute(kpi.id, as_of="2025-06-21", parameters={"source": "others"})

    assert (result.value, result.reason) == (None, reason)
    assert "nothing is taken from others instead" in result.message
    assert (forced.value, fallen_back(forced)) == (7, [])


def test_a_failed_calculation_is_the_answer(opened, table, make, visits):
    """A function that raises holds not nothing: it broke."""

    def broken(inputs):
        raise ValueError("junk")

    ways = FirstOf(
        (
            Option("first", Calculator(broken, (FrameInput("rows", visits, ("amount",)),))),
            Option("second", Simple(count(visits))),
        )
    )
    (result,) = opened(of(table, {}), make(ways, base=visits)).compute("CORE-T-001")

    assert (result.value, result.reason) == (None, Reason.CALCULATOR_FAILED)


def test_each_slice_and_each_bucket_has_its_own_first_way(opened, table, make, visits):
    """Stored in one, computed in another, infinite in a third, which has no value."""
    ways = FirstOf(
        (
            Option("stored", Mean(visits, visits["amount"])),
            Option("computed", Mean(visits, visits["units"])),
        )
    )
    kpi = make(ways, unit="points")
    rows = [
        {"site": "a", "amount": 1.0, "units": 5},
        {"site": "b", "units": 6},
        {"site": "c", "amount": float("inf"), "units": 7},
    ]
    dated = [{**row, "at": DAY - dt.timedelta(days=place)} for place, row in enumerate(rows)]

    sliced = opened(of(table, *rows), kpi).compute(kpi.id, by=["site"])
    bucketed = opened(of(table, *dated), kpi).compute(
        kpi.id, window="2025-06-18..2025-06-20", grain="day"
    )

    expected = [(1, "stored"), (6, "computed"), (None, "stored")]
    assert [(each.value, each.answered_by) for each in sliced] == expected
    assert [(each.value, each.answered_by) for each in bucketed] == expected[::-1]
    assert [len(fallen_back(each)) for each in sliced] == [0, 1, 0]
    assert sliced[2].reason is Reason.NOT_FINITE


def test_a_way_that_cannot_carry_the_slice_is_named(opened, table, make, visits):
    """The other table has no sites; where it is the first, the visits answer and say so."""
    ways = FirstOf(
        (
            Option("others", Mean(OTHER, OTHER["worth"])),
            Option("visits", Mean(visits, visits["amount"])),
        )
    )
    kpi = make(ways, unit="points", base=visits)
    workspace = opened(of(table, {"site": "a", "amount": 2.0}), kpi)

    (result,) = workspace.compute(kpi.id, by=["site"])

    assert (result.value, result.answered_by) == (2, "visits")
    (message,) = fallen_back(result)
    assert message.startswith("others cannot carry the slice (unsupported_slice)")


def test_a_zero_denominator_is_nothing_only_where_no_row_stands_behind(opened, table, make, visits):
    """No row counts below the line: the next way. Rows that sum to zero: no value."""
    quotient = Ratio(total(visits, visits["amount"]), total(visits, visits["units"]), count(visits))
    kpi = make(
        FirstOf((Option("first", quotient), Option("second", Mean(OTHER, OTHER["worth"])))),
        unit="points",
    )
    empty = of(table, {"at": dt.datetime(2024, 1, 1)})
    zero = of(table, {"amount": 1.0, "units": 0})

    (answered,), (failed,) = (
        opened(frames, kpi).compute(kpi.id, as_of="2025-06-21") for frames in (empty, zero)
    )

    assert (answered.value, answered.answered_by) == (7, "second")
    assert (failed.value, failed.reason) == (None, Reason.ZERO_DENOMINATOR)


def test_a_source_of_one_figure_answers_no_bucket(opened, table, make, visits):
    """A tracking server knows no days: it does not give the same figure for each of them."""
    ways = FirstOf(
        (
            Option("stored", Mean(visits, visits["amount"])),
            Option("tracked", Calculator(lambda inputs: Estimate.of(0.9))),
        )
    )
    kpi = make(ways, unit="points", base=visits)
    workspace = opened(of(table, {"amount": 1.0}, {"at": dt.datetime(2025, 6, 18)}), kpi)

    days = workspace.compute(kpi.id, window="2025-06-18..2025-06-20", grain="day")

    assert [each.value for each in days] == [None, None, 1]
    assert "tracked" in days[0].message
