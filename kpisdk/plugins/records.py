"""What is known of one plugin: who it is, how it stands, and the one way to call its hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar

import attrs
import pluggy

from kpisdk.errors import DefinitionError, KpisdkError, Problem
from kpisdk.quarantine import PluginFaultError, PluginTimeoutError, contained, described

PATIENCE = 30.0
"""Seconds that a hook may take where no settings say otherwise (``plugin_timeout``)."""

MOST_RECORDS = 100_000
"""How many records a hook may yield: one that never ends is told before the memory is full."""

T = TypeVar("T")


class PluginState(StrEnum):
    """How a plugin stands."""

    ACTIVE = "active"
    FAILED = "failed"
    """It could not be loaded, was refused, or one of its hooks raised; ``error`` says which."""


def sentence(error: BaseException) -> str:
    """An exception as it may stand in a list: our own sentence, or the type and its words."""
    return error.message if isinstance(error, KpisdkError) else described(error)


@attrs.define(eq=False)
class Plugin:
    """One plugin: name, distribution, version, state, and its hooks.

    A plugin whose hook raises, ends the process or does not come back within ``timeout`` seconds is
    ``failed``, and what that hook would have brought is missing; its other hooks go on. ``cause``
    keeps the exception for a traceback on demand. ``remarks`` are what its code changed of the
    process and what was put back.
    """

    name: str
    distribution: str
    version: str
    state: PluginState = PluginState.ACTIVE
    error: str | None = None
    cause: BaseException | None = attrs.field(default=None, repr=False)
    timeout: float = PATIENCE
    remarks: list[str] = attrs.field(factory=list)
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
        cause = error.cause if isinstance(error, PluginFaultError) else None
        self.cause = self.cause or cause or error
        self.state = PluginState.FAILED

    def join(self, manager: pluggy.PluginManager, implementation: object) -> None:
        """Bind the plugin to the manager that it is registered with."""
        self._manager, self._implementation = manager, implementation

    def leave(self) -> None:
        """Unregister the plugin: from now on :meth:`ask` finds no hook of it."""
        manager, implementation = self._manager, self._implementation
        self._manager = self._implementation = None

        def unregister() -> None:
            # Both compare the plugin with all others: an __eq__ of a stranger runs in here.
            if manager is not None and manager.is_registered(implementation):
                manager.unregister(implementation)

        try:
            self.contained("on registration", unregister)
        except KpisdkError as error:
            self.fail("on registration", error)

    def implements(self, hook: str) -> bool:
        """Whether the plugin has that hook."""
        if self._manager is None:
            return False
        callers = self._manager.get_hookcallers(self._implementation) or []
        return any(caller.name == hook for caller in callers)

    def ask(self, hook: str, **arguments: Any) -> Any:
        """What this plugin alone answers to a hook; ``None`` where it does not implement it.

        The answer is whatever the plugin returned, unchecked, but for what it yields: that is a
        list. The registry checks it, and records what is raised.

        Raises:
            KpisdkError: what the plugin raised, if it is an error of ours.
            PluginTimeoutError: the hook did not come back in time.
            PluginFaultError: it raised anything else, ``SystemExit`` included.
        """
        if self._manager is None or not self.implements(hook):
            return None
        others = self._manager.get_plugins() - {self._implementation}
        caller = self._manager.subset_hook_caller(hook, others)

        def answer() -> Any:
            answers = caller(**arguments)
            return _gathered(answers[0]) if answers else None

        return self.contained(hook, answer)

    def contained(self, where: str, call: Callable[[], T]) -> T:
        """What a function of the plugin returns, called so that it can do the host no harm.

        Raises:
            KpisdkError: as :meth:`ask`.
        """

        def changed(what: str) -> None:
            remark = f"{where}: it changed {what}, which was put back."
            if remark not in self.remarks:
                self.remarks.append(remark)

        try:
            return contained(call, self.timeout, changed)
        except PluginTimeoutError as error:
            what = f"{error.what}; raise plugin_timeout in the settings if it needs longer"
            raise PluginTimeoutError(what, seconds=error.seconds) from None


def _gathered(answer: Any) -> Any:
    """What a hook yields, as a list; whatever else it returns, as it is."""
    if isinstance(answer, str | bytes | list | tuple | type) or not isinstance(answer, Iterable):
        return answer
    found = list(islice(answer, MOST_RECORDS + 1))
    if len(found) > MOST_RECORDS:
        what = f"yields more than {MOST_RECORDS} records; it seems never to end"
        raise DefinitionError("The hook's answer", [Problem("records", what)])
    return found
