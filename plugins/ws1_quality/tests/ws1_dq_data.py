"""Random tables for the data quality KPIs, with holes, made by the tests themselves."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd

from kpisdk_ws1_quality.datasets import (
    ANNOTATIONS,
    HCP_PROFILES,
    JOURNEYS,
    PIPELINE_RUNS,
    TRACKING,
    UNIVERSE,
)

IDS = tuple(f"WS1-DQ-00{number}" for number in range(1, 10))
DATASETS = (ANNOTATIONS, HCP_PROFILES, JOURNEYS, PIPELINE_RUNS, TRACKING, UNIVERSE)

AS_OF = dt.datetime(2025, 6, 30, 12, 0, tzinfo=dt.UTC)
NOW = AS_OF.replace(tzinfo=None)
START = NOW - dt.timedelta(days=30)
TICK = dt.timedelta(microseconds=1)
EDGES = (START, START - TICK, NOW, NOW - TICK, NOW + dt.timedelta(days=400))
BRANDS = ("Kisqali", "Fabhalta", "x'; DROP TABLE patient_journeys; --", "日本 ñ", "Unsold", None)
REGIONS = ("north", "North", "south", "west", None)
DOCUMENTS = (
    '{"label": "yes", "score": 1}',
    '{"score":1,"label":"yes"}',
    '{"score": 1.0, "label": "yes"}',
    '{"label": "no"}',
    "[1, 2]",
    "[2, 1]",
    '"caf\\u00e9"',
    '"café"',
    "0.10",
    "0.1",
    "null",
    "true",
    "{junk",
    "no json",
    None,
)
"""Annotations: equal ones in several spellings, unequal ones that look alike, and no JSON."""


def tables(seed: int, rows: int = 200) -> dict[str, pd.DataFrame]:
    """All tables that the nine KPIs read: NULLs, duplicates, rows on edges and in the future."""
    pick = random.Random(seed)
    journeys = [_journey(pick, i) for i in range(rows)]
    journeys += [dict(row) for row in journeys[20:30]]
    made = {
        "patient_journeys": journeys,
        "reference_universe": [_member(pick, i) for i in range(rows // 2)],
        "hcp_profiles": [_profile(pick, i) for i in range(40)],
        "data_source_tracking": [_tracking(pick, i) for i in range(60)],
        "ml_annotations": [_annotation(pick, i) for i in range(rows)],
        "etl_pipeline_metrics": [_run(pick, i) for i in range(rows)],
    }
    return {name: pd.DataFrame(each).astype(object) for name, each in made.items()}


def _maybe(pick: random.Random, *choices: object) -> object:
    return pick.choice([*choices, None])


def _instant(pick: random.Random, i: int) -> dt.datetime | None:
    if i < len(EDGES):
        return EDGES[i]
    if i % 23 == 22:
        return None
    return NOW - dt.timedelta(
        seconds=pick.randrange(90 * 86_400), microseconds=pick.randrange(10**6)
    )


def _journey(pick: random.Random, i: int) -> dict[str, object]:
    ingested = _instant(pick, i)
    lag = dt.timedelta(minutes=pick.randrange(-600, 20_000))
    return {
        "patient_journey_id": f"J{i}",
        "patient_id": _maybe(pick, *(f"P{k}" for k in range(40))),
        "brand": pick.choice(BRANDS[:4] + BRANDS[5:]),
        "event_date": _maybe(pick, *(NOW.date() - dt.timedelta(days=k) for k in range(9))),
        "geographic_region": pick.choice(REGIONS),
        "hcp_id": _maybe(pick, *(f"H{k}" for k in range(40)), "unknown"),
        "source_timestamp": None if ingested is None or pick.random() < 0.3 else ingested - lag,
        "ingestion_timestamp": ingested,
        "data_lag_hours": _maybe(pick, 0.0, 12.5, 100.0, 1e3),
        "created_at": _instant(pick, i * 7),
    }


def _member(pick: random.Random, i: int) -> dict[str, object]:
    is_patient = pick.random() < 0.8
    brand = pick.choice(BRANDS)
    today = NOW.date()
    day = dt.timedelta(days=1)
    is_named = is_patient and brand != "Fabhalta" and pick.random() < 0.7
    return {
        "universe_id": f"U{i}",
        "universe_type": pick.choice(["patient", "patient", "PATIENT", None])
        if is_patient
        else "hcp",
        "patient_id": f"P{pick.randrange(60)}" if is_named else None,
        "brand": brand,
        "region": pick.choice((*REGIONS, "east")),
        "specialty": _maybe(pick, "Oncology", "Dermatology"),
        "total_count": 1 if is_named else _maybe(pick, 0, 3, 40, 250),
        "effective_date": _maybe(pick, today - 400 * day, today, today + day, today - day),
        "expiration_date": _maybe(pick, today + 90 * day, today, today + day, today - day),
    }


def _profile(pick: random.Random, i: int) -> dict[str, object]:
    return {
        "hcp_id": f"H{i}",
        "specialty": _maybe(pick, "Oncology", "Dermatology"),
        "priority_tier": _maybe(pick, 1, 2, 3, 5),
        "coverage_status": _maybe(pick, True, True, False),
    }


def _tracking(pick: random.Random, i: int) -> dict[str, object]:
    day = NOW.date() - dt.timedelta(days=i // 6 * 9 - 9)
    return {
        "tracking_id": f"T{i}",
        "tracking_date": None if i % 17 == 16 else day,
        "source_name": f"source {i % 3}",
        "records_received": _maybe(pick, 0, 10, 1000, 12_345),
        "match_rate_vs_claims": _maybe(pick, 0.0, 0.5, 0.83),
        "match_rate_vs_ehr": _maybe(pick, 0.25, 1.0),
        "match_rate_vs_specialty": _maybe(pick, 0.1, 0.9),
        "stacking_eligible_records": _maybe(pick, 0, 50, 700),
        "stacking_lift_percentage": _maybe(pick, -4.0, 0.0, 12.5, 30.0),
    }


def _annotation(pick: random.Random, i: int) -> dict[str, object]:
    return {
        "annotation_id": f"A{i}",
        "iaa_group_id": _maybe(pick, *(f"G{k}" for k in range(30))),
        "annotator_id": _maybe(pick, "ann", "ben", "Ann", "zoë"),
        "annotation_type": _maybe(pick, "relevance", "sentiment"),
        "annotation_value": pick.choice(DOCUMENTS),
    }


def _run(pick: random.Random, i: int) -> dict[str, object]:
    done = _instant(pick, i)
    took = dt.timedelta(seconds=pick.randrange(-3_600, 400_000))
    return {
        "pipeline_run_id": f"R{i}",
        "pipeline_name": _maybe(pick, "claims", "ehr"),
        "status": _maybe(pick, "success", "success", "partial", "failed", "Success"),
        "source_data_timestamp": None if done is None or pick.random() < 0.3 else done - took,
        "run_completed_at": done,
        "time_to_release_hours": _maybe(pick, 3.0, 30.25, 80.0),
    }
