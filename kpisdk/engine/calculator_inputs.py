"""The inputs that a calculator names for its parameters, and the time that its rows go by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from kpisdk.contracts.calculators import Calculator, FrameInput
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.requests import Request
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.failures import CalculationError, failed
from kpisdk.engine.refusals import RefusalError
from kpisdk.engine.resolution import ResolvedKpi
from kpisdk.engine.unnamed_reads import UnnamedReads
from kpisdk.errors import KpisdkError
from kpisdk.quarantine import PluginFaultError, contained


def named_inputs(
    kpi: ResolvedKpi, calculator: Calculator, catalog: Catalog, unnamed: UnnamedReads
) -> tuple[FrameInput, ...]:
    """The inputs of a calculator; a plugin's function may refuse to name them, or raise anything.

    Raises:
        RefusalError: it does.
    """

    def named() -> tuple[FrameInput, ...]:
        with unnamed.watched(kpi, calculator):
            given: object = calculator.asks(kpi.parameters, kpi.settings)
            found = tuple(given) if isinstance(given, Iterable) else (given,)
        for each in found:
            if not isinstance(each, FrameInput):
                raise TypeError(f"{type(each).__name__} is not a FrameInput")
        return found

    try:
        return tuple(_with_declared_time(each, catalog) for each in contained(named, kpi.timeout))
    except PluginFaultError as error:
        subject = f"The inputs of {kpi.id} cannot be named"
        raise RefusalError(failed(CalculationError.of(subject, error))) from error
    except KpisdkError as error:
        raise RefusalError.of(Reason.MISSING_PARAMETER, error.message) from error


def _with_declared_time(frame_input: FrameInput, catalog: Catalog) -> FrameInput:
    """An input of a table that its plugin does not declare, with the time column of who does."""
    relation = frame_input.relation
    if not isinstance(relation, Dataset) or relation.time is not None:
        return frame_input
    owner = catalog.contract.get(relation.name)
    if owner is None or owner.time is None:
        return frame_input
    others = tuple(column for column in relation.columns if column.name != owner.time)
    columns = (*others, owner.column(owner.time))
    timed = attrs.evolve(relation, columns=columns, time=owner.time)
    return attrs.evolve(frame_input, relation=timed)


def timed_by_rows(kpi: Kpi, frame_inputs: Sequence[FrameInput], request: Request) -> Dataset | None:
    """The dataset that windows refer to where other rows than the KPI's own are read.

    The KPI's clock says nothing of them, theirs does. A window or an instant that is given is
    refused where rows that it should apply to have no time column: it would be ignored otherwise.

    Raises:
        RefusalError: there is such a window.
    """
    windowed = [each.relation.base for each in frame_inputs if each.windowed]
    timed = next((base for base in windowed if base.time is not None), None)
    given = request.window is not None or request.as_of is not None or request.grain is not None
    if windowed and timed is None and given:
        message = (
            f"{kpi.id} is to hold for a window or an instant, and the table "
            f"{windowed[0].name!r} has no time column that is known: declare it in the dataset"
        )
        if kpi.parameter("time") is not None:
            message += ", or name it with the parameter time"
        raise RefusalError.of(Reason.MISSING_PARAMETER, f"{message}.")
    return timed
