"""An observer that takes every result for a number."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi()


@hookimpl
def kpisdk_computed(result):
    round(result.value, 2)
