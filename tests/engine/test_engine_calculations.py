"""Calculations: formulas, relations and doubtful zeros; one KPI's fault stays its own."""

from __future__ import annotations

import datetime as dt

import attrs
import pandas as pd
import pytest
import sqlalchemy as sa

from kpisdk import (
    Calculator,
    Column,
    Derived,
    Difference,
    Estimate,
    Formula,
    FrameInput,
    Lift,
    Mean,
    Median,
    Note,
    Ratio,
    Reason,
    Simple,
    Status,
    WindowUse,
    count,
    count_distinct,
    maximum,
    mean,
    minimum,
    total,
)
from kpisdk.testing import ENGINES


def codes(result):
    """The codes of a result's warnings."""
    return {note.code for note in result.warnings}


def test_a_ratio_of_counts(answer, make, visits):
    """n, numerator, denominator, a Wilson interval, and a warning below thirty rows."""
    kpi = make(
        Ratio(count(visits, visits["done"].is_true()), count(visits, visits["done"].not_null())),
        unit="ratio",
        target=0.5,
        warning=0.3,
        critical=0.1,
    )

    result = answer([{"done": True}] * 3 + [{"done": False}] + [{}], kpi)

    assert (result.value, result.numerator, result.denominator, result.n) == (0.75, 3, 4, 4)
    assert result.interval.low == pytest.approx(0.300641842582402)  # Wilson, by statsmodels
    assert result.interval.high == pytest.approx(0.9544127391902995)
    assert (result.status, result.decided) == (Status.GOOD, False)
    assert result.details["rule"] == "value >= target (0.5)"
    assert codes(result) == {"few_rows"}


def test_a_share_above_one_has_a_warning_and_no_interval(answer, make, visits):
    """Where the method is undefined, the interval is null."""
    kpi = make(Ratio(count(visits), count_distinct(visits, visits["site"])))

    result = answer([{"site": "a"}] * 40, kpi)

    assert (result.value, result.interval) == (40, None)
    assert codes(result) == {"share_above_one", "few_rows"}


def test_a_zero_denominator_is_no_zero(answer, make, visits):
    """Absent, with what was counted."""
    kpi = make(Ratio(count(visits), count(visits, visits["units"] > 100)))

    result = answer([{"units": 1}], kpi)

    assert (result.value, result.reason) == (None, Reason.ZERO_DENOMINATOR)
    assert (result.numerator, result.denominator) == (1, 0)


def test_a_ratio_of_sums(answer, make, visits):
    """A weighted mean has no interval; a numerator without rows has no value."""
    amount, units = visits["amount"], visits["units"]
    kpi = make(Ratio(total(visits, amount * units), total(visits, units), count(visits)))

    weighted = answer([{"amount": 1.0, "units": 3}, {"amount": 5.0, "units": 1}], kpi)
    missing = answer([{"units": 3}], kpi)

    assert (weighted.value, weighted.n, weighted.interval) == (2.0, 2, None)
    assert (missing.value, missing.reason) == (None, Reason.NO_ROWS)


def test_a_mean(answer, make, visits):
    """Student's t interval; the value of one row has none; none has no value."""
    kpi = make(Mean(visits, visits["amount"], visits["units"] > 0))
    rows = [{"amount": float(i), "units": 1} for i in (1, 2, 3)]

    several = answer([*rows, {"amount": 50.0, "units": 0}, {"units": 1}], kpi)

    assert (several.value, several.n) == (2, 3)
    assert several.interval.low == pytest.approx(2 - 4.302652729911275 / 3**0.5)
    assert answer(rows[:1], kpi).interval is None
    assert answer([{"units": 1}], kpi).reason is Reason.NO_ROWS


def test_a_median_and_its_ranks(answer, make, visits):
    """The ends of the interval are values of rows; below six rows there are none."""
    kpi = make(Median(visits, visits["amount"], visits["units"] > 0))
    rows = [{"amount": float(i), "units": 1} for i in range(1, 11)]

    ten = answer([*rows, {"amount": 999.0}], kpi)

    assert (ten.value, ten.n, ten.interval.low, ten.interval.high) == (5.5, 10, 2, 9)
    assert answer(rows[:5], kpi).interval is None
    assert answer([{"units": 1}], kpi).reason is Reason.NO_ROWS


def test_medians_of_many_slices_have_no_intervals_beyond_a_limit(opened, table, make, visits):
    """More than 200 different ranks cost more than they are worth; a warning says so."""

    def rows(groups):
        return [
            {"site": f"s{group}", "amount": float(i)}
            for group in range(groups)
            for i in range(6 + group)
        ]

    kpi = make(Median(visits, visits["amount"]))

    few = opened({"core_visits": table(*rows(3))}, kpi).compute(kpi.id, by=["site"])
    many = opened({"core_visits": table(*rows(210))}, kpi).compute(kpi.id, by=["site"])

    assert [result.interval.low for result in few] == [0.0, 0.0, 0.0]
    assert {result.interval for result in many} == {None}
    assert all("interval_omitted" in {note.code for note in result.warnings} for result in many)
    assert len(many) == 210


def test_a_lift(answer, make, visits):
    """Rates of two groups; absent without one of them or over a rate of zero."""
    done, site = visits["done"], visits["site"]
    kpi = make(Lift(visits, done.is_true(), site.equals("new"), site.equals("old")))

    def rows(new, old):
        return [
            {"site": name, "done": i < hits}
            for name, (hits, size) in (("new", new), ("old", old))
            for i in range(size)
        ]

    result = answer(rows((3, 4), (1, 4)), kpi)

    assert (result.value, result.n) == (2.0, 8)
    assert (result.numerator, result.denominator) == (0.5, 0.25)
    assert result.details["control_hits"] == 1
    assert answer(rows((0, 4), (1, 4)), kpi).value == -1
    for new, old, words in (
        ((1, 4), (0, 0), "no control rows"),
        ((0, 0), (1, 4), "no treated rows"),
        ((1, 4), (0, 4), "control rate is zero"),
    ):
        absent = answer(rows(new, old), kpi)
        assert absent.reason is Reason.ZERO_DENOMINATOR
        assert words in absent.message


def test_a_difference(answer, make, visits):
    """The largest minus the smallest; with n where it is asked for."""
    span = Difference(maximum(visits, visits["amount"]), minimum(visits, visits["amount"]))
    counted = attrs.evolve(span, n=count(visits))

    assert answer([{"amount": 1.0}, {"amount": 4.5}], make(span)).value == 3.5
    assert answer([{"amount": 1.0}, {}], make(counted)).n == 2
    assert answer([{}], make(span)).reason is Reason.NO_ROWS


def test_an_infinite_value_is_no_value(answer, make, visits):
    """Infinities in the data: absent, with the reason."""
    result = answer(
        [{"amount": float("inf")}, {"amount": 1.0}], make(Simple(mean(visits, visits["amount"])))
    )

    assert (result.value, result.reason) == (None, Reason.NOT_FINITE)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_infinity_spoils_the_values_that_are_made_of_it_and_no_other(
    engine, source_on, opened, table, visits, make
):
    """A mean needs a variance for its interval, which DuckDB and SQLite refused to compute."""
    rows = [{"amount": float("inf"), "units": 1}, {"amount": float("-inf"), "units": 2}]
    kpis = (
        make(Mean(visits, visits["amount"])),
        make(Mean(visits, visits["units"]), "CORE-T-002"),
    )
    source = source_on(engine, {"core_visits": table(*rows)}, [visits])

    spoilt, spared = opened(source, *kpis).compute("CORE-T-001", "CORE-T-002")

    assert (spoilt.value, spared.value) == (None, 1.5)
    assert spoilt.reason in (Reason.NOT_FINITE, Reason.NO_ROWS)


def formula(visits, function, **inputs):
    """A formula of the number of visits."""
    return Formula({"n": count(visits), **inputs}, function, counted=("n",))


BROKEN = {
    "raises": lambda values: 1 / 0,
    "raises an error of ours": lambda values: Estimate(value=None),
    "returns a number": lambda values: 3,
    "misses a name": lambda values: values["m"],
}


@pytest.mark.parametrize("function", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_formula_is_the_fault_of_its_kpi_alone(opened, table, make, visits, function):
    """Reason ``calculator_failed``; the other KPI has its value."""
    broken = make(formula(visits, function), "CORE-T-002")

    report = opened({"core_visits": table({})}, make(), broken).compute("CORE-T-001", "CORE-T-002")

    assert (report[0].value, report[1].reason) == (1, Reason.CALCULATOR_FAILED)
    assert report[1].message


def test_a_formula_says_what_it_likes(answer, make, visits):
    """Its estimate is the result."""
    kpi = make(formula(visits, lambda values: Estimate.of(values["n"] * 10, n=values["n"])))

    assert (answer([{}, {}], kpi).value, answer([{}, {}], kpi).n) == (20, 2)


@attrs.frozen
class Restless:
    """A metric of a plugin's own whose second question fails."""

    relation: object

    def measures(self):
        return {"n": count(self.relation)}

    def follow_ups(self, values):
        raise RuntimeError("no second question")

    def concepts(self):
        return ()

    def estimate(self, values):
        return Estimate.of(values["n"])


def test_a_broken_second_question_is_the_fault_of_its_kpi_alone(opened, table, make, visits):
    """As a broken formula is."""
    broken = make(Restless(visits), "CORE-T-002")

    report = opened({"core_visits": table({})}, make(), broken).compute("CORE-T-001", "CORE-T-002")

    assert (report[0].value, report[1].reason) == (1, Reason.CALCULATOR_FAILED)
    assert "no second question" in report[1].message


def raising(scope):
    raise KeyError("a bug")


def nothing(scope):
    return None


def without_slices(scope):
    rows = scope.rows()
    return sa.select(rows.c["at"])


def failing(scope):
    rows = scope.rows()
    return sa.select(rows).where(sa.func.no_such_function(rows.c.site))


@pytest.mark.parametrize("build", [raising, nothing, without_slices, failing])
@pytest.mark.parametrize("fuse", [True, False])
def test_a_broken_relation_is_the_fault_of_its_kpi_alone(opened, table, make, visits, build, fuse):
    """Whatever a plugin's function does: the others compute."""
    broken = make(Simple(count(Derived("core_broken", visits, build))), "CORE-T-002")
    workspace = opened({"core_visits": table({"site": "a"})}, make(), broken)

    report = workspace.compute("CORE-T-001", "CORE-T-002", by=["site"], fuse=fuse)

    assert (report[0].value, report[1].reason) == (1, Reason.QUERY_FAILED)
    assert "core_broken" in report[1].message or "no_such_function" in report[1].message


def test_a_statement_that_fails_for_two_is_tried_for_each(opened, source_on, table, make, visits):
    """One KPI's junk does not take down the KPI that shared its statement."""
    import sqlite3

    url = source_on("sqlite", {"core_visits": table({"amount": 1.0, "units": 2})}, [visits])
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("UPDATE core_visits SET units = 'junk'")
    connection.commit()
    connection.close()
    amounts = make(Simple(total(visits, visits["amount"])))
    units = make(Simple(total(visits, visits["units"])), "CORE-T-002")

    report = opened(url, amounts, units).compute("CORE-T-001", "CORE-T-002")

    assert (report[0].value, report[1].reason) == (1, Reason.WRONG_TYPE)


def ask(visits, function, **facts):
    """A calculator over amounts."""
    return Calculator(function, (FrameInput("rows", visits, ("amount",), **facts),), visits)


def test_a_count_is_zero_only_where_the_table_has_rows(answer, opened, table, make, visits):
    """No row in the window: zero. None before its end, or none at all: absent, and why."""
    kpi = make(Simple(count(visits, visits["site"].equals("a"))))

    zero = answer([{"site": "a"}], kpi, as_of="2025-12-01")
    early = answer([{"site": "a"}], kpi, as_of="2024-01-01")
    empty = opened({"core_visits": table().astype(object)}, kpi).compute(kpi.id)[0]

    assert (zero.value, zero.warnings) == (0, ())
    assert (early.value, early.reason) == (None, Reason.NO_ROWS)
    assert "'core_visits' begin at 2025-06-20T00:00:00Z" in early.message
    assert (empty.value, empty.reason) == (None, Reason.NO_ROWS)
    assert "'core_visits' holds no rows" in empty.message


def test_a_zero_whose_concept_never_occurs_has_a_warning(answer, make, visits):
    """In the whole table, not just in the window; else the zero is plain."""
    kpi = make(Simple(count(visits, visits["site"].equals("a"))))
    outside = {"site": "a", "at": dt.datetime(2020, 1, 1)}

    assert codes(answer([{"site": "b"}], kpi)) == {"never_occurs"}
    assert codes(answer([{"site": "b"}, outside], kpi)) == set()


def test_a_zero_over_a_column_without_values_is_no_zero(answer, make, visits):
    """The source does not record it: absent, with the column named."""
    result = answer([{}, {}], make(Simple(count(visits, visits["site"].equals("a")))))

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)
    assert "Column 'site' of 'core_visits' holds no value" in result.message


@pytest.mark.parametrize("kpi_ids", [("CORE-T-001", "CORE-T-002")])
def test_missing_columns_and_wrong_types_are_said_all_at_once(opened, table, make, visits, kpi_ids):
    """With the settings that map them; the other KPI still computes."""
    measure = total(visits, visits["amount"] * visits["units"], visits["done"].is_true())
    broken = make(Simple(measure))
    frame = table({}).drop(columns=["amount", "done"]).assign(units="many", amont=1.0)

    report = opened({"core_visits": frame}, broken, make(kpi_id="CORE-T-002")).compute(*kpi_ids)

    message = report[0].message
    assert report[0].reason is Reason.MISSING_COLUMN
    for words in (
        "column 'amount' of table 'core_visits' does not exist; there is 'amont'",
        "(map it with sources.frames.tables.core_visits.columns.amount)",
        "column 'done' of table 'core_visits' does not exist",
        "column 'units' of table 'core_visits' is VARCHAR, and int is needed",
        "(map another one with sources.frames.tables.core_visits.columns.units)",
    ):
        assert words in message
    assert report[1].value == 1


def test_observers_are_told_and_break_nothing(opened, table, make):
    """Each result once; one that fails costs a warning that names the plugin."""
    told = []

    def listen(result):
        told.append(result.kpi_id)
        if len(told) == 1:
            raise RuntimeError("deaf")

    workspace = opened({"core_visits": table({})}, make(), observer=listen)

    failed, fine = workspace.compute("CORE-T-001"), workspace.compute("CORE-T-001")

    assert told == ["CORE-T-001", "CORE-T-001"]
    assert failed[0].value == 1
    assert [note.code for note in failed.warnings] == ["observer_failed"]
    assert "core_tests" in failed.warnings[0].message
    assert fine.warnings == ()


def test_one_function_may_build_two_relations(opened, table, make, visits):
    """They are told apart by all that they say, not by their function."""

    def marked(scope):
        rows = scope.rows()
        return sa.select(*rows.c, sa.literal(1).label("mark"))

    adds = (Column("mark", "int"),)
    narrow = Derived("core_one", visits.only("at", "site").timed_by("at"), marked, adds)
    wide = Derived("core_two", visits, marked, adds, window_use=WindowUse.ROWS)
    kpis = (
        make(Simple(total(narrow, narrow["mark"]))),
        make(Simple(total(wide, wide["amount"])), "CORE-T-002"),
    )
    workspace = opened({"core_visits": table({"amount": 5.0})}, *kpis)

    assert [result.value for result in workspace.compute("CORE-T-001", "CORE-T-002")] == [1, 5]


def test_results_say_where_they_come_from(answer, make, visits, people, now):
    """Tables, version, unit, when it was computed, how long it took."""
    result = answer([{}], make())

    assert result.answered_by == "core_visits"
    assert result.definition_version.startswith("1+")
    assert (result.computed_at, result.cached) == (now, False)
    assert result.duration_ms > 0


def test_synthetic_rows_are_said_to_be(opened, table, make):
    """A source that marks its rows, and one that does not."""
    marks = pd.DataFrame({"key": ["synthetic"], "value": ["true"]})
    frames = {"core_visits": table({})}

    assert opened({**frames, "kpisdk_meta": marks}, make()).compute("CORE-T-001").source.synthetic
    assert not opened(frames, make()).compute("CORE-T-001").source.synthetic


@pytest.mark.parametrize(
    ("meta", "known"),
    [
        ({"key": ["synthetic"], "value": ["TRUE"]}, True),
        ({"key": ["synthetic", "synthetic"], "value": ["false", "true"]}, True),
        ({"key": ["synthetic"], "value": ["false"]}, False),
        ({"key": ["seed"], "value": ["7"]}, False),
        ({"key": ["synthetic"], "value": ["perhaps"]}, None),
        ({"other": [1]}, None),
    ],
)
def test_a_mark_that_cannot_be_read_is_unknown_and_not_false(opened, table, make, meta, known):
    """Nobody is told that data are real because a table could not be read."""
    workspace = opened({"core_visits": table({}), "kpisdk_meta": pd.DataFrame(meta)}, make())

    assert workspace.compute("CORE-T-001").source.synthetic is known


def test_notes_of_an_estimate_stand_in_the_result(answer, make, visits):
    """Warnings that a calculator adds, and p-values."""

    def noted(inputs):
        return Estimate.of(1.0, p_value=0.04, n=3).with_notes(Note("odd", "This is odd."))

    result = answer([{}], make(ask(visits, noted)))

    assert (codes(result), result.p_value, result.n) == ({"odd", "few_rows"}, 0.04, 3)


@pytest.mark.parametrize("name", ["rows", "rows:0", "rows_amount"])
def test_a_formula_may_name_its_measures_as_the_engine_names_its_own(answer, make, visits, name):
    """10 + 20 + 30 is 60 beside two persons, and not 2 (the persons) or 3 (the rows)."""
    people, amount = visits["person"], visits["amount"]
    inputs = {"people": count_distinct(visits, people), name: total(visits, amount)}
    kpi = make(Formula(inputs, lambda values: Estimate.of(values[name])), unit="points")
    rows = [{"person": who, "amount": n} for who, n in (("a", 10.0), ("a", 20.0), ("b", 30.0))]

    assert answer(rows, kpi).value == 60
