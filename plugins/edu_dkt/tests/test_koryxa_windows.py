"""KORYXA: who began when, and what they did until then."""

from __future__ import annotations

import pandas as pd
from koryxa_logs import a_log, a_workspace


def test_exactly_48_hours_is_early_and_a_second_more_is_not():
    """The bound belongs to the 48 hours."""
    events = a_log(("u1", "A", "2026-01-05T10:00", 0, 0), ("u2", "A", "2026-01-05T10:00", 0, 0))
    events["notebook_first_exec_time"] = pd.to_datetime(
        ["2026-01-07T10:00:00", "2026-01-07T10:00:01"]
    )

    assert a_workspace({"school_events": events}).compute("EDU-KX-003")[0].value == 0.5


def test_a_window_holds_the_users_who_began_in_it_with_all_that_they_did():
    """A later event counts for a user of the window, and not for a user from before it."""
    events = a_log(
        ("old", "A", "2026-01-05T10:00", 0, 0),
        ("old", "A", "2026-01-12T10:00", 4, 1),
        ("new", "A", "2026-01-12T00:00", 0, 0),
        ("new", "A", "2026-01-25T10:00", 1, 1),
        ("late", "A", "2026-01-19T00:00", 9, 0),
    )
    workspace = a_workspace({"school_events": events})

    week = workspace.compute("EDU-KX-001", "EDU-KX-002", window="2026-01-12..2026-01-18")
    trend = workspace.compute("EDU-KX-001", grain="week", window="2026-01-05..2026-01-25")

    assert [(each.value, each.n) for each in week] == [(1.0, 1), (1.0, 1)]
    assert {each.period: each.value for each in trend} == {
        "2026-W02": 1.0,
        "2026-W03": 1.0,
        "2026-W04": 0.0,
    }


def test_an_event_at_or_after_as_of_does_not_count():
    """A past as_of gives what was known then."""
    events = a_log(("u1", "A", "2026-01-05T10:00", 0, 0), ("u1", "A", "2026-01-08T10:00", 1, 1))
    workspace = a_workspace({"school_events": events})

    before, after = (
        workspace.compute("EDU-KX-001", as_of=at)[0].value
        for at in ("2026-01-08T10:00Z", "2026-01-08T10:01Z")
    )

    assert (before, after) == (0.0, 1.0)
