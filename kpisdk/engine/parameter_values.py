"""The values of a request's parameters for each KPI: given ones, checked, and defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpisdk.contracts.kpis import Kpi, Parameter
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import Problem, ProblemsError, listed
from kpisdk.planner.slicing import SliceValueError, coerced


def parameters_of(kpis: Sequence[Kpi], given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameter values of each KPI by id: given ones, parsed and checked, else defaults.

    Raises:
        ProblemsError: a parameter that none of the KPIs has, or a value that one refuses; all of
            them at once.
    """
    problems: list[Problem] = []
    known = sorted({parameter.name for kpi in kpis for parameter in kpi.parameters})
    problems += [
        Problem(name, f"is a parameter of none of the KPIs asked for; they have: {listed(known)}")
        if known
        else Problem(name, "the KPIs asked for take no parameters")
        for name in given
        if name not in known
    ]
    settled: dict[str, dict[str, Any]] = {}
    for kpi in kpis:
        values: dict[str, Any] = {}
        for parameter in kpi.parameters:
            value = parameter.default
            if parameter.name in given:
                value, fault = _parsed(parameter, given[parameter.name])
                if fault is not None:
                    problems.append(Problem(f"{kpi.id} {parameter.name}", fault))
            values[parameter.name] = value
        settled[kpi.id] = values
    if problems:
        raise ProblemsError("The parameters", problems)
    return settled


def _parsed(parameter: Parameter, value: Any) -> tuple[Any, str | None]:
    if isinstance(value, str) and parameter.type is not LogicalType.TEXT:
        try:
            value = coerced(parameter.name, value, parameter.type)
        except SliceValueError:
            return value, f"{value[:80]!r} is not {parameter.type.value}"
    if parameter.type is LogicalType.JSON:  # frames and mappings go to calculators as they are
        return value, None
    return value, parameter.fault(value)
