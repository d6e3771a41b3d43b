"""Random tables with holes for the brand KPIs, made by the tests themselves."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd

from kpisdk_brand.datasets import (
    HCP_INTENT_SURVEYS,
    HCP_PROFILES,
    PATIENT_JOURNEYS,
    TREATMENT_EVENTS,
    TRIGGERS,
)

DATASETS = (HCP_PROFILES, PATIENT_JOURNEYS, TREATMENT_EVENTS, HCP_INTENT_SURVEYS, TRIGGERS)
AS_OF = dt.datetime(2025, 6, 30, 12, 0, tzinfo=dt.UTC)
NOW = AS_OF.replace(tzinfo=None)
TICK = dt.timedelta(microseconds=1)
EDGES = (
    *(NOW + dt.timedelta(days=days) + shift for days in (-90, 0) for shift in (-TICK, 0 * TICK)),
    NOW + dt.timedelta(days=300),
)
BRANDS = ("Kisqali", "kisqali", "Remibrutinib", "Remibrutinib", "Fabhalta", None)
DIAGNOSES = (
    "CSU",
    "severe csu, refractory",
    "Chronic Spontaneous URTICARIA",
    "urticaria",
    "PNH",
    "Paroxysmal Nocturnal Hemoglobinuria",
    "aplastic ANEMIA",
    "Ödem É CSU",
    "breast cancer",
    "日本'; DROP TABLE x; --",
)


def tables(seed: int, rows: int = 260) -> dict[str, pd.DataFrame]:
    """All tables of the plugin: NULLs, duplicates, mixed case, window edges, future rows."""
    pick = random.Random(seed)

    def maybe(*choices: object) -> object:
        return pick.choice([*choices, None])

    def some(prefix: str, number: int) -> object:
        return None if pick.random() < 0.1 else f"{prefix}{pick.randrange(number)}"

    def instant(i: int) -> dt.datetime | None:
        if i < len(EDGES):
            return EDGES[i]
        back = dt.timedelta(seconds=pick.randrange(-86_400, 150 * 86_400), microseconds=i)
        return None if i % 37 == 36 else NOW - back

    def day(i: int, span: int) -> dt.date | None:
        return None if i % 41 == 40 else NOW.date() - dt.timedelta(days=pick.randrange(-6, span))

    def frame(make: object, repeated: bool = True) -> pd.DataFrame:
        made = [make(i) for i in range(rows)]
        again = [dict(row) for row in made[20:32]] if repeated else []
        return pd.DataFrame(made + again, dtype=object)

    specialties = ("Oncology", "HEMATO-ONCOLOGY", "surgical oncologist", "Dermatology", "oncologie")
    return {
        "hcp_profiles": pd.DataFrame(
            [
                {
                    "hcp_id": f"H{k}",
                    "specialty": maybe(*specialties),
                    "priority_tier": maybe(1, 2, 3),
                }
                for k in range(60)
            ],
            dtype=object,
        ),
        "patient_journeys": frame(
            lambda i: {
                "patient_journey_id": f"J{i}",
                "patient_id": some("P", 90),
                "hcp_id": some("H", 66),
                "brand": pick.choice(BRANDS),
                "diagnosis": maybe(*DIAGNOSES),
                "diagnosis_date": day(i, 120),
                "is_eligible": maybe(True, False),
                "geographic_region": maybe("north", "south"),
            }
        ),
        "treatment_events": frame(
            lambda i: {
                "treatment_event_id": f"E{i}",
                "patient_id": some("P", 100),
                "event_date": day(i, 100),
                "event_type": maybe("prescription", "prescription", "Prescription", "lab_test"),
                "brand": pick.choice(BRANDS),
                "drug_class": maybe("antihistamine", "H1_Blocker", "h1-blocker", "biologic"),
                "test_type": maybe("flow_cytometry", "PNH_panel", "gpi_anchor", "biopsy"),
                "treatment_response": maybe("Inadequate", "refractory", "uncontrolled", "good"),
            }
        ),
        "hcp_intent_surveys": frame(
            lambda i: {
                "survey_id": f"S{i}",
                "hcp_id": some("H", 8),
                "survey_date": day(i, 130),
                "brand": pick.choice(BRANDS),
                "intent_to_prescribe_score": maybe(1, 2, 3, 4, 5, 6, 7),
                "intent_to_prescribe_change": maybe(-2, -1, 0, 1, 2),
                "previous_survey_id": maybe(
                    *(f"S{pick.randrange(rows)}" for _ in range(6)), "unknown"
                ),
                "response_quality_flag": maybe(True, True, False),
            },
            repeated=False,  # the id is a key
        ),
        "triggers": frame(
            lambda i: {
                "trigger_id": f"T{i}",
                "hcp_id": some("H", 66),
                "brand": pick.choice(BRANDS),
                "trigger_timestamp": instant(i),
            }
        ),
    }
