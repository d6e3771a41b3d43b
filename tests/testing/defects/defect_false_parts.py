"""Numerator and denominator of another quotient."""

from __future__ import annotations

from defect_base import Estimate, a_kpi, of_counts

from kpisdk import Reason, hookimpl


def share(values):
    top, bottom = values["top"], values["bottom"]
    if not bottom:
        return Estimate.absent(Reason.ZERO_DENOMINATOR, "No visit is known to be done or not.")
    return Estimate.of(top / bottom, numerator=bottom, denominator=bottom, n=bottom)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_counts(share))
