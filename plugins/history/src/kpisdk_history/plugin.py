"""The hooks of this plugin, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kpisdk import hookimpl

if TYPE_CHECKING:
    import click
    import pluggy

    from kpisdk import Note, Request, Result, Settings, Workspace, WorkspaceMethod
    from kpisdk.reporting import Event


@hookimpl
def kpisdk_settings() -> type:
    """What ``[plugins.history]`` may say."""
    from kpisdk_history.settings import HistorySettings

    return HistorySettings


@hookimpl
def kpisdk_commands() -> Iterable[click.Command]:
    """``kpisdk record``, ``kpisdk history``, ``kpisdk alerts`` and ``kpisdk prune``."""
    from kpisdk_history.commands.alerts import command as alerts
    from kpisdk_history.commands.history import command as history
    from kpisdk_history.commands.prune import command as prune
    from kpisdk_history.commands.record import command as record

    yield from (record, history, alerts, prune)


@hookimpl
def kpisdk_methods() -> Iterable[WorkspaceMethod]:
    """``workspace.history(...)`` and ``workspace.record(...)``."""
    from kpisdk_history.methods import METHODS

    yield from METHODS


@hookimpl
def kpisdk_remarks(
    results: tuple[Result, ...], request: Request, settings: Settings
) -> Iterable[tuple[int, Note]]:
    """A warning beside each figure that was restated, or that is unusual."""
    from kpisdk_history.recording.remarks import recorded_notes

    return recorded_notes(results, request, settings)


@hookimpl
def kpisdk_addhooks(manager: pluggy.PluginManager) -> None:
    """``kpisdk_alerts``."""
    from kpisdk_history import hookspecs

    manager.add_hookspecs(hookspecs)


@hookimpl(optionalhook=True)
def kpisdk_web_events() -> Iterable[Callable[[Workspace, str], Iterable[Event]]]:
    """The alerts on a KPI, for its page."""
    from kpisdk_history.alerts.page_events import alert_events

    return [alert_events]
