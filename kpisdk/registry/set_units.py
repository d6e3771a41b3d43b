"""What a KPI is a sample of where the settings have a word in it, and what is wrong with theirs.

The author of a KPI says which rows depend on one another. A user may know better of their own data:
prescribers who work in teams, or patients of whom each has one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisdk.contracts.calculators import Calculator, Option, options_of, relations_of
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.sampling import Sampling, SamplingKind, sample
from kpisdk.errors import Problem, SettingsError, UnknownNameError
from kpisdk.registry.registry import Registry
from kpisdk.settings import Settings
from kpisdk.settings.paths import joined


def sampling_in_force(kpi: Kpi, option: Option, settings: Settings) -> Sampling:
    """What an option's rows are a sample of: of the unit that the settings name, if they do.

    A census and a stored figure have no units. The function of a calculator that does not take its
    units from the engine (``Calculator.units``) has some of its own: it stays what the record says.
    """
    declared = kpi.sampling_of(option)
    unit = settings.unit(kpi.id)
    if unit is None or not _takes_unit(kpi, option):
        return declared
    return sample(unit)


def require_units_that_fit(settings: Settings, registry: Registry) -> None:
    """Refuse units of KPIs that are not there, or whose rows cannot have them.

    Where a plugin did not say which KPIs it brings, an unknown one may be its, and is let be.

    Raises:
        SettingsError: all faults of all KPIs that the settings name.
    """
    known = registry.kpis
    problems = list(_faults(settings.units, known, is_whole=not registry.unheard))
    if problems:
        title = "The settings" if settings.origin is None else settings.origin.title
        raise SettingsError(title, problems)


def _faults(
    units: Mapping[str, str], known: Mapping[str, Kpi], *, is_whole: bool
) -> Iterator[Problem]:
    for kpi_id, unit in units.items():
        where = joined("kpis", kpi_id)
        if kpi_id in known:
            for fault in _faults_of_unit(known[kpi_id], unit):
                yield Problem(joined(where, "unit"), fault)
        elif is_whole:
            yield Problem(where, UnknownNameError("KPI", kpi_id, tuple(known)).message)


def _faults_of_unit(kpi: Kpi, unit: str) -> Iterator[str]:
    options = [each for each in options_of(kpi.calculation) if _takes_unit(kpi, each)]
    if not options:
        yield f"{_why_without_units(kpi)}; take this key away"
    for option in options:
        if isinstance(option.calculation, Calculator) and callable(option.calculation.inputs):
            continue  # which rows it reads is known with a request's parameters
        fault = sample(unit).fault(relations_of(option.calculation))
        if fault is not None:
            yield fault


def _takes_unit(kpi: Kpi, option: Option) -> bool:
    """Whether the rows of an option fall into units that somebody else could choose."""
    calculation = option.calculation
    chooses = isinstance(calculation, Calculator) and not calculation.units
    return kpi.sampling_of(option).is_sample and not chooses


def _why_without_units(kpi: Kpi) -> str:
    kinds = {kpi.sampling_of(each).kind for each in options_of(kpi.calculation)}
    if SamplingKind.SAMPLE in kinds:
        return f"a function computes {kpi.id}, and its interval has the unit that it takes itself"
    return f"{kpi.id} is {' or '.join(_KINDS[kind] for kind in sorted(kinds))}, and has no units"


_KINDS = {SamplingKind.CENSUS: "a census", SamplingKind.STORED: "a stored figure"}
