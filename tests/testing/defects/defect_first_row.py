"""A calculator that lives by the order of rows."""

from __future__ import annotations

from defect_base import Estimate, a_kpi, of_rows

from kpisdk import hookimpl


def first(inputs):
    units = inputs.frames["visits"]["units"].dropna()
    return Estimate.of(float(units.iloc[0]) + 1 if len(units) else None, n=len(units))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_rows(first), unit="count")
