"""The columns that this plugin reads."""

from kpisdk import Column, Dataset, LogicalType, Reference

HCP_PROFILES = Dataset("hcp_profiles", (Column("hcp_id", LogicalType.TEXT, key=True),))
"""Who a trigger is about: all of its columns can slice the KPIs."""

TRIGGERS = Dataset(
    "triggers",
    (
        Column("trigger_id", LogicalType.TEXT, key=True),
        Column("patient_id", LogicalType.TEXT),
        Column("hcp_id", LogicalType.TEXT),
        Column("brand", LogicalType.TEXT),
        Column("trigger_timestamp", LogicalType.TIMESTAMP),
        Column("acceptance_status", LogicalType.TEXT),
        Column("action_taken", LogicalType.TEXT),
        Column("control_group_flag", LogicalType.BOOL),
        Column("false_positive_flag", LogicalType.BOOL),
        Column("outcome_tracked", LogicalType.BOOL),
        Column("outcome_value", LogicalType.FLOAT),
        Column("lead_time_days", LogicalType.INT),
        Column("previous_trigger_id", LogicalType.TEXT),
        Column("change_failed", LogicalType.BOOL),
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
    ),
    time="event_date",
    references=(Reference("hcp_id", HCP_PROFILES),),
)
