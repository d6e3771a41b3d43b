"""The columns that the data quality KPIs read."""

from kpisdk import AsOf, Column, Dataset, Expression, LogicalType, Reference

HCP_PROFILES = Dataset(
    "hcp_profiles",
    (
        Column("hcp_id", LogicalType.TEXT, key=True),
        Column("priority_tier", LogicalType.INT),
        Column("coverage_status", LogicalType.BOOL),
    ),
)
"""HCPs: the subject of one KPI, and a source of slices for those over journeys."""

JOURNEYS = Dataset(
    "patient_journeys",
    (
        Column("patient_id", LogicalType.TEXT),
        Column("brand", LogicalType.TEXT),
        Column("event_date", LogicalType.DATE),
        Column("geographic_region", LogicalType.TEXT),
        Column("hcp_id", LogicalType.TEXT),
        Column("source_timestamp", LogicalType.TIMESTAMP),
        Column("ingestion_timestamp", LogicalType.TIMESTAMP),
        Column("data_lag_hours", LogicalType.FLOAT),
        Column("created_at", LogicalType.TIMESTAMP),
    ),
    references=(Reference("hcp_id", HCP_PROFILES),),
)
"""Journeys without a time column: what a KPI's windows apply to differs from one to the next."""

UNIVERSE = Dataset(
    "reference_universe",
    (
        Column("universe_type", LogicalType.TEXT),
        Column("patient_id", LogicalType.TEXT),
        Column("brand", LogicalType.TEXT),
        Column("region", LogicalType.TEXT),
        Column("total_count", LogicalType.INT),
        Column("effective_date", LogicalType.DATE),
        Column("expiration_date", LogicalType.DATE),
    ),
)

TRACKING = Dataset(
    "data_source_tracking",
    (
        Column("tracking_date", LogicalType.DATE),
        Column("records_received", LogicalType.INT),
        Column("match_rate_vs_claims", LogicalType.FLOAT),
        Column("match_rate_vs_ehr", LogicalType.FLOAT),
        Column("match_rate_vs_specialty", LogicalType.FLOAT),
        Column("stacking_eligible_records", LogicalType.INT),
        Column("stacking_lift_percentage", LogicalType.FLOAT),
    ),
    time="tracking_date",
)

ANNOTATIONS = Dataset(
    "ml_annotations",
    (
        Column("iaa_group_id", LogicalType.TEXT),
        Column("annotator_id", LogicalType.TEXT),
        Column("annotation_value", LogicalType.JSON),
    ),
)

PIPELINE_RUNS = Dataset(
    "etl_pipeline_metrics",
    (
        Column("status", LogicalType.TEXT),
        Column("source_data_timestamp", LogicalType.TIMESTAMP),
        Column("run_completed_at", LogicalType.TIMESTAMP),
        Column("time_to_release_hours", LogicalType.FLOAT),
    ),
    time="run_completed_at",
)


def in_force(universe_type: str) -> Expression:
    """Whether a universe row of that type is in force at as_of.

    ``effective_date <= as_of < expiration_date``, days at their midnight UTC. A row without an
    expiration date never expires; one without an effective date is not in force.
    """
    unexpired = UNIVERSE["expiration_date"].is_null() | (UNIVERSE["expiration_date"] > AsOf())
    started = UNIVERSE["effective_date"] <= AsOf()
    return UNIVERSE["universe_type"].equals(universe_type) & started & unexpired
