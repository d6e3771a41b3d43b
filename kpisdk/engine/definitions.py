"""What the engine reads of the installed plugins and their settings, for one KPI at a time."""

from __future__ import annotations

from functools import partial
from typing import Any

import attrs

from kpisdk.contracts.calculators import Option
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.contracts.sampling import Sampling
from kpisdk.errors import KpisdkError
from kpisdk.quarantine import contained
from kpisdk.registry import Registry
from kpisdk.registry.clashes import ADVICE
from kpisdk.registry.remarks import Remarks
from kpisdk.registry.set_units import sampling_in_force
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
class Definitions:
    """What the plugins of an installation bring, together with what they are set to.

    Attributes:
        registry: what the installed plugins bring.
        settings: what fills the settings record of each of them.
        is_observed: whether observers receive the results; an example, for one, is no alarm.
    """

    registry: Registry
    settings: Settings
    is_observed: bool = True

    def sampling_of(self, kpi_id: str, option: Option) -> Sampling:
        """What an option's rows are a sample of: of the unit that the settings name, if they do."""
        return sampling_in_force(self.registry.kpis[kpi_id], option, self.settings)

    def settings_for(self, kpi_id: str) -> Any:
        """The settings record of the plugin that brought the KPI, or ``None``.

        Raises:
            UnsettledPluginError: the plugin cannot say which settings it takes.
            KpisdkError: its settings have faults.
        """
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
        """Why a KPI cannot be computed in this installation, naming the plugins; or ``None``."""
        found = self.registry.conflict(kpi_id)
        return None if found is None else found.message

    def disputed(self, dataset: str, column: str, *, by_key: bool) -> str | None:
        """Why a column cannot be sliced by: plugins declare it, or its table's key, differently."""
        found = self.registry.disputed(dataset, column, by_key=by_key)
        return None if found is None else f"{found}. {ADVICE}"

    def remarked(
        self, results: tuple[Result, ...], request: Request
    ) -> tuple[tuple[Result, ...], tuple[Note, ...]]:
        """The results with what plugins say of them, and a note for each plugin that fails."""
        if not self.is_observed:
            return results, ()
        return Remarks(self.registry.plugins).on(results, request, self.settings)

    def announce(self, result: Result) -> tuple[Note, ...]:
        """Hand a result to the observers; a note for each one that fails."""
        return self.registry.announce(result) if self.is_observed else ()
