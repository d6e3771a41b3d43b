"""Bad input: every missing, broken or empty thing gives a named refusal, and never a number."""

from __future__ import annotations

import pytest
from ws3_data import AS_OF, DATASETS, tables

from kpisdk import Reason, Workspace
from kpisdk.testing import ENGINES

NEEDED = {
    "WS3-BI-001": {"user_sessions": ["user_id", "session_start"]},
    "WS3-BI-002": {"user_sessions": ["user_id", "session_start"]},
    "WS3-BI-003": {
        "patient_journeys": ["patient_id", "is_eligible"],
        "triggers": ["patient_id", "trigger_timestamp"],
    },
    "WS3-BI-004": {"hcp_profiles": ["priority_tier", "coverage_status"]},
    "WS3-BI-005": {"treatment_events": ["event_type", "event_date"]},
    "WS3-BI-006": {"treatment_events": ["event_type", "event_date", "sequence_number"]},
    "WS3-BI-007": {"treatment_events": ["event_type", "event_date", "patient_id", "brand"]},
    "WS3-BI-008": {"treatment_events": ["event_type", "event_date", "brand"]},
    "WS3-BI-009": {
        "triggers": ["acceptance_status", "trigger_timestamp", "patient_id"],
        "treatment_events": ["event_type", "event_date", "patient_id"],
    },
}
CASES = [
    (kpi_id, table, column)
    for kpi_id, wanted in NEEDED.items()
    for table, columns in wanted.items()
    for column in columns
]
BRANDED = ("WS3-BI-007", "WS3-BI-008")
TEXTS = ("user_id", "patient_id", "event_type", "brand", "acceptance_status")
EMPTY = (Reason.NO_ROWS, Reason.ZERO_DENOMINATOR)


def asked(kpi_id: str) -> dict[str, object]:
    """The request for a KPI: two of them need a brand."""
    where = {"brand": "Kisqali"} if kpi_id in BRANDED else {}
    return {"as_of": AS_OF, "where": where}


@pytest.mark.parametrize(("kpi_id", "table", "column"), CASES)
def test_a_dropped_column_is_named(kpi_id, table, column):
    """The refusal names table, column and the setting that maps it."""
    data = tables(seed=6, rows=80)
    data[table] = data[table].drop(columns=column)

    result = Workspace(data, cache="off").compute(kpi_id, **asked(kpi_id))[0]

    assert result.value is None
    assert result.reason is Reason.MISSING_COLUMN
    assert f"{column!r} of table {table!r}" in result.message
    assert f"sources.frames.tables.{table}.columns.{column}" in result.message


@pytest.mark.parametrize(("kpi_id", "table", "column"), CASES)
def test_a_column_of_the_wrong_type_is_named(kpi_id, table, column):
    """Text where a number, flag, day or instant is needed, and a number where text is."""
    data = tables(seed=6, rows=80)
    data[table][column] = 7 if column in TEXTS else "seven"

    result = Workspace(data, cache="off").compute(kpi_id, **asked(kpi_id))[0]

    assert result.value is None
    if column == "brand" and kpi_id == "WS3-BI-008":  # only the slice reads it
        assert result.reason in (Reason.WRONG_TYPE, Reason.QUERY_FAILED)
        return
    assert result.reason is Reason.WRONG_TYPE
    assert repr(column) in result.message


@pytest.mark.parametrize(("kpi_id", "table", "column"), CASES)
def test_a_column_of_nothing_but_nulls_is_named(source_on, kpi_id, table, column):
    """A zero over a column that holds nothing is no zero: absent, and the column is named."""
    data = tables(seed=7, rows=60)
    data[table][column] = None
    workspace = Workspace(source_on("duckdb", data, DATASETS), cache="off")

    result = workspace.compute(kpi_id, **asked(kpi_id))[0]

    assert result.value is None
    assert result.reason in EMPTY
    assert f"Column {column!r} of {table!r} holds no value in any row." in result.message


@pytest.mark.parametrize("engine", ENGINES)
def test_on_every_engine_blank_columns_give_no_value(source_on, engine):
    """All needed columns blank at once: each KPI that can be asked is absent."""
    data = tables(seed=7, rows=30)
    for table, column in (
        ("user_sessions", "user_id"),
        ("triggers", "trigger_timestamp"),
        ("hcp_profiles", "coverage_status"),
        ("treatment_events", "event_date"),
        ("business_metrics", "roi"),
        ("agent_activities", "activity_timestamp"),
    ):
        data[table][column] = None
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    for kpi_id in (*NEEDED, "WS3-BI-010"):
        result = workspace.compute(kpi_id, **asked(kpi_id))[0]
        assert result.value is None, kpi_id
        assert result.reason in (*EMPTY, Reason.WRONG_TYPE), kpi_id
        assert result.message


@pytest.mark.parametrize("engine", ENGINES)
def test_empty_tables_give_no_values(source_on, engine):
    """Tables without rows: absent with reason no_rows, for every KPI."""
    data = {name: frame.head(0) for name, frame in tables(seed=8, rows=12).items()}
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    for kpi_id in (*NEEDED, "WS3-BI-010"):
        result = workspace.compute(kpi_id, **asked(kpi_id))[0]
        assert (result.value, result.reason) == (None, Reason.NO_ROWS), kpi_id
        assert "holds no rows" in result.message


@pytest.mark.parametrize(
    ("kpi_id", "table"), [("WS3-BI-003", "triggers"), ("WS3-BI-009", "treatment_events")]
)
def test_an_empty_second_table_gives_no_value(kpi_id, table):
    """Nothing can be touched or converted where the other table was never filled."""
    data = tables(seed=8, rows=60)
    data[table] = data[table].head(0)

    result = Workspace(data, cache="off").compute(kpi_id, as_of=AS_OF)[0]

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)
    assert f"Table {table!r} holds no rows." in result.message


@pytest.mark.parametrize("kpi_id", [*NEEDED, "WS3-BI-010"])
def test_missing_tables_are_named_with_the_setting_that_maps_them(kpi_id):
    """A source with none of the tables still answers every id."""
    data = {"other": tables(seed=1, rows=12)["hcp_profiles"]}

    result = Workspace(data, cache="off").compute(kpi_id, by="brand" if kpi_id in BRANDED else ())[
        0
    ]

    assert result.reason is Reason.MISSING_TABLE
    assert "sources.frames.tables." in result.message


def test_a_profile_table_with_a_repeated_key_is_refused():
    """A join that would multiply rows is refused, naming the key."""
    data = tables(seed=1, rows=80)
    data["hcp_profiles"].loc[1, "hcp_id"] = data["hcp_profiles"].loc[0, "hcp_id"]

    for kpi_id in ("WS3-BI-003", "WS3-BI-005", "WS3-BI-009"):
        result = Workspace(data, cache="off").compute(kpi_id, by="specialty", as_of=AS_OF)[0]
        assert result.reason is Reason.UNSUPPORTED_SLICE, kpi_id
        assert "counted several times" in result.message


def test_a_slice_of_one_side_only_is_refused_with_those_that_are_carried():
    """Triggers have a priority and journeys have none: the touch rate cannot be cut by it."""
    result = Workspace(tables(seed=1, rows=80), cache="off").compute("WS3-BI-003", by="priority")[0]

    assert result.reason is Reason.UNSUPPORTED_SLICE
    assert "cannot be sliced by 'priority'" in result.message
    assert "geographic_region" in result.message


@pytest.mark.parametrize(
    ("kpi_id", "column", "value"),
    [
        ("WS3-BI-005", "event_type", "lab_test"),
        ("WS3-BI-006", "sequence_number", 2),
        ("WS3-BI-009", "event_type", "lab_test"),
    ],
)
def test_a_concept_that_never_occurs_carries_a_warning(kpi_id, column, value):
    """No prescription anywhere, or none that is a first one: the zero is shown, and the doubt."""
    data = tables(seed=1, rows=80)
    data["treatment_events"][column] = value

    result = Workspace(data, cache="off").compute(kpi_id, as_of=AS_OF)[0]

    assert result.value == 0
    assert "never_occurs" in {note.code for note in result.warnings}


def test_an_unknown_brand_is_a_true_zero_for_volumes_and_absent_for_rates():
    """No row of that brand: nothing was prescribed, and there is nothing to convert."""
    report = Workspace(tables(seed=1, rows=80), cache="off").compute(
        workstream="ws3_business", as_of=AS_OF, where={"brand": "no such brand"}
    )

    assert [report[f"WS3-BI-00{number}"].value for number in (5, 6, 7, 8)] == [0, 0, 0, 0]
    assert report["WS3-BI-003"].reason is Reason.ZERO_DENOMINATOR
    assert report["WS3-BI-009"].reason is Reason.ZERO_DENOMINATOR
    assert report["WS3-BI-010"].value is None


HOSTILE = ["'", '"', "'; DROP TABLE triggers; --", "a\x00b", "%s", ":brand", "{0}", "\\", "日本"]


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_hostile_values_are_bound_and_match_nothing(source_on, engine):
    """Quotes, semicolons, NUL, unicode: data, never SQL; the tables are still there after."""
    workspace = Workspace(source_on(engine, tables(seed=9, rows=60), DATASETS), cache="off")

    for value in HOSTILE:
        report = workspace.compute(
            "WS3-BI-005", "WS3-BI-007", "WS3-BI-009", where={"brand": value}, as_of=AS_OF
        )
        assert [result.value for result in report] == [0, 0, None], value
    assert workspace.compute("WS3-BI-005", as_of=AS_OF)[0].value is not None
