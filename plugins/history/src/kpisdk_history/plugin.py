"""The hooks of this plugin, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpisdk import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def kpisdk_settings() -> type:
    """What ``[plugins.history]`` may say."""
    from kpisdk_history.settings import HistorySettings

    return HistorySettings


@hookimpl
def kpisdk_commands() -> Iterable[click.Command]:
    """``kpisdk record``."""
    from kpisdk_history.commands.record import command as record

    yield record
