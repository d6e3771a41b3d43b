"""Where plugins come from: built-ins by dotted name, entry points, and objects handed over."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from types import ModuleType

import attrs

from kpisdk.errors import KpisdkError
from kpisdk.hookspecs import PROJECT
from kpisdk.quarantine import contained

BUILTINS = (
    "kpisdk.builtin.sources.plugin",
    "kpisdk.builtin.caches.plugin",
    "kpisdk.builtin.reports.plugin",
    "kpisdk.builtin.languages.plugin",
)
"""The built-in plugins, by name: they come in through the same door as everybody else's."""

IN_PROCESS = "in this process"
"""The distribution of a plugin that was handed over as an object and names none itself."""


@attrs.frozen
class Candidate:
    """A plugin before it is loaded: ``load`` imports it, and may raise anything."""

    name: str
    distribution: str
    version: str
    load: Callable[[], object]


def core_version() -> str:
    """The version of the core; ``0+unknown`` in a source tree that is not installed."""
    try:
        return version(PROJECT)
    except PackageNotFoundError:
        return "0+unknown"


def candidates(
    builtins: Iterable[str], points: Iterable[EntryPoint], extra: Sequence[object]
) -> list[Candidate]:
    """All plugins to try: built-ins first, then entry points by name, then objects in order."""
    by_name = sorted(points, key=lambda point: (point.name, point.value))
    built_in = list(builtins)
    number = core_version() if built_in else ""  # read from a file
    return [
        *(_builtin(dotted, number) for dotted in built_in),
        *(_installed(point) for point in by_name),
        *(_handed_over(each) for each in extra),
    ]


def installed_points() -> Iterable[EntryPoint]:
    """The entry points of group ``kpisdk`` in this environment."""
    return entry_points(group=PROJECT)


def _builtin(dotted: str, number: str) -> Candidate:
    # kpisdk.builtin.sources.plugin -> builtin_sources
    name = "_".join(dotted.split(".")[1:-1]) or dotted
    return Candidate(name, PROJECT, number, lambda: importlib.import_module(dotted))


def _installed(point: EntryPoint) -> Candidate:
    distribution, number = "an unknown distribution", "0"
    if point.dist is not None:
        # A folder of metadata without a METADATA file, as a broken installation leaves it.
        with suppress(PackageNotFoundError, KeyError, OSError, ValueError):
            metadata = point.dist.metadata  # parsed anew each time that it is asked for
            distribution, number = str(metadata["Name"]), str(metadata["Version"])
    return Candidate(point.name, distribution, number, point.load)


def _handed_over(plugin: object) -> Candidate:
    named = plugin if isinstance(plugin, ModuleType | type) else type(plugin)
    plain = named.__name__.rpartition(".")[2]

    def called() -> Candidate:
        name = getattr(plugin, "name", None) or plain
        number = str(getattr(plugin, "__version__", "0"))
        brought_by = getattr(plugin, "distribution", IN_PROCESS)
        distribution = brought_by if isinstance(brought_by, str) else IN_PROCESS
        return Candidate(str(name), distribution, number, lambda: plugin)

    try:
        return contained(called, None)
    except KpisdkError as error:  # its attributes are properties, perhaps, and raise
        fault = error

    def refuse() -> object:
        raise fault

    return Candidate(plain, IN_PROCESS, "0", refuse)
