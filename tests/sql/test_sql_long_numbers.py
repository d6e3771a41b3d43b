"""Filters on numbers that 64 bits do not hold: the row with these digits, and none near to it."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

from kpisdk import Reason, Simple, count

LONG, NEXT = 12345678901234567890123, 12345678901234567890124
FINE, NEAR = "12345678901234567890.1234567891", "12345678901234567890.1234567892"


@pytest.fixture
def held(opened, make, visits, tmp_path, request):
    """``held(engine, type, first, second, where)``: how many of two rows pass a filter."""
    kpi = make(Simple(count(visits)), window=None)

    def compute(engine, column, type_, *values, where):
        url = f"duckdb:///{tmp_path / 'x.duckdb'}"
        if engine == "postgresql":
            url = request.getfixturevalue("postgresql_url")
        own = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with own.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS core_visits")
            connection.exec_driver_sql(
                f"CREATE TABLE core_visits (visit_id text, {column} {type_})"
            )
            for value in values:
                connection.exec_driver_sql(f"INSERT INTO core_visits VALUES ('v', {value})")
        (result,) = opened(url, kpi).compute(kpi.id, where={column: where})
        return result

    return compute


WHOLE = [("duckdb", "HUGEINT"), ("duckdb", "DECIMAL(30, 0)"), ("postgresql", "numeric(30)")]


@pytest.mark.parametrize(("engine", "type_"), WHOLE)
@pytest.mark.parametrize("written", [int, str])
def test_a_whole_number_of_23_digits_is_found(held, engine, type_, written):
    """One row has it; the other is its neighbour."""
    assert held(engine, "units", type_, LONG, NEXT, where=written(LONG)).value == 1


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
def test_a_number_that_no_row_of_64_bits_can_have_matches_none(held, engine):
    """It is a number all the same, and no fault of the request."""
    result = held(engine, "units", "bigint", 1, 2, where=LONG)

    assert (result.value, result.reason) == (0, Reason.NO_TARGET)


@pytest.mark.parametrize(
    ("engine", "type_"), [("duckdb", "DECIMAL(38, 10)"), ("postgresql", "numeric")]
)
def test_a_decimal_that_a_double_is_only_near_to_is_found(held, engine, type_):
    """As a group shows it, so can it be filtered by."""
    assert held(engine, "amount", type_, FINE, NEAR, where=FINE).value == 1


def test_what_is_too_large_for_any_double_is_no_infinity(held):
    """1e400 is a number, and the row's infinity is none."""
    result = held("duckdb", "amount", "DOUBLE", "'inf'::DOUBLE", 1.5, where="1e400")

    assert (result.value, result.reason) == (None, Reason.UNSUPPORTED_SLICE)


def test_sqlite_keeps_long_whole_numbers_as_doubles(opened, make, visits, tmp_path):
    """2^64 is one of them."""
    file = tmp_path / "x.db"
    with sqlite3.connect(file) as own:
        own.execute("CREATE TABLE core_visits (visit_id text, units integer)")
        own.execute("INSERT INTO core_visits VALUES ('v', 18446744073709551616), ('w', 7)")
    own.close()
    kpi = make(Simple(count(visits)), window=None)

    (result,) = opened(f"sqlite:///{file}", kpi).compute(kpi.id, where={"units": 2**64})

    assert result.value == 1
