"""Two KPIs go by one name in the dictionary."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi(kpi_id="DEF-001", name="Share")
    yield a_kpi(kpi_id="DEF-002", name="Share")
