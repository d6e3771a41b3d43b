"""The hooks of this plugin, and nothing else."""

from collections.abc import Iterable

from kpisdk import Kpi, hookimpl


@hookimpl
def kpisdk_kpis() -> Iterable[Kpi]:
    """WS3-BI-001 to WS3-BI-010."""
    from kpisdk_ws3_business import adoption, conversion, prescriptions, reach, returns

    yield from adoption.KPIS
    yield from reach.KPIS
    yield from prescriptions.KPIS
    yield from conversion.KPIS
    yield from returns.KPIS


@hookimpl
def kpisdk_settings() -> type:
    """``[plugins.ws3_business]``: how long a trigger has for the prescription that it leads to."""
    from kpisdk_ws3_business.settings import BusinessSettings

    return BusinessSettings
