"""A search for tables on which the KPIs and an independent implementation differ.

Each case is a few hostile rows with ids of their own; all cases lie in one table and are asked for
as the groups of a column, so that hundreds cost one question.
"""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd
import pytest
from brand_data import AS_OF
from brand_oracle import Oracle

from kpisdk import Workspace
from kpisdk.testing import ENGINES
from kpisdk_brand.datasets import (
    HCP_INTENT_SURVEYS,
    HCP_PROFILES,
    PATIENT_JOURNEYS,
    TREATMENT_EVENTS,
    TRIGGERS,
)

DATASETS = (HCP_PROFILES, PATIENT_JOURNEYS, TREATMENT_EVENTS, HCP_INTENT_SURVEYS, TRIGGERS)
CASES = 120
NOON = AS_OF.replace(tzinfo=None)
TICK = dt.timedelta(microseconds=1)
DAYS = [NOON.date() - dt.timedelta(days=n) for n in (-1, 0, 1, 2, 30, 89, 90, 91)]
MOMENTS = [NOON - dt.timedelta(days=n) + shift for n in (0, 90) for shift in (-TICK, 0 * TICK)]
IDS = ("patient_id", "hcp_id", "survey_id", "previous_survey_id")
NAMES = ["a", "A", "a ", "", None]
TABLES = {
    "hcp_profiles": {
        "hcp_id": NAMES,
        "specialty": [
            "Oncology",
            "ONCOLOG",
            "oncolo",
            "neuro-Oncologist ",
            "\u00f6ncolog\u0130",
            None,
        ],
    },
    "patient_journeys": {
        "patient_id": NAMES,
        "hcp_id": [None],
        "diagnosis": [
            "csu",
            "xCSUx",
            "c su",
            "PNH",
            "Anemia",
            "anaemia",
            "Chronic\nspontaneous",
            None,
        ],
        "diagnosis_date": [*DAYS, None],
        "is_eligible": [True, False, None],
    },
    "treatment_events": {
        "patient_id": NAMES,
        "event_date": [*DAYS, None],
        "event_type": ["prescription", "prescription", "Prescription", "lab_test", None],
        "brand": ["Kisqali", "Kisqali", "kisqali", "Kisqali ", None],
        "drug_class": ["antihistamine", "H1_BLOCKER", "h1-blocker", "h1 blocker", "", None],
        "test_type": ["Flow_Cytometry", "pnh_panel", "gpi_anchor ", None],
        "treatment_response": ["Inadequate", "refractory", "uncontrolled ", "good", None],
    },
    "hcp_intent_surveys": {
        "survey_id": ["1", "2", "3", "4", None],
        "hcp_id": ["h", "h", "H", None],
        "survey_date": [*DAYS, None],
        "brand": ["Remibrutinib", "Remibrutinib", "remibrutinib", None],
        "intent_to_prescribe_score": [-1, 0, 3, 7, None],
        "intent_to_prescribe_change": [-2, 0, 1, None],
        "previous_survey_id": ["1", "2", "3", "9", None],
        "response_quality_flag": [True, False, None],
    },
    "triggers": {
        "hcp_id": NAMES,
        "brand": ["Kisqali", "Kisqali", "kisqali", None],
        "trigger_timestamp": [*MOMENTS, None],
    },
}


def some_rows(pick, case, columns):
    """Up to seven rows of a case, the first of them perhaps twice; ids are the case's own."""
    made = []
    for _ in range(pick.randrange(1, 8)):
        row = {name: pick.choice(choices) for name, choices in columns.items()}
        ids = {name: f"{case}/{row[name]}" for name in IDS if row.get(name) is not None}
        made.append({**row, **ids, "case": case})
    made += made[: pick.randrange(2)]
    # The oracle knows a survey by its id alone: ids that occur twice have a test of their own.
    unique = {row["survey_id"]: row for row in made} if "survey_id" in columns else {}
    return list(unique.values()) or made


@pytest.mark.parametrize("engine", ENGINES)
def test_no_case_tells_the_kpis_from_the_oracle(source_on, engine):
    """Letters of both cases, blanks, days at the edges, rows twice, surveys of later."""
    pick = random.Random("brand")
    cases = [
        {name: some_rows(pick, case, columns) for name, columns in TABLES.items()}
        for case in range(CASES)
    ]
    data = {
        name: pd.DataFrame([row for case in cases for row in case[name]], dtype=object)
        for name in TABLES
    }
    source = source_on(engine, data, DATASETS)

    report = Workspace(source, cache="off").compute(workstream="brand", as_of=AS_OF, by="case")

    found = {(result.kpi_id, str(result.slice.get("case"))): result for result in report}
    compared = 0
    for place, tables in enumerate(cases):
        alone = {name: pd.DataFrame(rows, dtype=object) for name, rows in tables.items()}
        oracle = Oracle(alone, AS_OF)
        adopted = found.get(("BR-004", str(place)))
        if adopted is not None:
            median = adopted.details["kaplan_meier_median_days"]
            assert median == oracle.survival(), (tables, adopted.details)
        for kpi_id, value in oracle.values().items():
            result = found.get((kpi_id, str(place)))
            if result is None:
                assert not value, (kpi_id, place, value)
                continue
            compared += value is not None
            wanted = None if value is None else pytest.approx(value, abs=1e-12)
            assert result.value == wanted, (kpi_id, tables, result.message)
    assert compared > CASES
