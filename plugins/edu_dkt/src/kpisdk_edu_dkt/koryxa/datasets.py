"""The events log of the KORYXA school, as its export has it."""

from kpisdk import Column, Dataset, LogicalType

SCHOOL_EVENTS = Dataset(
    "school_events",
    (
        Column("user_id", LogicalType.TEXT),
        Column("cohort_id", LogicalType.TEXT),
        Column("country", LogicalType.TEXT),
        Column("device", LogicalType.TEXT),
        Column("acquisition_channel", LogicalType.TEXT),
        Column("module_id", LogicalType.TEXT),
        Column("theme_id", LogicalType.TEXT),
        Column("step_id", LogicalType.TEXT),
        Column("event_type", LogicalType.TEXT),
        Column("timestamp", LogicalType.TIMESTAMP),
        Column("notebook_executed", LogicalType.INT),
        Column("notebook_first_exec_time", LogicalType.TIMESTAMP),
        Column("support_ticket_count", LogicalType.INT),
        Column("project_submitted", LogicalType.INT),
        Column("project_submit_time", LogicalType.TIMESTAMP),
        Column("validated_m1", LogicalType.INT),
    ),
    time="timestamp",
)
"""One row an event; counters and flags repeat the user's state at that event."""

ROW_MARK = "koryxa_row_mark_"
"""A column that equal events have in common: 63 bits of a hash of all columns of the log."""

MARKED_EVENTS = Dataset(SCHOOL_EVENTS.name, (Column(ROW_MARK, LogicalType.INT),))
"""A staged log, whose rows are marked."""

REQUIRED = (
    "user_id",
    "cohort_id",
    "country",
    "module_id",
    "event_type",
    "timestamp",
    "support_ticket_count",
    "validated_m1",
)
"""What every events log must have; the other columns serve one KPI or one grouping each."""

SEGMENTS = ("country", "device", "acquisition_channel")
"""The groups beside the cohort in which the school looks at its KPIs."""

MODULE = "m1"
"""The module that the KPIs are about."""

THEME = "theme-2"
"""The theme of that module whose start and completion are watched."""
