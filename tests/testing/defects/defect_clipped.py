"""A calculator that drops infinities."""

from __future__ import annotations

from defect_base import a_kpi, mean_of, of_amounts

from kpisdk import hookimpl


def spent(inputs):
    amounts = inputs.frames["visits"]["amount"].astype(float)
    bounded = amounts.clip(0.0, 1.0).dropna()
    return mean_of(bounded)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_amounts(spent))
