"""The other sources that a workspace's settings name for some of its tables, opened when needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import attrs

from kpisdk.contracts.source_kinds import Source
from kpisdk.engine.context import ExecutionContext
from kpisdk.errors import SettingsError
from kpisdk.registry import Registry
from kpisdk.settings import Origin, Settings, TableMapping, misplaced
from kpisdk.workspace.opening import OpenSource, opened, options_of


def is_kept(source: Source, *, asked: bool) -> bool:
    """Whether results over a source are kept.

    Nothing tells that a frame was changed in place: there a cache is for those who ask for one.
    """
    return asked or source.identity.kind != "frames"


@attrs.define(slots=False)
class OtherSources:
    """Where the tables lie that the settings of one source say are in another.

    Attributes:
        first: the workspace's own source.
        settings: the settings, with all sources.
        registry: the installation's data contract, and its kinds of source.
        asked: whether a cache was asked for.
    """

    first: OpenSource
    settings: Settings
    registry: Registry
    asked: bool
    _open: dict[str, Source] = attrs.field(factory=dict)

    @cached_property
    def own(self) -> str:
        """The name of the workspace's own source."""
        return self.first.name

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Datasets to the names of the sources that their tables lie in."""
        found = self.first.settings.tables.items()
        return {dataset: each.source for dataset, each in found if each.source is not None}

    def context(
        self, own: ExecutionContext, datasets: frozenset[str], columns: frozenset[str]
    ) -> ExecutionContext:
        """The context that answers KPIs over just these datasets; see :class:`Elsewhere`."""
        names = {self.places.get(each, self.own) for each in datasets}
        if len(names) == 1:
            (name,) = names
            source, mappings = self._source(name), self._in_one(name)
        else:
            from kpisdk.workspace.joining import joined

            parts = {name: self._source(name) for name in sorted(names)}
            tables = {each: self._table(each) for each in sorted(datasets)}
            places = {each: self.places.get(each, self.own) for each in tables}
            units = frozenset(self.settings.units.values())
            first = options_of(self.own, self.first.settings, self.registry, None)
            source = joined(first, parts, tables, places, columns | units, self.registry)
            mappings = {
                each: TableMapping(columns=mapping.columns) for each, mapping in tables.items()
            }
        cache = own.cache if is_kept(source, asked=self.asked) else None
        return attrs.evolve(own, source=source, mappings=mappings, cache=cache, elsewhere=None)

    def _source(self, name: str) -> Source:
        if name == self.own:
            return self.first.source
        if name not in self._open:
            how = attrs.evolve(self.settings.source(name), tables=self._in_one(name))
            base = (self.settings.origin or Origin()).folder
            options = options_of(name, how, self.registry, base)
            self._open[name] = opened(how.url, options, self.registry)
        return self._open[name]

    def _in_one(self, name: str) -> dict[str, TableMapping]:
        """The mappings in one other source: its own tables, and where all the others lie."""
        every = dict.fromkeys((*self.registry.contract, *self.first.settings.tables))
        return {
            each: self._table(each)
            if self.places.get(each) == name
            else TableMapping(source=self.places.get(each, self.own))
            for each in every
        }

    def _table(self, dataset: str) -> TableMapping:
        """What a dataset's table is called where it lies."""
        said = self.first.settings.tables.get(dataset, TableMapping())
        if said.source is None:
            return said
        there = self.settings.source(said.source).tables.get(dataset, TableMapping())
        return TableMapping(said.table or there.table, {**there.columns, **said.columns})


def other_sources(
    first: OpenSource, settings: Settings, registry: Registry, *, asked: bool
) -> OtherSources | None:
    """The other sources that tables lie in; ``None`` where all lie in the workspace's own.

    Raises:
        SettingsError: one of them is not there.
    """
    if all(each.source is None for each in first.settings.tables.values()):
        return None
    problems = list(misplaced(settings.sources))
    if problems:
        raise SettingsError("The settings", problems)
    return OtherSources(first, settings, registry, asked)
