"""A formula that divides by whatever there is."""

from __future__ import annotations

from defect_base import Estimate, a_kpi, of_counts

from kpisdk import hookimpl


def share(values):
    return Estimate.of(values["top"] / values["bottom"])


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_counts(share))
