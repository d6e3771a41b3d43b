"""The columns that the model-performance KPIs read."""

import attrs

from kpisdk import Column, Dataset, DefinitionError, LogicalType, Reference, UsageError

HCP_PROFILES = Dataset("hcp_profiles", (Column("hcp_id", LogicalType.TEXT, key=True),))
"""Who a prediction is about: all of its columns can slice the KPIs."""

PREDICTIONS = Dataset(
    "ml_predictions",
    (
        Column("prediction_id", LogicalType.TEXT, key=True),
        Column("model_version", LogicalType.TEXT),
        Column("prediction_timestamp", LogicalType.TIMESTAMP),
        Column("created_at", LogicalType.TIMESTAMP),
        Column("patient_id", LogicalType.TEXT),
        Column("hcp_id", LogicalType.TEXT),
        Column("prediction_value", LogicalType.FLOAT),
        Column("actual_outcome", LogicalType.FLOAT),
        Column("shap_values", LogicalType.JSON),
        Column("model_auc", LogicalType.FLOAT),
        Column("model_pr_auc", LogicalType.FLOAT),
        Column("model_precision", LogicalType.FLOAT),
        Column("model_recall", LogicalType.FLOAT),
        Column("rank_metrics", LogicalType.JSON),
        Column("brier_score", LogicalType.FLOAT),
        Column("calibration_score", LogicalType.FLOAT),
        Column("fairness_metrics", LogicalType.JSON),
        Column("features", LogicalType.JSON),
    ),
    time="prediction_timestamp",
    references=(Reference("hcp_id", HCP_PROFILES),),
)

DRIFT_METRICS = Dataset(
    "feature_drift_metrics",
    (Column("psi_value", LogicalType.FLOAT), Column("measured_at", LogicalType.TIMESTAMP)),
    time="measured_at",
)

PREPROCESSING = Dataset(
    "ml_preprocessing_metadata",
    (
        Column("model_version", LogicalType.TEXT),
        Column("computed_at", LogicalType.TIMESTAMP),
        Column("feature_distributions", LogicalType.JSON),
    ),
)
"""Training runs: no window applies to them, the newest one before as_of counts."""

ATTRIBUTES = {
    "is_eligible": LogicalType.BOOL,
    "academic_hcp": LogicalType.INT,
    "treatment_initiated": LogicalType.INT,
}
"""Columns of a journey that may tell groups apart and are not text, as every other one is."""


@attrs.define(eq=False)
class AttributeNameError(UsageError):
    """An attribute that cannot tell groups apart: it is no column's name, or a key's.

    Attributes:
        attribute: the name.
    """

    attribute: str

    @property
    def message(self) -> str:
        return (
            f"{self.attribute[:80]!r} cannot be the attribute: name a column of patient_journeys "
            "that tells groups apart, such as insurance_type."
        )


def journeys_with(attribute: str) -> Dataset:
    """The journeys of patients with the columns that one group attribute needs.

    Raises:
        AttributeNameError: ``attribute`` cannot be a column's name, or is one of the other columns.
    """
    columns = (
        Column("patient_journey_id", LogicalType.TEXT, key=True),
        Column("patient_id", LogicalType.TEXT),
        Column("created_at", LogicalType.TIMESTAMP),
        Column(attribute, ATTRIBUTES.get(attribute, LogicalType.TEXT)),
    )
    try:
        return Dataset("patient_journeys", columns)
    except DefinitionError as error:
        raise AttributeNameError(attribute) from error
