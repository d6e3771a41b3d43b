"""The plugins that receive every result, and what happens where one fails."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Result
from kpisdk.plugins.records import Plugin
from kpisdk.quarantine import PluginFaultError, PluginTimeoutError, described

HOOK = "kpisdk_computed"


class Observers:
    """The plugins that have the hook ``kpisdk_computed``, in their order."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self._plugins = tuple(each for each in plugins if each.implements(HOOK))
        self._silenced: set[str] = set()

    def announce(self, result: Result) -> tuple[Note, ...]:
        """Report a result to each observer; a note for each one that fails."""
        notes = []
        for plugin in self._plugins:
            if plugin.name in self._silenced:
                continue
            try:
                # A copy: what an observer does to the details must not change the report.
                plugin.ask(HOOK, result=copy.deepcopy(result))
            except Exception as error:  # noqa: BLE001 - an observer never breaks a computation
                words = error.message if isinstance(error, PluginFaultError) else described(error)
                who = f"The observer of plugin {plugin.name!r} ({plugin.label}) failed: "
                notes.append(Note("observer_failed", f"{who}{words}"))
                if isinstance(error, PluginTimeoutError):
                    self._silenced.add(plugin.name)  # it would hang at every further result
        return tuple(notes)
