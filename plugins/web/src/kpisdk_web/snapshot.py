"""What pages are made of: the results of all KPIs, by period and by slice, and their statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from kpisdk import Guardrail, Kpi, KpisdkError, Report, Workspace
from kpisdk.reporting import Event
from kpisdk_web.remembered import Memory, events_of

PERIODS = {
    "day": "last 30 days",
    "week": "last 26 weeks",
    "month": "last 24 months",
    "quarter": "last 12 quarters",
    "year": "last 12 years",
}
"""The windows of trends by their grain; a sparkline shows the last twelve."""

MOST_SLICES = 200
"""A KPI is cut into so many slices at most."""


@attrs.frozen
class Snapshot:
    """Results at one time, and the records that explain them.

    Attributes:
        report: each KPI in its own window, compared with the period before.
        trends: the KPIs period by period.
        slices: the KPIs cut by one column each.
        kpis: ids to the records of the KPIs.
        statements: those of ``report``.
        events: ids to what is remembered of the KPIs; nothing by default.
    """

    report: Report
    trends: Report
    slices: tuple[Report, ...]
    kpis: Mapping[str, Kpi]
    statements: tuple[Any, ...]
    events: Mapping[str, tuple[Event, ...]] = attrs.field(factory=dict)

    def guardrails_of(self, kpi_id: str) -> tuple[Guardrail, ...]:
        """The guardrails of a KPI of which there is a result.

        Args:
            kpi_id: the KPI.
        """
        kpi = self.kpis.get(kpi_id)
        computed = {result.kpi_id for result in self.report.results}
        return tuple(each for each in kpi.guardrails if each.kpi_id in computed) if kpi else ()


def snapshot(
    workspace: Workspace,
    kpi_ids: Sequence[str] = (),
    *,
    grain: str = "month",
    by: Sequence[str] = (),
    store: str | None = None,
    **asked: Any,
) -> Snapshot:
    """Compute KPIs, their trends and slices.

    Args:
        workspace: where.
        kpi_ids: which; all by default.
        grain: ``day``, ``week``, ``month``, ``quarter`` or ``year``: the periods of trends.
        by: columns to cut every KPI by that has them, beside those that its own record names.
        store: where what is remembered is kept; by default as the settings say.
        **asked: ``as_of``, ``where`` … as :meth:`kpisdk.Workspace.compute` takes them.
    """
    kpis = workspace.registry.kpis
    report = workspace.compute(*kpi_ids, compare="previous", **asked)
    trends = workspace.compute(*kpi_ids, grain=grain, window=PERIODS[grain], **asked)
    chosen = tuple(dict.fromkeys(result.kpi_id for result in report.results))
    cut = []
    for column, ids in slice_columns((kpis[each] for each in chosen), by).items():
        found = workspace.compute(*ids, by=column, max_groups=MOST_SLICES, **asked)
        if any(result.ok for result in found.results):
            cut.append(found)
    statements = _statements(workspace, chosen, asked)
    memory = Memory(grain, store)
    events = {kpi_id: events_of(workspace, kpi_id, memory) for kpi_id in chosen}
    return Snapshot(report, trends, tuple(cut), kpis, statements, events)


def slice_columns(kpis: Iterable[Kpi], by: Sequence[str] = ()) -> dict[str, list[str]]:
    """Columns to cut KPIs by, each with the KPIs that it concerns.

    They are those that a record names itself (its dimensions, its view's breakdowns, the segments
    of its guardrails), and ``by`` for all of them.

    Args:
        kpis: the KPIs.
        by: columns to cut all of them by; none by default.
    """
    found: dict[str, list[str]] = {}
    for kpi in kpis:
        named = [*(kpi.dimensions or ()), *by]
        named += [each for guardrail in kpi.guardrails for each in guardrail.segments]
        if kpi.view is not None:
            named += [each for cut in kpi.view.breakdowns for each in cut.columns]
        for column in dict.fromkeys(named):
            found.setdefault(column, []).append(kpi.id)
    return found


def _statements(
    workspace: Workspace, kpi_ids: Sequence[str], asked: Mapping[str, Any]
) -> tuple[Any, ...]:
    """The statements that compute the KPIs; none where the source does not answer."""
    try:
        return tuple(workspace.explain(*kpi_ids, **asked).statements)
    except KpisdkError:
        return ()
