"""Writes what each KPI is a sample of, from the records of the installed plugins."""

from __future__ import annotations

from wording import table

from kpisdk.contracts.calculators import options_of
from kpisdk.contracts.sampling import Sampling
from kpisdk.registry import Registry


def samplings(registry: Registry) -> dict[Sampling, list[str]]:
    """The KPIs of each sampling, with their option where options differ."""
    found: dict[Sampling, list[str]] = {}
    for kpi in registry.kpis.values():
        options = options_of(kpi.calculation)
        differ = len({kpi.sampling_of(each) for each in options}) > 1
        for option in options:
            name = f"{kpi.id} *{option.name}*" if differ else kpi.id
            kpis = found.setdefault(kpi.sampling_of(option), [])
            if name not in kpis:
                kpis.append(name)
    return found


def page(registry: Registry) -> str:
    """A table with a row for each sampling; samples first, by their unit."""
    found = samplings(registry)
    order = sorted(found, key=lambda each: (not each.is_sample, str(each)))
    return (
        table(("sampling", "KPIs"), ((str(each), ", ".join(found[each])) for each in order)) + "\n"
    )
