"""The columns that this plugin reads."""

from kpisdk import Column, Dataset, LogicalType, Reference

HCP_PROFILES = Dataset(
    "hcp_profiles",
    (
        Column("hcp_id", LogicalType.TEXT, key=True),
        Column("priority_tier", LogicalType.INT),
        Column("coverage_status", LogicalType.BOOL),
    ),
)
"""Health-care professionals: a KPI's own base, and what slices every KPI that names one."""

USER_SESSIONS = Dataset(
    "user_sessions",
    (Column("user_id", LogicalType.TEXT), Column("session_start", LogicalType.TIMESTAMP)),
    time="session_start",
)

PATIENT_JOURNEYS = Dataset(
    "patient_journeys",
    (
        Column("patient_id", LogicalType.TEXT),
        Column("hcp_id", LogicalType.TEXT),
        Column("brand", LogicalType.TEXT),
        Column("is_eligible", LogicalType.BOOL),
    ),
    references=(Reference("hcp_id", HCP_PROFILES),),
)

TRIGGERS = Dataset(
    "triggers",
    (
        Column("patient_id", LogicalType.TEXT),
        Column("hcp_id", LogicalType.TEXT),
        Column("brand", LogicalType.TEXT),
        Column("trigger_timestamp", LogicalType.TIMESTAMP),
        Column("acceptance_status", LogicalType.TEXT),
    ),
    time="trigger_timestamp",
    references=(Reference("hcp_id", HCP_PROFILES),),
)

TREATMENT_EVENTS = Dataset(
    "treatment_events",
    (
        Column("patient_id", LogicalType.TEXT),
        Column("hcp_id", LogicalType.TEXT),
        Column("event_date", LogicalType.DATE),
        Column("event_type", LogicalType.TEXT),
        Column("brand", LogicalType.TEXT),
        Column("sequence_number", LogicalType.INT),
    ),
    time="event_date",
    references=(Reference("hcp_id", HCP_PROFILES),),
)

PRESCRIPTION = "prescription"
"""The ``event_type`` of a prescription; compared exactly."""

BUSINESS_METRICS = Dataset(
    "business_metrics",
    (Column("metric_date", LogicalType.DATE), Column("roi", LogicalType.FLOAT)),
    time="metric_date",
)

AGENT_ACTIVITIES = Dataset(
    "agent_activities",
    (
        Column("activity_timestamp", LogicalType.TIMESTAMP),
        Column("roi_estimate", LogicalType.FLOAT),
    ),
    time="activity_timestamp",
)
