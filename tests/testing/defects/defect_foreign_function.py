"""A function that one engine alone has."""

from __future__ import annotations

from defect_base import Column, Ratio, a_kpi, count, derived

from kpisdk import hookimpl


def named(scope):
    from sqlalchemy import func, select

    rows = scope.rows()
    return select(*rows.c, (func.jaccard(rows.c.site, "alpha") > 0).label("listed"))


NAMED = derived(named, Column("listed", "bool"))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(
        Ratio(count(NAMED, NAMED["listed"].is_true()), count(NAMED, NAMED["listed"].not_null()))
    )
