"""Aggregates: the same numbers on every engine, worked out by hand."""

from __future__ import annotations

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


NO_COINS = Dataset("core_no_coins", COINS.columns)
TABLES = {"core_coins": (COINS, coins), "core_no_coins": (NO_COINS, none)}


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
