"""A report computed again: the same question, asked at the instant that it was asked at."""

from __future__ import annotations

from datetime import datetime

from kpisdk.contracts.results import Result
from kpisdk.verification.report_files import ReportFile
from kpisdk.workspace import Workspace


def replayed(report: ReportFile, workspace: Workspace) -> tuple[Result, ...]:
    """The results that a workspace gives for what a report was asked; no cache answers.

    The workspace's clock shows when the report was computed. Where the data have gone on since and
    no instant was given, KPIs are asked once more for the instants that they were evaluated at.

    Raises:
        KpisdkError: what was asked cannot be asked here.
    """
    known = [each for each in report.kpi_ids if each in workspace.registry.kpis]
    if not known or report.asked is None:
        return ()
    asked = {**report.asked, "use_cache": False}
    found = tuple(workspace.compute(*known, **asked))
    if report.asked.get("as_of") is not None:
        return found
    moved = _moved(report.results, found)
    kept = [each for each in found if each.kpi_id not in moved]
    for instant in dict.fromkeys(moved.values()):
        ids = [kpi_id for kpi_id, at in moved.items() if at == instant]
        kept += workspace.compute(*ids, **{**asked, "as_of": instant})
    return tuple(kept)


def _moved(reported: tuple[Result, ...], found: tuple[Result, ...]) -> dict[str, datetime]:
    """The KPIs that are evaluated at another instant now, with the one that was reported."""
    then = {each.kpi_id: each.as_of for each in reported if each.as_of is not None}
    now = {each.kpi_id: each.as_of for each in found}
    return {
        kpi_id: instant
        for kpi_id, instant in then.items()
        if now.get(kpi_id) not in (None, instant)
    }
