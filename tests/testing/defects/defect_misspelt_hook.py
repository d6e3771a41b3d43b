"""The hook is called ``kpisdk_kpi``."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpi():
    yield a_kpi()
