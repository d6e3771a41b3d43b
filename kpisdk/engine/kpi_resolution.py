"""From a request to its resolved KPIs: every record is asked once, and refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk.contracts.calculators import options_of
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.requests import Request
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.context import ExecutionContext
from kpisdk.engine.option_resolution import OptionResolver
from kpisdk.engine.resolution import ResolvedKpi
from kpisdk.errors import KpisdkError, UsageError
from kpisdk.planner.slicing import UnsupportedSliceError
from kpisdk.quarantine import PluginFaultError, described


@attrs.frozen
class KpiResolver:
    """Resolves the KPIs of a request.

    Attributes:
        request: what is asked.
        context: whose definitions are asked.
        parameters: the values of each KPI's parameters.
        options: settles their options against the source.
    """

    request: Request
    context: ExecutionContext
    parameters: Mapping[str, Mapping[str, Any]]
    options: OptionResolver

    def resolved(self) -> tuple[ResolvedKpi, ...]:
        """The KPIs of the request in its order, each with its options settled or refused.

        Raises:
            KpisdkError: the source's, and the whole execution's.
        """
        return tuple(map(self._kpi, self.request.kpi_ids))

    def _kpi(self, kpi_id: str) -> ResolvedKpi:
        definitions = self.context.definitions
        registry = definitions.registry
        bare = ResolvedKpi(
            kpi=registry.kpis[kpi_id],
            version=registry.definition_version(kpi_id),
            where=self.request.where,
            by=self.request.by,
            parameters=self.parameters[kpi_id],
            extensions=registry.extensions,
            timeout=self.context.calculator_timeout,
        )
        conflict = definitions.conflict(kpi_id)
        if conflict is not None:
            return _refused(bare, Reason.CONFLICTING_DEFINITIONS, conflict)
        try:
            known = attrs.evolve(bare, settings=definitions.settings_for(kpi_id))
        except PluginFaultError as error:
            message = f"The settings of the plugin that brings {kpi_id} failed: {error.message}"
            return _refused(bare, Reason.CALCULATOR_FAILED, message)
        except UsageError as error:
            return _refused(bare, Reason.MISSING_PARAMETER, error.message)
        except KpisdkError as error:
            return _refused(bare, Reason.CALCULATOR_FAILED, error.message)
        try:
            return self._settled(known)
        except KpisdkError:
            raise
        except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001 - strangers' metrics and window rules
            what = f"The definition of {kpi_id} cannot be used: {described(error)}."
            whose = "This is a fault of the plugin that brings it."
            return _refused(known, Reason.CALCULATOR_FAILED, f"{what} {whose}")

    def _settled(self, known: ResolvedKpi) -> ResolvedKpi:
        refused = self._refusal(known)
        if refused is not None:
            return attrs.evolve(known, fixed=refused)
        options = options_of(known.kpi.calculation)
        settled = tuple(self.options.resolved(known, option) for option in options)
        return attrs.evolve(known, fixed=self._given_by_definition(known), options=settled)

    def _refusal(self, known: ResolvedKpi) -> Estimate | None:
        """Why the KPI as a whole does not answer the request, whatever the source holds."""
        kpi, request, slicing = known.kpi, self.request, self.options.slicing
        for column in slicing.columns:
            why = kpi.refusal(column)
            if why is not None:
                error = UnsupportedSliceError(kpi.id, column, slicing.supported(kpi), why)
                return Estimate.absent(Reason.UNSUPPORTED_SLICE, error.message)
        if request.grain is not None and kpi.window is None:
            message = f"{kpi.id} has no time window, so it cannot be cut by {request.grain.value}."
            return Estimate.absent(Reason.UNSUPPORTED_SLICE, message)
        required = kpi.requires
        if required is None or required.column in slicing.columns:
            return None
        if required.otherwise is None:
            message = f"{kpi.id} needs a {required.column}: filter or group by it."
            return Estimate.absent(Reason.MISSING_PARAMETER, message)
        if known.by or request.grain is not None:
            message = f"{kpi.id} needs a {required.column} to be cut: filter or group by it."
            return Estimate.absent(Reason.MISSING_PARAMETER, message)
        return None

    def _given_by_definition(self, known: ResolvedKpi) -> Estimate | None:
        """The value that stands for a slice which was not named; it goes out with its window."""
        required = known.kpi.requires
        if required is None or required.column in self.options.slicing.columns:
            return None
        notes = () if required.note is None else (required.note,)
        return Estimate.of(required.otherwise, warnings=notes)


def _refused(known: ResolvedKpi, reason: Reason, message: str) -> ResolvedKpi:
    """The KPI, absent as a whole."""
    return attrs.evolve(known, fixed=Estimate.absent(reason, message))
