"""What the engine reads of the registry and the settings, behind one face."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import attrs

from kpisdk.contracts.calculators import Extension
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.results import Result
from kpisdk.errors import KpisdkError
from kpisdk.quarantine import contained
from kpisdk.registry import Registry
from kpisdk.registry.clashes import ADVICE
from kpisdk.settings import Settings


@attrs.define(eq=False)
class UnsettledPluginError(KpisdkError):
    """A KPI of a plugin that cannot say which settings it takes."""

    plugin: str
    fault: str

    template = (
        "The plugin {plugin:quoted} cannot say which settings it takes ({fault}), and without them "
        "its KPIs would be others. See kpisdk plugin list."
    )


@attrs.frozen
class WorkspaceDefinitions:
    """The :class:`kpisdk.engine.context.Definitions` of a workspace."""

    registry: Registry
    settings: Settings

    @property
    def kpis(self) -> Mapping[str, Kpi]:
        return self.registry.kpis

    @property
    def datasets(self) -> Mapping[str, Dataset]:
        return self.registry.contract

    def definition_version(self, kpi_id: str) -> str:
        return self.registry.definition_version(kpi_id)

    def identity(self, kpi_id: str) -> str:
        return self.registry.identity(kpi_id)

    def brought_by(self, kpi_id: str) -> str:
        return self.registry.owner(kpi_id).label

    def settings_for(self, kpi_id: str) -> Any:
        owner = self.registry.owner(kpi_id).name
        fault = self.registry.settings_fault(owner)
        if fault is not None:
            raise UnsettledPluginError(owner, fault)
        cls = self.registry.settings_types.get(owner)
        if cls is None:
            return None
        # Validators of the plugin's class run in here.
        filled = partial(self.settings.plugin, owner, cls)
        return contained(filled, self.settings.plugin_timeout)

    def conflict(self, kpi_id: str) -> str | None:
        found = self.registry.conflict(kpi_id)
        return None if found is None else found.message

    def disputed(self, dataset: str, column: str, *, by_key: bool) -> str | None:
        found = self.registry.disputed(dataset, column, by_key=by_key)
        return None if found is None else f"{found}. {ADVICE}"

    def extensions(self, hook: str) -> tuple[Extension, ...]:
        return self.registry.extensions(hook)

    def announce(self, result: Result) -> tuple[Note, ...]:
        return self.registry.announce(result)
