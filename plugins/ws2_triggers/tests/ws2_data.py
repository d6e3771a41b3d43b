"""Random triggers and treatment events with holes, made by the tests themselves."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd

AS_OF = dt.datetime(2025, 6, 30, 12, 0, tzinfo=dt.UTC)
START = AS_OF.replace(tzinfo=None) - dt.timedelta(days=30)
EDGES = (
    START,
    START - dt.timedelta(microseconds=1),
    AS_OF.replace(tzinfo=None),
    AS_OF.replace(tzinfo=None) - dt.timedelta(microseconds=1),
    AS_OF.replace(tzinfo=None) + dt.timedelta(days=400),
)
BRANDS = ("Kisqali", "Fabhalta", "x'; DROP TABLE triggers; --", "日本 ñ", None)


def tables(seed: int, rows: int = 400) -> dict[str, pd.DataFrame]:
    """``triggers``, ``treatment_events`` and ``hcp_profiles``: NULLs, duplicates, edges, future."""
    pick = random.Random(seed)

    def maybe(*choices: object) -> object:
        return pick.choice([*choices, None])

    triggers = []
    for i in range(rows):
        at = (
            EDGES[i]
            if i < len(EDGES)
            else AS_OF.replace(tzinfo=None)
            - dt.timedelta(seconds=pick.randrange(90 * 86_400), microseconds=pick.randrange(10**6))
        )
        triggers.append(
            {
                "trigger_id": f"T{i}",
                "patient_id": maybe(*(f"P{k}" for k in range(60))),
                "hcp_id": maybe(*(f"H{k}" for k in range(12)), "unknown"),
                "brand": pick.choice(BRANDS),
                "trigger_timestamp": None if i % 97 == 96 else at,
                "priority": maybe("high", "low"),
                "acceptance_status": maybe(
                    "accepted", "rejected", "overridden", "pending", "ACCEPTED"
                ),
                "action_taken": maybe("", "call", "visit"),
                "control_group_flag": maybe(True, False, False),
                "false_positive_flag": maybe(True, False, False),
                "outcome_tracked": maybe(True, True, False),
                "outcome_value": maybe(-1.0, 0.0, 0.5, 2.0),
                "lead_time_days": maybe(0, 3, 14, 15, 21, 40),
                "previous_trigger_id": maybe("T0", "T1"),
                "change_failed": maybe(True, False),
            }
        )
    triggers += [dict(row) for row in triggers[20:30]]  # duplicated rows count twice, everywhere
    events = [
        {
            "treatment_event_id": f"E{i}",
            "patient_id": maybe(*(f"P{k}" for k in range(80))),
            "hcp_id": maybe(*(f"H{k}" for k in range(12))),
            "event_date": None
            if i % 89 == 88
            else (AS_OF.date() - dt.timedelta(days=pick.randrange(-5, 60))),
            "event_type": maybe("prescription", "conversion", "lab_test"),
            "brand": pick.choice(BRANDS),
        }
        for i in range(rows)
    ]
    profiles = [
        {"hcp_id": f"H{k}", "specialty": pick.choice(["Oncology", "Dermatology", None])}
        for k in range(12)
    ]
    return {
        "triggers": pd.DataFrame(triggers),
        "treatment_events": pd.DataFrame(events),
        "hcp_profiles": pd.DataFrame(profiles),
    }
