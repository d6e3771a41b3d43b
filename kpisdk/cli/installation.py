"""The installation a command runs in: its folder and variables, settings, plugins, workspace."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpisdk.contracts.translations import Language
from kpisdk.errors import SettingsError
from kpisdk.plugins import PATIENCE, load_plugins
from kpisdk.registry import Registry
from kpisdk.registry.languages import Languages

# Settings and the workspace are imported where they are used: `kpisdk list` needs neither.
if TYPE_CHECKING:
    from kpisdk.settings import Settings
    from kpisdk.workspace import Workspace

DEBUG_VARIABLE = "KPISDK_DEBUG"

_SAID_AS_WRITTEN = ("C", "POSIX", "en")
"""How a ``LANG`` begins for which no plugin has to be asked."""

PROJECT_FILES = ("kpisdk.toml", "pyproject.toml", "kpis.yaml", "kpis.yml", "kpis.toml")
"""Where none of these lies in a folder or above it, there are neither settings nor definitions."""


class Installation:
    """What commands share, each part made when it is first needed.

    Args:
        folder: where the search for settings starts.
        environ: the environment's variables.
        plugins: plugins beside the installed ones, as objects.
    """

    def __init__(
        self, folder: Path, environ: Mapping[str, str], plugins: Sequence[object] = ()
    ) -> None:
        self.folder = folder
        self.environ = environ
        self.plugins = tuple(plugins)
        self.config: Path | None = None
        self.debug = environ.get(DEBUG_VARIABLE, "") not in ("", "0")
        self._warned: set[str] = set()
        self._language: Language | None = None

    @classmethod
    def here(cls) -> Installation:
        """That of this process."""
        from kpisdk.working_folder import working_folder

        return cls(working_folder(), os.environ)

    @cached_property
    def settings(self) -> Settings:
        """The settings in force.

        Raises:
            SettingsError: all faults of the settings file.
        """
        from kpisdk.settings import load_settings

        return load_settings(self.folder, self.config, self.environ)

    @cached_property
    def registry(self) -> Registry:
        """What the installed plugins and the definition files of the project bring."""
        project = self._project()
        return Registry(load_plugins(self.plugins, settings=project, timeout=self._patience()))

    def _patience(self) -> float:
        """How long a plugin's hook may take: what the settings say, where they have been read."""
        return float(self.settings.plugin_timeout) if "settings" in self.__dict__ else PATIENCE

    def _project(self) -> Settings | None:
        """The settings that plugins are made of; without a project, none are loaded for that."""
        if self.config is None and not self.environ.get("KPISDK_CONFIG") and self._is_bare():
            return None
        try:
            return self.settings
        except SettingsError as error:
            what = f"no definition file is read, since the settings have faults. {error}"
            self.note(f"Warning: {what}")
            return None

    def _is_bare(self) -> bool:
        folders = (self.folder, *self.folder.parents)
        found = (folder / name for folder in folders for name in PROJECT_FILES)
        return not any(path.is_file() and _concerns_us(path) for path in found)

    def workspace(self, source: str | None = None) -> Workspace:
        """A workspace on a source (by default the settings'), results kept in a file.

        Raises:
            KpisdkError: the settings or the location are wrong.
        """
        from kpisdk.workspace import Workspace

        settings = self.settings
        # Memory would be forgotten at the end of the command, so the command line keeps a file.
        is_open = settings.cache.backend is None and not settings.cache.is_off
        cache = "sqlite" if is_open else None
        return Workspace(source, settings=settings, plugins=self.plugins, cache=cache)

    @property
    def language(self) -> Language:
        """What people are answered in, as ``--lang`` says, or else ``LANG``."""
        if self._language is None:
            variable = self.environ.get("LANG", "")
            is_plain = variable.startswith(_SAID_AS_WRITTEN) or not variable
            languages = Languages() if is_plain else self.registry.languages
            self._language = languages.of_environment(variable)
        return self._language

    def answer_in(self, code: str | None) -> None:
        """Answer people in the language of that code; ``None`` leaves it to ``LANG``.

        Raises:
            UnknownNameError: nothing that is installed speaks it.
        """
        self._language = None
        if code is not None:
            self._language = self.registry.languages.named(code)

    def warn(self, registry: Registry | None = None) -> None:
        """Print what is wrong with the plugins to stderr, each problem once."""
        known = registry or self.registry
        told = [f"Warning: {problem}" for problem in known.problems]
        if self.debug:
            told += [_trace(each.cause) for each in known.plugins if each.cause is not None]
        for text in told:
            if text not in self._warned:
                self._warned.add(text)
                self.note(text)

    def note(self, text: str) -> None:
        """Print a remark to stderr without secrets; what it quotes of the data moves no cursor."""
        from kpisdk.builtin.reports.escaping import visible_lines

        self.say(self.language.text(visible_lines(self.redact(text))))

    def say(self, text: str) -> None:
        """Print words of our own to stderr, which quote nothing that could be secret."""
        from kpisdk.cli.terminal import with_its_spaces

        try:
            click.echo(with_its_spaces(text, sys.stderr), err=True)
        except BrokenPipeError:
            raise  # whoever read it went away, which has an exit code of its own
        except (OSError, ValueError):
            pass  # standard error is closed or full: the exit code says what matters

    def redact(self, text: str) -> str:
        """``text`` without secrets: those of the settings, where they have been read."""
        if "settings" in self.__dict__:
            return self.settings.redact(text)
        from kpisdk.settings import redact

        return redact(text)


def command_workspace(source: str | None = None) -> Workspace:
    """The workspace that the running command works in, for commands that plugins bring.

    It has the settings file that ``--config`` names and the plugins of the command line. Outside of
    a command it is that of this process's folder.

    Args:
        source: where the rows are; by default the settings say.

    Raises:
        KpisdkError: the settings or the location are wrong.
    """
    context = click.get_current_context(silent=True)
    here = None if context is None else context.find_object(Installation)
    return (here or Installation.here()).workspace(source)


def _concerns_us(path: Path) -> bool:
    """Most projects have a pyproject.toml that says nothing of us: its settings are not loaded."""
    return path.name != "pyproject.toml" or b"kpisdk" in path.read_bytes()


def _trace(cause: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(cause)).rstrip()
