"""The hooks of this plugin, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpisdk import SourceKind, hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def kpisdk_sources() -> Iterable[SourceKind]:
    """The kind ``demo:``."""
    from kpisdk_demo.source_kind import DEMO

    yield DEMO


@hookimpl
def kpisdk_commands() -> Iterable[click.Command]:
    """``kpisdk demo``."""
    from kpisdk_demo.command import command

    yield command
