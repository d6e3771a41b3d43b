"""Every plugin is tried by itself, and one that fails takes nobody with it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import attrs
import pluggy

from kpisdk import hookspecs
from kpisdk.errors import DefinitionError, KpisdkError, Problem
from kpisdk.hookspecs import PROJECT
from kpisdk.plugins.checking import PluginRefusedError, check_api, check_hooks
from kpisdk.plugins.definition_files import missing
from kpisdk.plugins.discovery import BUILTINS, Candidate, candidates, installed_points
from kpisdk.plugins.records import PATIENCE, Plugin, PluginState

if TYPE_CHECKING:
    from kpisdk.settings import Settings


@attrs.frozen(eq=False)
class LoadedPlugins:
    """All plugins that were found, in order: built-ins, installed ones by name, objects."""

    plugins: tuple[Plugin, ...]
    manager: pluggy.PluginManager

    def __iter__(self) -> Iterator[Plugin]:
        return iter(self.plugins)

    def __len__(self) -> int:
        return len(self.plugins)

    def __getitem__(self, name: str) -> Plugin:
        """The plugin of that name."""
        for plugin in self.plugins:
            if plugin.name == name:
                return plugin
        raise KeyError(name)


def load_plugins(
    extra: Sequence[object] = (),
    *,
    settings: Settings | None = None,
    entry_points: Iterable[EntryPoint] | None = None,
    builtins: Iterable[str] = BUILTINS,
    timeout: float = PATIENCE,
) -> LoadedPlugins:
    """Find, import, check and register all plugins, and those that they make of the settings.

    Args:
        extra: plugins as objects (modules, or anything with hooks), for tests and notebooks.
        settings: what plugins make further plugins of (``kpisdk_plugins``); none are made without.
        entry_points: entry points to try; by default those of group ``kpisdk`` that are installed.
        builtins: dotted names of the built-in plugins.
        timeout: seconds that the import of a plugin, and each of its hooks, may take.

    A plugin that cannot be imported, is refused or clashes with another is in the result with state
    ``failed`` and its error; this function raises nothing on a plugin's account.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    # Historic: whoever registers from here on is asked for hooks of its own at once.
    manager.hook.kpisdk_addhooks.call_historic(kwargs={"manager": manager})
    points = installed_points() if entry_points is None else entry_points
    loading = _Loading(manager, timeout)
    loading.load(candidates(builtins, points, extra))
    if settings is not None:
        for plugin in tuple(loading.plugins):
            loading.load(_made(plugin, settings))
        loading.plugins.extend(_unread(settings, loading.plugins))
    return LoadedPlugins(tuple(loading.plugins), manager)


@attrs.frozen(eq=False)
class _Loading:
    """The plugins that are loaded so far, with the manager that they are registered with."""

    manager: pluggy.PluginManager
    timeout: float
    plugins: list[Plugin] = attrs.field(factory=list)
    registered: dict[str, Plugin] = attrs.field(factory=dict)

    def load(self, found: Iterable[Candidate]) -> None:
        """Import, register and check candidates."""
        imported: list[tuple[Plugin, object]] = []
        for candidate in found:
            name, distribution, number = candidate.name, candidate.distribution, candidate.version
            plugin = Plugin(name, distribution, number, timeout=self.timeout)
            self.plugins.append(plugin)
            imported += _import(plugin, candidate)
        # A plugin that specifies hooks goes first, so that one that implements such a hook wrongly
        # is the one that pluggy blames.
        for plugin, implementation in sorted(imported, key=_brings_no_hooks):
            _register(plugin, implementation, self.manager, self.registered)
        for plugin, implementation in imported:
            if plugin.state is PluginState.ACTIVE:
                _check(plugin, implementation, self.manager)


def _made(plugin: Plugin, settings: Settings) -> Sequence[Candidate]:
    """The plugins that a plugin makes of the settings."""
    try:
        answer = plugin.ask("kpisdk_plugins", settings=settings)
    except KpisdkError as error:
        plugin.fail("kpisdk_plugins", error)
        return ()
    if answer is not None and not isinstance(answer, list | tuple):
        problem = Problem("type", f"{type(answer).__name__} is not a list of plugins")
        plugin.fail("kpisdk_plugins", DefinitionError("The hook's answer", [problem]))
        return ()
    return candidates((), (), tuple(answer or ()))


def _unread(settings: Settings, plugins: Sequence[Plugin]) -> list[Plugin]:
    """Definition files that no plugin reads, as plugins that failed."""
    if any(plugin.implements("kpisdk_plugins") for plugin in plugins):
        return []
    found = []
    for path in settings.definitions:
        found.append(Plugin(path.name, path.name, ""))
        found[-1].fail("on import", missing(f"Reading {path.name}"))
    return found


def _import(plugin: Plugin, candidate: Candidate) -> list[tuple[Plugin, object]]:
    def load() -> object:
        implementation = candidate.load()
        check_api(plugin, implementation)
        return implementation

    try:
        return [(plugin, plugin.contained("on import", load))]
    except KpisdkError as error:
        plugin.fail("on import", error)
        return []


def _brings_no_hooks(entry: tuple[Plugin, object]) -> bool:
    # Looked up without calling anything of the stranger's.
    return inspect.getattr_static(entry[1], "kpisdk_addhooks", None) is None


def _register(
    plugin: Plugin,
    implementation: object,
    manager: pluggy.PluginManager,
    registered: dict[str, Plugin],
) -> None:
    def register() -> None:
        hash(implementation)  # raises here, with the plugin to blame, and not in a hook call
        _refuse_twice(plugin, implementation, manager, registered)
        plugin.join(manager, implementation)
        manager.register(implementation, plugin.name)  # kpisdk_addhooks of the plugin runs in here

    try:
        plugin.contained("on registration", register)
    except KpisdkError as error:
        plugin.fail("on registration", error)
        plugin.leave()
    else:
        registered[plugin.name] = plugin


def _refuse_twice(
    plugin: Plugin,
    implementation: object,
    manager: pluggy.PluginManager,
    registered: dict[str, Plugin],
) -> None:
    namesake = registered.get(plugin.name)
    if namesake is not None:
        reason = f"{namesake.label} brings a plugin of that name too. Uninstall one of the two."
        raise PluginRefusedError(plugin.name, plugin.label, [reason])
    twin = manager.get_name(implementation)
    if twin is not None:
        reason = f"it is registered already, as {twin!r}."
        raise PluginRefusedError(plugin.name, plugin.label, [reason])


def _check(plugin: Plugin, implementation: object, manager: pluggy.PluginManager) -> None:
    try:
        plugin.contained("on registration", lambda: check_hooks(plugin, implementation, manager))
    except KpisdkError as error:
        plugin.fail("on registration", error)
        plugin.leave()
