"""The columns that this plugin reads."""

from kpisdk import Column, Dataset, LogicalType

ML_PREDICTIONS = Dataset(
    "ml_predictions",
    (
        Column("prediction_id", LogicalType.TEXT, key=True),
        Column("prediction_timestamp", LogicalType.TIMESTAMP),
        Column("patient_id", LogicalType.TEXT),
        Column("actual_outcome", LogicalType.FLOAT),
        Column("treatment_effect_estimate", LogicalType.FLOAT),
        Column("heterogeneous_effect", LogicalType.FLOAT),
        Column("segment_assignment", LogicalType.TEXT),
        Column("counterfactual_outcome", LogicalType.FLOAT),
        Column("treatment_received", LogicalType.TEXT),
        Column("counterfactual_treatment", LogicalType.TEXT),
    ),
    time="prediction_timestamp",
)
"""Effects that a model predicted, a row per prediction."""

CAUSAL_PATHS = Dataset(
    "causal_paths",
    (
        Column("path_id", LogicalType.TEXT, key=True),
        Column("intervention_name", LogicalType.TEXT),
        Column("treatment", LogicalType.TEXT),
        Column("outcome", LogicalType.TEXT),
        Column("validated", LogicalType.BOOL),
        Column("causal_effect_size", LogicalType.FLOAT),
        Column("confidence_level", LogicalType.FLOAT),
        Column("mediators_identified", LogicalType.JSON),
        Column("indirect_effect", LogicalType.FLOAT),
        Column("direct_effect", LogicalType.FLOAT),
        Column("total_effect", LogicalType.FLOAT),
        Column("created_at", LogicalType.TIMESTAMP),
    ),
    time="created_at",
)
"""What earlier analyses found, a row per analysis; only the validated ones count."""
