"""The ten business KPIs agree with an independent implementation, on every engine."""

from __future__ import annotations

import datetime as dt

import pytest
import ws3_data
from ws3_data import AS_OF, BRANDS, tables
from ws3_oracle import ALL, Oracle

from kpisdk.testing import ENGINES, same_interval

DATASETS, TABLES = ws3_data.DATASETS, tables(seed=1)
ORACLE = Oracle(TABLES, AS_OF)
SPECIALTIES = ("Oncology", "Dermatology", "x' OR '1'='1", None)
MONTHS = [
    (f"2025-{month:02}", (dt.datetime(2025, month, 1), dt.datetime(2025, month + 1, 1)))
    for month in (4, 5, 6)
]

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def agree(results, expected, where) -> None:
    """Each expected KPI has one result among ``results``, and its value is the expected one."""
    found = {result.kpi_id: result for result in results}
    for kpi_id, value in expected.items():
        assert kpi_id in found, (kpi_id, where)
        result = found[kpi_id]
        assert result.value == pytest.approx(value, abs=1e-9), (
            kpi_id,
            where,
            result.value,
            value,
            result.message,
        )


def test_headlines_and_brand_filters_agree(workspace_on, engine):
    """NULLs, duplicates, window edges, rows of the future: the whole, and each brand alone."""
    workspace = workspace_on(engine)

    for brand in (ALL, *BRANDS):
        where = {} if brand is ALL else {"brand": brand}
        report = workspace.compute(workstream="ws3_business", as_of=AS_OF, where=where)
        agree(report, ORACLE.values(brand), brand)


def test_grouping_by_brand_agrees(workspace_on, engine):
    """A brand slice binds triggers and prescriptions; rows without a brand are their own slice."""
    report = workspace_on(engine).compute(workstream="ws3_business", as_of=AS_OF, by=["brand"])

    for brand in BRANDS:
        group = [result for result in report if result.slice.get("brand", ALL) == brand]
        agree(group, ORACLE.values(brand), brand)


def test_slices_through_hcp_profiles_agree(workspace_on, engine):
    """A column of ``hcp_profiles`` slices by the HCP of each row, with a brand or without."""
    workspace = workspace_on(engine)

    for brand in (ALL, "Kisqali"):
        where = {} if brand is ALL else {"brand": brand}
        report = workspace.compute(
            workstream="ws3_business", as_of=AS_OF, where=where, by="specialty"
        )
        for specialty in SPECIALTIES:
            group = [row for row in report if row.slice.get("specialty", ALL) == specialty]
            agree(group, ORACLE.values(brand, specialty), (brand, specialty))


def test_months_agree(workspace_on, engine):
    """A trend's buckets are whole months, the last one cut at as_of; so are those of a slice."""
    workspace = workspace_on(engine)
    asked = {"as_of": AS_OF, "window": "2025-04-01..2025-06-30", "grain": "month"}

    whole = workspace.compute(workstream="ws3_business", **asked)
    sliced = workspace.compute(workstream="ws3_business", by="brand", **asked)

    for period, window in MONTHS:
        expected = ORACLE.values(window=window)
        del expected["WS3-BI-004"]  # it has no time, and refuses a grain
        agree([result for result in whole if result.period == period], expected, period)
        for brand in BRANDS:
            group = [
                result
                for result in sliced
                if result.period == period and result.slice["brand"] == brand
            ]
            agree(group, ORACLE.values(brand, window=window), (period, brand))


def test_interval_and_counts_of_conversion_agree(workspace_on, engine):
    """The denominator counts delivered triggers, and the warning those still too young."""
    start, end = ORACLE.as_of - dt.timedelta(days=60), ORACLE.as_of
    result = workspace_on(engine).compute("WS3-BI-009", as_of=AS_OF, window="last 60 days")[0]

    young = ORACLE.young(start, end)
    assert result.n == len(ORACLE.delivered(start, end))
    assert 0 < young < result.n
    assert result.details["follow_up_incomplete"] == young
    (note,) = (note for note in result.warnings if note.code == "follow_up_incomplete")
    assert note.message.startswith(f"{young} row(s) of 'triggers'")
    assert result.decided is False
    assert result.interval.method == "wilson"


def test_active_users_by_role_agree(workspace_on, engine):
    """Monthly users can be cut by any column of the sessions."""
    start, end = ORACLE.as_of - dt.timedelta(days=30), ORACLE.as_of
    report = workspace_on(engine).compute("WS3-BI-001", as_of=AS_OF, by="user_role")

    found = {result.slice["user_role"]: result.value for result in report}
    assert found == {
        role: ORACLE.active_users(start, end, role) for role in ("rep", "manager", None)
    }


def test_without_fusion_the_numbers_are_the_same(workspace_on, engine):
    """One plain statement a KPI gives what the shared statements give."""
    workspace = workspace_on(engine)

    fused = workspace.compute(workstream="ws3_business", as_of=AS_OF, by="brand")
    alone = workspace.compute(workstream="ws3_business", as_of=AS_OF, by="brand", fuse=False)

    for left, right in zip(fused, alone, strict=True):
        assert (left.kpi_id, left.slice, left.n) == (right.kpi_id, right.slice, right.n)
        assert left.value == pytest.approx(right.value, abs=1e-9)
        assert same_interval(left.interval, right.interval)
