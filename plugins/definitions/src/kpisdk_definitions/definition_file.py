"""Definition files as plugins: one each, through the door that every plugin comes in by."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from kpisdk import DefinitionFileError, hookimpl

if TYPE_CHECKING:
    from kpisdk import Kpi, Settings
    from kpisdk_definitions.file_reader import DefinitionFiles


@attrs.frozen(eq=False)
class DefinitionFile:
    """A plugin that brings the KPIs of one definition file; it goes by the file's name.

    Attributes:
        name: of the file, which the plugin goes by.
        files: the files that are read together with it.
    """

    name: str
    files: DefinitionFiles
    __version__ = ""

    @property
    def distribution(self) -> str:
        """What messages call the plugin."""
        return self.name

    @hookimpl
    def kpisdk_kpis(self) -> Iterable[Kpi]:
        """The KPIs of the file, or all of its faults."""
        problems = self.files.problems(self.name)
        if problems:
            raise DefinitionFileError(self.name, problems)
        return self.files.kpis(self.name)


def definition_files(settings: Settings) -> tuple[DefinitionFile, ...]:
    """A plugin for each definition file of the settings; nothing is read yet."""
    if not settings.definitions:
        return ()
    from kpisdk_definitions.file_reader import DefinitionFiles  # brings the whole reader along

    base = None if settings.origin is None else settings.origin.folder
    files = DefinitionFiles(_named(settings.definitions, base))
    return tuple(DefinitionFile(name, files) for name in files.paths)


def _named(paths: Iterable[Path], base: Path | None) -> dict[str, Path]:
    """The files by what they are called: the same wherever in a project somebody works."""
    found: dict[str, Path] = {}
    for path in paths:
        name = path.name if base is None else Path(os.path.relpath(path, base)).as_posix()
        found[str(path) if name in found else name] = path
    return found
