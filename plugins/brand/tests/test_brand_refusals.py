"""Bad input: every missing, broken or empty thing gives a named refusal, and never a number."""

from __future__ import annotations

import pytest
from brand_data import AS_OF, DATASETS, tables

from kpisdk import Reason, Workspace
from kpisdk.testing import ENGINES

NEEDED = {
    "BR-001": {
        "patient_journeys": ["patient_id", "diagnosis"],
        "treatment_events": ["patient_id", "drug_class", "treatment_response"],
    },
    "BR-002": {
        "hcp_intent_surveys": [
            "survey_date",
            "brand",
            "response_quality_flag",
            "intent_to_prescribe_score",
            "intent_to_prescribe_change",
            "previous_survey_id",
            "hcp_id",
        ]
    },
    "BR-003": {
        "patient_journeys": ["patient_id", "diagnosis", "is_eligible"],
        "treatment_events": ["patient_id", "test_type"],
    },
    "BR-004": {
        "patient_journeys": ["patient_id", "diagnosis_date"],
        "treatment_events": ["patient_id", "event_type", "event_date", "brand"],
    },
    "BR-005": {
        "hcp_profiles": ["hcp_id", "specialty"],
        "triggers": ["hcp_id", "brand", "trigger_timestamp"],
    },
}
CASES = [
    (kpi_id, table, column)
    for kpi_id, wanted in NEEDED.items()
    for table, columns in wanted.items()
    for column in columns
]
# Without these the KPI still has a value: they refine it, and each may be NULL in any row.
SPARED = {
    ("BR-002", "response_quality_flag"),
    ("BR-002", "intent_to_prescribe_score"),
    ("BR-002", "intent_to_prescribe_change"),
    ("BR-002", "previous_survey_id"),
    ("BR-002", "hcp_id"),
    ("BR-003", "is_eligible"),
}
BLANK = [case for case in CASES if (case[0], case[2]) not in SPARED]
NOT_TEXT = (
    "diagnosis_date",
    "event_date",
    "survey_date",
    "trigger_timestamp",
    "is_eligible",
    "response_quality_flag",
    "intent_to_prescribe_score",
    "intent_to_prescribe_change",
)
EMPTY = (Reason.NO_ROWS, Reason.ZERO_DENOMINATOR)


@pytest.mark.parametrize(("kpi_id", "table", "column"), CASES)
def test_a_dropped_column_is_named(kpi_id, table, column):
    """The refusal names table, column and the setting that maps it."""
    data = tables(seed=6, rows=80)
    data[table] = data[table].drop(columns=column)

    result = Workspace(data, cache="off").compute(kpi_id, as_of=AS_OF)[0]

    assert result.value is None
    assert result.reason is Reason.MISSING_COLUMN
    assert f"{column!r} of table {table!r}" in result.message
    assert f"sources.frames.tables.{table}.columns.{column}" in result.message


@pytest.mark.parametrize(("kpi_id", "table", "column"), CASES)
def test_a_column_of_the_wrong_type_is_named(kpi_id, table, column):
    """Text where a number, flag, day or instant is needed, and a number where text is."""
    data = tables(seed=6, rows=80)
    data[table][column] = "seven" if column in NOT_TEXT else 7

    result = Workspace(data, cache="off").compute(kpi_id, as_of=AS_OF)[0]

    assert result.value is None
    assert result.reason is Reason.WRONG_TYPE
    assert repr(column) in result.message


@pytest.mark.parametrize(("kpi_id", "table", "column"), BLANK)
def test_a_column_of_nothing_but_nulls_is_named(source_on, kpi_id, table, column):
    """A zero over a column that holds nothing is no zero: absent, and the column is named."""
    data = tables(seed=7, rows=80)
    data[table][column] = None
    workspace = Workspace(source_on("duckdb", data, DATASETS), cache="off")

    result = workspace.compute(kpi_id, as_of=AS_OF)[0]

    assert result.value is None
    assert result.reason in EMPTY
    assert f"Column {column!r} of {table!r} holds no value in any row." in result.message


@pytest.mark.parametrize("engine", ENGINES)
def test_on_every_engine_blank_columns_give_no_value(source_on, engine):
    """A needed column of each KPI blank at once: all are absent."""
    data = tables(seed=7, rows=40)
    for table, column in (
        ("patient_journeys", "diagnosis"),
        ("patient_journeys", "diagnosis_date"),
        ("hcp_intent_surveys", "brand"),
        ("triggers", "trigger_timestamp"),
    ):
        data[table][column] = None
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    for result in workspace.compute(workstream="brand", as_of=AS_OF):
        assert result.value is None, result.kpi_id
        assert result.reason in (*EMPTY, Reason.WRONG_TYPE), result.kpi_id
        assert result.message


@pytest.mark.parametrize("engine", ENGINES)
def test_empty_tables_give_no_values(source_on, engine):
    """Tables without rows: absent with reason no_rows, for every KPI."""
    data = {name: frame.head(0) for name, frame in tables(seed=8, rows=40).items()}
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    for result in workspace.compute(workstream="brand", as_of=AS_OF):
        assert (result.value, result.reason) == (None, Reason.NO_ROWS), result.kpi_id
        assert "holds no rows" in result.message


@pytest.mark.parametrize(
    ("kpi_id", "table"),
    [
        ("BR-001", "treatment_events"),
        ("BR-003", "treatment_events"),
        ("BR-004", "treatment_events"),
        ("BR-005", "triggers"),
    ],
)
def test_an_empty_second_table_gives_no_value(kpi_id, table):
    """Nobody can be treated, tested, started or engaged where that table was never filled."""
    data = tables(seed=8, rows=80)
    data[table] = data[table].head(0)

    result = Workspace(data, cache="off").compute(kpi_id, as_of=AS_OF)[0]

    assert result.value is None
    assert result.reason in EMPTY
    assert f"Table {table!r} holds no rows." in result.message


@pytest.mark.parametrize("kpi_id", NEEDED)
def test_missing_tables_are_named_with_the_setting_that_maps_them(kpi_id):
    """A source with none of the tables still answers every id."""
    data = {"other": tables(seed=1, rows=40)["hcp_profiles"]}

    result = Workspace(data, cache="off").compute(kpi_id)[0]

    assert result.reason is Reason.MISSING_TABLE
    assert "sources.frames.tables." in result.message


def test_a_concept_that_never_occurs_carries_a_warning():
    """No response is ever a bad one, no trigger is ever Kisqali's: the zero, and the doubt."""
    data = tables(seed=1, rows=80)
    data["treatment_events"]["treatment_response"] = "good"
    data["treatment_events"]["test_type"] = "biopsy"
    data["triggers"]["brand"] = "Other"

    report = Workspace(data, cache="off").compute("BR-001", "BR-003", "BR-005", as_of=AS_OF)

    for result in report:
        assert result.value == 0
        assert "never_occurs" in {note.code for note in result.warnings}


HOSTILE = ["'", '"', "'; DROP TABLE triggers; --", "a\x00b", "%s", ":brand", "{0}", "\\", "日本"]


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_hostile_values_are_bound_and_match_nothing(source_on, engine):
    """Quotes, semicolons, NUL, unicode: data, never SQL; the tables are still there after."""
    workspace = Workspace(source_on(engine, tables(seed=9, rows=60), DATASETS), cache="off")
    kpis = ("BR-001", "BR-003", "BR-004")

    for value in HOSTILE:
        for result in workspace.compute(*kpis, where={"geographic_region": value}):
            assert result.value is None, value
            assert result.reason in EMPTY
    assert workspace.compute("BR-003")[0].value is not None
