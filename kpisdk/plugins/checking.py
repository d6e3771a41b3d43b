"""What a plugin must satisfy before its hooks are called: the API it was written for, its hooks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence

import attrs
import pluggy

from kpisdk.errors import KpisdkError, listed, nearest
from kpisdk.hookspecs import API_VERSION, PROJECT
from kpisdk.plugins.records import Plugin


@attrs.define(eq=False)
class PluginRefusedError(KpisdkError):
    """A plugin that was found and is not used, with all the reasons."""

    plugin: str
    label: str
    reasons: Sequence[str]

    @property
    def message(self) -> str:
        return f"The plugin {self.plugin!r} of {self.label} is refused: {' '.join(self.reasons)}"


def check_api(plugin: Plugin, implementation: object) -> None:
    """Refuse a plugin that was written for a newer plugin API than this core's.

    Raises:
        PluginRefusedError: ``KPISDK_API`` of the plugin is newer, or no positive whole number.
    """
    stated = getattr(implementation, "KPISDK_API", None)
    if stated is None:
        return
    if not isinstance(stated, int) or isinstance(stated, bool) or stated < 1:
        reason = f"its KPISDK_API is {stated!r}, and must be a whole number such as {API_VERSION}."
        raise PluginRefusedError(plugin.name, plugin.label, [reason])
    if stated > API_VERSION:
        reason = (
            f"it was written for version {stated} of the plugin API, and this kpisdk offers "
            f"version {API_VERSION}. Upgrade kpisdk, or install an older release of the plugin."
        )
        raise PluginRefusedError(plugin.name, plugin.label, [reason])


def check_hooks(plugin: Plugin, implementation: object, manager: pluggy.PluginManager) -> None:
    """Refuse a plugin with a hook that nobody specified: a misspelt hook is never called.

    Names that start with ``kpisdk_`` are hooks: one that is a plain function lacks its decorator.

    Raises:
        PluginRefusedError: every such name, with the nearest hook.
    """
    specified = _specified(manager)
    reasons = list(_faults(implementation, manager, specified))
    if reasons:
        raise PluginRefusedError(plugin.name, plugin.label, reasons)


def _specified(manager: pluggy.PluginManager) -> list[str]:
    callers = (getattr(manager.hook, name) for name in vars(manager.hook))
    return sorted(
        caller.name
        for caller in callers
        if isinstance(caller, pluggy.HookCaller) and caller.has_spec()
    )


def _faults(
    implementation: object, manager: pluggy.PluginManager, specified: Sequence[str]
) -> Iterator[str]:
    for attribute in dir(implementation):
        options = manager.parse_hookimpl_opts(implementation, attribute)
        if options is None:
            if _lacks_decorator(implementation, attribute):
                yield f"{attribute} is not marked with @hookimpl, so it would never be called."
            continue
        hook = options.get("specname") or attribute
        if hook not in specified and not options.get("optionalhook"):
            yield _unknown(hook, specified)


def _lacks_decorator(implementation: object, attribute: str) -> bool:
    if not attribute.startswith(f"{PROJECT}_"):
        return False
    value = inspect.getattr_static(implementation, attribute)
    # A plugin may hold modules and classes of such a name, and specifications of its own hooks.
    return inspect.isroutine(value) and not hasattr(value, f"{PROJECT}_spec")


def _unknown(hook: str, specified: Sequence[str]) -> str:
    close = nearest(hook, specified, count=1)
    hint = f"Did you mean {close[0]}?" if close else f"The hooks are {listed(specified)}."
    return f"{hook} is not a hook. {hint}"
