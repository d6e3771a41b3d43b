"""The hooks of this plugin, and nothing else."""

from collections.abc import Iterable

from kpisdk import Kpi, hookimpl


@hookimpl
def kpisdk_kpis() -> Iterable[Kpi]:
    """BR-001 to BR-005."""
    from kpisdk_brand import fabhalta, kisqali, remibrutinib

    yield from remibrutinib.KPIS
    yield from fabhalta.KPIS
    yield from kisqali.KPIS
