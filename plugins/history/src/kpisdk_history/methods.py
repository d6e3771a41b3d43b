"""The methods that a workspace gets from this plugin; the database is loaded when one is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpisdk import Workspace, WorkspaceMethod

if TYPE_CHECKING:
    from kpisdk_history.recording import Recording
    from kpisdk_history.timeline import History


def _history(workspace: Workspace, *arguments: Any, **named: Any) -> History:
    from kpisdk_history.timeline import history

    return history(workspace, *arguments, **named)


def _record(workspace: Workspace, *arguments: Any, **named: Any) -> Recording:
    from kpisdk_history.recording import record

    return record(workspace, *arguments, **named)


METHODS = (
    WorkspaceMethod("history", _history, "What was recorded of a KPI."),
    WorkspaceMethod("record", _record, "Compute KPIs, and append the results to the store."),
)
