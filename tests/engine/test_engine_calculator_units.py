"""The units of a calculator's interval: chosen by record, settings and request, and named in it."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from kpisdk import (
    Calculator,
    Column,
    Derived,
    Estimate,
    FrameInput,
    Interval,
    IntervalReason,
    LogicalType,
    UnknownNameError,
    WindowUse,
    sample,
    sample_by_day,
)
from kpisdk.settings import KpiSettings, Settings

AMOUNTS = (1.0, 1.0, 1.0, 5.0, 5.0, 5.0)
"""Two people of three like visits each."""


def visits_of(**changes):
    """Those visits; ``changes`` give each row its value of a column."""
    people = changes.pop("person", ("ann", "ann", "ann", "bob", "bob", "bob"))
    return [
        {
            "visit_id": f"v{place}",
            "amount": amount,
            "person": people[place],
            **{name: values[place] for name, values in changes.items()},
        }
        for place, amount in enumerate(AMOUNTS)
    ]


def spread_of_units(inputs):
    """The mean, half a standard error of its units (as many as codes) to either side."""
    frame, codes = inputs.frames["rows"], inputs.units("rows")
    value, units = float(frame["amount"].mean()), len(set(codes.tolist()))
    details = {"units": units, "wants": inputs.intervals.value, "sampling": str(inputs.sampling)}
    return Estimate.of(
        value, interval=Interval(value - 1 / units, value + 1 / units), details=details
    )


@pytest.fixture
def mean_of(make, visits):
    """``mean_of(sampling)``: a calculator that takes its units from the engine."""

    def kpi(sampling=None, function=spread_of_units, **facts):
        calculator = Calculator(
            function, (FrameInput("rows", visits, ("amount",)),), visits, units="rows"
        )
        declared = {} if sampling is None else {"sampling": sampling}
        return make(calculator, **declared, **facts)

    return kpi


@pytest.mark.parametrize(
    ("sampling", "settings", "asked", "unit", "units"),
    [
        (sample("person"), None, "unit", "person", 2),
        (sample("person"), None, "row", "row", 6),
        (sample("person"), "row", "unit", "row", 6),
        (sample("person"), "visit_id", "unit", "visit_id", 6),
        (sample(), "person", "unit", "person", 2),
        (sample_by_day("at"), None, "unit", "day of at", 3),
        (None, None, "unit", "row", 6),
    ],
)
def test_a_calculator_counts_the_units_that_are_in_force(
    opened, table, mean_of, sampling, settings, asked, unit, units
):
    """The record names them, settings name others, and a request may take every row for one."""
    days = [dt.datetime(2025, 6, 1 + place % 3, 9 + place) for place in range(6)]
    kpis = {} if settings is None else {"CORE-T-001": KpiSettings(settings)}
    workspace = opened(
        {"core_visits": table(*visits_of(at=days))},
        mean_of(sampling),
        settings=Settings(kpis=kpis),
    )

    (result,) = workspace.compute("CORE-T-001", intervals=asked)

    assert result.interval.unit == unit
    assert result.details["units"] == units
    assert result.warnings == ()


def test_a_calculator_hears_that_no_interval_is_wanted(opened, table, mean_of):
    """A thousand draws would be made in vain; what it makes all the same is left out."""
    workspace = opened({"core_visits": table(*visits_of())}, mean_of(sample("person")))

    (result,) = workspace.compute("CORE-T-001", intervals="none")

    assert (result.interval, result.interval_reason) == (None, IntervalReason.NOT_ASKED)
    assert result.details["wants"] == "none"


def test_a_source_without_the_units_counts_rows_and_warns(opened, table, mean_of):
    """As measures do: the interval may be too narrow, and says what it rests on."""
    frame = table(*visits_of()).drop(columns="person")

    (result,) = opened({"core_visits": frame}, mean_of(sample("person"))).compute("CORE-T-001")

    assert (result.interval.unit, result.details["units"]) == ("row", 6)
    assert [note.code for note in result.warnings] == ["unit_unknown"]


def test_rows_without_a_unit_are_units_of_their_own_and_counted(opened, table, mean_of):
    """NULL, NaN and NaT name nobody."""
    rows = visits_of(person=("ann", None, float("nan"), "bob", "bob", None))

    (result,) = opened({"core_visits": table(*rows)}, mean_of(sample("person"))).compute(
        "CORE-T-001"
    )

    assert result.details["units"] == 5
    (note,) = [each for each in result.warnings if each.code == "rows_without_unit"]
    assert note.message == "3 row(s) have no person: each is a unit of its own."


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "frames"])
def test_each_slice_and_bucket_has_its_own_units(source_on, opened, table, mean_of, visits, engine):
    """Of a person with visits in two months, each month has one unit."""
    months = [dt.datetime(2025, month, 3) for month in (4, 5, 5, 4, 4, 5)]
    source = source_on(engine, {"core_visits": table(*visits_of(at=months))}, [visits])

    report = opened(source, mean_of(sample("person"))).compute(
        "CORE-T-001", grain="month", window="2025-04-01..2025-06-01", by=("person",)
    )

    found = {
        (each.period, each.slice["person"]): each.details["units"] for each in report if each.ok
    }
    assert found == {
        (period, person): 1 for period in ("2025-04", "2025-05") for person in ("ann", "bob")
    }


def _by_unit(scope):
    """One row per cell: how many units there are, and whether rows fall into any."""
    from sqlalchemy import Double, cast, func, literal, select

    rows = scope.rows()
    units = cast(func.count(scope.unit(rows).distinct()), Double())
    return select(
        *scope.partition(rows),
        units.label("units"),
        literal(float(scope.has_units)).label("has_units"),
    ).group_by(*scope.partition(rows))


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "frames"])
@pytest.mark.parametrize(
    ("asked", "found"), [("unit", (2.0, 1.0, "person")), ("row", (0.0, 0.0, "row"))]
)
def test_a_grouped_relation_finds_its_units_in_its_scope(
    source_on, opened, table, make, visits, engine, asked, found
):
    """The column need not be one of those that the relation declares."""
    relation = Derived(
        "visits_by_unit",
        base=visits.only("at", "amount"),
        build=_by_unit,
        adds=(Column("units", LogicalType.FLOAT), Column("has_units", LogicalType.FLOAT)),
        window_use=WindowUse.ROWS,
        grouped=True,
    )

    def counted(inputs):
        (row,) = inputs.frames["cell"].to_dict("records")
        return Estimate.of(row["units"], interval=Interval(-1, 9), details=row)

    calculator = Calculator(
        counted, (FrameInput("cell", relation, ("units", "has_units")),), visits, units="cell"
    )
    source = source_on(engine, {"core_visits": table(*visits_of())}, [visits])

    workspace = opened(source, make(calculator, sampling=sample("person")))
    (result,) = workspace.compute("CORE-T-001", intervals=asked)

    assert (result.value, result.details["has_units"], result.interval.unit) == found


def test_an_interval_of_a_calculator_without_width_is_none(opened, table, mean_of):
    """It would promise what nobody knows."""

    def flat(_inputs):
        return Estimate.of(0.5, interval=Interval(0.5, 0.5))

    workspace = opened(
        {"core_visits": table(*visits_of())}, mean_of(sample("person"), function=flat)
    )
    (result,) = workspace.compute("CORE-T-001")

    assert (result.interval, result.interval_reason) == (None, IntervalReason.UNDEFINED)


def test_repeated_looks_widen_what_a_calculator_made(opened, table, mean_of):
    """A gate that looks each day must not take the interval of a single look."""
    workspace = opened({"core_visits": table(*visits_of())}, mean_of(sample("person")))

    (once,) = workspace.compute("CORE-T-001")
    (daily,) = workspace.compute("CORE-T-001", repeated=True)

    assert daily.interval.level == once.interval.level
    assert daily.interval.high - daily.interval.low > 1.2 * (once.interval.high - once.interval.low)


def test_units_of_a_frame_that_is_not_there_are_an_error_that_names_it(opened, table, mean_of):
    """A slip in a plugin's code: the sentence says which frames there are."""

    def slip(inputs):
        return Estimate.of(float(len(inputs.units("raws"))))

    workspace = opened({"core_visits": table(*visits_of())}, mean_of(function=slip))
    (result,) = workspace.compute("CORE-T-001")

    assert result.value is None
    assert result.message.startswith(UnknownNameError("frame", "raws", ("rows",)).message)


def test_a_calculator_that_knows_its_units_itself_keeps_them(opened, table, make, visits):
    """Without ``units`` the engine changes nothing: the name is the calculator's own."""

    def known(_inputs):
        return Estimate.of(0.5, interval=attrs.evolve(Interval(0.4, 0.6), unit="household"))

    calculator = Calculator(known, (FrameInput("rows", visits, ("amount",)),), visits)
    workspace = opened({"core_visits": table(*visits_of())}, make(calculator))
    (result,) = workspace.compute("CORE-T-001", intervals="row")

    assert result.interval.unit == "household"
