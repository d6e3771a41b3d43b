"""A calculator that draws from the random numbers of everybody."""

from __future__ import annotations

import random

from defect_base import Estimate, a_kpi, of_rows

from kpisdk import hookimpl


def noisy(inputs):
    units = inputs.frames["visits"]["units"].dropna()
    return Estimate.of(float(units.mean()) + random.random() if len(units) else None, n=len(units))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_rows(noisy))
