"""The hooks of this plugin, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kpisdk import Source, SourceKind, SourceOptions, hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def kpisdk_sources() -> Iterable[SourceKind]:
    """The kind ``demo:``."""
    yield SourceKind(
        "demo", _is_demo, _open, "demo:?scale=0.1&seed=7, synthetic rows made when they are read"
    )


@hookimpl
def kpisdk_commands() -> Iterable[click.Command]:
    """``kpisdk demo``."""
    from kpisdk_demo.command import command

    yield command


def _is_demo(location: Any) -> bool:
    return isinstance(location, str) and location.startswith("demo:")


def _open(location: Any, options: SourceOptions) -> Source:
    # Imported here, because the kind is listed far more often than it is opened.
    from kpisdk_demo.source import DemoSource

    return DemoSource.at(str(location), options)
