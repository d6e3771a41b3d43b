"""The hooks of this plugin, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpisdk import hookimpl

if TYPE_CHECKING:
    from kpisdk import Settings
    from kpisdk_definitions.definition_file import DefinitionFile


@hookimpl
def kpisdk_plugins(settings: Settings) -> Iterable[DefinitionFile]:
    """A plugin for each definition file of the settings."""
    from kpisdk_definitions.definition_file import definition_files

    return definition_files(settings)
