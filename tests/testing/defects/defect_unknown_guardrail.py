"""A guardrail that nobody brings."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import Guardrail, hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi(guardrails=(Guardrail("DEF-999"),))
