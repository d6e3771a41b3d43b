"""Writes the reference of hooks from their specifications, and who implements each of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pluggy
from wording import markdown

from kpisdk import hookspecs
from kpisdk.plugins import LoadedPlugins


def hooks(loaded: LoadedPlugins) -> Iterator[tuple[str, Callable[..., Any]]]:
    """All hooks by name with their specification: the core's, then those that plugins add."""
    callers = [getattr(loaded.manager.hook, name) for name in vars(loaded.manager.hook)]
    specified = [each for each in callers if isinstance(each, pluggy.HookCaller) and each.spec]
    found = [(each.name, each.spec.function) for each in specified if each.spec is not None]
    yield from sorted(found, key=_place)


def _place(hook: tuple[str, Callable[..., Any]]) -> tuple[bool, str, int]:
    """As they are written down, the core's first."""
    _, function = hook
    module = function.__module__
    return module != hookspecs.__name__, module, function.__code__.co_firstlineno


def page(loaded: LoadedPlugins) -> str:
    """A section for each hook: signature, what it gives and when it is asked, implementations."""
    return "\n".join(_section(loaded, name, function) for name, function in hooks(loaded))


def _section(loaded: LoadedPlugins, name: str, function: Callable[..., Any]) -> str:
    signature = str(inspect.signature(function)).replace("'", "")
    who = [f"`{each.name}` ({each.distribution})" for each in loaded if each.implements(name)]
    return (
        f"## {name}\n\n```text\n{name}{signature}\n```\n\n{markdown(function.__doc__)}\n\n"
        f"Specified in `{function.__module__}`. "
        f"Implemented by {', '.join(who) or 'no plugin of this repository'}.\n"
    )
