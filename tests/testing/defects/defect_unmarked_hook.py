"""The hook lacks its decorator."""

from __future__ import annotations

from defect_base import a_kpi


def kpisdk_kpis():
    yield a_kpi()
