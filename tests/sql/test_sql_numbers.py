"""Aggregates over random numbers of every width, against exact fractions."""

from __future__ import annotations

import statistics
from fractions import Fraction

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings, strategies as st

from kpisdk import Column, Dataset, LogicalType
from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.sql.aggregates import aggregate

NUMBERS = Dataset("core_numbers", (Column("a", LogicalType.INT), Column("b", LogicalType.INT)))
TABLES = {}
WIDTHS = {
    "small": (sa.SmallInteger(), 2**15 - 1),
    "usual": (sa.Integer(), 2**31 - 1),
    "big": (sa.BigInteger(), 2**63 - 1),
    "decimal": (sa.Numeric(18, 0), 10**17),
}


def computed(desk, kind, pairs, measures):
    """What an engine makes of rows of two columns of a type."""
    rows = [sa.select(sa.cast(a, kind).label("a"), sa.cast(b, kind).label("b")) for a, b in pairs]
    table = sa.union_all(*rows).subquery("numbers")
    columns = [aggregate(each, table.c, desk.environment) for each in measures]
    return [float(value) for value in desk.session.rows(sa.select(*columns))[0]]


def measure(kind, value, q=None):
    return Measure(kind, NUMBERS, value, q=q)


@st.composite
def pairs_of_a_width(draw):
    """Rows of two numbers of one type, its edges among them."""
    name = draw(st.sampled_from(sorted(WIDTHS)))
    most = WIDTHS[name][1]
    number = st.one_of(st.integers(-most, most), st.sampled_from([0, 1, -1, most, -most]))
    return name, draw(st.lists(st.tuples(number, number), min_size=1, max_size=8))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=pairs_of_a_width())
@example(rows=("big", [(2**63 - 1, 2**63 - 1), (2**63 - 1, -(2**63 - 1))]))
@example(rows=("small", [(200, 200), (-32767, 32767)]))
def test_no_width_overflows_wraps_or_is_cut(desk, rows):
    """Sums, means, medians, products, differences and sizes of numbers near the edges of types."""
    name, pairs = rows
    a, b = NUMBERS["a"], NUMBERS["b"]
    measures = [
        measure(Aggregate.SUM, a),
        measure(Aggregate.MEAN, a),
        measure(Aggregate.QUANTILE, a, 0.5),
        measure(Aggregate.SUM, a * b),
        measure(Aggregate.SUM, a - b),
        measure(Aggregate.MAX, a + b),
        measure(Aggregate.SUM, a.absolute()),
    ]
    firsts = [Fraction(x) for x, _ in pairs]
    expected = [
        sum(firsts),
        sum(firsts) / len(firsts),
        statistics.median(firsts),
        sum(Fraction(x) * y for x, y in pairs),
        sum(Fraction(x) - y for x, y in pairs),
        max(Fraction(x) + y for x, y in pairs),
        sum(map(abs, firsts)),
    ]
    size = float(sum(abs(x) for x, _ in pairs) + sum(abs(y) for _, y in pairs))
    product = float(sum(abs(x * y) for x, y in pairs))
    scales = [size, size, size, product, size, size, size]

    found = computed(desk, WIDTHS[name][0], pairs, measures)

    for one, other, scale in zip(found, expected, scales, strict=True):
        assert one == pytest.approx(float(other), abs=max(scale, 1) * 1e-12)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.integers(2**53 - 3, 2**53 + 6), min_size=1, max_size=8))
def test_distinct_counts_see_every_unit(desk, values):
    """Beyond what doubles tell apart."""
    wanted = [measure(Aggregate.DISTINCT, NUMBERS["a"])]
    pairs = [(value, 0) for value in values]

    assert computed(desk, sa.BigInteger(), pairs, wanted) == [len(set(values))]
    if desk.dialect != "sqlite":  # it has no decimals: there a number is of 64 bits
        assert computed(desk, sa.Numeric(20, 0), pairs, wanted) == [len(set(values))]
