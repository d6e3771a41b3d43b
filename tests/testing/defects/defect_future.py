"""A calculator that asks for rows of any time."""

from __future__ import annotations

from defect_base import Estimate, a_kpi, of_rows

from kpisdk import hookimpl


def share(inputs):
    units = inputs.frames["visits"]["units"].dropna()
    return Estimate.of(float((units > 9).mean()) if len(units) else None, n=len(units))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_rows(share, windowed=False))
