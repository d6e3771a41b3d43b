"""Which predictions can be explained: SHAP coverage."""

from kpisdk import Estimate, Governance, Kpi, Ratio, Unit, Values, count
from kpisdk_ws1_quality.described import Described
from kpisdk_ws1_quality.json_documents import json_junk
from kpisdk_ws1_quality.models_sources import MONTH, WORKSTREAM
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS

CREATED = PREDICTIONS.timed_by("created_at")
"""Predictions by when they were written, which is when their explanation should be."""

_kind = CREATED["shap_values"].json_kind()


def _described(made: Estimate, values: Values) -> Estimate:
    return made.with_notes(*json_junk(values["junk"], "shap_values"))


COVERAGE = Described(
    Ratio(count(CREATED, _kind.is_in("object", "array", "scalar")), count(CREATED)),
    {"junk": count(CREATED, _kind.equals("junk"))},
    _described,
)

KPIS = (
    Kpi(
        id="WS1-MP-007",
        name="SHAP Coverage",
        workstream=WORKSTREAM,
        definition="Share of predictions that an explanation (SHAP values) was stored for.",
        formula="count(shap_values IS NOT NULL) / total_predictions",
        calculation=COVERAGE,
        unit=Unit.RATIO,
        target=0.95,
        warning=0.80,
        critical=0.60,
        window=MONTH,
        slug="shap_coverage",
        governance=Governance(
            objective="Be able to say why each prediction was made",
            numerator="predictions with SHAP values that are not empty",
            denominator="predictions",
            granularity="prediction",
            segment="all predictions",
            source="ml_predictions",
            owner="Data science",
            gaming_risk="storing empty documents",
            controls="empty documents and junk count as missing",
        ),
    ),
)
