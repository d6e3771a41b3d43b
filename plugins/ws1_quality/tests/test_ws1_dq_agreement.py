"""The nine data quality KPIs agree with an independent implementation, on every engine."""

from __future__ import annotations

import datetime as dt

import pytest
from ws1_dq_data import AS_OF, BRANDS, DATASETS, IDS, NOW, TICK, tables
from ws1_dq_oracle import lags, percentile, releases, rows_of, values

from kpisdk import Workspace
from kpisdk.testing import ENGINES

BY_BRAND = ("WS1-DQ-001", "WS1-DQ-005", "WS1-DQ-006", "WS1-DQ-007")


def on(source_on, engine, data):
    """A workspace over the data on an engine, its clock at AS_OF."""
    return Workspace(source_on(engine, data, DATASETS), cache="off", clock=lambda: AS_OF)


@pytest.mark.parametrize("engine", ENGINES)
def test_all_nine_agree_with_the_oracle(source_on, engine):
    """Random data with NULLs, duplicates, rows on edges and in the future: whole, and by brand."""
    data = tables(seed=1)
    rows = rows_of(data)
    workspace = on(source_on, engine, data)

    whole = workspace.compute(*IDS, as_of=AS_OF)
    expected = values(rows, AS_OF)
    for kpi_id in IDS:
        assert expected[kpi_id] is not None, kpi_id
        assert whole[kpi_id].value == pytest.approx(expected[kpi_id], abs=1e-9), (
            kpi_id,
            whole[kpi_id],
        )

    for brand in BRANDS[1:4]:
        mine = values(rows, AS_OF, keep=lambda _, row, brand=brand: row.get("brand") == brand)
        report = workspace.compute(*BY_BRAND, as_of=AS_OF, where={"brand": brand})
        for kpi_id in BY_BRAND:
            assert report[kpi_id].value == pytest.approx(mine[kpi_id], abs=1e-9), (
                kpi_id,
                brand,
                report[kpi_id],
            )


@pytest.mark.parametrize("engine", ENGINES)
def test_every_group_of_a_slice_agrees_with_the_oracle(source_on, engine):
    """Grouping gives each value of the column its own figure, rows without one a group too."""
    data = tables(seed=2)
    rows = rows_of(data)
    workspace = on(source_on, engine, data)

    for column, ids in (
        ("brand", BY_BRAND),
        ("geographic_region", ("WS1-DQ-005", "WS1-DQ-007")),
        ("source_name", ("WS1-DQ-003", "WS1-DQ-004")),
        ("annotation_type", ("WS1-DQ-008",)),
        ("pipeline_name", ("WS1-DQ-009",)),
    ):
        report = workspace.compute(*ids, as_of=AS_OF, by=[column])
        for kpi_id in ids:
            found = {each.slice[column]: each.value for each in report if each.kpi_id == kpi_id}
            assert None in found or column == "source_name"
            for group, value in found.items():
                mine = values(rows, AS_OF, keep=_only(column, group))
                assert value == pytest.approx(mine[kpi_id], abs=1e-9), (kpi_id, column, group)


def _only(column, group):
    return lambda _, row: column in row and row[column] == group


@pytest.mark.parametrize("engine", ENGINES)
def test_a_slice_through_the_hcp_reaches_journeys(source_on, engine):
    """``hcp_profiles`` columns slice what is counted over journeys."""
    data = tables(seed=3)
    rows = rows_of(data)
    specialty = {row["hcp_id"]: row["specialty"] for row in rows["hcp_profiles"]}

    report = on(source_on, engine, data).compute(
        "WS1-DQ-005", "WS1-DQ-007", as_of=AS_OF, by=["specialty"]
    )

    assert len(report) == 6
    for result in report:
        group = result.slice["specialty"]
        mine = values(
            rows,
            AS_OF,
            keep=lambda _, row, group=group: specialty.get(row.get("hcp_id")) == group,
        )
        assert result.value == pytest.approx(mine[result.kpi_id], abs=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_trend_agrees_with_the_oracle_month_by_month(source_on, engine):
    """Each month is its own window, cut at as_of; snapshots take the month's newest day."""
    data = tables(seed=4)
    rows = rows_of(data)
    ids = ("WS1-DQ-003", "WS1-DQ-004", "WS1-DQ-005", "WS1-DQ-007", "WS1-DQ-009")

    report = on(source_on, engine, data).compute(
        *ids, as_of=AS_OF, window="2025-04-01..2025-06-30", grain="month"
    )

    months = {"2025-04": 4, "2025-05": 5, "2025-06": 6}
    for kpi_id in ids:
        found = {each.period: each.value for each in report if each.kpi_id == kpi_id}
        assert set(found) == set(months)
        for period, month in months.items():
            mine = values(
                rows, AS_OF, start=dt.datetime(2025, month, 1), end=dt.datetime(2025, month + 1, 1)
            )
            assert found[period] == pytest.approx(mine[kpi_id], abs=1e-9), (kpi_id, period)


@pytest.mark.parametrize("engine", ENGINES)
def test_median_details_agree_with_numpy(source_on, engine):
    """Mean and 95th percentile stand beside the medians, and negative durations are counted."""
    data = tables(seed=5)
    rows = rows_of(data)
    start = NOW - dt.timedelta(days=30)

    report = on(source_on, engine, data).compute("WS1-DQ-007", "WS1-DQ-009", as_of=AS_OF)

    for kpi_id, table, column, function, name in (
        ("WS1-DQ-007", "patient_journeys", "ingestion_timestamp", lags, "lag_days"),
        ("WS1-DQ-009", "etl_pipeline_metrics", "run_completed_at", releases, "ttr_hours"),
    ):
        recent = [row for row in rows[table] if row[column] and start <= row[column] < NOW]
        numbers = function(recent)
        result = report[kpi_id]
        assert result.n == len(numbers)
        assert result.details[f"avg_{name}"] == pytest.approx(sum(numbers) / len(numbers), abs=1e-9)
        assert result.details[f"p95_{name}"] == pytest.approx(percentile(numbers, 95), abs=1e-9)
        negative = sum(number < 0 for number in numbers)
        assert [note.message for note in result.warnings if note.code == "negative_duration"] == [
            f"{negative} durations are negative: they end before they start."
        ] * bool(negative)
        assert (result.interval.method, result.interval.unit) == ("woodruff", f"day of {column}")


def test_every_engine_gives_the_same_report(source_on):
    """Values, methods of intervals, counts, details and freshness are equal on all engines."""
    data = tables(seed=6)
    reports = {}
    for engine in ENGINES:
        report = on(source_on, engine, data).compute(*IDS, as_of=AS_OF, compare="previous")
        reports[engine] = [_without_limits(row) for row in _comparable(report)]

    for engine in ENGINES[1:]:
        assert reports[engine] == reports[ENGINES[0]], engine


def _comparable(report):
    rows = [result.to_dict() for result in report]
    for row in rows:
        del row["computed_at"], row["duration_ms"], row["manifest"]
    return _rounded(rows)


def _without_limits(row):
    """Engines put units into buckets by hashes of their own: limits may differ a little."""
    for each in (row, row["comparison"] or {}):
        if each.get("interval"):
            each["interval"] = each["interval"]["method"], each["interval"]["unit"]
        for name in ("decided", "status_p"):
            each.pop(name, None)
    return row


def _rounded(value):
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_without_fusion_the_numbers_are_the_same(source_on, engine):
    """Statements that are not shared give equal results."""
    workspace = on(source_on, engine, tables(seed=7))

    fused = workspace.compute(*IDS, as_of=AS_OF)
    alone = workspace.compute(*IDS, as_of=AS_OF, fuse=False)

    assert _comparable(fused) == _comparable(alone)


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_without_as_of_the_frontier_stands_in(source_on, engine):
    """Windows end one microsecond after the newest row that the clock has seen."""
    data = tables(seed=8)
    rows = rows_of(data)

    report = on(source_on, engine, data).compute("WS1-DQ-005", "WS1-DQ-007", "WS1-DQ-009")

    for kpi_id, table, column in (
        ("WS1-DQ-005", "patient_journeys", "created_at"),
        ("WS1-DQ-007", "patient_journeys", "ingestion_timestamp"),
        ("WS1-DQ-009", "etl_pipeline_metrics", "run_completed_at"),
    ):
        newest = max(row[column] for row in rows[table] if row[column] and row[column] < NOW)
        frontier = (newest + TICK).replace(tzinfo=dt.UTC)
        assert report[kpi_id].value == pytest.approx(values(rows, frontier)[kpi_id], abs=1e-9)
        assert report[kpi_id].window.end == frontier
