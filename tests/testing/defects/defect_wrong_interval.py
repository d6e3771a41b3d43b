"""An interval that does not hold the value."""

from __future__ import annotations

from defect_base import Estimate, a_kpi, of_counts

from kpisdk import Interval, Reason, hookimpl


def share(values):
    top, bottom = values["top"], values["bottom"]
    if not bottom:
        return Estimate.absent(Reason.ZERO_DENOMINATOR, "No visit is known to be done or not.")
    return Estimate.of(top / bottom, interval=Interval(100 * top / bottom, 101), n=bottom)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_counts(share))
