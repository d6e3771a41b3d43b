"""Records that cannot be wrong: every contradiction is refused at once, with all others."""

from __future__ import annotations

import datetime as dt

import pytest

from kpisdk import (
    CalculationType,
    Calculator,
    Column,
    Dataset,
    DefinitionError,
    Derived,
    Direction,
    Estimate,
    FirstOf,
    FrameInput,
    Interval,
    Last,
    NewestDay,
    Option,
    Parameter,
    ParameterRef,
    Ratio,
    Reason,
    Reference,
    Simple,
    Step,
    Trailing,
    UnknownNameError,
    Window,
    WindowUse,
    count,
    mean,
    parse_window,
    quantile,
)
from kpisdk.contracts.calculators import options_of, relations_of
from kpisdk.contracts.calendar_steps import OutOfCalendarError
from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.relations import datasets_of
from kpisdk.contracts.requests import Request


def problems(refused: pytest.ExceptionInfo[DefinitionError]) -> set[tuple[str, str]]:
    """The faults of a refusal as pairs."""
    return {(each.where, each.what) for each in refused.value.problems}


def test_a_dataset_says_all_of_its_faults_at_once():
    """Names, duplicates, keys, the time column and references are judged together."""
    keyless = Dataset("core_keyless", (Column("a", "text"),))

    with pytest.raises(DefinitionError) as refused:
        Dataset(
            "Core",
            (Column("B c", "text"), Column("a", "text", key=True), Column("a", "int", key=True)),
            time="nothing",
            references=(Reference("elsewhere", keyless),),
        )

    assert problems(refused) == {
        ("Core", "is not a snake-case name of at most 63 characters"),
        ("B c", "is not a snake-case name of at most 63 characters"),
        ("a", "is declared twice"),
        ("key", "more than one column is marked key: ('a', 'a')"),
        ("time", "'nothing' is not one of the columns"),
        ("references", "'elsewhere' is not one of the columns"),
        ("references", "'core_keyless' has no key to refer to"),
    }


def test_a_time_column_is_a_day_or_an_instant():
    """A number is no time."""
    with pytest.raises(DefinitionError) as refused:
        Dataset("core", (Column("a", "int"),), time="a")

    assert problems(refused) == {("time", "'a' is int")}


def test_unknown_columns_propose_the_nearest(visits):
    """A misspelt column is refused where it is written."""
    with pytest.raises(UnknownNameError, match="Did you mean amount"):
        visits["amuont"]


def test_a_dataset_can_be_narrowed_and_timed_otherwise(visits):
    """What a relation does not read may be missing; another time column can drive windows."""
    narrow = visits.only("visit_id", "amount")

    assert [column.name for column in narrow.columns] == ["visit_id", "amount"]
    assert narrow.time is None
    assert narrow.time_column is None
    assert narrow.references == ()
    assert visits.only("at", "person").references == visits.references
    assert visits.timed_by("day").time_column == Column("day", "date")
    assert narrow.base is narrow
    assert narrow.keys == ("visit_id",)


def test_a_measure_says_all_of_its_faults_at_once(visits):
    """Unknown columns, a predicate that is none, a missing value, a level that is none."""
    other = Dataset("core_other", (Column("elsewhere", "float"),))

    with pytest.raises(DefinitionError) as refused:
        Measure(Aggregate.SUM, visits, None, other["elsewhere"], q=2.0)

    assert problems(refused) == {
        ("elsewhere", "is not a column of 'core_visits'"),
        ("where", "is float, not a predicate"),
        ("sum", "needs a value"),
        ("q", "2.0 is no level of a sum"),
    }


@pytest.mark.parametrize("aggregate", [each for each in Aggregate if not each.is_count])
def test_only_numbers_are_aggregated(visits, aggregate):
    """A text has no sum and no largest value that could be a KPI's."""
    q = 0.5 if aggregate in (Aggregate.QUANTILE, Aggregate.RANK) else None

    with pytest.raises(DefinitionError) as refused:
        Measure(aggregate, visits, visits["site"], q=q)

    assert problems(refused) == {(aggregate.value, "needs a number, not text")}


@pytest.mark.parametrize("q", [None, -0.1, 1.1, float("nan")])
def test_a_quantile_has_a_level_between_0_and_1(visits, q):
    """A level outside the unit interval, or none, is refused."""
    with pytest.raises(DefinitionError, match="is no level of a quantile"):
        quantile(visits, visits["amount"], q)


def test_a_count_takes_no_value(visits):
    """What is counted is said by where."""
    with pytest.raises(DefinitionError, match="takes no value; use where"):
        Measure(Aggregate.COUNT, visits, visits["amount"])


def build(scope):
    """Never called: the records alone are looked at."""
    raise AssertionError


def test_a_derived_relation_says_all_of_its_faults_at_once(visits):
    """Added columns are new, passed ones exist, and groups have no time left to filter on."""
    with pytest.raises(DefinitionError) as refused:
        Derived("core_rel", visits, build, adds=(Column("amount", "int"),), passes=("nothing",))
    assert problems(refused) == {
        ("adds", "'amount' is already a column of 'core_visits'"),
        ("passes", "'nothing' is not a column of 'core_visits'"),
    }

    with pytest.raises(DefinitionError, match="no time column left"):
        Derived("core_rel", visits, build, grouped=True)
    with pytest.raises(ValueError, match="regex"):
        Derived("Core rel", visits, build)


def test_columns_of_derived_relations(visits, people):
    """Rows keep the base's columns and have the added ones; groups have the added ones alone."""
    rows = Derived("core_rel", visits, build, adds=(Column("rank", "int"),), reads=(people,))
    groups = Derived(
        "core_groups", visits, build, (Column("n", "int"),), (), WindowUse.ROWS, grouped=True
    )

    assert (rows["rank"].type, rows["site"].type) == ("int", "text")
    assert count(rows, rows["rank"] > 1).columns == {"rank"}
    assert groups["n"].type == "int"
    assert datasets_of(rows) == (visits, people)
    assert datasets_of(visits) == (visits,)
    assert rows.base == visits.base == visits
    with pytest.raises(UnknownNameError, match="column 'site' of relation 'core_groups'"):
        groups["site"]
    with pytest.raises(DefinitionError, match="is not a column of 'core_groups'"):
        mean(groups, visits["amount"])


def test_a_kpi_says_all_of_its_faults_at_once(make, visits):
    """Id, names, empty texts, thresholds, parameters and window are judged together."""
    timeless = visits.only("amount")
    least = ParameterRef("least", "float")

    with pytest.raises(DefinitionError) as refused:
        make(
            Simple(count(timeless, timeless["amount"] > least)),
            kpi_id="core",
            name=" ",
            definition="",
            formula="",
            workstream="Core Tests",
            slug="-",
            target=1.0,
            parameters=(Parameter("k", "int", default="many"),),
        )

    assert problems(refused) == {
        ("id", "'core' is not of the form WS2-TR-004"),
        ("workstream", "'Core Tests' is not snake case"),
        ("slug", "'-' is not snake case"),
        ("name", "is empty"),
        ("definition", "is empty"),
        ("formula", "is empty"),
        ("target, warning, critical", "give all three, or none"),
        ("parameters.k", "'many' is not int"),
        ("parameters.least", "is used by a measure and not declared"),
        ("window", "needs a dataset with a time column"),
    }


def test_thresholds_out_of_order_are_refused_with_the_kpi(make):
    """Bounds that descend where lower is better are refused when the record is made."""
    with pytest.raises(DefinitionError, match="must ascend where lower is better"):
        make(target=0.5, warning=0.4, critical=0.3, direction="lower")


def test_a_kpi_says_how_its_value_comes_about(make):
    """Direct or derived, and by which library first; neither needs to be said."""
    kpi = make(calculation_type="derived", primary_library="DoWhy")

    assert kpi.calculation_type is CalculationType.DERIVED
    assert (make().calculation_type, make().primary_library) == (None, None)
    with pytest.raises(ValueError, match="'guessed' is not a valid CalculationType"):
        make(calculation_type="guessed")
    with pytest.raises(DefinitionError, match="primary_library: is empty"):
        make(primary_library=" ")


def test_a_kpi_knows_its_datasets_and_parameters(make, visits, people):
    """Base, time and tables come from the relations, unless the record says otherwise."""
    kpi = make(Ratio(count(visits), count(people)), parameters=(Parameter("k", "int"),))

    assert kpi.own_base == kpi.time_dataset == visits
    assert kpi.datasets == (visits, people)
    assert kpi.parameter("k") == Parameter("k", "int")
    assert kpi.parameter("j") is None
    assert make(base=people, time_of=visits).own_base == people
    assert make(Calculator(build), window=None).own_base is None
    assert make(Calculator(build), window=None).datasets == ()
    assert make(Simple(count(people)), window=None).time_dataset is None


@pytest.mark.parametrize(
    ("parameter", "value", "fault"),
    [
        (Parameter("k", "int"), 3, None),
        (Parameter("k", "int"), 3.5, "'3.5' is not int"),
        (Parameter("k", "int", minimum=1), 0, "0 is below 1"),
        (Parameter("k", "int", minimum=1), 1, None),
        (Parameter("k", "text", choices=("a", "b")), "c", "'c' is not one of a, b"),
        (Parameter("k", "text", choices=("a", "b")), "a", None),
        (Parameter("k", "int"), 2**63, f"'{2**63}' is not int"),
    ],
)
def test_a_parameter_says_what_is_wrong_with_a_value(parameter, value, fault):
    """Type, choices and minimum are checked, in this order."""
    assert parameter.fault(value) == fault


def test_options_have_distinct_names(visits):
    """Fallbacks are told apart by name, and one alone is none."""
    one = Option("a", Simple(count(visits)))

    for options in ((one,), (one, one)):
        with pytest.raises(DefinitionError, match="needs distinct names"):
            FirstOf(options)

    both = FirstOf((one, Option("b", Simple(count(visits)))))
    assert options_of(both) == both.options


def test_the_inputs_of_a_calculator_name_known_columns(visits):
    """A column that the relation does not have is refused when the record is made."""
    with pytest.raises(UnknownNameError):
        FrameInput("rows", visits, ("nothing",))
    with pytest.raises(UnknownNameError):
        FrameInput("rows", visits, (), optional=("nothing",))


def test_the_relations_of_calculations(visits, people):
    """Static inputs are known beforehand; those that a function names are not."""
    asks = (FrameInput("rows", people, ("age",)),)

    assert relations_of(Calculator(build, asks, visits)) == (visits, people)
    assert relations_of(Calculator(build, lambda *_: asks)) == ()
    assert Calculator(build, lambda *_: asks).asks({}, None) == asks
    assert Calculator(build, asks).asks({}, None) == asks


def test_windows_are_half_open_and_in_utc():
    """The start belongs to a window and the end does not; naive instants are UTC."""
    window = Window(dt.datetime(2025, 1, 1), dt.datetime.fromisoformat("2025-01-02T02:00+02:00"))

    assert window.end == dt.datetime(2025, 1, 2, tzinfo=dt.UTC)
    assert window.contains(dt.datetime(2025, 1, 1))
    assert not window.contains(dt.datetime(2025, 1, 2, tzinfo=dt.UTC))
    assert not window.contains(dt.datetime(2024, 12, 31, 23, 59, 59, 999_999))
    assert Window().contains(dt.datetime(1, 1, 1))
    assert Window(end=dt.datetime(2025, 1, 1)).contains(dt.datetime(2024, 1, 1))


@pytest.mark.parametrize("days", [0, 1])
def test_a_window_starts_before_it_ends(days):
    """An empty window and an inverted one are refused."""
    start = dt.datetime(2025, 1, 2)

    with pytest.raises(DefinitionError, match="is not before end"):
        Window(start, start - dt.timedelta(days=days))


def test_trailing_windows_and_newest_days():
    """``Trailing`` counts back from as_of; ``NewestDay`` is the day that as_of lies in."""
    as_of = dt.datetime(2025, 3, 31, 12, tzinfo=dt.UTC)

    assert Trailing(1).label == "last 1 day"
    assert Trailing(30).label == "last 30 days"
    assert Trailing(30).resolve(as_of) == Window(
        as_of - dt.timedelta(days=30), as_of, "last 30 days"
    )
    assert NewestDay().resolve(as_of) == Window(
        dt.datetime(2025, 3, 31), dt.datetime(2025, 4, 1), "newest day"
    )
    with pytest.raises(ValueError, match="must be >= 1"):
        Trailing(0)


def test_a_window_of_days_is_one_thing_however_it_is_written():
    """By its days, by count and step, or as a text: equal, and found in the same set."""
    written = {Trailing(30), Last(30, "day"), Last(30, Step.DAY), parse_window("last 30 days")}

    assert written == {Trailing(30)}
    assert Trailing(30).days == 30
    assert (Trailing(7) == Last(1, "week"), Trailing(1) == Last(1, "hour")) == (False, False)
    assert Trailing(30) != "last 30 days"
    with pytest.raises(OutOfCalendarError, match="lies outside the years 0001 to 9999"):
        Trailing(1_000_000).resolve(dt.datetime(2025, 3, 31, tzinfo=dt.UTC))


def test_an_estimate_has_a_value_or_a_reason():
    """Exactly one of the two, and the value is finite."""
    for facts in ({"value": None}, {"value": 1.0, "reason": Reason.NO_ROWS}):
        with pytest.raises(DefinitionError, match="give one of the two"):
            Estimate(**facts)
    with pytest.raises(DefinitionError, match="is not finite"):
        Estimate(value=float("inf"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_an_infinite_value_becomes_absent(value):
    """What is not finite is no value, and says so; its interval goes with it."""
    made = Estimate.of(value, interval=Interval(0, 1), n=3)

    assert (made.value, made.reason, made.interval, made.n) == (
        None,
        Reason.NOT_FINITE,
        None,
        3,
    )


def test_estimates_hold_plain_numbers():
    """NumPy's numbers become Python's, so that results can be written as JSON."""
    import numpy as np

    made = Estimate.of(np.float64(0.5), n=np.int64(3), interval=Interval(np.float32(0), 1))

    assert (type(made.value), type(made.n), type(made.interval.low)) == (float, int, float)


@pytest.mark.parametrize("low", [2.0, float("nan"), float("-inf")])
def test_an_interval_is_an_ordered_pair(low):
    """Bounds out of order or not finite are refused."""
    with pytest.raises(DefinitionError, match="ordered pair"):
        Interval(low, 1.0)


def test_a_request_takes_what_callers_write():
    """Texts, single values and lists become what the engine reads."""
    request = Request(
        "A-1",
        where={"brand": "x", "tier": [1, 2], "region": None},
        by="brand",
        grain="week",
        compare="year",
        as_of=dt.datetime(2025, 1, 1),
    )

    assert request.kpi_ids == ("A-1",)
    assert request.where == {"brand": ("x",), "tier": (1, 2), "region": (None,)}
    assert request.by == ("brand",)
    assert (request.grain, request.compare) == ("week", "year")
    assert request.as_of == dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    assert Request(()).as_of is None


def test_directions_order_thresholds(make):
    """A KPI that is read in its context has no thresholds."""
    with pytest.raises(DefinitionError, match="cannot have thresholds"):
        make(target=1.0, warning=1.0, critical=1.0, direction=Direction.CONTEXT)


def test_a_calculator_may_name_one_thing_as_it_is():
    """One file, one hook: a text is not taken for its letters."""
    made = Calculator(build, reads=lambda *_: "model.bin", extensions="their_hook")

    assert made.outside({}, None) == ("model.bin",)
    assert made.extensions == ("their_hook",)
    assert Calculator(build).outside({}, None) == ()
