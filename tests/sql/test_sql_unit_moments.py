"""Moments over buckets of units: equal to plain Python's on the same rows, on every engine."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from unit_plans import COUNTED, counts, expected, planned, read, same
from unit_rows import SITES, VISITS, buckets_of, ddl, grouped, made, mean_of

from kpisdk import (
    LogicalType,
    count,
    count_distinct,
    maximum,
    mean,
    median,
    minimum,
    total,
    variance,
)
from kpisdk.contracts.plans import Dimension, Slicing
from kpisdk.contracts.unit_moments import pairs
from kpisdk.sql.unit_buckets import unit_column, units_in
from kpisdk.sql.unit_parts import remade, share_statement

ROWS = made()
TABLES = {VISITS.name: (VISITS, lambda table, dialect: ddl(ROWS, table, dialect))}
good, price, far, stay = (VISITS[name] for name in ("good", "price", "far", "stay"))


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

    def paid(rows):
        return sum(row["price"] or 0 for row in rows)

    def stayed(rows):
        return sum(row["stay"] or 0 for row in rows if row["good"])

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


def test_the_deviations_of_a_mean_have_their_cubes(desk):
    """Skewed values have honest intervals by them; counts and sums have none."""
    plan = planned(desk, {"m": mean(VISITS, price), "n": count(VISITS)})
    ((_, (found,)),) = read(desk, plan).values()
    centre = mean_of(ROWS, "price")
    cubes = [
        sum(row["price"] - centre for row in rows if row["price"] is not None) ** 3
        for rows in grouped(ROWS, "person", buckets_of(desk, "person", ROWS))
    ]

    assert found.cube("m_e", "m_e", "m_e") == pytest.approx(sum(cubes), rel=1e-6)
    assert set(found.cubes) == {("m_e", "m_e", "m_e")}


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

    def people(rows):
        return len({row["person"] for row in rows} - {None})

    def fine(rows):
        return people([row for row in rows if row["good"]])

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
    assert not share_statement((count(VISITS), count(VISITS.timed_by("day"))))


def test_a_unit_is_refused_where_it_cannot_be_reached(desk):
    """No such column, or no day in it."""
    assert unit_column(VISITS, "nobody", desk.catalog.table) is None
    assert unit_column(VISITS, "person", desk.catalog.table, by_day=True) is None
    assert unit_column(VISITS, "person", desk.catalog.table).key == ("id",)
