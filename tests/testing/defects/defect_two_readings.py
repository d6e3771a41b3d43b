"""One table, declared in two ways."""

from __future__ import annotations

from defect_base import VISITS, Column, Dataset, Ratio, a_kpi, count

from kpisdk import hookimpl

OTHERWISE = Dataset("defect_visits", (VISITS.column("at"), Column("units", "text")), "at")


@hookimpl
def kpisdk_kpis():
    yield a_kpi(
        Ratio(count(VISITS, VISITS["units"] > 3), count(VISITS, VISITS["units"].not_null()))
    )
    yield a_kpi(
        Ratio(count(OTHERWISE, OTHERWISE["units"].equals("x")), count(OTHERWISE)), "DEF-002"
    )
