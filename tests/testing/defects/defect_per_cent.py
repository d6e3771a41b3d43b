"""Thresholds of a share in per cent."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi(target=60, warning=45, critical=30)
