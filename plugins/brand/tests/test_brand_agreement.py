"""The five brand KPIs agree with an independent implementation, on every engine."""

from __future__ import annotations

import datetime as dt

import brand_data
import pytest
from brand_data import AS_OF, tables
from brand_oracle import Oracle

from kpisdk.testing import ENGINES, same_interval

DATASETS, TABLES = brand_data.DATASETS, tables(seed=1)
ORACLE = Oracle(TABLES, AS_OF)
MONTHS = [
    (f"2025-{month:02}", (dt.datetime(2025, month, 1), dt.datetime(2025, month + 1, 1)))
    for month in (4, 5, 6)
]

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def agree(results, expected, where) -> None:
    """Each KPI with an expected value has a result among ``results``, and it is that value."""
    found = {result.kpi_id: result for result in results}
    for kpi_id, value in expected.items():
        if value is None and kpi_id not in found:
            continue  # the slice has no row in the window, so it is no group
        result = found[kpi_id]
        assert result.value == pytest.approx(value, abs=1e-9), (
            kpi_id,
            where,
            result.value,
            value,
            result.message,
        )


def test_headlines_agree(workspace_on, engine):
    """NULLs, duplicates, mixed case, window edges, rows of the future."""
    report = workspace_on(engine).compute(workstream="brand", as_of=AS_OF)

    assert None not in ORACLE.values().values()
    agree(report, ORACLE.values(), "whole")
    gaps = ORACLE.gaps()
    assert report["BR-004"].n == sum(gap >= 0 for gap in gaps)
    assert report["BR-004"].details["negative_gaps"] == sum(gap < 0 for gap in gaps) > 0
    median = report["BR-004"].details["kaplan_meier_median_days"]
    assert median == pytest.approx(ORACLE.survival())
    assert report["BR-004"].details["not_yet_treated"] > 0
    assert "not_yet_treated" in {note.code for note in report["BR-004"].warnings}
    assert report["BR-002"].n == len(ORACLE.changes())


def test_regions_agree(workspace_on, engine):
    """Journeys can be cut by their own columns; each patient counts in every slice of a journey."""
    workspace = workspace_on(engine)
    kpis = ("BR-001", "BR-003", "BR-004")

    grouped = workspace.compute(*kpis, as_of=AS_OF, by="geographic_region")

    for region in ("north", "south", None):
        expected = ORACLE.values(lambda row, region=region: row.get("geographic_region") == region)
        expected = {kpi_id: expected[kpi_id] for kpi_id in kpis}
        group = [row for row in grouped if row.slice["geographic_region"] == region]
        agree(group, expected, region)
        alone = workspace.compute(*kpis, as_of=AS_OF, where={"geographic_region": region})
        agree(alone, expected, region)


def test_slices_through_hcp_profiles_agree(workspace_on, engine):
    """A column of ``hcp_profiles`` slices by the HCP that a journey or survey names."""
    report = workspace_on(engine).compute(workstream="brand", as_of=AS_OF, by="specialty")

    for specialty in {row["specialty"] for row in ORACLE.tables["hcp_profiles"]}:

        def keep(row, specialty=specialty) -> bool:
            return ORACLE.specialty.get(row["hcp_id"]) == specialty

        group = [row for row in report if row.slice["specialty"] == specialty]
        agree(group, ORACLE.values(keep), specialty)


def test_months_agree(workspace_on, engine):
    """A trend's buckets are whole months, the last one cut at as_of."""
    report = workspace_on(engine).compute(
        "BR-002", "BR-005", as_of=AS_OF, window="2025-04-01..2025-06-30", grain="month"
    )

    for period, window in MONTHS:
        expected = {"BR-002": ORACLE.intent(window=window), "BR-005": ORACLE.reach(window=window)}
        agree([result for result in report if result.period == period], expected, period)


def test_without_fusion_the_numbers_are_the_same(workspace_on, engine):
    """One plain statement a KPI gives what the shared statements give."""
    workspace = workspace_on(engine)

    fused = workspace.compute(workstream="brand", as_of=AS_OF, by="specialty")
    alone = workspace.compute(workstream="brand", as_of=AS_OF, by="specialty", fuse=False)

    for left, right in zip(fused, alone, strict=True):
        assert (left.kpi_id, left.slice, left.n) == (right.kpi_id, right.slice, right.n)
        assert left.value == pytest.approx(right.value, abs=1e-9)
        assert same_interval(left.interval, right.interval)


def test_a_brand_slice_is_refused(workspace_on, engine):
    """The brand is part of each definition: neither a filter nor a grouping may change it."""
    workspace = workspace_on(engine)

    for asked in ({"where": {"brand": "Kisqali"}}, {"by": "brand"}):
        for result in workspace.compute(workstream="brand", as_of=AS_OF, **asked):
            assert result.value is None
            assert result.reason.value == "unsupported_slice"
            assert "cannot be sliced by 'brand': the KPI is defined for" in result.message
            assert "It can be sliced by:" in result.message
