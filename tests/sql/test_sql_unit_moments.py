"""Moments over buckets of units: equal to plain Python's on the same rows, on every engine."""

from __future__ import annotations

import datetime as dt
import math
import random
import statistics

import attrs
import pytest
import sqlalchemy as sa
from unit_rows import SITES, VISITS, buckets_of, ddl, grouped, made, mean_of

from kpisdk import (
    Column,
    Derived,
    LogicalType,
    WindowUse,
    count,
    count_distinct,
    maximum,
    mean,
    median,
    minimum,
    total,
    variance,
)
from kpisdk.contracts.plans import Dimension, Shape, Slicing, StatementPlan, Task
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.unit_moments import UnitMoments, pairs
from kpisdk.contracts.vocabulary import Grain
from kpisdk.sql.statements import statement
from kpisdk.sql.unit_buckets import unit_column, units_in
from kpisdk.sql.unit_layout import UnitLayout
from kpisdk.sql.unit_moments import bucket_rows
from kpisdk.sql.unit_parts import remade, share_statement

ROWS = made()
EMPTY = attrs.evolve(VISITS, name="core_unit_none")
SHUFFLED = attrs.evolve(VISITS, name="core_unit_shuffled")
KEYLESS = attrs.evolve(
    VISITS,
    name="core_unit_keyless",
    columns=tuple(attrs.evolve(column, key=False) for column in VISITS.columns),
)
LONE = attrs.evolve(VISITS, name="core_unit_lone")
MANY = attrs.evolve(VISITS, name="core_unit_many")


def _shuffled():
    rows = list(ROWS)
    random.Random(3).shuffle(rows)
    return rows


def _many():
    """Ten thousand sites with two visits each, of the same two people."""
    row = ROWS[0]
    return [
        {
            **row,
            "id": f"M{each}",
            "site": f"s{each // 2}",
            "person": f"P{each % 2}",
            "stay": each % 3,
        }
        for each in range(20_000)
    ]


TABLES = {
    dataset.name: (dataset, lambda table, dialect, rows=rows: ddl(rows, table, dialect))
    for dataset, rows in (
        (VISITS, ROWS),
        (EMPTY, []),
        (SHUFFLED, _shuffled()),
        (KEYLESS, ROWS),
        (LONE, [{**row, "person": "P1"} for row in ROWS[:9]]),
        (MANY, _many()),
    )
}
good, price, far, stay = (VISITS[name] for name in ("good", "price", "far", "stay"))
AS_OF = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
COUNTED = {
    "good": (count(VISITS, good.is_true()), lambda row: row["good"] is True),
    "known": (count(VISITS, good.not_null()), lambda row: row["good"] is not None),
    "rows": (count(VISITS), lambda row: True),
}


def planned(desk, measures, *, relation=VISITS, unit="person", groups=None, **facts):
    """A plan whose tasks are the measures, by label; all of them one group by default."""
    windows = facts.pop("windows", {})
    by_day = facts.pop("by_day", False)
    tasks = tuple(
        Task(label, attrs.evolve(each, relation=relation), windows.get(label))
        for label, each in measures.items()
    )
    found = unit_column(relation, unit, desk.catalog.table, by_day=by_day)
    assert found is not None
    slicing = facts.pop("slicing", Slicing())
    return StatementPlan(
        relation, slicing, tasks, Shape.FUSED, AS_OF, unit=found,
        products=groups or (tuple(measures),), **facts,
    )  # fmt: skip


def read(desk, plan):
    """The statement's rows: keys, values by label, moments of each group."""
    width = len(plan.slicing.by) + (plan.slicing.grain is not None)
    layout = UnitLayout.of(plan)
    found = {}
    for row in desk.session.rows(statement(plan, desk.catalog.table, desk.dialect)):
        labels = [task.label for task in plan.tasks]
        values = dict(zip(labels, row[width : layout.start], strict=True))
        found[tuple(row[:width])] = (values, layout.read(row))
    return found


def expected(buckets, functions):
    """The moments of numbers by name, each a function of a bucket's rows."""
    return UnitMoments.of(
        [{name: function(rows) for name, function in functions.items()} for rows in buckets]
    )


def counts(holds):
    """How many of a bucket's rows hold."""
    return lambda rows: sum(map(holds, rows))


def same(found, wanted):
    """Whether moments are equal, but for the numbers of units."""
    assert found.names == wanted.names
    assert (found.buckets, found.filled) == (wanted.buckets, wanted.filled)
    assert found.sums == pytest.approx(wanted.sums, rel=1e-9, abs=1e-6)
    assert found.products == pytest.approx(wanted.products, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("unit", ["person", "number", "share"])
def test_products_of_counts_are_those_of_the_buckets(desk, unit):
    """Texts in any script, whole numbers and fractions; a row of nobody is a unit of its own."""
    (values, (found,)) = read(
        desk, planned(desk, {k: m for k, (m, _) in COUNTED.items()}, unit=unit)
    )[()]
    buckets = grouped(ROWS, unit, buckets_of(desk, unit, ROWS))

    same(found, expected(buckets, {name: counts(holds) for name, (_, holds) in COUNTED.items()}))
    nobody = sum(row[unit] is None for row in ROWS)
    assert found.unknown == nobody > 10
    assert found.units == pytest.approx(12 + nobody, abs=1)
    assert values == {name: sum(map(holds, ROWS)) for name, (_, holds) in COUNTED.items()}


def test_the_day_of_an_instant_is_a_bucket(desk):
    """Ninety days: each is a bucket and a unit."""
    plan = planned(desk, {"rows": count(VISITS)}, unit="seen", by_day=True)
    ((_, (found,)),) = read(desk, plan).values()
    days = {row["day"]: row["day"] for row in ROWS}
    wanted = expected(grouped(ROWS, "day", days), {"rows": len})

    same(found, wanted)
    assert found.units == found.buckets == len(days)
    ((_, again),) = read(
        desk, planned(desk, {"rows": count(VISITS)}, unit="day", by_day=True)
    ).values()
    same(again[0], wanted)


def test_sums_of_decimals_and_of_whole_numbers_add_up(desk):
    """A bucket without a price adds zero."""
    plan = planned(
        desk, {"paid": total(VISITS, price), "stayed": total(VISITS, stay, good.is_true())}
    )
    ((values, (found,)),) = read(desk, plan).values()
    buckets = grouped(ROWS, "person", buckets_of(desk, "person", ROWS))
    paid = lambda rows: sum(row["price"] or 0 for row in rows)  # noqa: E731
    stayed = lambda rows: sum(row["stay"] or 0 for row in rows if row["good"])  # noqa: E731

    same(found, expected(buckets, {"paid": paid, "stayed": stayed}))
    assert float(values["paid"]) == pytest.approx(paid(ROWS), rel=1e-12)
    assert values["stayed"] == stayed(ROWS)


def test_values_far_from_zero_lose_no_digits(desk):
    """1e9 - 1 and 1e9 + 1: mean and variance as without units, and squares of the deviations."""
    plan = planned(desk, {"m": mean(VISITS, far), "v": variance(VISITS, far)})
    ((values, (found,)),) = read(desk, plan).values()
    centre = mean_of(ROWS, "far")
    buckets = grouped(ROWS, "person", buckets_of(desk, "person", ROWS))

    assert values["m"] == pytest.approx(centre, rel=1e-15)
    assert values["v"] == pytest.approx(statistics.variance(r["far"] - 1e9 for r in ROWS), rel=1e-7)
    deviations = [sum(row["far"] - centre for row in rows) for rows in buckets]
    squares = [sum((row["far"] - centre) ** 2 for row in rows) for rows in buckets]
    assert found.total("m_n") == len(ROWS)
    assert found.total("m_e") == pytest.approx(0, abs=1e-3)
    assert found.product("m_e", "m_e") == pytest.approx(sum(e * e for e in deviations), rel=1e-6)
    both = sum(e * q for e, q in zip(deviations, squares, strict=True))
    assert found.product("v_q", "v_e") == pytest.approx(both, rel=1e-5)
    totals = found.totals
    assert remade("m", mean(VISITS, far).aggregate, values["m"], totals) == values["m"]
    again = remade("v", variance(VISITS, far).aggregate, values["v"], totals)
    assert again == pytest.approx(values["v"], rel=1e-7)


def test_rows_below_the_median_are_counted_per_bucket(desk):
    """In one statement with the median itself, each slice against its own."""
    site = Dimension("site", LogicalType.TEXT)
    plan = planned(desk, {"mid": median(VISITS, stay)}, slicing=Slicing(by=(site,)))
    cells = read(desk, plan)
    bucket = buckets_of(desk, "person", ROWS)

    assert set(cells) == {(each,) for each in SITES}
    for (at,), (values, (found,)) in cells.items():
        rows = [row for row in ROWS if row["site"] == at and row["stay"] is not None]
        middle = statistics.median(row["stay"] for row in rows)
        everyone = grouped([row for row in ROWS if row["site"] == at], "person", bucket)
        known = counts(lambda row: row["stay"] is not None)
        below = counts(lambda row, m=middle: row["stay"] is not None and row["stay"] < m)
        assert values["mid"] == middle
        same(found, expected(everyone, {"mid_n": known, "mid_below": below}))


def test_units_that_are_counted_are_counted_exactly(desk):
    """How many people came, and how many of them were good at least once."""
    person = VISITS["person"]
    measures = {
        "seen": count_distinct(VISITS, person),
        "good": count_distinct(VISITS, person, good.is_true()),
        "rows": count(VISITS),
        "m": mean(VISITS, stay),
    }
    plan = planned(desk, measures)
    ((values, (found,)),) = read(desk, plan).values()
    buckets = grouped(ROWS, "person", buckets_of(desk, "person", ROWS))
    people = lambda rows: len({r["person"] for r in rows} - {None})  # noqa: E731
    fine = lambda rows: people([r for r in rows if r["good"]])  # noqa: E731

    assert (values["seen"], values["good"], values["rows"]) == (12, fine(ROWS), len(ROWS))
    assert values["m"] == pytest.approx(mean_of(ROWS, "stay"), rel=1e-12)
    wanted = expected(buckets, {"seen": people, "good": fine, "rows": len})
    for one, other in pairs(wanted.names):
        assert found.product(one, other) == wanted.product(one, other)
    assert found.buckets == wanted.buckets


def test_what_lies_in_one_unit_adds_up_and_what_lies_in_two_does_not(desk):
    """The data tell: a visit is one person's, a room several people's; both counts are exact."""
    visits = planned(desk, {"n": count_distinct(VISITS, VISITS["id"])})
    rooms = planned(desk, {"n": count_distinct(VISITS, VISITS["room"])}, unit="site")
    ((values, (found,)),) = read(desk, visits).values()
    ((of_rooms, (none,)),) = read(desk, rooms).values()
    buckets = grouped(ROWS, "person", buckets_of(desk, "person", ROWS))

    assert values == {"n": len(ROWS)}
    same(found, expected(buckets, {"n": len}))
    assert of_rooms == {"n": len({row["room"] for row in ROWS})}
    assert none is None


def test_least_and_largest_values_have_a_value_and_no_part(desk):
    """They stand beside others in one statement."""
    measures = {"low": minimum(VISITS, stay), "high": maximum(VISITS, price), "n": count(VISITS)}
    ((values, (found,)),) = read(desk, planned(desk, measures, groups=(("low", "n"),))).values()

    assert values["low"] == min(row["stay"] for row in ROWS if row["stay"] is not None)
    assert float(values["high"]) == max(row["price"] for row in ROWS if row["price"] is not None)
    assert found.names == ("n",)


def _window(first, last):
    start, end = (dt.datetime(2025, *day, tzinfo=dt.UTC) for day in (first, last))
    return Window(start, end, "a month")


def test_two_windows_of_one_scan_give_the_products_between_them(desk):
    """The same units in both are paired; another group has the buckets of its own window alone."""
    january, february = _window((1, 1), (2, 1)), _window((2, 1), (3, 1))
    measures = {"now": count(VISITS), "then": count(VISITS), "alone": count(VISITS)}
    windows = {"now": february, "then": january, "alone": january}
    plan = planned(desk, measures, windows=windows, groups=(("now", "then"), ("alone",)))
    ((values, (both, alone)),) = read(desk, plan).values()
    bucket = buckets_of(desk, "person", ROWS)

    def month(number):
        return counts(lambda row: row["seen"].month == number)

    early = [row for row in ROWS if row["seen"].month < 3]
    same(both, expected(grouped(early, "person", bucket), {"now": month(2), "then": month(1)}))
    first = [row for row in ROWS if row["seen"].month == 1]
    same(alone, expected(grouped(first, "person", bucket), {"alone": len}))
    assert alone.unknown == sum(row["person"] is None for row in first)
    assert values == {"now": len(early) - len(first), "then": len(first), "alone": len(first)}


def test_a_trend_by_slices_has_moments_in_each_cell(desk):
    """Three sites (one without a name) by three months."""
    slicing = Slicing(by=(Dimension("site", LogicalType.TEXT),), grain=Grain.MONTH)
    plan = planned(desk, {"n": count(VISITS), "m": mean(VISITS, stay)}, slicing=slicing)
    bucket = buckets_of(desk, "person", ROWS)
    cells = read(desk, plan)

    assert len(cells) == 9
    for (at, day), (values, (found,)) in cells.items():
        month = int(str(day)[5:7])
        rows = [row for row in ROWS if row["site"] == at and row["seen"].month == month]
        wanted = expected(grouped(rows, "person", bucket), {"n": len})
        assert (values["n"], found.buckets) == (len(rows), wanted.buckets)
        assert found.product("n", "n") == wanted.product("n", "n")
        assert values["m"] == pytest.approx(mean_of(rows, "stay"), rel=1e-12)


def test_ten_thousand_slices(desk):
    """Two visits of two people in each."""
    slicing = Slicing(by=(Dimension("site", LogicalType.TEXT),))
    cells = read(desk, planned(desk, {"n": count(VISITS)}, relation=MANY, slicing=slicing))

    assert len(cells) == 10_000
    assert {(v["n"], m.buckets, m.products) for v, (m,) in cells.values()} <= {
        (2, 2, (2,)),
        (2, 1, (4,)),  # where the two people fall into one bucket
    }


def test_no_row_has_no_buckets(desk):
    """Counts are zero, all else has no value; a slice without rows is not there."""
    measures = {"n": count(VISITS), "s": total(VISITS, price), "m": mean(VISITS, stay)}
    ((values, (found,)),) = read(desk, planned(desk, measures, relation=EMPTY)).values()

    assert values == {"n": 0, "s": None, "m": None}
    assert (found.buckets, found.units, found.unknown) == (0, 0, 0)
    assert set(found.sums) == set(found.products) == {0}


def test_one_unit_is_one_bucket(desk):
    """All rows of one person: nothing varies between units."""
    ((_, (found,)),) = read(desk, planned(desk, {"n": count(VISITS)}, relation=LONE)).values()

    assert (found.buckets, found.units, found.sums, found.products) == (1, 1, (9,), (81,))


def test_the_order_of_rows_changes_nothing(desk):
    """Rows of nobody fall into buckets by their key, or by all that they hold."""
    measures = {name: measure for name, (measure, _) in COUNTED.items()}
    first, other = (
        next(iter(read(desk, planned(desk, measures, relation=each)).values()))
        for each in (VISITS, SHUFFLED)
    )
    keyless = next(iter(read(desk, planned(desk, measures, relation=KEYLESS)).values()))

    assert first == other
    assert keyless[0] == first[0]
    assert keyless[1][0].unknown == first[1][0].unknown
    assert keyless[1][0].buckets == pytest.approx(first[1][0].buckets, abs=2)


def test_the_buckets_themselves_are_the_parts(desk):
    """What a third moment is made of; the filters choose the cell."""
    site = Dimension("site", LogicalType.TEXT)
    measures = {"n": count(VISITS), "m": mean(VISITS, stay)}
    plan = planned(desk, measures, slicing=Slicing(filters=((site, ("north",)),)))
    rows = desk.session.rows(bucket_rows(plan, plan.unit, desk.catalog.table, desk.dialect))
    north = [row for row in ROWS if row["site"] == "north"]
    buckets = grouped(north, "person", buckets_of(desk, "person", ROWS))

    assert sorted(row[1] for row in rows) == sorted(map(len, buckets))
    assert math.fsum(row[3] for row in rows) == pytest.approx(0, abs=1e-9)


def test_a_square_that_is_no_number_leaves_the_value(desk):
    """1e200 squared is beyond doubles: an error on one engine, an infinity on others."""
    huge = total(VISITS, far * far * far * far * far * far * far * far * far * far * far * far * far
                 * far * far * far * far * far * far * far)  # fmt: skip
    ((values, (found,)),) = read(desk, planned(desk, {"s": huge})).values()

    assert values["s"] == pytest.approx(len(ROWS) * 1e180, rel=1e-3)
    assert found is None


@pytest.mark.parametrize("units", [1, 30, 1000, 5000, 400_000])
def test_the_number_of_units_follows_from_the_least_hashes(units):
    """Hashes drawn evenly: within four standard errors of 1 / sqrt(buckets)."""
    draw = random.Random(7)
    least: dict[int, int] = {}
    for _ in range(units):
        digest = draw.randrange(2**32)
        least[digest % 1000] = min(least.get(digest % 1000, 2**32), digest)

    found = units_in(len(least), sum(least.values()))

    assert found == pytest.approx(units, rel=4 / math.sqrt(len(least)), abs=0.5)


def test_measures_that_count_two_things_need_two_statements():
    """One statement groups its rows by one counted value."""
    people, rooms = (count_distinct(VISITS, VISITS[name]) for name in ("person", "room"))

    assert share_statement((people, count(VISITS)))
    assert not share_statement((people, rooms))
    assert not share_statement((count(VISITS), count(EMPTY)))


def test_a_unit_is_refused_where_it_cannot_be_reached(desk):
    """No such column, or no day in it."""
    assert unit_column(VISITS, "nobody", desk.catalog.table) is None
    assert unit_column(VISITS, "person", desk.catalog.table, by_day=True) is None
    assert unit_column(VISITS, "person", desk.catalog.table).key == ("id",)


def _with_double(scope):
    """Each visit with twice its stay."""
    rows = scope.rows()
    return sa.select(*rows.c, (rows.c.stay * 2).label("double"))


def _by_person(scope):
    """One row a person: how many visits."""
    rows = scope.rows()
    person = rows.c.person.label("who")
    keys = scope.partition(rows)
    visits = sa.func.count().label("visits")
    return sa.select(*keys, person, visits).group_by(*keys, person)


DOUBLED = Derived("doubled", VISITS, _with_double, (Column("double", LogicalType.INT),))
PEOPLE = Derived(
    "people",
    VISITS,
    _by_person,
    (Column("who", LogicalType.TEXT), Column("visits", LogicalType.INT)),
    window_use=WindowUse.ROWS,
    grouped=True,
)


def test_a_derived_relation_has_the_units_of_its_base(desk):
    """Rows of nobody are told apart by the base's key, which the relation passes on."""
    plan = planned(desk, {"n": total(DOUBLED, DOUBLED["double"])}, relation=DOUBLED)
    ((values, (found,)),) = read(desk, plan).values()
    buckets = grouped(ROWS, "person", buckets_of(desk, "person", ROWS))
    twice = lambda rows: sum(2 * (row["stay"] or 0) for row in rows)  # noqa: E731

    same(found, expected(buckets, {"n": twice}))
    assert float(values["n"]) == twice(ROWS)
    assert found.unknown == sum(row["person"] is None for row in ROWS)


def test_a_grouped_relation_has_the_units_that_it_adds(desk):
    """The base's own columns are gone."""
    assert unit_column(PEOPLE, "person", desk.catalog.table) is None
    plan = planned(desk, {"n": total(PEOPLE, PEOPLE["visits"])}, relation=PEOPLE, unit="who")
    ((values, (found,)),) = read(desk, plan).values()

    assert float(values["n"]) == len(ROWS)
    assert found.unknown == 1
