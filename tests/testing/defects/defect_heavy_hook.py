"""SQLAlchemy imported by the hook."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    import sqlalchemy as sa

    yield a_kpi(formula=f"done / known, as {sa.__name__} says it")
