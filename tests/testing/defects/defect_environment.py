"""A calculator that sets a variable of the process."""

from __future__ import annotations

import os

from defect_base import Estimate, a_kpi, of_rows

from kpisdk import hookimpl


def spent(inputs):
    units = inputs.frames["visits"]["units"].dropna()
    os.environ["DEFECT_TIMES"] = os.environ.get("DEFECT_TIMES", "") + "x"
    return Estimate.of(float(units.mean()) if len(units) else None, n=len(units))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_rows(spent))
