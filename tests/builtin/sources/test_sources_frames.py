"""Pandas frames: read where they are, never changed, each mapping a source of its own."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kpisdk import ProblemsError, Reason, Simple, count, maximum, median, total
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


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_instants_of_any_resolution(table, opened, make, unit, visits):
    """Seconds to nanoseconds: the newest row counts, whatever its last digits."""
    at = pd.Series(pd.to_datetime(["2025-06-20 10:00", "2025-06-21 00:00"]))
    frame = table({}, {}).assign(at=at.astype(f"datetime64[{unit}]"))
    if unit == "ns":
        frame["at"] += pd.Timedelta(789, "ns")

    result = opened({"core_visits": frame}, make()).compute("CORE-T-001", grain="day")

    assert [(each.period, each.value) for each in result] == [("2025-06-20", 1), ("2025-06-21", 1)]
    assert result[0].data_through is not None


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
