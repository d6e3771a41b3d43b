"""A statement put together by hand."""

from __future__ import annotations

from defect_base import Column, Parameter, Ratio, a_kpi, count, derived

from kpisdk import hookimpl


def wanted(scope):
    from sqlalchemy import literal_column, select

    rows = scope.rows()
    site = literal_column(f"site = '{scope.parameter('site')}'")
    return select(*rows.c, site.label("wanted"))


WANTED = derived(wanted, Column("wanted", "bool"), parameters=("site",))
PARAMETER = Parameter("site", "text", "the site that is looked at", "alpha")


@hookimpl
def kpisdk_kpis():
    yield a_kpi(
        Ratio(count(WANTED, WANTED["wanted"].is_true()), count(WANTED)), parameters=(PARAMETER,)
    )
