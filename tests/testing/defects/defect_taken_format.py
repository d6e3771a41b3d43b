"""A report format that the core has."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import ReportFormat, hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi()


@hookimpl
def kpisdk_reports():
    yield ReportFormat("json", lambda report, colour: "{}")
