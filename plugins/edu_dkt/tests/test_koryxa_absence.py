"""KORYXA: what gives no value says which column or user is missing."""

from __future__ import annotations

import pytest
from koryxa_logs import a_workspace, random_log

from kpisdk import Reason
from kpisdk_edu_dkt.koryxa.datasets import REQUIRED
from kpisdk_edu_dkt.koryxa.kpis import KPIS

IDS = tuple(kpi.id for kpi in KPIS)


def needed(kpi_id: str) -> tuple[str, ...]:
    kpi = next(kpi for kpi in KPIS if kpi.id == kpi_id)
    return tuple(column.name for column in kpi.datasets[0].columns)


@pytest.mark.parametrize("column", sorted({name for each in IDS for name in needed(each)}))
def test_a_missing_column_gives_no_value_and_its_name(column):
    """Dropping any column that a KPI reads makes it absent, never a number."""
    workspace = a_workspace({"school_events": random_log(1, 10).drop(columns=column)})
    readers = [each for each in IDS if column in needed(each)]

    for result in workspace.compute(*readers):
        assert (result.value, result.reason) == (None, Reason.MISSING_COLUMN), result.kpi_id
        assert repr(column) in (result.message or "")


def test_the_two_kpis_of_the_notebook_need_its_eight_columns():
    """Neither more nor fewer."""
    assert [set(REQUIRED)] * 2 == [set(needed("EDU-KX-001")), set(needed("EDU-KX-002"))]


@pytest.mark.parametrize(
    "empty",
    [
        {
            "EDU-KX-001": "validated_m1",
            "EDU-KX-002": "support_ticket_count",
            "EDU-KX-003": "notebook_first_exec_time",
            "EDU-KX-004": "theme_id",
            "EDU-KX-006": "project_submitted",
        },
        {"EDU-KX-004": "event_type"},
    ],
)
def test_a_column_without_any_value_gives_no_value_and_its_name(empty):
    """A column that holds nothing is told from a count that is zero."""
    frame = random_log(1, 10).assign(**dict.fromkeys(empty.values()))

    for result in a_workspace({"school_events": frame}).compute(*empty):
        assert (result.value, result.reason) == (None, Reason.NO_ROWS), result.kpi_id
        assert repr(empty[result.kpi_id]) in (result.message or "")


def test_no_user_of_the_module_is_no_zero():
    """Neither an empty table nor one without rows of m1 has a value."""
    frame = random_log(1, 10)
    other = frame.assign(module_id="m2")
    for rows in (frame.iloc[:0], other):
        for result in a_workspace({"school_events": rows}).compute(*IDS):
            assert result.value is None, result.kpi_id
            assert result.reason in (Reason.NO_ROWS, Reason.ZERO_DENOMINATOR)


def test_columns_that_change_with_events_cannot_slice():
    """A user has no theme, so slicing by it is refused with the reason."""
    result = a_workspace({"school_events": random_log(1, 10)}).compute("EDU-KX-001", by="theme_id")[
        0
    ]

    assert Reason.UNSUPPORTED_SLICE is result.reason
    assert "from one event of a user to the next" in (result.message or "")
