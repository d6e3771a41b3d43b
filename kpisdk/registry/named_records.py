"""What goes by a name, of all plugins: kinds of source, engines, caches, reports, commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from kpisdk.errors import Problem
from kpisdk.plugins.records import Plugin
from kpisdk.registry.hook_answers import records

T = TypeVar("T")


class NamedRecords:
    """What the plugins bring by name; of two records of one name, the first counts.

    Attributes:
        shadowed: the records that are not used, because another plugin brings one of that name.
    """

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self._plugins = tuple(plugins)
        self._owners: dict[tuple[str, str], Plugin] = {}
        self.shadowed: list[Problem] = []

    def of(self, hook: str, kind: type[T], what: str) -> dict[str, T]:
        """The records of a hook, by name; ``what`` is what a message calls one of them."""
        found: dict[str, T] = {}
        for plugin in self._plugins:
            for record in records(plugin, hook, kind, "name"):
                name = str(getattr(record, "name"))  # noqa: B009 - kind is any of five records
                owner = self._owners.setdefault((hook, name), plugin)
                if name in found:
                    fault = f"{owner.label} brings it first; that of {plugin.label} is unused"
                    self.shadowed.append(Problem(f"{what} {name!r}", fault))
                    continue
                found[name] = record
        return found

    def owner(self, hook: str, name: str) -> Plugin:
        """The plugin whose record of that name counts."""
        return self._owners[hook, name]
