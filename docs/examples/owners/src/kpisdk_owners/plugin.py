"""The hooks of this plugin, and nothing else."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpisdk import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def kpisdk_commands() -> "Iterable[click.Command]":
    """``kpisdk owners``."""
    from kpisdk_owners.command import owners  # click is loaded for help, or for this command

    yield owners
