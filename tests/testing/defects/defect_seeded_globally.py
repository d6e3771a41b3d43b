"""A calculator that seeds numpy for everybody."""

from __future__ import annotations

from defect_base import Estimate, a_kpi, of_rows

from kpisdk import hookimpl


def spent(inputs):
    import numpy as np

    np.random.seed(7)  # noqa: NPY002 - the defect
    units = inputs.frames["visits"]["units"].dropna()
    return Estimate.of(float(units.mean()) if len(units) else None, n=len(units))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_rows(spent))
