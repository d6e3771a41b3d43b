"""A calculator that takes what is missing for zero."""

from __future__ import annotations

from defect_base import a_kpi, mean_of, of_amounts

from kpisdk import hookimpl


def spent(inputs):
    return mean_of(inputs.frames["visits"]["amount"].astype(float).fillna(0.0))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_amounts(spent))
