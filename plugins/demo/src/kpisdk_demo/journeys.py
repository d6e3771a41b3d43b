"""``patient_journeys`` and ``hcp_profiles``: the people of a cell as rows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kpisdk_demo import columns as col
from kpisdk_demo.contract import BRANDS, REGIONS
from kpisdk_demo.people import INSURANCES, SPECIALTIES, Cell
from kpisdk_demo.unit_effects import normals, uniforms

_DIAGNOSES: Final = (
    ("Chronic Spontaneous Urticaria", "CSU", "chronic spontaneous urticaria with angioedema"),
    ("Paroxysmal Nocturnal Hemoglobinuria", "PNH", "Aplastic anemia"),
    ("HR+/HER2- early breast cancer", "HR+/HER2- advanced breast cancer", "Breast cancer"),
)
_DIAGNOSIS_SHARES: Final = (0.6, 0.2, 0.2)
_STATES: Final = (
    ("NY", "MA", "PA", "NJ"),
    ("IL", "OH", "MI", "MN"),
    ("TX", "FL", "GA", "NC"),
    ("CA", "WA", "AZ", "CO"),
)
_AGE_GROUPS: Final = ("18-34", "35-49", "50-64", "65+")
_LONGEST_LAG: Final = 10.0
_INGESTION_DAYS: Final = 366


def diagnoses(cell: Cell) -> tuple[list[str], NDArray[np.int64], NDArray[np.bool_]]:
    """Names of diagnoses, each patient's code among them, and each patient's eligibility."""
    rng = cell.rng("diagnoses")
    count = cell.patients.number.size
    kind = rng.choice(3, count, p=_DIAGNOSIS_SHARES)
    among = [name for of_brand in _DIAGNOSES for name in of_brand]
    return among, cell.patients.brand * 3 + kind, rng.random(count) < 0.8


def hcp_profiles(cell: Cell) -> dict[str, Any]:
    """One row per HCP; HCPs without patients are seldom covered."""
    hcps = cell.hcps
    count = hcps.number.size
    return {
        "hcp_id": col.keys("H", hcps.number),
        "specialty": col.names(hcps.specialty, SPECIALTIES),
        "priority_tier": col.values(hcps.tier),
        "coverage_status": col.values(
            covered(cell), cell.rng("gaps in profiles").random(count) > 0.03
        ),
        "geographic_region": col.names(hcps.region, REGIONS),
    }


def covered(cell: Cell) -> NDArray[np.bool_]:
    """Which HCPs are covered."""
    draw = cell.rng("coverage").random(cell.hcps.number.size)
    return draw < np.where(cell.hcps.attached, 0.95, 0.40)


def patient_journeys(cell: Cell, treated: NDArray[np.bool_]) -> dict[str, Any]:
    """One journey per patient and a second one for a quarter of them.

    Args:
        cell: the people.
        treated: which patients have a prescription.
    """
    plan, patients, rng = cell.plan, cell.patients, cell.rng("journeys")
    again = np.flatnonzero(rng.random(patients.number.size) < 0.25)
    who = np.concatenate([np.arange(patients.number.size), again])
    second = np.arange(who.size) >= patients.number.size
    # Days before `end`; the youngest diagnosis leaves room for the longest lag.
    reach = np.minimum(patients.diagnosed[who] - _LONGEST_LAG - 2, _INGESTION_DAYS - 1)
    ingested = (0.05 + 0.95 * rng.random(who.size)) * reach
    ingestion = plan.instants(ingested)
    day = (plan.last_day - ingestion.astype("datetime64[D]")).astype(np.int64)
    # A day's lag is that of all cells: its feeds are late together.
    days = plan.rng("ingestion days").standard_normal(_INGESTION_DAYS)
    slow = normals(rng, day, effects=days)
    lag = np.clip(1.9 * np.exp(0.6 * slow), 0.02, _LONGEST_LAG)
    source = plan.instants(ingested + lag)
    late = (rng.random(who.size) * ingested * 0.01 * 86_400).astype(np.int64)
    created = ingestion + np.minimum(late, 1800).astype("timedelta64[s]")
    among, diagnosis, eligible = diagnoses(cell)
    count = patients.number.size
    state = patients.region * 4 + rng.integers(0, 4, count)
    age_group = rng.choice(4, count, p=(0.2, 0.3, 0.3, 0.2))
    gender = rng.choice(2, count, p=(0.58, 0.42))
    lacks_id = second & (rng.random(who.size) < 0.04)
    order = np.where(second, 1, 0)
    return {
        "patient_journey_id": col.keys("J", patients.number[who], order),
        "patient_id": col.keys("P", patients.number[who], valid=~lacks_id),
        "brand": col.names(patients.brand[who], BRANDS, uniforms(rng, who) > 0.05),
        "diagnosis": col.names(diagnosis[who], among),
        "diagnosis_date": col.days(plan.dates(patients.diagnosed[who])),
        "event_date": col.days(source, uniforms(rng, who) > 0.055),
        "is_eligible": col.values(eligible[who]),
        "geographic_region": col.names(patients.region[who], REGIONS),
        "state": col.names(state[who], [name for of_region in _STATES for name in of_region]),
        "insurance_type": col.names(
            np.maximum(patients.insurance, 0)[who], INSURANCES, patients.insurance[who] >= 0
        ),
        "age_group": col.names(age_group[who], _AGE_GROUPS),
        "gender": col.names(gender[who], ("female", "male")),
        "hcp_id": col.keys("H", cell.hcps.number[patients.hcp[who]]),
        "data_quality_score": col.values(np.round(1 - 0.3 * rng.random(who.size) ** 2, 3)),
        # A tenth of the feeds tell only how late they were, not when the fact was recorded.
        "source_timestamp": col.values(source, rng.random(who.size) > 0.1),
        "ingestion_timestamp": col.values(ingestion),
        "data_lag_hours": col.values((ingestion - source) / np.timedelta64(1, "h")),
        "disease_severity": col.values(patients.severity[who]),
        "academic_hcp": col.values(cell.hcps.academic[patients.hcp[who]]),
        "engagement_score": col.values(patients.engagement[who]),
        "treatment_initiated": col.values(treated[who].astype(np.int64)),
        "created_at": col.values(created),
    }
