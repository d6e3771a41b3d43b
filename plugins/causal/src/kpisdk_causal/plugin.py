"""The hooks of this plugin, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpisdk import Kpi, hookimpl

if TYPE_CHECKING:
    import click
    import pluggy


@hookimpl
def kpisdk_kpis() -> Iterable[Kpi]:
    """CM-001 to CM-005."""
    from kpisdk_causal.kpi import kpis

    yield from kpis.KPIS


@hookimpl
def kpisdk_settings() -> type:
    """``[plugins.causal]``."""
    from kpisdk_causal.settings import CausalSettings

    return CausalSettings


@hookimpl
def kpisdk_commands() -> Iterable[click.Command]:
    """``kpisdk causal``."""
    from kpisdk_causal.commands import causal

    yield causal


@hookimpl
def kpisdk_addhooks(manager: pluggy.PluginManager) -> None:
    """``kpisdk_causal_estimators``: estimators are plugins of this plugin."""
    from kpisdk_causal import hookspecs

    manager.add_hookspecs(hookspecs)
