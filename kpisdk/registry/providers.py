"""Plugins as the registry sees them, called one at a time and checked answer by answer.

Hook calls are untyped by nature. This file is where they become typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from kpisdk.contracts.calculators import Extension
from kpisdk.errors import DefinitionError, KpisdkError, Problem
from kpisdk.quarantine import contained

T = TypeVar("T")


class Provider(Protocol):
    """A plugin: who it is, how it stands, and its answer to a hook."""

    @property
    def name(self) -> str:
        """The plugin's name, which its settings go by."""
        ...

    @property
    def distribution(self) -> str:
        """The distribution that brought it."""
        ...

    @property
    def version(self) -> str:
        """The distribution's version."""
        ...

    @property
    def label(self) -> str:
        """Distribution and version, as messages name the plugin."""
        ...

    @property
    def state(self) -> str:
        """``active`` or ``failed``."""
        ...

    @property
    def error(self) -> str | None:
        """What is wrong with a failed plugin."""
        ...

    @property
    def cause(self) -> BaseException | None:
        """The first exception of a failed plugin, for a traceback on demand."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """What its code changed of the process, and what was put back."""
        ...

    def implements(self, hook: str) -> bool:
        """Whether the plugin has that hook."""
        ...

    def ask(self, hook: str, **arguments: Any) -> Any:
        """Its unchecked answer to a hook, ``None`` without one; raises what the plugin raises."""
        ...

    def fail(self, where: str, error: BaseException) -> None:
        """Record that a hook of the plugin failed."""
        ...


def records(provider: Provider, hook: str, kind: type[T], identity: str) -> tuple[T, ...]:
    """What a plugin yields from ``hook``: all of it of type ``kind``, or nothing at all.

    ``identity`` names the attribute that tells the records of one plugin apart. Anything wrong (the
    hook raises, an answer of another type, one name twice) fails the plugin, and the hook brings
    nothing: half of a plugin's records would look like all of them.
    """
    try:
        answer = provider.ask(hook)
        found = () if answer is None else tuple(_listed(answer))
        # The names of records may be properties of a stranger's class.
        contained(lambda: _require(provider, hook, found, kind, identity), None)
    except Exception as error:  # noqa: BLE001 - a plugin's generator may raise anything
        provider.fail(hook, error)
        return ()
    return found


def extension(provider: Provider, hook: str) -> Extension:
    """What a plugin yields from a hook of another plugin; that one knows what it should be."""
    who = (provider.name, provider.distribution, provider.version)
    try:
        answer = provider.ask(hook)
        return Extension(*who, records=() if answer is None else tuple(_listed(answer)))
    except Exception as error:  # noqa: BLE001 - a plugin's generator may raise anything
        provider.fail(hook, error)
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


def _require(
    provider: Provider, hook: str, found: tuple[Any, ...], kind: type, identity: str
) -> None:
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
        raise DefinitionError(f"{hook} of plugin {provider.name!r}", problems)
