"""How long users take to theme 2, those included who are not there yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from kpisdk import Workspace
from kpisdk.testing import ENGINES
from kpisdk_edu_dkt.koryxa.datasets import SCHOOL_EVENTS

AS_OF = datetime(2026, 3, 1)


def log(waits: list[tuple[int, bool]]) -> pd.DataFrame:
    """A user for each (hours, arrived): in theme 2 so long after the first event, or not yet."""
    rows = []
    for place, (hours, arrived) in enumerate(waits):
        began = datetime(2026, 1, 5) if arrived else AS_OF - timedelta(hours=hours)
        visits = [("theme-1", began)]
        if arrived:
            visits.append(("theme-2", began + timedelta(hours=hours)))
        rows += [
            {
                "user_id": f"u{place}",
                "theme_id": theme,
                "timestamp": at,
                "cohort_id": "ab"[place % 2],
            }
            for theme, at in visits
        ]
    frame = pd.DataFrame(rows).assign(module_id="m1", event_type="start")
    for column in SCHOOL_EVENTS.columns:
        if column.name not in frame:
            frame[column.name] = None
    return frame


HOURS = [(10, True), (20, True), (30, True), (15, False), (40, False), (50, False)]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_median_of_all_counts_those_who_are_not_there_yet(source_on, engine):
    """By hand: after 10 h one of six arrives, after 20 one of four, after 30 one of three.

    5/6 wait on, then 5/6 x 3/4 = 5/8, then 5/12, the first share that is no more than half.
    """
    workspace = Workspace(
        source_on(engine, {SCHOOL_EVENTS.name: log(HOURS)}, [SCHOOL_EVENTS]), cache="off"
    )
    (result,) = workspace.compute("EDU-KX-005", as_of=AS_OF.replace(tzinfo=UTC))

    assert result.value == pytest.approx(20)
    assert result.details["kaplan_meier_median_hours"] == pytest.approx(30)
    assert "waiting_censored" in [note.code for note in result.warnings]


def test_each_slice_and_each_window_has_its_own():
    """Cohort a: 10 and 30 h, 40 not yet: 2/3, then 1/3. Cohort b: 20 h, 15 and 50 not yet: 1/2.

    Who began in January has arrived: half of a's two after 10 hours.
    """
    workspace = Workspace({SCHOOL_EVENTS.name: log(HOURS)}, cache="off")
    request = {"as_of": AS_OF.replace(tzinfo=UTC), "by": ["cohort_id"]}

    found = {
        each.slice["cohort_id"]: each.details["kaplan_meier_median_hours"]
        for each in workspace.compute("EDU-KX-005", **request)
    }
    january = workspace.compute("EDU-KX-005", **request, window="2026-01")

    assert found == {"a": pytest.approx(30), "b": pytest.approx(20)}
    assert [each.details["kaplan_meier_median_hours"] for each in january] == [
        pytest.approx(10),
        pytest.approx(20),
    ]
