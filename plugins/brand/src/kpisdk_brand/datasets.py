"""The columns that this plugin reads, and what its KPIs share."""

from collections.abc import Mapping

from kpisdk import Column, Dataset, LogicalType, Reference

WORKSTREAM = "brand"


def refused(brand: str) -> Mapping[str, str]:
    """Why a KPI of ``brand`` cannot be sliced by brand."""
    return {"brand": f"the KPI is defined for {brand} alone"}


HCP_PROFILES = Dataset(
    "hcp_profiles",
    (Column("hcp_id", LogicalType.TEXT, key=True), Column("specialty", LogicalType.TEXT)),
)
"""Health-care professionals: a KPI's own base, and what slices every KPI that names one."""

_HCP = Reference("hcp_id", HCP_PROFILES)

PATIENT_JOURNEYS = Dataset(
    "patient_journeys",
    (
        Column("patient_id", LogicalType.TEXT),
        Column("hcp_id", LogicalType.TEXT),
        Column("diagnosis", LogicalType.TEXT),
        Column("diagnosis_date", LogicalType.DATE),
        Column("is_eligible", LogicalType.BOOL),
    ),
    references=(_HCP,),
)

TREATMENT_EVENTS = Dataset(
    "treatment_events",
    (
        Column("patient_id", LogicalType.TEXT),
        Column("event_date", LogicalType.DATE),
        Column("event_type", LogicalType.TEXT),
        Column("brand", LogicalType.TEXT),
        Column("drug_class", LogicalType.TEXT),
        Column("test_type", LogicalType.TEXT),
        Column("treatment_response", LogicalType.TEXT),
    ),
)

HCP_INTENT_SURVEYS = Dataset(
    "hcp_intent_surveys",
    (
        Column("survey_id", LogicalType.TEXT, key=True),
        Column("hcp_id", LogicalType.TEXT),
        Column("survey_date", LogicalType.DATE),
        Column("brand", LogicalType.TEXT),
        Column("intent_to_prescribe_score", LogicalType.INT),
        Column("intent_to_prescribe_change", LogicalType.INT),
        Column("previous_survey_id", LogicalType.TEXT),
        Column("response_quality_flag", LogicalType.BOOL),
    ),
    time="survey_date",
    references=(_HCP,),
)

TRIGGERS = Dataset(
    "triggers",
    (
        Column("hcp_id", LogicalType.TEXT),
        Column("brand", LogicalType.TEXT),
        Column("trigger_timestamp", LogicalType.TIMESTAMP),
    ),
    time="trigger_timestamp",
)
