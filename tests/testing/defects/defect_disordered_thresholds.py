"""Higher is better, and critical lies above target."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi(target=0.3, warning=0.5, critical=0.7)
