"""The subject of a contract: one plugin as the SDK sees it, beside those that are installed."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cached_property
from types import ModuleType
from typing import Any

from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.relations import datasets_of
from kpisdk.plugins import load_plugins
from kpisdk.plugins.records import Plugin
from kpisdk.registry import Registry
from kpisdk.registry.data_contract import Contract, contract_of
from kpisdk.settings import Settings


class Subject:
    """A plugin under test: loaded through the same door as by users, and asked everything.

    Args:
        implementation: the module (or object) with the hooks.
        table: what ``[plugins.<name>]`` of the settings says.
    """

    def __init__(self, implementation: object, table: Mapping[str, Any]) -> None:
        self.implementation = implementation
        loaded = load_plugins()
        name = loaded.manager.get_name(implementation)
        self.is_installed = name is not None
        if name is None:
            loaded = load_plugins([implementation])
            self.plugin: Plugin = loaded.plugins[-1]
        else:
            self.plugin = loaded[name]
        self.registry = Registry(loaded)
        self.registry.complete()
        self.settings = Settings(plugins={self.plugin.name: table} if table else {})

    @cached_property
    def kpis(self) -> Mapping[str, Kpi]:
        """Its KPIs by id."""
        known = self.registry.kpis
        return {each: known[each] for each in known if self.registry.owner(each) is self.plugin}

    @cached_property
    def contract(self) -> Contract:
        """The datasets that it declares, and where its own declarations contradict each other."""
        return contract_of((kpi, self.plugin.label) for kpi in self.kpis.values())

    def datasets(self, parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, Dataset]:
        """All tables that its KPIs read, those too that calculators name once they are asked."""
        found = dict(self.contract.datasets)
        for kpi in self.kpis.values():
            given = {**{each.name: each.default for each in kpi.parameters}}
            given.update(parameters.get(kpi.id, {}))
            for option in options_of(kpi.calculation):
                if not isinstance(option.calculation, Calculator):
                    continue
                for dataset in self._asked(option.calculation, given):
                    found.setdefault(dataset.name, dataset)
        return found

    def _asked(self, calculator: Calculator, parameters: Mapping[str, Any]) -> list[Dataset]:
        try:
            asked = calculator.asks(parameters, self.own_settings)
        except Exception:  # noqa: BLE001 - the KPI itself is asked later, and tells why it refuses
            return []
        return [each for ask in asked for each in datasets_of(ask.relation)]

    @property
    def own_settings(self) -> Any:
        """Its settings record; ``None`` where it has no settings."""
        kind = self.registry.settings_types.get(self.plugin.name)
        return None if kind is None else self.settings.plugin(self.plugin.name, kind)

    @property
    def beside(self) -> tuple[object, ...]:
        """What a workspace is given so that the plugin takes part once."""
        return () if self.is_installed else (self.implementation,)

    @property
    def module(self) -> str | None:
        """The dotted name that a new process can import the plugin by, if it is a module."""
        if isinstance(self.implementation, ModuleType) and inspect.getsourcefile(
            self.implementation
        ):
            return self.implementation.__name__
        return None
