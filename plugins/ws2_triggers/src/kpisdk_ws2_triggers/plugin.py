"""The hooks of this plugin, and nothing else."""

from collections.abc import Iterable

from kpisdk import Kpi, hookimpl


@hookimpl
def kpisdk_kpis() -> Iterable[Kpi]:
    """WS2-TR-001 to WS2-TR-008."""
    from kpisdk_ws2_triggers import changes, delivery, outcomes

    yield from outcomes.KPIS
    yield from delivery.KPIS
    yield from changes.KPIS


@hookimpl
def kpisdk_settings() -> type:
    """``[plugins.ws2_triggers]``: how long a trigger has for its outcome."""
    from kpisdk_ws2_triggers.settings import TriggerSettings

    return TriggerSettings
