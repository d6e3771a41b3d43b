"""Which predictions can be explained: SHAP coverage."""

from typing import Any

from kpisdk import (
    Column,
    Derived,
    Estimate,
    Governance,
    Kpi,
    LogicalType,
    Ratio,
    Scope,
    Unit,
    Values,
    count,
)
from kpisdk_ws1_quality.described import Described
from kpisdk_ws1_quality.json_documents import json_junk
from kpisdk_ws1_quality.models_french import FRENCH
from kpisdk_ws1_quality.models_sources import BY_PATIENT, MONTH, WORKSTREAM
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS
from kpisdk_ws1_quality.units import UNIT

CREATED = PREDICTIONS.timed_by("created_at")
"""Predictions by when they were written, which is when their explanation should be."""


def _with_kind(scope: Scope) -> Any:
    """Predictions, each with what its explanation is: read as JSON once for all measures."""
    from sqlalchemy import select

    rows = scope.rows()
    kind = scope.expression(CREATED["shap_values"].json_kind(), rows)
    return select(*rows.c, kind.label("kind"))


EXPLAINED = Derived(
    "explained_predictions",
    base=CREATED.only("created_at", UNIT, "hcp_id", "shap_values"),
    build=_with_kind,
    adds=(Column("kind", LogicalType.TEXT),),
    passes=("hcp_id", UNIT),
)
"""Predictions, each with the kind of its explanation."""

_kind = EXPLAINED["kind"]


def _described(made: Estimate, values: Values) -> Estimate:
    return made.with_notes(*json_junk(values["junk"], "shap_values"))


COVERAGE = Described(
    Ratio(count(EXPLAINED, _kind.is_in("object", "array", "scalar")), count(EXPLAINED)),
    {"junk": count(EXPLAINED, _kind.equals("junk"))},
    _described,
)

KPIS = (
    Kpi(
        id="WS1-MP-007",
        translations={"fr": FRENCH["WS1-MP-007"]},
        name="SHAP Coverage",
        workstream=WORKSTREAM,
        definition="Share of predictions that an explanation (SHAP values) was stored for.",
        calculation_type="derived",
        formula="count(shap_values IS NOT NULL) / total_predictions",
        calculation=COVERAGE,
        unit=Unit.RATIO,
        target=0.95,
        warning=0.80,
        critical=0.60,
        window=MONTH,
        sampling=BY_PATIENT,
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
