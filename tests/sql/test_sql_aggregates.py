"""Aggregates: the same numbers on every engine, worked out by hand."""

from __future__ import annotations

import math

import pytest
import sqlalchemy as sa

from kpisdk import (
    Column,
    Dataset,
    LogicalType,
    Measure,
    count,
    count_distinct,
    maximum,
    mean,
    median,
    minimum,
    quantile,
    total,
    variance,
)
from kpisdk.contracts.measures import Aggregate
from kpisdk.sql.aggregates import aggregate
from kpisdk.sql.scopes import matches

COINS = Dataset(
    "core_coins",
    (
        Column("id", LogicalType.INT),
        Column("worth", LogicalType.FLOAT),
        Column("owner", LogicalType.TEXT),
        Column("kept", LogicalType.BOOL),
        Column("size", LogicalType.INT),
    ),
)
worth, owner, kept, size = COINS["worth"], COINS["owner"], COINS["kept"], COINS["size"]
ROWS = (
    "(1, 10.0, 'a', true, 4)",
    "(2, 1.0, 'b', true, 1)",
    "(3, 2.0, 'a', false, NULL)",
    "(4, 2.0, NULL, true, 3)",
    "(5, NULL, 'A', NULL, 2)",
)


def coins(table: str, dialect: str) -> list[str]:
    """Worths 10, 1, 2, 2 and none."""
    number = "DOUBLE PRECISION" if dialect == "postgresql" else "DOUBLE"
    return [
        f"CREATE TABLE {table} (id BIGINT, worth {number}, owner TEXT, kept BOOLEAN, size INTEGER)",
        f"INSERT INTO {table} VALUES {', '.join(ROWS)}",
    ]


def none(table: str, dialect: str) -> list[str]:
    """No coins at all."""
    return coins(table, dialect)[:1]


def riches(table: str, dialect: str) -> list[str]:
    """Worths 1, 2 and infinity of one owner, 1 and 2 of another, both infinities of a third."""
    held = {"a": "1 2 Infinity", "b": "1 2", "c": "-Infinity Infinity"}
    worths = {"Infinity": "9e999", "-Infinity": "-9e999"} if dialect == "sqlite" else {}
    rows = [
        f"({worths.get(each, repr(each))}, '{owner}')"
        for owner, every in held.items()
        for each in every.split()
    ]
    return [
        *(line.replace(", kept BOOLEAN, size INTEGER", "") for line in none(table, dialect)),
        f"INSERT INTO {table} (worth, owner) VALUES {', '.join(rows)}",
    ]


NO_COINS = Dataset("core_no_coins", COINS.columns)
RICHES = Dataset("core_riches", COINS.columns[1:3])
TABLES = {
    "core_coins": (COINS, coins),
    "core_no_coins": (NO_COINS, none),
    "core_riches": (RICHES, riches),
}


def rank(value, q, where=None):
    """The value of the row at rank ceil(q n)."""
    return Measure(Aggregate.RANK, COINS, value, where, q)


MEASURES = {
    "count": (count(COINS), 5),
    "count where": (count(COINS, worth >= 2), 3),
    "count where unknown": (count(COINS, kept.is_false()), 1),
    "distinct": (count_distinct(COINS, owner), 3),
    "distinct where": (count_distinct(COINS, owner, kept.is_true()), 2),
    "distinct numbers": (count_distinct(COINS, worth), 3),
    "sum": (total(COINS, worth), 15),
    "sum where": (total(COINS, worth, owner.equals("a")), 12),
    "sum of whole numbers": (total(COINS, size), 10),
    "sum of nothing": (total(COINS, worth, owner.equals("zz")), None),
    "mean": (mean(COINS, worth), 3.75),
    "mean of whole numbers": (mean(COINS, size), 2.5),
    "mean where": (mean(COINS, worth, worth < 5), 5 / 3),
    "variance": (variance(COINS, worth), 52.75 / 3),
    "variance of one": (variance(COINS, worth, worth > 5), None),
    "least": (minimum(COINS, worth), 1),
    "largest": (maximum(COINS, size), 4),
    "largest of nothing": (maximum(COINS, size, worth > 100), None),
    "median": (median(COINS, worth), 2),
    "median of an even number": (median(COINS, size), 2.5),
    "median where": (median(COINS, worth, kept.is_true()), 2),
    "lower quartile": (quantile(COINS, worth, 0.25), 1.75),
    "p95": (quantile(COINS, worth, 0.95), 8.8),
    "p0": (quantile(COINS, worth, 0), 1),
    "p100": (quantile(COINS, worth, 1), 10),
    "quantile of nothing": (median(COINS, worth, worth > 100), None),
    "rank 1": (rank(worth, 0), 1),
    "rank 2": (rank(worth, 0.26), 2),
    "rank 3": (rank(worth, 0.75), 2),
    "rank 4": (rank(worth, 0.76), 10),
    "rank of nothing": (rank(worth, 0.5, worth > 100), None),
    "rank of whole numbers": (rank(size, 0.5), 2),
}


@pytest.mark.parametrize(("measure", "expected"), MEASURES.values(), ids=MEASURES.keys())
def test_measures(desk, measure, expected):
    """NULLs count in no aggregate, and an aggregate of nothing has no value."""
    found = desk.one("core_coins", lambda columns: aggregate(measure, columns, desk.environment))

    assert found == (None if expected is None else pytest.approx(expected, abs=1e-9))


@pytest.mark.parametrize("name", MEASURES)
def test_measures_of_an_empty_table(desk, name):
    """A count is zero (DuckDB's ``count_if`` says NULL), and everything else has no value."""
    measure = MEASURES[name][0]

    found = desk.one("core_no_coins", lambda columns: aggregate(measure, columns, desk.environment))

    assert (found or 0 if measure.aggregate.is_count else found) == (
        0 if measure.aggregate.is_count else None
    )


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        (("a",), [1, 3]),
        (("A",), [5]),
        (("a", "b"), [1, 2, 3]),
        ((None,), [4]),
        (("b", None), [2, 4]),
        ((), []),
        (("a\0",), []),
        (("a\0", "b"), [2]),
        (("'; DROP TABLE core_coins; --",), []),
    ],
)
def test_filters(desk, values, ids):
    """Several values are an or, None is a value of its own, and nothing matches nothing."""
    clause, columns = desk.catalog.table("core_coins").clause()
    condition = matches(columns["owner"], LogicalType.TEXT, values, desk.dialect)
    select = sa.select(columns["id"]).select_from(clause).where(condition).order_by(columns["id"])

    assert [row[0] for row in desk.session.rows(select)] == ids


@pytest.mark.parametrize(
    ("build", "owned", "expected"),
    [
        (median, "a", 2),
        (median, "b", 1.5),
        (median, "c", None),
        (variance, "a", None),
        (variance, "b", 0.5),
        (variance, "c", None),
    ],
)
def test_an_infinity_is_no_missing_value(desk, build, owned, expected):
    """The median of 1, 2 and infinity is 2; what has no finite result is not told as no rows."""
    measure = build(RICHES, worth, owner.equals(owned))

    found = desk.one("core_riches", lambda columns: aggregate(measure, columns, desk.environment))

    assert found is not None
    assert found == pytest.approx(expected) if expected else not math.isfinite(found)
