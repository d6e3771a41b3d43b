"""A predicate that no row can meet."""

from __future__ import annotations

from defect_base import VISITS, Ratio, a_kpi, count

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    yield a_kpi(
        Ratio(count(VISITS), count(VISITS, VISITS["units"].is_null() & (VISITS["units"] > 3)))
    )
