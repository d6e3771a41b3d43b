"""A translation of a field that no dictionary has."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi(translations={"fr": {"defintion": "Part des visites faites."}})
