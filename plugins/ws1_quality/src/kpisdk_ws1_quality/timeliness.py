"""How fresh data are when they can be used: the lag of journeys, the release of pipelines."""

import attrs

from kpisdk import (
    Breakdown,
    Direction,
    Estimate,
    Expression,
    Governance,
    Kpi,
    Median,
    Note,
    Relation,
    Trailing,
    Unit,
    ValueRange,
    Values,
    ViewColumn,
    ViewFigure,
    count,
    mean,
    quantile,
    sample_by_day,
)
from kpisdk_ws1_quality.datasets import JOURNEYS, PIPELINE_RUNS
from kpisdk_ws1_quality.described import Described
from kpisdk_ws1_quality.french import FRENCH

WORKSTREAM = "ws1_quality"
MONTH = Trailing(30)

INGESTED = JOURNEYS.timed_by("ingestion_timestamp")

_lag_days = (
    INGESTED["ingestion_timestamp"]
    .days_since(INGESTED["source_timestamp"])
    .or_else(INGESTED["data_lag_hours"] / 24.0)
)
_release_hours = (
    PIPELINE_RUNS["run_completed_at"]
    .hours_since(PIPELINE_RUNS["source_data_timestamp"])
    .or_else(PIPELINE_RUNS["time_to_release_hours"])
)


def _median_of(
    relation: Relation, value: Expression, where: Expression | None, name: str, needed: str
) -> Described:
    """The median of a duration; its mean and 95th percentile go to the details as ``*_<name>``."""

    def describe(made: Estimate, values: Values) -> Estimate:
        if made.value is None:
            message = f"No row of the window and slice has {needed}."
            return attrs.evolve(made, message=message)
        details = {f"avg_{name}": values["avg"], f"p95_{name}": values["p95"]}
        notes: tuple[Note, ...] = ()
        if negative := values["negative"]:
            what = f"{negative:g} durations are negative: they end before they start."
            notes = (Note("negative_duration", what),)
        return attrs.evolve(made, details=details).with_notes(*notes)

    below = value < 0.0
    return Described(
        Median(relation, value, where),
        {
            "avg": mean(relation, value, where),
            "p95": quantile(relation, value, 0.95, where),
            "negative": count(relation, below if where is None else where & below),
        },
        describe,
    )


KPIS = (
    Kpi(
        id="WS1-DQ-007",
        translations={"fr": FRENCH["WS1-DQ-007"]},
        name="Data Lag (Median)",
        workstream=WORKSTREAM,
        definition="Median number of days from an event in its source to the warehouse.",
        calculation_type="direct",
        formula="median(ingestion_timestamp - source_timestamp)",
        calculation=_median_of(
            INGESTED,
            _lag_days,
            None,
            "lag_days",
            "an ingestion_timestamp with a source_timestamp or data_lag_hours",
        ),
        unit=Unit.DAYS,
        direction=Direction.LOWER,
        target=3,
        warning=7,
        critical=14,
        window=MONTH,
        view=ViewColumn(
            "v_kpi_data_lag",
            "median_lag_days",
            measures=("median",),
            beside=(ViewFigure("avg_lag_days", ("avg",)), ViewFigure("p95_lag_days", ("p95",))),
            breakdowns=(Breakdown(("brand",)),),
        ),
        slug="data_lag_median",
        value_range=ValueRange(0),
        sampling=sample_by_day("ingestion_timestamp"),
        governance=Governance(
            objective="Act on what happened this week, not last month",
            numerator="days from source_timestamp to ingestion_timestamp",
            granularity="patient journey",
            segment="journeys ingested in the window",
            source="patient_journeys",
            owner="Data engineering",
            gaming_risk="stamping the source time at extraction",
            controls="read the 95th percentile beside the median",
        ),
    ),
    Kpi(
        id="WS1-DQ-009",
        translations={"fr": FRENCH["WS1-DQ-009"]},
        name="Time-to-Release (TTR)",
        workstream=WORKSTREAM,
        definition="Median number of hours from source data to the end of a successful run.",
        calculation_type="direct",
        formula="run_completed_at - source_data_timestamp",
        calculation=_median_of(
            PIPELINE_RUNS,
            _release_hours,
            PIPELINE_RUNS["status"].equals("success"),
            "ttr_hours",
            "status 'success', a run_completed_at and "
            "a source_data_timestamp or time_to_release_hours",
        ),
        unit=Unit.HOURS,
        direction=Direction.LOWER,
        target=24,
        warning=48,
        critical=72,
        window=MONTH,
        # The view holds days, the KPI and its thresholds are in hours.
        view=ViewColumn(
            "v_kpi_time_to_release",
            "median_ttr_days",
            factor=24.0,
            measures=("median",),
            beside=(
                ViewFigure("avg_ttr_days", ("avg",), factor=24.0),
                ViewFigure("p95_ttr_days", ("p95",), factor=24.0),
            ),
            breakdowns=(Breakdown(("pipeline_name",)),),
        ),
        slug="time_to_release",
        value_range=ValueRange(0),
        sampling=sample_by_day("run_completed_at"),
        governance=Governance(
            objective="Release data while they are still news",
            numerator="hours from source_data_timestamp to run_completed_at",
            granularity="pipeline run",
            segment="runs with status success",
            source="etl_pipeline_metrics",
            owner="Data engineering",
            gaming_risk="calling slow runs partial",
            controls="watch the share of runs that succeed",
        ),
    ),
)
