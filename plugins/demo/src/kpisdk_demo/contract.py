"""The sixteen tables that are generated: their columns, in order, with logical types."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_LAYOUT: Final = {
    "patient_journeys": (
        "patient_journey_id text, patient_id text, brand text, diagnosis text, diagnosis_date date,"
        " event_date date, is_eligible bool, geographic_region text, state text,"
        " insurance_type text, age_group text, gender text, hcp_id text, data_quality_score float,"
        " source_timestamp timestamp, ingestion_timestamp timestamp, data_lag_hours float,"
        " disease_severity float, academic_hcp int, engagement_score float,"
        " treatment_initiated int, created_at timestamp"
    ),
    "treatment_events": (
        "treatment_event_id text, patient_id text, hcp_id text, event_date date, event_type text,"
        " brand text, drug_class text, sequence_number int, test_type text, treatment_response text"
    ),
    "hcp_profiles": (
        "hcp_id text, specialty text, priority_tier int, coverage_status bool,"
        " geographic_region text"
    ),
    "triggers": (
        "trigger_id text, patient_id text, hcp_id text, brand text, trigger_timestamp timestamp,"
        " trigger_type text, priority text, delivery_channel text, acceptance_status text,"
        " action_taken text, control_group_flag bool, false_positive_flag bool,"
        " outcome_tracked bool, outcome_value float, lead_time_days int, previous_trigger_id text,"
        " change_type text, change_timestamp timestamp, change_failed bool,"
        " change_outcome_delta float"
    ),
    "ml_predictions": (
        "prediction_id text, model_type text, model_version text, prediction_timestamp timestamp,"
        " created_at timestamp, patient_id text, hcp_id text, prediction_value float,"
        " actual_outcome float, shap_values json, model_auc float, model_pr_auc float,"
        " model_precision float, model_recall float, rank_metrics json, brier_score float,"
        " calibration_score float, fairness_metrics json, features json,"
        " treatment_effect_estimate float, heterogeneous_effect float, segment_assignment text,"
        " counterfactual_outcome float, treatment_received text, counterfactual_treatment text"
    ),
    "user_sessions": (
        "session_id text, user_id text, user_role text, user_region text, session_start timestamp"
    ),
    "business_metrics": (
        "metric_id text, metric_date date, metric_name text, brand text, region text, value float,"
        " roi float"
    ),
    "agent_activities": (
        "activity_id text, agent_name text, activity_timestamp timestamp, roi_estimate float"
    ),
    "data_source_tracking": (
        "tracking_id text, tracking_date date, source_name text, source_type text,"
        " records_received int, match_rate_vs_claims float, match_rate_vs_ehr float,"
        " match_rate_vs_specialty float, stacking_eligible_records int,"
        " stacking_applied_records int, stacking_lift_percentage float"
    ),
    "ml_annotations": (
        "annotation_id text, iaa_group_id text, annotator_id text, annotation_type text,"
        " annotation_value json, annotation_confidence float, annotation_timestamp timestamp"
    ),
    "etl_pipeline_metrics": (
        "pipeline_run_id text, pipeline_name text, status text, source_data_timestamp timestamp,"
        " run_completed_at timestamp, time_to_release_hours float"
    ),
    "hcp_intent_surveys": (
        "survey_id text, hcp_id text, survey_date date, brand text,"
        " intent_to_prescribe_score int, intent_to_prescribe_change int, previous_survey_id text,"
        " response_quality_flag bool"
    ),
    "reference_universe": (
        "universe_id text, universe_type text, patient_id text, brand text, region text,"
        " specialty text, total_count int, effective_date date, expiration_date date"
    ),
    "causal_paths": (
        "path_id text, intervention_name text, treatment text, outcome text, validated bool,"
        " causal_effect_size float, confidence_level float, mediators_identified json,"
        " pathway_details json, indirect_effect float, direct_effect float, total_effect float,"
        " created_at timestamp"
    ),
    "ml_preprocessing_metadata": (
        "metadata_id text, model_version text, computed_at timestamp, feature_distributions json"
    ),
    "feature_drift_metrics": (
        "drift_id text, model_version text, feature_name text, psi_value float,"
        " measured_at timestamp"
    ),
}


def _columns(layout: str) -> Mapping[str, str]:
    pairs = [entry.split() for entry in layout.split(",")]
    return MappingProxyType({pair[0]: pair[1] for pair in pairs})


TABLES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {table: _columns(layout) for table, layout in _LAYOUT.items()}
)
"""Table -> column -> logical type. The first column of a table is its key."""

BRANDS: Final = ("Remibrutinib", "Fabhalta", "Kisqali")
"""The brands; codes of brands are places in this tuple."""

REGIONS: Final = ("Northeast", "Midwest", "South", "West")
"""The regions; codes of regions are places in this tuple."""

META: Final = "kpisdk_meta"
"""The table (key, value) that marks a written data set as synthetic."""
