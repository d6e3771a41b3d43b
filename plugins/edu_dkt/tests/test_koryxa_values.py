"""The six KPIs of the KORYXA school, against the notebook's rules and an independent reckoning."""

from __future__ import annotations

import math
from datetime import timedelta

import pandas as pd
import pytest
from koryxa_logs import a_log, a_workspace, random_log

from kpisdk import Workspace
from kpisdk.testing import ENGINES, close
from kpisdk_edu_dkt.koryxa.datasets import SCHOOL_EVENTS
from kpisdk_edu_dkt.koryxa.kpis import KPIS

IDS = tuple(kpi.id for kpi in KPIS)
BYS = (
    (),
    ("cohort_id",),
    ("country",),
    ("device",),
    ("acquisition_channel",),
    ("cohort_id", "device"),
)


def notebook(frame: pd.DataFrame) -> tuple[float, float]:
    """Completion and tickets by the rules of the school's notebook, written anew."""
    m1 = frame[frame["module_id"] == "m1"]
    enrolled = m1["user_id"].nunique()
    validated = m1["validated_m1"].fillna(0).astype(int).groupby(m1["user_id"]).max()
    tickets = m1["support_ticket_count"].fillna(0).astype(int).groupby(m1["user_id"]).max()
    return int((validated == 1).sum()) / enrolled, int(tickets.sum()) / enrolled


def reckoned(frame: pd.DataFrame, by: tuple[str, ...]) -> dict:
    """All six values by group: a plain loop over users, with the user's first event deciding."""
    groups: dict = {}
    m1 = frame[(frame["module_id"] == "m1") & frame["user_id"].notna()]
    for _, events in m1.groupby("user_id"):
        rows = events.to_dict("records")
        times = [row["timestamp"] for row in rows if not pd.isna(row["timestamp"])]
        first = min(times) if times else None
        here = [row for row in rows if first is None or row["timestamp"] == first]
        # Among simultaneous events the smallest values are the user's, missing ones last.
        places = [tuple(None if pd.isna(row[name]) else row[name] for name in by) for row in here]
        place = min(places, key=lambda values: [(value is None, value or "") for value in values])

        def largest(rows, name):
            known = [row[name] for row in rows if not math.isnan(row[name])]
            return max(known) if known else None

        runs = [
            row["notebook_first_exec_time"]
            for row in rows
            if not pd.isna(row["notebook_first_exec_time"])
        ]
        themes = [row for row in rows if row["theme_id"] == "theme-2"]
        seen = [row["timestamp"] for row in themes if not pd.isna(row["timestamp"])]
        user = {
            "validated": largest(rows, "validated_m1") == 1,
            "tickets": largest(rows, "support_ticket_count") or 0,
            "early": bool(runs)
            and first is not None
            and (min(runs) - first) / timedelta(hours=1) <= 48,
            "completed": any(row["event_type"] == "complete" for row in themes),
            "hours": (min(seen) - first) / timedelta(hours=1) if seen else None,
            "submitted": largest(rows, "project_submitted") == 1,
        }
        groups.setdefault(place, []).append(user)
    found = {}
    for place, users in groups.items():
        n = len(users)
        hours = sorted(user["hours"] for user in users if user["hours"] is not None)
        middle = None
        if hours:
            half = len(hours) // 2
            middle = hours[half] if len(hours) % 2 else (hours[half - 1] + hours[half]) / 2
        found[place] = (
            sum(user["validated"] for user in users) / n,
            sum(user["tickets"] for user in users) / n,
            sum(user["early"] for user in users) / n,
            sum(user["completed"] for user in users) / n,
            middle,
            sum(user["submitted"] for user in users) / n,
        )
    return found


def computed(workspace: Workspace, by: tuple[str, ...], **asked) -> dict:
    """Values by group, in the order of the ids."""
    found: dict = {}
    for result in workspace.compute(*IDS, by=by, **asked):
        place = tuple(result.slice.get(name) for name in by)
        found.setdefault(place, {})[result.kpi_id] = result.value
    return {place: tuple(values[each] for each in IDS) for place, values in found.items()}


def test_the_school_s_sample(shared_data):
    """On the published sample: 8 users, 3 validated, 4 tickets, and the four values by hand."""
    path = shared_data / "koryxa" / "koryxa_school_events_sample.csv"
    workspace = a_workspace(str(path), tables={"school_events": path.stem})

    report = workspace.compute(*IDS)

    assert tuple(result.value for result in report) == (0.375, 0.5, 0.625, 0.75, 19.0, 0.375)
    assert (report["EDU-KX-001"].denominator, report["EDU-KX-001"].numerator) == (8.0, 3.0)
    assert report["EDU-KX-002"].numerator == 4.0


@pytest.mark.parametrize("engine", ENGINES)
def test_all_engines_agree_with_the_reckoning(source_on, engine):
    """All six values, whole and in every grouping, are the same on every engine."""
    frame = random_log(3)
    workspace = a_workspace(source_on(engine, {"school_events": frame}, [SCHOOL_EVENTS]))

    for by in BYS:
        expected, found = reckoned(frame, by), computed(workspace, by)
        assert expected.keys() == found.keys()
        for place, values in expected.items():
            assert pytest.approx(values, abs=1e-9) == found[place]


@pytest.mark.parametrize("seed", range(12))
def test_the_notebook_s_rules_on_random_logs(seed):
    """Completion and tickets are what the notebook's rules give, whatever holes the log has."""
    frame = random_log(seed)

    found = computed(a_workspace({"school_events": frame}), ())[()]

    assert pytest.approx(notebook(frame), abs=1e-12) == found[:2]
    assert pytest.approx(reckoned(frame, ())[()], abs=1e-9) == found


@pytest.mark.parametrize("seed", range(4))
def test_groups_add_up_to_the_whole(seed):
    """Every user is in exactly one cohort, although some have events in two."""
    workspace = a_workspace({"school_events": random_log(seed)})

    whole = workspace.compute("EDU-KX-001")["EDU-KX-001"]
    groups = workspace.compute("EDU-KX-001", by="cohort_id")

    assert whole.denominator == sum(result.denominator for result in groups)
    assert whole.numerator == sum(result.numerator for result in groups)
    filtered = [
        workspace.compute("EDU-KX-001", where={"cohort_id": each.slice["cohort_id"]})[0]
        for each in groups
    ]
    for group, alone in zip(groups, filtered, strict=True):
        assert close(group.value, alone.value)


def test_a_user_in_two_cohorts_counts_in_the_first_by_time_and_is_reported():
    """The first event decides, not the smallest name, and the value carries a warning."""
    events = a_log(
        ("u1", "B", "2026-01-05T10:00", 0, 0),
        ("u1", "A", "2026-01-06T10:00", 2, 1),
        ("u2", "A", "2026-01-05T10:00", 0, 0),
    )
    workspace = a_workspace({"school_events": events})

    found = computed_one(workspace, "EDU-KX-001", "cohort_id")
    warnings = workspace.compute("EDU-KX-001")[0].warnings

    assert found == {"A": 0.0, "B": 1.0}
    assert [note.message for note in warnings if note.code == "user_in_two_cohorts"] == [
        "Users in more than one cohort, each counted in that of the first event: 1."
    ]


def computed_one(workspace: Workspace, kpi_id: str, by: str) -> dict:
    return {each.slice[by]: each.value for each in workspace.compute(kpi_id, by=by)}


def test_counters_that_are_no_counts_are_left_out_and_counted():
    """A negative value does not enter, a fractional one is cut, a missing one is no zero."""
    events = a_log(
        ("u1", "A", "2026-01-05T10:00", -3, 1.9),
        ("u1", "A", "2026-01-05T11:00", 2.7, None),
        ("u2", "A", "2026-01-05T10:00", None, 1e300),
        ("u3", "A", "2026-01-05T10:00", 1, 0),
    )
    workspace = a_workspace({"school_events": events})

    completion, tickets = workspace.compute("EDU-KX-001", "EDU-KX-002")

    assert (completion.numerator, completion.denominator) == (1, 3)
    assert (tickets.numerator, tickets.denominator) == (3.0, 3.0)
    assert {
        "Values of support_ticket_count that are negative or beyond counting, left out: 1.",
        "Fractional values of support_ticket_count, cut to the whole number below: 1.",
        "Events without a value of support_ticket_count, which leave the largest as it is: 1.",
        "Users without any readable value of support_ticket_count, who count as users: 1.",
        "Only 3 rows stand behind the value (fewer than 30).",
    } == {note.message for note in tickets.warnings}
    assert {"counter_dropped", "counter_truncated", "counter_missing", "counter_unknown"} <= {
        note.code for note in completion.warnings
    }
