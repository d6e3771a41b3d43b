"""It was written for a later version of the plugin API."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl

KPISDK_API = 99


@hookimpl
def kpisdk_kpis():
    yield a_kpi()
