"""The hooks of this plugin, and nothing else."""

from kpisdk import Kpi, hookimpl
from kpisdk_bakery.punctuality import ON_TIME_RATE


@hookimpl
def kpisdk_kpis() -> list[Kpi]:
    """The bakery's KPIs."""
    return [ON_TIME_RATE]
