"""Parts of one Parquet table whose columns have unlike types: each value is what its part says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from kpisdk import Reason, Simple, count, count_distinct, total


@pytest.fixture
def parted(tmp_path, opened):
    """``parted(kpi, first, second, **request)``: the KPI over two parts of ``core_visits``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path / "core_visits"
    folder.mkdir()

    def compute(kpi, *parts, **request):
        for place, columns in enumerate(parts):
            held = {name: pa.array(*given) for name, given in columns.items()}
            pq.write_table(pa.table(held), folder / f"{place}.parquet")
        (result,) = opened(tmp_path, kpi).compute(kpi.id, **request)
        return result

    return compute


def decimals(width, scale, *texts):
    """Decimals of a width and scale."""
    import pyarrow as pa

    return list(map(Decimal, texts)), pa.decimal128(width, scale)


NUMBERS = {
    "decimals of two scales": (
        decimals(38, 1, "1.1"),
        decimals(38, 30, "1.123"),
        2.223,
    ),
    "decimals with and without a fraction": (
        decimals(4, 1, "1.1"),
        decimals(38, 0, "2"),
        3.1,
    ),
    "floats of four bytes and whole numbers": (
        ([0.5], "float32"),
        ([16777217], "int32"),
        16777217.5,
    ),
    "floats of four bytes and decimals": (
        ([0.5], "float32"),
        decimals(18, 3, "123456789012.125"),
        123456789012.625,
    ),
    "whole numbers of unlike widths": (([1], "int16"), ([2**40], "int64"), 2.0**40 + 1),
}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_of_unlike_types_are_neither_cut_nor_rounded(parted, make, visits, case, turned):
    """Whichever of the parts comes first."""
    *parts, expected = NUMBERS[case]
    kpi = make(Simple(total(visits, visits["amount"])), unit="points", window=None)

    result = parted(kpi, *({"amount": each} for each in (parts[::-1] if turned else parts)))

    assert result.value == pytest.approx(expected, rel=1e-12)


def test_a_whole_number_that_no_double_holds_is_refused_beside_fractions(parted, make, visits):
    """2^53 + 1 would be 2^53: two ids would be one."""
    ids = ([2**53, 2**53 + 1], "int64")
    kpi = make(Simple(count_distinct(visits, visits["units"])), window=None)

    result = parted(kpi, {"units": ids}, {"units": ([0.5], "float64")})

    assert (result.value, result.reason) == (None, Reason.QUERY_FAILED)
    assert "write all parts with one type" in result.message


@pytest.mark.parametrize("turned", [False, True])
def test_days_in_one_part_count_beside_instants_in_another(parted, make, visits, turned):
    """Two days are midnights, before noon; one o'clock is not."""
    day, at = dt.date(2025, 6, 20), dt.datetime(2025, 6, 20, 13)
    parts = [{"at": ([day, day], "date32")}, {"at": ([at], "timestamp[us]")}]
    kpi = make(Simple(count(visits)))
    request = {"window": "2025-06-20", "as_of": "2025-06-20T12:00:00Z"}

    result = parted(kpi, *(parts[::-1] if turned else parts), **request)

    assert result.value == 2


def test_a_part_may_lack_one_column_and_have_another_of_its_own_type(parted, make, visits):
    """Both are told apart in one table."""
    kpi = make(Simple(total(visits, visits["amount"])), unit="points", window=None)

    result = parted(
        kpi,
        {"amount": ([0.5], "float32"), "site": (["a"], "string")},
        {"amount": ([16777217], "int32")},
    )

    assert result.value == 16777217.5
