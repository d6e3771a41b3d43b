"""The hooks of this plugin, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpisdk import hookimpl

if TYPE_CHECKING:
    import click
    import pluggy


@hookimpl
def kpisdk_commands() -> Iterable[click.Command]:
    """``kpisdk site`` and ``kpisdk serve``."""
    from kpisdk_web.serve_command import serve
    from kpisdk_web.site_command import site

    yield site
    yield serve


@hookimpl
def kpisdk_addhooks(manager: pluggy.PluginManager) -> None:
    """``kpisdk_web_events``."""
    from kpisdk_web import hookspecs

    manager.add_hookspecs(hookspecs)
