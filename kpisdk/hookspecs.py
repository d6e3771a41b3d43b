"""The doors: hooks that a plugin may implement. Only these are hooks; a misspelt one is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

from kpisdk.contracts.caches import CacheBackend, ReportFormat
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.results import Result
from kpisdk.contracts.sources import SourceKind

if TYPE_CHECKING:
    import click

PROJECT = "kpisdk"
"""Name of the pluggy project and of the entry-point group."""

API_VERSION = 1
"""Version of this page. A plugin may state the one it was written for as ``KPISDK_API``."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def kpisdk_kpis() -> Iterable[Kpi]:  # type: ignore[empty-body]
    """The KPIs that the plugin brings. Asked one plugin at a time."""


@hookspec
def kpisdk_sources() -> Iterable[SourceKind]:  # type: ignore[empty-body]
    """Kinds of source: what a location looks like, and how it is opened."""


@hookspec
def kpisdk_caches() -> Iterable[CacheBackend]:  # type: ignore[empty-body]
    """Cache backends."""


@hookspec
def kpisdk_reports() -> Iterable[ReportFormat]:  # type: ignore[empty-body]
    """Report formats."""


@hookspec
def kpisdk_commands() -> Iterable[click.Command]:  # type: ignore[empty-body]
    """Commands of the command line; asked only for help, or for a name that is not the core's."""


@hookspec
def kpisdk_settings() -> type | None:
    """One attrs class that ``[plugins.<name>]`` of the settings file fills."""


@hookspec(historic=True)
def kpisdk_addhooks(manager: pluggy.PluginManager) -> None:
    """Register hooks of the plugin's own, so that it can have plugins itself."""


@hookspec
def kpisdk_computed(result: Result) -> None:
    """Called with every computed result: alerts, audit. A failing observer breaks nothing."""
