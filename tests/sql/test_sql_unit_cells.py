"""Moments by windows, trends, slices and relations, on every engine."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import defaultdict

import attrs
import pytest
import sqlalchemy as sa
from unit_plans import COUNTED, counts, expected, planned, read, same
from unit_rows import VISITS, buckets_of, ddl, grouped, made, mean_of

from kpisdk import Column, Derived, LogicalType, WindowUse, count, mean, total
from kpisdk.contracts.plans import Dimension, Slicing
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Grain
from kpisdk.engine.fetching import as_day
from kpisdk.sql.statements import statement
from kpisdk.sql.unit_buckets import unit_column
from kpisdk.sql.unit_layout import UnitLayout
from kpisdk.sql.unit_selects import bucket_rows

ROWS = made()
EMPTY = attrs.evolve(VISITS, name="core_unit_none")
SHUFFLED = attrs.evolve(VISITS, name="core_unit_shuffled")
KEYLESS = attrs.evolve(
    VISITS,
    name="core_unit_keyless",
    columns=tuple(attrs.evolve(column, key=False) for column in VISITS.columns),
)
LONE = attrs.evolve(VISITS, name="core_unit_lone")
LOOSE = attrs.evolve(KEYLESS, name="core_unit_loose")
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
        (LOOSE, _shuffled()),
        (LONE, [{**row, "person": "P1"} for row in ROWS[:9]]),
        (MANY, _many()),
    )
}
good, price, stay = (VISITS[name] for name in ("good", "price", "stay"))


def _window(first, last):
    start, end = (dt.datetime(2025, *day, tzinfo=dt.UTC) for day in (first, last))
    return Window(start, end, "a month")


def test_two_windows_of_one_scan_give_the_products_between_them(desk):
    """The same units in both are paired; each count knows the units of its own window alone."""
    january, february = _window((1, 1), (2, 1)), _window((2, 1), (3, 1))
    measures = {"now": count(VISITS), "then": count(VISITS), "alone": count(VISITS)}
    windows = {"now": february, "then": january, "alone": january}
    plan = planned(desk, measures, windows=windows, groups=(("now", "then"), ("alone",)))
    ((values, (both, alone)),) = read(desk, plan).values()
    bucket = buckets_of(desk, "person", ROWS)

    def month(number):
        return counts(lambda row: row["seen"].month == number)

    early = [row for row in ROWS if row["seen"].month < 3]
    wanted = expected(grouped(early, "person", bucket), {"now": month(2), "then": month(1)})
    same(attrs.evolve(both, buckets=wanted.buckets), wanted)
    for name, number in (("now", 2), ("then", 1)):
        own = [row for row in early if row["seen"].month == number]
        behind, units = both.behind[name], expected(grouped(own, "person", bucket), {"n": len})
        assert behind.buckets == units.buckets
        assert behind.unknown == sum(row["person"] is None for row in own)
        assert behind.units == pytest.approx(units.buckets, abs=2)
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
    keyless, loose = (
        next(iter(read(desk, planned(desk, measures, relation=each)).values()))
        for each in (KEYLESS, LOOSE)
    )

    assert (first, keyless) == (other, loose)
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

    def twice(rows):
        return sum(2 * (row["stay"] or 0) for row in rows)

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


def test_each_month_has_the_products_of_its_units_with_those_of_the_month_before(desk):
    """By site, the sites without a name included: whole numbers, deviations and rows below."""
    site = Dimension("site", LogicalType.TEXT)
    measures = {"good": count(VISITS, good.is_true()), "m": mean(VISITS, stay)}
    plan = planned(desk, measures, slicing=Slicing(by=(site,), grain=Grain.MONTH), back=(28, 31))
    layout = UnitLayout.of(plan)
    bucket = buckets_of(desk, "person", ROWS)
    rows = desk.session.rows(statement(plan, desk.catalog.table, desk.dialect))

    def of_month(at, month):
        there = [row for row in ROWS if row["site"] == at and row["seen"].month == month]
        known = [row["stay"] for row in there if row["stay"] is not None]
        middle = sum(known) / len(known) if known else 0.0
        found = defaultdict(lambda: (0, 0.0))
        for row in there:
            key = ("nobody", row["id"]) if row["person"] is None else bucket[row["person"]]
            liked, off = found[key]
            off += 0.0 if row["stay"] is None else row["stay"] - middle
            found[key] = (liked + (row["good"] is True), off)
        return found

    assert len(rows) == 9
    for row in rows:
        at, month = row[0], as_day(row[1]).month
        now, before = of_month(at, month), of_month(at, month - 1)
        (shared,) = layout.read_shared(row)
        for one, own in enumerate(("good", "m_e")):
            for two, other in enumerate(("good", "m_e")):
                wanted = sum(now[key][one] * before[key][two] for key in now.keys() & before.keys())
                assert shared[own, other] == pytest.approx(wanted, abs=1e-9)
