"""Definitions: what the engine asks of the registry and the settings, behind one face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk.contracts.calculators import Extension
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.results import Result
from kpisdk.registry import Registry
from kpisdk.settings import Settings


@attrs.frozen
class WorkspaceDefinitions:
    """The :class:`kpisdk.engine.route.Definitions` of a workspace."""

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

    def settings_for(self, kpi_id: str) -> Any:
        owner = self.registry.owner(kpi_id).name
        cls = self.registry.settings_types.get(owner)
        return None if cls is None else self.settings.plugin(owner, cls)

    def extensions(self, hook: str) -> tuple[Extension, ...]:
        return self.registry.extensions(hook)

    def announce(self, result: Result) -> tuple[Note, ...]:
        return self.registry.announce(result)
