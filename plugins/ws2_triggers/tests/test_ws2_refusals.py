"""Bad input: every missing, broken or empty thing gives a named refusal, and never a number."""

from __future__ import annotations

import pytest
from ws2_data import AS_OF, tables

from kpisdk import Reason, Workspace
from kpisdk.testing import ENGINES
from kpisdk_ws2_triggers.datasets import HCP_PROFILES, TREATMENT_EVENTS, TRIGGERS

DATASETS = (TRIGGERS, TREATMENT_EVENTS, HCP_PROFILES)
TIME = "trigger_timestamp"
NEEDED = {
    "WS2-TR-001": {"triggers": ["outcome_tracked", "outcome_value", TIME]},
    "WS2-TR-002": {
        "treatment_events": ["event_date", "event_type", "patient_id"],
        "triggers": ["patient_id", TIME],
    },
    "WS2-TR-003": {"triggers": ["action_taken", "control_group_flag", TIME]},
    "WS2-TR-004": {"triggers": ["acceptance_status", TIME]},
    "WS2-TR-005": {"triggers": ["false_positive_flag", TIME]},
    "WS2-TR-006": {"triggers": ["acceptance_status", TIME]},
    "WS2-TR-007": {"triggers": ["lead_time_days", TIME]},
    "WS2-TR-008": {"triggers": ["previous_trigger_id", "change_failed", TIME]},
}
CASES = [
    (kpi_id, table, column)
    for kpi_id, tables_ in NEEDED.items()
    for table, columns in tables_.items()
    for column in columns
]


@pytest.mark.parametrize(("kpi_id", "table", "column"), CASES)
def test_a_dropped_column_is_named_and_the_other_kpis_compute(kpi_id, table, column):
    """The refusal names table, column and the setting that maps it; nothing else is harmed."""
    data = tables(seed=6)
    data[table] = data[table].drop(columns=column)
    workspace = Workspace(data, cache="off")

    report = workspace.compute(workstream="ws2", as_of=AS_OF)

    result = report[kpi_id]
    assert result.value is None
    assert result.reason is Reason.MISSING_COLUMN
    assert f"{column!r} of table {table!r}" in result.message
    assert f"sources.frames.tables.{table}.columns.{column}" in result.message
    spared = [each for each in NEEDED if column not in NEEDED[each].get(table, [])]
    assert all(report[each].value is not None for each in spared)


@pytest.mark.parametrize(("kpi_id", "table", "column"), CASES)
def test_a_column_of_the_wrong_type_is_named(kpi_id, table, column):
    """Text where a number, flag or instant is needed (and a number where text is) is refused."""
    data = tables(seed=6)
    is_text = column in ("action_taken", "acceptance_status", "event_type", "patient_id",
                         "previous_trigger_id")  # fmt: skip
    data[table][column] = 7 if is_text else "seven"

    result = Workspace(data, cache="off").compute(kpi_id, as_of=AS_OF)[0]

    assert result.value is None
    assert result.reason is Reason.WRONG_TYPE
    assert repr(column) in result.message


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kpi_id", NEEDED)
def test_an_all_null_column_gives_no_value(source_on, engine, kpi_id):
    """Nothing but NULLs in a needed column: absent, with a reason."""
    data = tables(seed=7, rows=120)
    table, columns = next(iter(NEEDED[kpi_id].items()))
    data[table][columns[0]] = None

    result = Workspace(source_on(engine, data, DATASETS), cache="off").compute(kpi_id, as_of=AS_OF)[
        0
    ]

    assert result.value is None
    assert result.reason in (Reason.ZERO_DENOMINATOR, Reason.NO_ROWS)
    assert result.message


@pytest.mark.parametrize("engine", ENGINES)
def test_empty_tables_give_no_values(source_on, engine):
    """Tables without rows: absent with reason no_rows, for every KPI."""
    data = {name: frame.head(0) for name, frame in tables(seed=8).items()}
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    for result in workspace.compute(workstream="ws2", as_of=AS_OF):
        assert (result.value, result.reason) == (None, Reason.NO_ROWS)
        assert "holds no rows" in result.message


def test_missing_tables_are_named_with_the_setting_that_maps_them():
    """A source with none of the tables still answers every id."""
    report = Workspace({"other": tables(seed=1)["hcp_profiles"]}, cache="off").compute()

    for result in report:
        if result.workstream == "ws2_triggers":
            assert result.reason is Reason.MISSING_TABLE
            assert "sources.frames.tables." in result.message


def test_an_unsupported_slice_names_those_that_are():
    """A slice is honoured or refused, never ignored."""
    result = Workspace(tables(seed=1), cache="off").compute("WS2-TR-002", by=["priority"])[0]

    assert result.reason is Reason.UNSUPPORTED_SLICE
    assert "cannot be sliced by 'priority'" in result.message
    assert "brand" in result.message


def test_a_profile_table_with_a_repeated_key_is_refused():
    """A join that would multiply rows is refused, naming the key."""
    data = tables(seed=1)
    data["hcp_profiles"].loc[1, "hcp_id"] = data["hcp_profiles"].loc[0, "hcp_id"]

    result = Workspace(data, cache="off").compute("WS2-TR-004", by=["specialty"], as_of=AS_OF)[0]

    assert result.reason is Reason.UNSUPPORTED_SLICE
    assert "counted several times" in result.message


def test_a_concept_that_never_occurs_carries_a_warning():
    """No override anywhere: the zero is shown, and so is the doubt about it."""
    data = tables(seed=1)
    data["triggers"]["acceptance_status"] = "accepted"

    result = Workspace(data, cache="off").compute("WS2-TR-006", as_of=AS_OF)[0]

    assert result.value == 0
    assert "never_occurs" in {note.code for note in result.warnings}


HOSTILE = [
    "'", '"', "'; DROP TABLE triggers; --", "a\x00b", "%s", ":brand", "{0}", "\\", "日本",
    "x" * 1_000_000,
]  # fmt: skip


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_hostile_values_are_bound_and_match_nothing(source_on, engine):
    """Quotes, semicolons, NUL, unicode, 1 MB: data, never SQL; the tables are still there after."""
    data = tables(seed=9, rows=80)
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    for value in HOSTILE:
        result = workspace.compute("WS2-TR-004", where={"brand": value}, as_of=AS_OF)[0]
        assert (result.value, result.reason) == (None, Reason.ZERO_DENOMINATOR), value[:40]
    assert workspace.compute("WS2-TR-004", as_of=AS_OF)[0].value is not None
