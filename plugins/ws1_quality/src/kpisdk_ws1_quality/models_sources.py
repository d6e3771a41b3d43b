"""The order in which a model's figure is looked for: stored, computed, tracked."""

from functools import partial

from kpisdk import (
    STORED,
    Calculator,
    Expression,
    FirstOf,
    LogicalType,
    Mean,
    Measure,
    Metric,
    Option,
    Parameter,
    Relation,
    Trailing,
    count,
    sample,
)
from kpisdk_ws1_quality.described import StoredFigure, outside
from kpisdk_ws1_quality.mlflow_source import Remark, no_remark, tracked
from kpisdk_ws1_quality.models_versions import NEWEST
from kpisdk_ws1_quality.units import UNIT

WORKSTREAM = "ws1_quality"

BY_PATIENT = sample(UNIT)
"""What is computed from predictions is a sample of patients; figures that are stored are none."""

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
    """The stored figure, else the computed one, else that of the tracking server.

    Args:
        kpi_id: of the KPI.
        stored: the figure in the table of metrics.
        computed: from predictions and outcomes.
        remark: what to say beside the value.
    """
    options = (
        Option("stored", stored, sampling=STORED),
        Option("computed", computed),
        tracked(kpi_id, remark),
    )
    return FirstOf(options, parameter=SOURCE.name, tolerance=TOLERANCE)


def stored_mean(column: str) -> StoredFigure:
    """The mean of a stored share over the newest version's rows that have it.

    Rows that store what no share can be (83 for 0.83) are told of.
    """
    return StoredFigure(
        Mean(NEWEST, NEWEST[column]),
        {"outside": no_share(NEWEST, NEWEST[column])},
        partial(outside, column=column, bounds="outside 0 to 1"),
    )


def no_share(relation: Relation, value: Expression) -> Measure:
    """How many rows hold a number that no share can be.

    Args:
        relation: the rows.
        value: the number.
    """
    return count(relation, (value < 0.0) | (value > 1.0))
