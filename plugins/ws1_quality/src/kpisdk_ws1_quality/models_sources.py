"""The order in which a model's figure is looked for: stored, computed, tracked."""

from kpisdk import Calculator, FirstOf, LogicalType, Mean, Metric, Option, Parameter, Trailing
from kpisdk_ws1_quality.mlflow_source import Remark, no_remark, tracked
from kpisdk_ws1_quality.models_versions import NEWEST

WORKSTREAM = "ws1_quality"
MONTH = Trailing(30)

TOLERANCE = 0.02
"""Stored and computed figures that differ by more than this are both named in a warning."""

SOURCE = Parameter(
    "source",
    LogicalType.TEXT,
    "where the figure comes from; without it the first of the three that has one",
    choices=("stored", "computed", "mlflow"),
)


def three_ways(
    kpi_id: str,
    stored: Metric | Calculator,
    computed: Metric | Calculator,
    remark: Remark = no_remark,
) -> FirstOf:
    """The stored figure, else the computed one, else that of the tracking server."""
    options = (Option("stored", stored), Option("computed", computed), tracked(kpi_id, remark))
    return FirstOf(options, parameter=SOURCE.name, tolerance=TOLERANCE)


def stored_mean(column: str) -> Mean:
    """The mean of a stored figure over the newest version's rows that have it."""
    return Mean(NEWEST, NEWEST[column])
