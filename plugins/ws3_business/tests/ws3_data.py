"""Random tables with holes for the business KPIs, made by the tests themselves."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd

from kpisdk_ws3_business.datasets import (
    AGENT_ACTIVITIES,
    BUSINESS_METRICS,
    HCP_PROFILES,
    PATIENT_JOURNEYS,
    TREATMENT_EVENTS,
    TRIGGERS,
    USER_SESSIONS,
)

DATASETS = (
    HCP_PROFILES,
    USER_SESSIONS,
    PATIENT_JOURNEYS,
    TRIGGERS,
    TREATMENT_EVENTS,
    BUSINESS_METRICS,
    AGENT_ACTIVITIES,
)
AS_OF = dt.datetime(2025, 6, 30, 12, 0, tzinfo=dt.UTC)
NOW = AS_OF.replace(tzinfo=None)
TICK = dt.timedelta(microseconds=1)
EDGES = (
    *(
        NOW + dt.timedelta(days=days) + shift * TICK
        for days in (-30, -7, 0)
        for shift in (-1, 0, 1)
    ),
    NOW + dt.timedelta(days=400),
    dt.datetime(2025, 5, 31),
    dt.datetime(2025, 6, 1),
)
"""Instants on, just before and just after the ends of the windows, and far in the future."""
BRANDS = ("Kisqali", "Fabhalta", "x'; DROP TABLE triggers; --", "日本 ñ", None)


def tables(seed: int, rows: int = 240) -> dict[str, pd.DataFrame]:
    """All tables of the plugin: NULLs, duplicates, window edges, future rows, unknown HCPs."""
    pick = random.Random(seed)

    def maybe(*choices: object) -> object:
        return pick.choice([*choices, None])

    def some(prefix: str, number: int) -> object:
        return None if pick.random() < 0.1 else f"{prefix}{pick.randrange(number)}"

    def instant(i: int) -> dt.datetime | None:
        if i < len(EDGES):
            return EDGES[i]
        back = dt.timedelta(seconds=pick.randrange(-86_400, 80 * 86_400), microseconds=i)
        return None if i % 37 == 36 else NOW - back

    def day(i: int) -> dt.date | None:
        return None if i % 41 == 40 else NOW.date() - dt.timedelta(days=pick.randrange(-6, 90))

    def frame(make: object) -> pd.DataFrame:
        made = [make(i) for i in range(rows)]
        return pd.DataFrame(made + [dict(row) for row in made[20:32]], dtype=object)

    profiles = [
        {
            "hcp_id": f"H{k}",
            "specialty": maybe("Oncology", "Dermatology", "x' OR '1'='1"),
            "priority_tier": maybe(1, 2, 3, 4, 5),
            "coverage_status": maybe(True, False),
        }
        for k in range(60)
    ]
    return {
        "hcp_profiles": pd.DataFrame(profiles, dtype=object),
        "user_sessions": frame(
            lambda i: {
                "session_id": f"S{i}",
                "user_id": some("U", 70),
                "user_role": maybe("rep", "manager"),
                "session_start": instant(i),
            }
        ),
        "patient_journeys": frame(
            lambda i: {
                "patient_journey_id": f"J{i}",
                "patient_id": some("P", 60),
                "hcp_id": some("H", 66),
                "brand": pick.choice(BRANDS),
                "is_eligible": maybe(True, True, False),
                "geographic_region": maybe("north", "south"),
            }
        ),
        "triggers": frame(
            lambda i: {
                "trigger_id": f"T{i}",
                "patient_id": some("P", 60),
                "hcp_id": some("H", 66),
                "brand": pick.choice(BRANDS),
                "trigger_timestamp": instant(i),
                "priority": maybe("high", "low"),
                "acceptance_status": maybe("accepted", "rejected", "pending"),
            }
        ),
        "treatment_events": frame(
            lambda i: {
                "treatment_event_id": f"E{i}",
                "patient_id": some("P", 75),
                "hcp_id": some("H", 66),
                "event_date": day(i),
                "event_type": maybe("prescription", "prescription", "Prescription", "lab_test"),
                "brand": pick.choice(BRANDS),
                "sequence_number": maybe(1, 1, 2, 3),
            }
        ),
        "business_metrics": frame(
            lambda i: {
                "metric_id": f"M{i}",
                "metric_date": day(i),
                "metric_name": maybe("roi", "cost"),
                "brand": pick.choice(BRANDS),
                "roi": maybe(-1.5, 0.0, 2.25, 3.5, 10.125),
            }
        ),
        "agent_activities": frame(
            lambda i: {
                "activity_id": f"A{i}",
                "agent_name": maybe("scout", "planner"),
                "activity_timestamp": instant(i),
                "roi_estimate": maybe(0.5, 1.75, 4.0),
            }
        ),
    }
