"""A calculator that remembers earlier questions."""

from __future__ import annotations

from defect_base import Estimate, a_kpi, of_rows

from kpisdk import hookimpl

SEEN = []


def remembered(inputs):
    units = inputs.frames["visits"]["units"].dropna()
    SEEN.extend(units)
    return Estimate.of(len(SEEN) / 100 if len(units) else None, n=len(units))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_rows(remembered))
