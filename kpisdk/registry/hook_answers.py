"""Plugins as the registry sees them, called one at a time and checked answer by answer.

Hook calls are untyped by nature. This file is where they become typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from kpisdk.contracts.calculators import Extension
from kpisdk.errors import DefinitionError, KpisdkError, Problem
from kpisdk.plugins.records import Plugin
from kpisdk.quarantine import contained

T = TypeVar("T")


def records(plugin: Plugin, hook: str, kind: type[T], identity: str) -> tuple[T, ...]:
    """What a plugin yields from ``hook``: all of it of type ``kind``, or nothing at all.

    ``identity`` names the attribute that tells the records of one plugin apart. Anything wrong (the
    hook raises, an answer of another type, one name twice) fails the plugin, and the hook brings
    nothing: half of a plugin's records would look like all of them.
    """
    try:
        answer = plugin.ask(hook)
        found = () if answer is None else tuple(_listed(answer))
        # The names of records may be properties of a stranger's class.
        contained(lambda: _require(plugin, hook, found, kind, identity), None)
    except Exception as error:  # noqa: BLE001 - a plugin's generator may raise anything
        plugin.fail(hook, error)
        return ()
    return found


def extension(plugin: Plugin, hook: str) -> Extension:
    """What a plugin yields from a hook of another plugin; that one knows what it should be."""
    who = (plugin.name, plugin.distribution, plugin.version)
    try:
        answer = plugin.ask(hook)
        return Extension(*who, records=() if answer is None else tuple(_listed(answer)))
    except Exception as error:  # noqa: BLE001 - a plugin's generator may raise anything
        plugin.fail(hook, error)
        words = error.message if isinstance(error, KpisdkError) else repr(error)
        return Extension(*who, error=words)


def attrs_class(answer: object) -> type:
    """A plugin's answer as the attrs class that it has to be.

    Raises:
        TypeError: it is none.
    """
    if isinstance(answer, type) and hasattr(answer, "__attrs_attrs__"):
        return answer
    raise TypeError(f"{answer!r} is not an attrs class")


def _listed(answer: object) -> Iterable[Any]:
    if isinstance(answer, Iterable) and not isinstance(answer, str | bytes):
        return answer
    what = f"{type(answer).__name__} is not a list of records; yield them, or return a list"
    raise DefinitionError("The hook's answer", [Problem("type", what)])


def _require(plugin: Plugin, hook: str, found: tuple[Any, ...], kind: type, identity: str) -> None:
    problems = [
        Problem(f"record {position}", f"is {type(each).__name__}, not {kind.__name__}")
        for position, each in enumerate(found, start=1)
        if not isinstance(each, kind)
    ]
    if not problems:
        names = [str(getattr(each, identity)) for each in found]
        problems = [
            Problem(name, "is brought twice")
            for name in sorted(set(names))
            if names.count(name) > 1
        ]
    if problems:
        raise DefinitionError(f"{hook} of plugin {plugin.name!r}", problems)
