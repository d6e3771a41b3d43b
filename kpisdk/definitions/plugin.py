"""Definition files as plugins: one each, through the door that every plugin comes in by."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from kpisdk.contracts.kpis import Kpi
from kpisdk.errors import DefinitionFileError
from kpisdk.hookspecs import hookimpl
from kpisdk.settings import Settings

if TYPE_CHECKING:
    from kpisdk.definitions.reading import DefinitionFiles


@attrs.frozen(eq=False)
class DefinitionFile:
    """A plugin that brings the KPIs of one definition file; it goes by the file's name."""

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


def definition_plugins(settings: Settings) -> tuple[DefinitionFile, ...]:
    """A plugin for each definition file of the settings; nothing is read yet."""
    if not settings.definitions:
        return ()
    from kpisdk.definitions.reading import DefinitionFiles  # brings the whole reader along

    base = None if settings.origin is None else settings.origin.folder
    shown = {_shown(path, base or Path.cwd()): path for path in settings.definitions}
    files = DefinitionFiles(shown)
    return tuple(DefinitionFile(name, files) for name in shown)


def _shown(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path)
