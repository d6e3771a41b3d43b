"""A calculator that takes the largest of no rows."""

from __future__ import annotations

from defect_base import Estimate, a_kpi, of_amounts

from kpisdk import hookimpl


def largest(inputs):
    amounts = [float(each) for each in inputs.frames["visits"]["amount"] if each]
    return Estimate.of(max(amounts), n=len(amounts))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_amounts(largest))
