"""The library that the KPI reference names first for each causal KPI."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from kpisdk_causal.estimators.libraries import PRIMARY_LIBRARIES


def test_the_primary_libraries_are_those_of_the_specification():
    """One for each causal KPI, as the table of all KPIs names it."""
    shared = Path(os.environ.get("KPISDK_SHARED", Path(__file__).parents[5] / "shared"))
    table = shared / "spec" / "kpis.csv"
    if not table.exists():
        pytest.skip(f"{table} is not here")
    with table.open(encoding="utf-8", newline="") as file:
        named = {row["id"]: row["causal_library"] for row in csv.DictReader(file)}

    for kpi, library in PRIMARY_LIBRARIES.items():
        assert named[kpi].startswith(library)
