"""The KPIs of model performance, WS1-MP-001 to WS1-MP-009."""

from kpisdk import Kpi
from kpisdk_ws1_quality import (
    models_calibration,
    models_drift,
    models_explanations,
    models_fairness,
    models_probability,
    models_ranking,
)

KPIS: tuple[Kpi, ...] = tuple(
    sorted(
        (
            *models_ranking.KPIS,
            *models_probability.KPIS,
            *models_calibration.KPIS,
            *models_explanations.KPIS,
            *models_fairness.KPIS,
            *models_drift.KPIS,
        ),
        key=lambda kpi: kpi.id,
    )
)
