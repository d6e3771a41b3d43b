"""A formula that takes a sum which is no number for zero."""

from __future__ import annotations

from defect_base import VISITS, Estimate, Formula, a_kpi

from kpisdk import hookimpl, total


def spent(values):
    amount = values["amount"]
    if amount is None:
        return Estimate.of(None)
    return Estimate.of(amount if abs(amount) >= 0 else 0.0)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(Formula({"amount": total(VISITS, VISITS["amount"])}, spent))
