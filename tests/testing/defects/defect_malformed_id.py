"""An id with a space."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi(kpi_id="share done")
