"""Pandas frames: read where they are, never changed, each mapping a source of its own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest

from kpisdk import (
    ProblemsError,
    Reason,
    Simple,
    count,
    count_distinct,
    maximum,
    median,
    total,
)
from kpisdk.settings import Settings, SourceSettings, TableMapping


def test_frames_are_never_changed(table, opened, make, visits):
    """Values, types, order and index are what they were."""
    frame = table({"amount": 1.0, "site": "a"}, {"amount": None}, {"amount": 3.0})
    frame.index = [7, 3, 5]
    before = frame.copy(deep=True)

    opened({"core_visits": frame}, make(Simple(median(visits, visits["amount"])))).compute(
        "CORE-T-001", by=["site"]
    )

    pd.testing.assert_frame_equal(frame, before)


def test_what_is_no_frame_is_refused(opened, make):
    """All of them at once, by name."""
    with pytest.raises(ProblemsError) as refused:
        opened({"core_visits": [1], "core_people": 3}, make()).compute("CORE-T-001")

    assert [problem.where for problem in refused.value.problems] == ["core_visits", "core_people"]
    assert "is a list, not a frame" in str(refused.value)


def test_two_mappings_are_never_one_source(table, opened, make):
    """A cache that outlives a workspace must not answer for other frames."""
    frames = {"core_visits": table({})}
    one, other = opened(frames, make()).open_source(), opened(frames, make()).open_source()

    assert one.identity.fingerprint != other.identity.fingerprint
    assert one.identity.fingerprint == one.identity.fingerprint
    assert (one.identity.name, one.identity.kind, one.retries) == ("frames", "frames", 0)


def test_tables_of_frames_are_mapped_in_settings(table, opened, make):
    """What an error message advises works: ``sources.frames.tables``."""
    frame = table({}).rename(columns={"at": "when"})
    tables = {"core_visits": TableMapping("visits of today", {"at": "when"})}
    settings = Settings(sources={"frames": SourceSettings(url="frames", tables=tables)})

    workspace = opened({"visits of today": frame}, make(), settings=settings)

    assert workspace.compute("CORE-T-001")[0].value == 1


def test_a_column_of_objects_without_a_value_is_text(table, opened, make):
    """A filter by text is no value of another type: the column holds nothing, and that is said."""
    frame = table({}, {}).assign(version=pd.Series([None, None], dtype=object))
    workspace = opened({"core_visits": frame}, make())

    text, none = (
        workspace.compute("CORE-T-001", where={"version": each})[0] for each in ("1.1", None)
    )

    assert (text.value, text.reason) == (None, Reason.NO_ROWS)
    assert "'version' of 'core_visits' holds no value in any row" in text.message
    assert none.value == 2


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_instants_of_any_resolution(table, opened, make, unit, visits):
    """Seconds to nanoseconds: the newest row counts, whatever its last digits."""
    at = pd.Series(pd.to_datetime(["2025-06-20 10:00", "2025-06-21 00:00"]))
    frame = table({}, {}).assign(at=at.astype(f"datetime64[{unit}]"))
    if unit == "ns":
        frame["at"] += pd.Timedelta(789, "ns")

    result = opened({"core_visits": frame}, make()).compute("CORE-T-001", grain="day")

    found = [(each.period, each.value) for each in result if each.value]
    assert found == [("2025-06-20", 1), ("2025-06-21", 1)]
    assert result[-1].data_through is not None


def test_instants_with_a_zone_are_read_as_utc(table, opened, make):
    """Midnight in New York is four o'clock."""
    at = pd.to_datetime(["2025-06-20 23:00"]).tz_localize("America/New_York")

    result = opened({"core_visits": table({}).assign(at=at)}, make()).compute("CORE-T-001")[0]

    assert result.data_through == dt.datetime(2025, 6, 21, 3, tzinfo=dt.UTC)


def test_not_a_number_is_missing(table, opened, make, visits):
    """NaN in a column of floats is no value: not the largest, not counted."""
    frame = table({}, {}, {}).assign(amount=pd.Series([1.0, float("nan"), 2.0], dtype="float64"))
    kpis = (
        make(Simple(maximum(visits, visits["amount"]))),
        make(Simple(count(visits, visits["amount"].not_null())), "CORE-T-002"),
        make(Simple(count(visits, ~(visits["amount"] > 5))), "CORE-T-003"),
    )

    report = opened({"core_visits": frame}, *kpis).compute(*(kpi.id for kpi in kpis))

    assert [result.value for result in report] == [2, 2, 2]


def test_whole_numbers_beside_missing_ones(table, opened, make, visits):
    """Pandas holds them as fractions, as objects or as its own nullable integers."""
    values = {"float64": [1.0, None], "object": [1, None], "Int64": [1, None]}
    kpi = make(Simple(total(visits, visits["units"])))
    for dtype, units in values.items():
        frame = table({}, {}).assign(units=pd.Series(units, dtype=dtype))

        assert opened({"core_visits": frame}, kpi).compute(kpi.id)[0].value == 1


def test_a_missing_table_and_an_empty_mapping(opened, make):
    """A source without tables still answers."""
    result = opened({}, make()).compute("CORE-T-001")[0]

    assert result.reason is Reason.MISSING_TABLE
    assert "sources.frames.tables.core_visits.table" in result.message


def test_names_of_frames_are_data(table, opened, make):
    """Quotes in a table's name are part of the name."""
    name = 'a"; DROP TABLE "b'
    workspace = opened({name: table({})}, make(), tables={"core_visits": name})

    assert workspace.compute("CORE-T-001")[0].value == 1


def test_reading_frames_without_pandas_says_what_to_install(table, opened, monkeypatch, make):
    """A session that hands out frames names the extra."""
    import sys

    import sqlalchemy as sa

    from kpisdk import MissingDependencyError

    with opened({"core_visits": table({})}, make()).open_source().session() as session:
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(MissingDependencyError, match=r"kpisdk\[frames\]"):
            session.frame(sa.select(sa.literal(1)))


def objects(*values):
    """A column of Python objects."""
    return pd.Series(list(values), dtype=object)


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "sum_"),
    [
        ([Decimal("1E+3"), Decimal("2.5E+2")], 1250),
        ([Decimal("1.1"), NAN, Decimal(2)], 3.1),
        ([Decimal("1.10"), None, Decimal("NaN"), Decimal("sNaN")], 1.1),
        ([Decimal("0.123456789012345678"), Decimal(12345678901234567890)], 1.2345678901234567e19),
        ([Decimal("1.123456789012345678"), Decimal(123456789012345678901)], 1.23456789e20),
        ([Decimal("1E+40"), Decimal(1)], 1e40),
        ([Decimal("1.5"), 2], 3.5),
        ([Decimal("1.5"), 2.25], 3.75),
        ([1] * 3000 + [Decimal("0.5")], 3000.5),
        ([np.int32(4), np.float64(1.5), pd.NA], 5.5),
        ([2**70, 1], 2.0**70),
        ([None] * 3000 + [Decimal("1.25")], 1.25),
        ([Decimal(0), Decimal("0E+5"), Decimal("-1E-3")], -0.001),
    ],
)
def test_numbers_that_are_objects_keep_their_values(table, opened, make, visits, values, sum_):
    """Decimals of any exponent and width, beside missing ones and other numbers."""
    frame = table(*({} for _ in values)).assign(amount=objects(*values))
    before = list(map(repr, frame["amount"]))
    kpi = make(Simple(total(visits, visits["amount"])))

    (result,) = opened({"core_visits": frame}, kpi).compute(kpi.id)

    assert result.value == pytest.approx(sum_, rel=1e-8)
    assert list(map(repr, frame["amount"])) == before


def test_categories_of_decimals_are_decimals(table, opened, make, visits):
    """Missing ones among them too."""
    values = objects(Decimal("1E+3"), Decimal("0.5"), None).astype("category")
    kpi = make(Simple(total(visits, visits["amount"])))

    found = opened({"core_visits": table({}, {}, {}).assign(amount=values)}, kpi).compute(kpi.id)

    assert found[0].value == 1000.5


def test_decimals_that_differ_late_are_distinct(table, opened, make, visits):
    """Up to 38 digits are exact, whatever each of them needs."""
    values = (Decimal("0.1234567890123456789"), Decimal("0.1234567890123456788"), Decimal(10) ** 15)
    frame = table({}, {}, {}).assign(amount=objects(*values))
    kpi = make(Simple(count_distinct(visits, visits["amount"])))

    assert opened({"core_visits": frame}, kpi).compute(kpi.id)[0].value == 3


@pytest.mark.parametrize("names", [("site", "site"), ("site", "SITE")])
def test_a_frame_that_names_a_column_twice_is_refused(table, opened, make, names):
    """Which of the two is meant cannot be guessed; an Arrow table says the same."""
    frame = table({}).assign(other="b").rename(columns={"site": names[0], "other": names[1]})

    (result,) = opened({"core_visits": frame}, make()).compute("CORE-T-001")

    assert (result.value, result.reason) == (None, Reason.QUERY_FAILED)
    assert "frame 'core_visits' names column" in result.message
    assert "twice; keep one" in result.message


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1 + 2j]),
        pd.Series(pd.period_range("2025-01", periods=1, freq="M")),
        pd.Series([1.0], dtype="Sparse[float]"),
    ],
)
def test_a_column_that_cannot_be_read_harms_only_who_reads_it(table, opened, make, visits, column):
    """The rest of the frame is read; the sentence names the column."""
    frame = table({"units": 1}).assign(amount=column, units=3)
    kpis = (
        make(Simple(total(visits, visits["amount"]))),
        make(Simple(total(visits, visits["units"])), "CORE-T-002"),
    )

    bad, good = opened({"core_visits": frame}, *kpis).compute(*(kpi.id for kpi in kpis))

    assert good.value == 3
    assert bad.value is None
    assert "column 'amount' of frame 'core_visits' cannot be read" in bad.message


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], {}])
def test_dicts_in_a_column_of_json_say_what_cures_them(table, opened, make, visits, value):
    """JSON is a text."""
    frame = table({}).assign(doc=objects(value))
    kpi = make(Simple(count(visits, visits["doc"].not_null())))

    (result,) = opened({"core_visits": frame}, kpi).compute(kpi.id)

    assert result.value is None
    assert "frame['doc'].map(json.dumps)" in result.message


def as_polars(frame):
    """The rows as a polars frame."""
    return pytest.importorskip("polars").from_pandas(frame)


def as_lazy(frame):
    """The rows as polars will have them."""
    return as_polars(frame).lazy()


def as_arrow(frame):
    """The rows as an Arrow table."""
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


def as_batch(frame):
    """The rows as one batch."""
    return as_arrow(frame).combine_chunks().to_batches()[0]


def as_reader(frame):
    """The rows as a stream that can be read once."""
    return as_arrow(frame).to_reader()


def as_relation(frame):
    """The rows as a relation of a connection of its own."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE visits AS FROM frame")
    return connection.table("visits")


ANY_FRAME = pytest.mark.parametrize(
    "made", [as_polars, as_lazy, as_arrow, as_batch, as_reader, as_relation]
)


@ANY_FRAME
def test_frames_of_other_libraries_are_tables_too(table, opened, make, visits, made):
    """Computed twice, since some give their rows only once; instants, texts and numbers alike."""
    rows = ({"amount": 1.5, "units": 2, "site": "a"}, {"amount": None, "units": 3, "site": "b"})
    frame = made(table(*rows))
    kpis = (
        make(Simple(total(visits, visits["amount"]))),
        make(Simple(total(visits, visits["units"])), "CORE-T-002"),
        make(Simple(count(visits, visits["site"].equals("b"))), "CORE-T-003"),
    )
    workspace = opened({"core_visits": frame}, *kpis)

    for _ in range(2):
        report = workspace.compute(*(kpi.id for kpi in kpis))
        assert [result.value for result in report] == [1.5, 5, 1]
    assert report[0].data_through is not None


def test_polars_keeps_decimals_and_refuses_python_objects(table, opened, make, visits):
    """A decimal is exact, NaN is missing; objects would be addresses to DuckDB."""
    pl = pytest.importorskip("polars")
    frame = as_polars(table({}, {})).with_columns(
        pl.Series("amount", [Decimal("1000.10"), Decimal("0.25")]),
        pl.Series("site", [object(), object()], dtype=pl.Object),
    )
    kpi = make(Simple(total(visits, visits["amount"])))
    workspace = opened({"core_visits": frame}, kpi)

    assert workspace.compute(kpi.id)[0].value == pytest.approx(1000.35)
    (sliced,) = workspace.compute(kpi.id, by=["site"])
    assert "column 'site' of frame 'core_visits' holds Python objects" in sliced.message


def test_an_arrow_table_that_names_a_column_twice_is_refused(opened, make):
    """As a frame of pandas is."""
    import pyarrow as pa

    frame = pa.table([[1], [2]], names=["site", "site"])

    (result,) = opened({"core_visits": frame}, make(window=None)).compute("CORE-T-001")

    assert "names column 'site' twice" in result.message


def test_a_series_is_refused_with_what_makes_a_frame_of_it(opened, make):
    """A column is no table."""
    with pytest.raises(ProblemsError, match="is a pandas Series, not a frame with columns"):
        opened({"core_visits": pd.Series([1])}, make()).compute("CORE-T-001")
