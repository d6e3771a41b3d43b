"""The hooks of this plugin, and nothing else."""

from collections.abc import Iterable

from kpisdk import Kpi, SourceKind, hookimpl


@hookimpl
def kpisdk_kpis() -> Iterable[Kpi]:
    """WS1-DQ-001 to WS1-DQ-009 and WS1-MP-001 to WS1-MP-009."""
    from kpisdk_ws1_quality import (
        completeness,
        coverage,
        labels,
        matching,
        models,
        regions,
        timeliness,
    )

    yield from coverage.KPIS
    yield from matching.KPIS
    yield from completeness.KPIS
    yield from regions.KPIS
    yield from timeliness.KPIS
    yield from labels.KPIS
    yield from models.KPIS


@hookimpl
def kpisdk_sources() -> Iterable[SourceKind]:
    """``mlflow:SERVER``."""
    from kpisdk_ws1_quality.mlflow_tables import TRACKED

    yield TRACKED


@hookimpl
def kpisdk_settings() -> type:
    """``[plugins.ws1_quality]``: where a tracking server is."""
    from kpisdk_ws1_quality.settings import QualitySettings

    return QualitySettings
