"""A slice that stands on more than the whole does."""

from __future__ import annotations

from defect_base import Estimate, a_kpi, of_rows

from kpisdk import hookimpl


def spent(inputs):
    units = inputs.frames["visits"]["units"].dropna()
    n = 1000 + len(units) if inputs.slice else len(units)
    return Estimate.of(float(units.mean()) if len(units) else None, n=n if len(units) else 0)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_rows(spent))
