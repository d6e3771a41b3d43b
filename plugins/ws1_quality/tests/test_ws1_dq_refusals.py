"""Bad input: every missing, broken or empty thing gives a named refusal, and never a number."""

from __future__ import annotations

import pandas as pd
import pytest
from ws1_dq_data import AS_OF, DATASETS, IDS
from ws1_dq_example import example

from kpisdk import Reason, Workspace
from kpisdk.testing import ENGINES

UNIVERSE = ["universe_type", "total_count", "effective_date", "expiration_date"]
NEEDED = {
    "WS1-DQ-001": {
        "patient_journeys": ["patient_id"],
        "reference_universe": ["patient_id", *UNIVERSE],
    },
    "WS1-DQ-002": {
        "hcp_profiles": ["hcp_id", "priority_tier", "coverage_status"],
        "reference_universe": UNIVERSE,
    },
    "WS1-DQ-003": {
        "data_source_tracking": [
            "tracking_date",
            "records_received",
            "match_rate_vs_claims",
            "match_rate_vs_ehr",
            "match_rate_vs_specialty",
        ]
    },
    "WS1-DQ-004": {
        "data_source_tracking": [
            "tracking_date",
            "stacking_eligible_records",
            "stacking_lift_percentage",
        ]
    },
    "WS1-DQ-005": {"patient_journeys": ["created_at", "patient_id", "brand", "event_date"]},
    "WS1-DQ-006": {
        "patient_journeys": ["patient_id", "geographic_region"],
        "reference_universe": ["region", *UNIVERSE],
    },
    "WS1-DQ-007": {
        "patient_journeys": ["source_timestamp", "ingestion_timestamp", "data_lag_hours"]
    },
    "WS1-DQ-008": {"ml_annotations": ["iaa_group_id", "annotator_id", "annotation_value"]},
    "WS1-DQ-009": {
        "etl_pipeline_metrics": [
            "status",
            "source_data_timestamp",
            "run_completed_at",
            "time_to_release_hours",
        ]
    },
}
COLUMNS = sorted(
    {
        (table, column)
        for tables in NEEDED.values()
        for table, columns in tables.items()
        for column in columns
    }
)
HARMLESS = {
    # What the semantics page says of NULLs here: no name, no end, one of two ways.
    ("WS1-DQ-001", "reference_universe", "patient_id"),
    ("WS1-DQ-001", "reference_universe", "total_count"),
    *((f"WS1-DQ-00{n}", "reference_universe", "expiration_date") for n in (1, 2, 6)),
    *(("WS1-DQ-003", "data_source_tracking", f"match_rate_vs_{n}") for n in ("claims", "ehr")),
    ("WS1-DQ-003", "data_source_tracking", "match_rate_vs_specialty"),
    *(("WS1-DQ-005", "patient_journeys", n) for n in ("patient_id", "brand", "event_date")),
    *(("WS1-DQ-007", "patient_journeys", n) for n in ("source_timestamp", "data_lag_hours")),
    ("WS1-DQ-009", "etl_pipeline_metrics", "source_data_timestamp"),
    ("WS1-DQ-009", "etl_pipeline_metrics", "time_to_release_hours"),
}
TEXTS = (
    "patient_id",
    "brand",
    "universe_type",
    "hcp_id",
    "geographic_region",
    "region",
    "iaa_group_id",
    "annotator_id",
    "annotation_value",
    "status",
)


def compute(data, *ids, **asked):
    """The report at AS_OF."""
    return Workspace(data, cache="off", clock=lambda: AS_OF).compute(*ids, as_of=AS_OF, **asked)


def readers(table, column):
    """The KPIs that need a column."""
    return [kpi_id for kpi_id in NEEDED if column in NEEDED[kpi_id].get(table, [])]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_dropped_column_is_named_and_the_other_kpis_compute(table, column):
    """The refusal names table, column and the setting that maps it; nothing else is harmed."""
    data = example()
    data[table] = data[table].drop(columns=column)

    for result in compute(data, *IDS):
        if result.kpi_id not in readers(table, column):
            assert result.value is not None
            continue
        assert (result.value, result.reason) == (None, Reason.MISSING_COLUMN)
        assert f"{column!r} of table {table!r}" in result.message
        assert f"sources.frames.tables.{table}.columns.{column}" in result.message


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_of_the_wrong_type_is_named(table, column):
    """Text where a number, flag or instant is needed (and a number where text is) is refused."""
    data = example()
    data[table][column] = 7 if column in TEXTS else "seven"

    for result in compute(data, *readers(table, column)):
        assert (result.value, result.reason) == (None, Reason.WRONG_TYPE)
        assert repr(column) in result.message


@pytest.mark.parametrize("engine", ["frames", "sqlite"])
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_an_all_null_column_gives_no_value_and_is_named(source_on, engine, table, column):
    """Nothing but NULLs in a needed column: absent, and the sentence names what was missed."""
    data = example()
    data[table][column] = None
    ids = [each for each in readers(table, column) if (each, table, column) not in HARMLESS]

    for result in compute(source_on(engine, data, DATASETS), *ids) if ids else ():
        assert result.value is None
        assert result.reason in (Reason.ZERO_DENOMINATOR, Reason.NO_ROWS)
        assert column in result.message


@pytest.mark.parametrize("engine", ENGINES)
def test_empty_tables_give_no_values(source_on, engine):
    """Tables without rows: absent with reason no_rows, for every KPI."""
    data = {name: frame.head(0) for name, frame in example().items()}

    for result in compute(source_on(engine, data, DATASETS), *IDS):
        assert (result.value, result.reason) == (None, Reason.NO_ROWS)
        assert "holds no rows" in result.message


@pytest.mark.parametrize(("kpi_id", "table"), [(k, t) for k, ts in NEEDED.items() for t in ts])
def test_one_empty_table_of_several_gives_no_value_either(kpi_id, table):
    """An empty table never makes a zero: not even where the other table has rows."""
    data = example()
    data[table] = data[table].head(0)

    result = compute(data, kpi_id)[0]

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)
    assert f"Table {table!r} holds no rows" in result.message


def test_missing_tables_are_named_with_the_setting_that_maps_them():
    """A source with none of the tables still answers every id."""
    for result in compute({"other": example()["hcp_profiles"]}, *IDS):
        assert result.reason is Reason.MISSING_TABLE
        assert "sources.frames.tables." in result.message


@pytest.mark.parametrize(
    ("kpi_id", "column", "supported"),
    [
        ("WS1-DQ-001", "specialty", "brand"),
        ("WS1-DQ-001", "geographic_region", "brand"),
        ("WS1-DQ-001", "total_count", "brand"),
        ("WS1-DQ-002", "brand", "specialty"),
        ("WS1-DQ-002", "region", "specialty"),
        ("WS1-DQ-003", "brand", "source_name"),
        ("WS1-DQ-006", "geographic_region", "brand"),
        ("WS1-DQ-006", "specialty", "brand"),
        ("WS1-DQ-008", "brand", "annotation_type"),
        ("WS1-DQ-009", "brand", "pipeline_name"),
    ],
)
def test_a_slice_that_a_side_cannot_follow_is_refused(kpi_id, column, supported):
    """A slice is honoured or refused, never ignored; the refusal names those that are honoured."""
    for asked in ({"by": [column]}, {"where": {column: "x"}}):
        result = compute(example(), kpi_id, **asked)[0]

        assert (result.value, result.reason) == (None, Reason.UNSUPPORTED_SLICE)
        assert f"cannot be sliced by {column!r}" in result.message
        assert supported in result.message


def test_a_column_that_both_tables_happen_to_have_is_no_slice():
    """Coverage follows the brand on both sides; of any other column it could follow one only."""
    data = example()
    data["patient_journeys"]["region"] = "north"

    result = compute(data, "WS1-DQ-001", where={"region": "north"})[0]

    assert (result.value, result.reason) == (None, Reason.UNSUPPORTED_SLICE)


@pytest.mark.parametrize(
    ("kpi", "table", "column"),
    [
        ("WS1-DQ-002", "reference_universe", "total_count"),
        ("WS1-DQ-003", "data_source_tracking", "records_received"),
        ("WS1-DQ-004", "data_source_tracking", "stacking_eligible_records"),
        ("WS1-DQ-006", "reference_universe", "total_count"),
    ],
)
def test_a_number_of_members_or_records_below_zero_is_told(kpi, table, column):
    """It counts as it is, and not in silence; where the sum is no number, there is no value."""
    some, every = example(), example()
    some[table] = pd.concat([some[table], some[table].assign(**{column: -1})])
    every[table][column] = -7

    (told,) = compute(some, kpi)
    (absent,) = compute(every, kpi)

    assert "negative_count" in {note.code for note in told.warnings}
    assert (absent.value, absent.reason) == (None, "zero_denominator")


def test_a_match_rate_in_percent_is_told():
    """83 is no share: one small source must not hide among large ones."""
    data = example()
    tracking = data["data_source_tracking"]
    in_percent = tracking.assign(match_rate_vs_claims=83.0)
    data["data_source_tracking"] = pd.concat([tracking, in_percent])

    (result,) = compute(data, "WS1-DQ-003")

    assert "out_of_range" in {note.code for note in result.warnings}
