"""The hooks that a plugin may implement. Only these are hooks; a misspelt one is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

from kpisdk.contracts.cache_backends import CacheBackend
from kpisdk.contracts.engine_traits import Engine
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.report_formats import ReportFormat
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.contracts.source_kinds import SourceKind
from kpisdk.contracts.translations import Translation
from kpisdk.contracts.workspace_methods import WorkspaceMethod

if TYPE_CHECKING:
    import click

    from kpisdk.settings import Settings

PROJECT = "kpisdk"
"""Name of the pluggy project and of the entry-point group."""

API_VERSION = 1
"""Version of this page. A plugin may state the one it was written for as ``KPISDK_API``."""

hookspec = pluggy.HookspecMarker(PROJECT)
"""Decorator of a function that specifies a hook, for plugins that have plugins themselves."""

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Decorator of a function that implements a hook; without it the function is never called."""


@hookspec
def kpisdk_kpis() -> Iterable[Kpi]:  # type: ignore[empty-body]
    """The KPIs that the plugin brings.

    Asked once whenever a registry is made, one plugin at a time, so that every record knows who
    brought it. Records are static: importing them loads nothing heavy.
    """


@hookspec
def kpisdk_sources() -> Iterable[SourceKind]:  # type: ignore[empty-body]
    """Kinds of source: what a location looks like, and how it is opened.

    Asked when a source is first opened or listed. Kinds of plugins are tried before built-in ones.
    """


@hookspec
def kpisdk_engines() -> Iterable[Engine]:  # type: ignore[empty-body]
    """Engines: how a database words what KPIs need, as tables of :mod:`kpisdk.engines`.

    Asked before a source is opened. Import what the tables are made of inside the function: it
    loads SQLAlchemy. Engines are known to the whole process, as SQLAlchemy's dialects are.
    """


@hookspec
def kpisdk_caches() -> Iterable[CacheBackend]:  # type: ignore[empty-body]
    """Cache backends, by the name that ``[cache] backend`` takes.

    Asked when a cache is first opened or listed.
    """


@hookspec
def kpisdk_reports() -> Iterable[ReportFormat]:  # type: ignore[empty-body]
    """Report formats, by the name that ``--format`` takes.

    Asked when a report is first rendered or formats are listed.
    """


@hookspec
def kpisdk_commands() -> Iterable[click.Command]:  # type: ignore[empty-body]
    """Commands of the command line.

    Asked only for help, or for a name that is not the core's.
    """


@hookspec
def kpisdk_methods() -> Iterable[WorkspaceMethod]:  # type: ignore[empty-body]
    """Methods of the workspace, such as ``workspace.history(...)``.

    Asked for a name that is not the workspace's own.
    """


@hookspec
def kpisdk_translations() -> Iterable[Translation]:  # type: ignore[empty-body]
    """Sentences that the plugin says, in other languages; one record for each language.

    Asked when somebody is to be answered in another language than English. The texts of KPIs stand
    in their records (``Kpi.translations``).
    """


@hookspec
def kpisdk_settings() -> type | None:
    """One attrs class that ``[plugins.<name>]`` of the settings file fills.

    Asked when a KPI is computed or settings are listed; the filled record reaches calculators as
    ``Inputs.settings``.
    """


@hookspec
def kpisdk_plugins(settings: Settings) -> Iterable[object]:  # type: ignore[empty-body]
    """Further plugins that the plugin makes of the settings, each an object with hooks.

    Asked once, when all others are registered. What it yields comes in by the same door as every
    plugin: it is checked, it can fail by itself, and what it brings is known as its own.
    """


@hookspec(historic=True)
def kpisdk_addhooks(manager: pluggy.PluginManager) -> None:
    """Register hooks of the plugin's own, so that it can have plugins itself.

    Called once, when the plugin is registered; the hooks of all plugins are checked afterwards.
    """


@hookspec
def kpisdk_computed(result: Result) -> None:
    """An observer of results: alerts, audit.

    Called with every result of a computation, those from a cache included (``result.cached``). One
    that fails breaks nothing: the report carries the warning ``observer_failed``.
    """


@hookspec
def kpisdk_remarks(  # type: ignore[empty-body]
    results: tuple[Result, ...], request: Request, settings: Settings
) -> Iterable[tuple[int, Note]]:
    """Warnings that belong beside results: what a plugin knows of them from elsewhere.

    Called once with all results of a computation, before the observers. It yields the position of a
    result with a note each, and can change nothing else. One that fails breaks nothing: the report
    carries the warning ``remarks_failed``.
    """
