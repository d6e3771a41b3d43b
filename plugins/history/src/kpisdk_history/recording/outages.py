"""A source that is away, as the report that is recorded of it."""

from __future__ import annotations

from kpisdk import (
    Reason,
    Report,
    Request,
    Result,
    SourceIdentity,
    SourceUnavailableError,
    Workspace,
)

AWAY = "unavailable"
"""The kind of a source that could not be opened."""


def outage(workspace: Workspace, request: Request, error: SourceUnavailableError) -> Report:
    """What a computation would say of every KPI, if it had come as far as to say it.

    A server that refuses connections makes absent results by itself; a file or folder that is not
    there stops a computation before it.

    Args:
        workspace: what knows the KPIs.
        request: what was asked for.
        error: why the source could not be opened; its message becomes that of each result.
    """
    registry = workspace.registry
    results = tuple(
        Result(
            kpi_id=kpi_id,
            name=registry.kpis[kpi_id].name,
            workstream=registry.kpis[kpi_id].workstream,
            unit=registry.kpis[kpi_id].unit,
            thresholds=registry.kpis[kpi_id].thresholds,
            reason=Reason.SOURCE_UNAVAILABLE,
            message=error.message,
            where=request.where,
            definition_version=registry.definition_version(kpi_id),
            computed_at=workspace.now(),
        )
        for kpi_id in request.kpi_ids
    )
    return Report(
        results, SourceIdentity(error.source, AWAY, "", None), request.as_of, request=request
    )


def is_available(report: Report) -> bool:
    """Whether the source was there: at least one KPI got as far as to ask it."""
    return any(each.reason is not Reason.SOURCE_UNAVAILABLE for each in report.results)
