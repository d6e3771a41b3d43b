"""What is known of one plugin: who it is, how it stands, and the one way to call its hooks."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs
import pluggy

from kpisdk.errors import KpisdkError


class PluginState(StrEnum):
    """How a plugin stands."""

    ACTIVE = "active"
    FAILED = "failed"
    """It could not be loaded, was refused, or one of its hooks raised; ``error`` says which."""


def sentence(error: BaseException) -> str:
    """An exception as it may stand in a list: our own sentence, or the type and its words."""
    if isinstance(error, KpisdkError):
        return error.message
    words = str(error)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


@attrs.define(eq=False)
class Plugin:
    """One plugin: name, distribution, version, state, and its hooks.

    A plugin whose hook raises is ``failed``, and what that hook would have brought is missing; its
    other hooks go on. ``cause`` keeps the exception for a traceback on demand.
    """

    name: str
    distribution: str
    version: str
    state: PluginState = PluginState.ACTIVE
    error: str | None = None
    cause: BaseException | None = attrs.field(default=None, repr=False)
    _manager: pluggy.PluginManager | None = attrs.field(default=None, repr=False)
    _implementation: object | None = attrs.field(default=None, repr=False)

    @property
    def label(self) -> str:
        """Distribution and version (a definition file has none): ``kpisdk-hello 1.2``."""
        return f"{self.distribution} {self.version}".rstrip()

    def fail(self, where: str, error: BaseException) -> None:
        """Mark the plugin failed; the first error stays the cause, later ones are added to it."""
        text = f"{where}: {sentence(error)}"
        self.error = text if self.error is None else f"{self.error} {text}"
        self.cause = self.cause or error
        self.state = PluginState.FAILED

    def join(self, manager: pluggy.PluginManager, implementation: object) -> None:
        """Bind the plugin to the manager that it is registered with."""
        self._manager, self._implementation = manager, implementation

    def leave(self) -> None:
        """Unregister the plugin: from now on :meth:`ask` finds no hook of it."""
        if self._manager is not None and self._manager.is_registered(self._implementation):
            self._manager.unregister(self._implementation)
        self._manager = self._implementation = None

    def implements(self, hook: str) -> bool:
        """Whether the plugin has that hook."""
        if self._manager is None:
            return False
        callers = self._manager.get_hookcallers(self._implementation) or []
        return any(caller.name == hook for caller in callers)

    def ask(self, hook: str, **arguments: Any) -> Any:
        """What this plugin alone answers to a hook; ``None`` where it does not implement it.

        The answer is whatever the plugin returned, unchecked, and whatever it raises comes through:
        the registry checks the one and records the other.
        """
        if self._manager is None or not self.implements(hook):
            return None
        others = self._manager.get_plugins() - {self._implementation}
        answers = self._manager.subset_hook_caller(hook, others)(**arguments)
        return answers[0] if answers else None
