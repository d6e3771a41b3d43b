"""A parameter that says nothing of what it means."""

from __future__ import annotations

from defect_base import Parameter, a_kpi

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi(parameters=(Parameter("k", "int", default=3),))
