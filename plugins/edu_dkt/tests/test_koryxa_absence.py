"""KORYXA: what gives no value says which column or user is missing."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from kpisdk import Reason, Settings, Workspace
from kpisdk_edu_dkt.koryxa.datasets import REQUIRED, SCHOOL_EVENTS
from kpisdk_edu_dkt.koryxa.kpis import KPIS

IDS = tuple(kpi.id for kpi in KPIS)
CLOCK = datetime(2026, 6, 1, tzinfo=UTC)
START = datetime(2026, 1, 5)


def random_log(seed: int, users: int = 40) -> pd.DataFrame:
    """Events with holes: no time, no cohort, no counter, no user, other modules, moved users."""
    draw = random.Random(seed)
    rows = []
    for number in range(users):
        cohort = draw.choice(["2026-W01", "2026-W02", "O'Hara; --", None])
        place = {
            "country": draw.choice(["Togo", "Bénin", None]),
            "device": draw.choice(["mobile", "desktop", None]),
            "acquisition_channel": draw.choice(["whatsapp", 'face"book', None]),
        }
        began = START + timedelta(seconds=draw.randrange(14 * 86400))
        ran = draw.choice(
            [None, began + timedelta(hours=48), began + timedelta(hours=48, seconds=1)]
        )
        for event in range(draw.randrange(1, 7)):
            at = began + timedelta(minutes=draw.randrange(1, 5000) if event else 0)
            row = {
                "user_id": None if draw.random() < 0.03 else f"u{number:02}",
                "cohort_id": draw.choice([cohort, cohort, "2026-W03"]) if event else cohort,
                **place,
                "module_id": draw.choice(["m1"] * 6 + ["m2", "M1", None]),
                "theme_id": draw.choice(["theme-1", "theme-2", "theme-22", None]),
                "step_id": "page-1",
                "event_type": draw.choice(["start", "complete", None]),
                "timestamp": None if draw.random() < 0.07 else at,
                "notebook_executed": None,
                "notebook_first_exec_time": ran if draw.random() < 0.6 else None,
                "support_ticket_count": draw.choice([None, 0, 1, 2, 5]),
                "project_submitted": draw.choice([None, 0, 0, 1]),
                "project_submit_time": None,
                "validated_m1": draw.choice([None, 0, 0, 1, 2]),
            }
            rows += [row] * draw.choice([1, 1, 1, 2])
    frame = pd.DataFrame(rows)
    for column in SCHOOL_EVENTS.columns:
        if column.type == "text":
            frame[column.name] = (
                frame[column.name].astype(object).where(frame[column.name].notna(), None)
            )
        elif column.type == "timestamp":
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[us]")
        else:
            frame[column.name] = frame[column.name].astype("float64")
    return frame


def a_workspace(source, **more) -> Workspace:
    """A workspace of fixed time, without the machine's settings."""
    return Workspace(source, settings=Settings(), cache="off", clock=lambda: CLOCK, **more)


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
