"""What an execution needs besides its request: definitions, source, cache, clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import attrs

from kpisdk.contracts.cache_backends import Cache
from kpisdk.contracts.calculators import Extension
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.results import Result
from kpisdk.contracts.source_kinds import Source
from kpisdk.settings import TableMapping

CALCULATOR_TIMEOUT = 600.0
"""Seconds that one call of a plugin's calculation may take where nobody says otherwise."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


class Definitions(Protocol):
    """What the engine asks of the registry."""

    @property
    def kpis(self) -> Mapping[str, Kpi]:
        """KPIs by id."""
        ...

    @property
    def datasets(self) -> Mapping[str, Dataset]:
        """The installation's data contract."""
        ...

    def definition_version(self, kpi_id: str) -> str:
        """The version of a KPI's definition."""
        ...

    def identity(self, kpi_id: str) -> str:
        """What a KPI's results depend on in its definition: the record, and all of its code."""
        ...

    def brought_by(self, kpi_id: str) -> str:
        """The distribution that brings a KPI, with its version."""
        ...

    def settings_for(self, kpi_id: str) -> Any:
        """The settings record of the plugin that brought the KPI, or ``None``."""
        ...

    def extensions(self, hook: str) -> tuple[Extension, ...]:
        """What the plugins of the workspace bring through a hook of another plugin."""
        ...

    def conflict(self, kpi_id: str) -> str | None:
        """Why a KPI cannot be computed in this installation, naming the plugins; or ``None``."""
        ...

    def disputed(self, dataset: str, column: str, *, by_key: bool) -> str | None:
        """Why a column cannot be sliced by: plugins declare it, or its table's key, differently."""
        ...

    def announce(self, result: Result) -> tuple[Note, ...]:
        """Tell the observers of a result; a note for each one that fails."""
        ...


@attrs.frozen
class ExecutionContext:
    """Everything that an execution needs besides the request."""

    definitions: Definitions
    source: Source
    mappings: Mapping[str, TableMapping]
    cache: Cache | None
    clock: Callable[[], datetime]
    progress: Progress | None = None
    calculator_timeout: float = CALCULATOR_TIMEOUT
