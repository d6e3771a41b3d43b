"""What the KPI reference says of each KPI stands in its record: calculation type and library."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from kpisdk import CalculationType, Workspace

DIRECT = {
    "WS1-DQ-003",
    "WS1-DQ-004",
    "WS1-DQ-007",
    "WS1-DQ-008",
    "WS1-DQ-009",
    "WS1-MP-001",
    "WS1-MP-002",
    "WS1-MP-004",
    "WS1-MP-005",
    "WS1-MP-006",
    "WS1-MP-008",
    "WS2-TR-004",
    "WS2-TR-005",
    "WS2-TR-007",
    "WS3-BI-001",
    "WS3-BI-002",
    "WS3-BI-004",
    "WS3-BI-010",
    "BR-002",
    "CM-001",
    "CM-002",
    "CM-003",
    "CM-004",
    "EDU-KX-005",
    "EDU-DKT-001",
}
"""KPIs whose value is one aggregate, or is stored as it is; all others are derived."""

LIBRARIES = {
    "CM-001": "DoWhy",
    "CM-002": "EconML",
    "CM-003": "DoWhy",
    "CM-004": "EconML",
    "CM-005": "DoWhy",
}

KPIS = Workspace().registry.kpis


def test_every_kpi_says_whether_it_is_direct_or_derived():
    """All 57, those of education included."""
    named = {kpi.id: kpi.calculation_type for kpi in KPIS.values()}

    assert len(named) == 57
    assert [kpi_id for kpi_id, kind in named.items() if kind is None] == []
    assert {kpi_id for kpi_id, kind in named.items() if kind is CalculationType.DIRECT} == DIRECT


def test_the_causal_kpis_and_no_others_name_a_library():
    """The one that the reference names first; which one answers, the result says."""
    named = {kpi.id: kpi.primary_library for kpi in KPIS.values() if kpi.primary_library}

    assert named == LIBRARIES


def test_the_facts_are_those_of_the_specification():
    """Read again from its table, where that is at hand."""
    shared = Path(os.environ.get("KPISDK_SHARED", Path(__file__).parents[3] / "shared"))
    table = shared / "spec" / "kpis.csv"
    if not table.exists():
        pytest.skip(f"{table} is not here")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == 46
    assert {row["id"]: row["calculation_type"] for row in rows} == {
        row["id"]: KPIS[row["id"]].calculation_type for row in rows
    }
    for row in rows:
        assert row["causal_library"].startswith(KPIS[row["id"]].primary_library or "")
