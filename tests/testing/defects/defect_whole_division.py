"""Numbers divided as each engine likes it."""

from __future__ import annotations

from defect_base import Column, a_kpi, derived

from kpisdk import Mean, hookimpl


def halves(scope):
    from sqlalchemy import select

    rows = scope.rows()
    return select(*rows.c, rows.c.units.op("/")(2).label("half"))


HALVES = derived(halves, Column("half", "float"))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(Mean(HALVES, HALVES["half"]), unit="score")
