"""What a scorecard is made of: the results of all KPIs, the same by period, and their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from kpisdk import Kpi, Report, Workspace

PERIODS = {
    "day": "last 12 days",
    "week": "last 12 weeks",
    "month": "last 12 months",
    "quarter": "last 12 quarters",
    "year": "last 12 years",
}
"""The windows of trends by their grain."""


@attrs.frozen
class Snapshot:
    """Results at one time: ``report`` in each KPI's own window, ``trends`` period by period."""

    report: Report
    trends: Report
    kpis: Mapping[str, Kpi]


def snapshot(
    workspace: Workspace, kpi_ids: Sequence[str] = (), *, grain: str = "month", **asked: Any
) -> Snapshot:
    """Compute KPIs and their trends.

    Args:
        workspace: where.
        kpi_ids: which; all by default.
        grain: ``day``, ``week``, ``month``, ``quarter`` or ``year``: the periods of trends.
        **asked: ``as_of``, ``where`` … as :meth:`kpisdk.Workspace.compute` takes them.
    """
    report = workspace.compute(*kpi_ids, **asked)
    trends = workspace.compute(*kpi_ids, grain=grain, window=PERIODS[grain], **asked)
    return Snapshot(report, trends, workspace.registry.kpis)
