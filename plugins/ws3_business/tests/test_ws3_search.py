"""A search for tables on which the KPIs and an independent implementation differ.

Each case is a few hostile rows with ids of their own; all cases lie in one table and are asked for
as the groups of a column, so that hundreds cost one question.
"""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd
import pytest
from ws3_data import AS_OF
from ws3_oracle import ALL, Oracle

from kpisdk import Workspace

CASES = 100
NOON = AS_OF.replace(tzinfo=None)
TICK = dt.timedelta(microseconds=1)
DAYS = [NOON.date() - dt.timedelta(days=n) for n in (-1, 0, 1, 29, 30, 31, 60, 61, 62, 90)]
MOMENTS = [
    *(dt.datetime.combine(day, dt.time(hour)) for day in DAYS for hour in (0, 23)),
    *(NOON - dt.timedelta(days=n) + shift for n in (0, 7, 30, 61) for shift in (-TICK, 0 * TICK)),
]
BRANDS = ["K", "K", "K ", "K ", "k", None]
IDS = ("patient_id", "hcp_id", "user_id")
NAMES = ["a", "A", "a ", "", "ä", "a\u0308", None]
TABLES = {
    "user_sessions": {"user_id": NAMES, "session_start": [*MOMENTS, None], "user_role": [None]},
    "patient_journeys": {
        "patient_id": NAMES,
        "hcp_id": [None],
        "brand": BRANDS,
        "is_eligible": [True, True, False, None],
    },
    "hcp_profiles": {
        "hcp_id": NAMES,
        "specialty": [None],
        "priority_tier": [0, 1, 2, 3, None],
        "coverage_status": [True, False, None],
    },
    "treatment_events": {
        "patient_id": NAMES,
        "hcp_id": [None],
        "event_date": [*DAYS, None],
        "event_type": ["prescription", "prescription", "Prescription", "prescription ", None],
        "brand": BRANDS,
        "sequence_number": [-1, 0, 1, 2, None],
    },
    "triggers": {
        "patient_id": NAMES,
        "hcp_id": [None],
        "brand": BRANDS,
        "trigger_timestamp": [*MOMENTS, None],
        "acceptance_status": ["accepted", "", None],
    },
    "business_metrics": {
        "metric_date": [*DAYS, None],
        "roi": [0.0, -2.5, 3.0, 1e9, float("nan"), None],
        "brand": BRANDS,
    },
}
BY_CASE = [f"WS3-BI-{n:03}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9)]


def some_rows(pick, case, columns):
    """Up to seven rows of a case, the first of them perhaps twice; ids are the case's own."""
    made = []
    for _ in range(pick.randrange(1, 8)):
        row = {name: pick.choice(choices) for name, choices in columns.items()}
        ids = {name: f"{case}/{row[name]}" for name in IDS if row.get(name) is not None}
        made.append({**row, **ids, "case": case})
    return made + made[: pick.randrange(2)]


@pytest.mark.parametrize("brand", [ALL, "K", "K "])
def test_no_case_tells_the_kpis_from_the_oracle(brand):
    """Letters of both cases, blanks, days at the edges, rows twice, nothing at all."""
    pick = random.Random(f"ws3 {'' if brand is ALL else brand}")
    cases = [
        {name: some_rows(pick, case, columns) for name, columns in TABLES.items()}
        for case in range(CASES)
    ]
    data = {
        name: pd.DataFrame([row for case in cases for row in case[name]], dtype=object)
        for name in TABLES
    }
    where = {} if brand is ALL else {"brand": brand}
    kpis = [each for each in BY_CASE if brand is ALL or each not in ("WS3-BI-001", "WS3-BI-002")]

    report = Workspace(data, cache="off").compute(*kpis, as_of=AS_OF, by="case", where=where)

    found = {(result.kpi_id, result.slice.get("case")): result for result in report}
    compared = 0
    for place, tables in enumerate(cases):
        alone = {name: pd.DataFrame(rows, dtype=object) for name, rows in tables.items()}
        expected = Oracle({**alone, "agent_activities": pd.DataFrame()}, AS_OF).values(brand)
        for kpi_id in kpis:
            result, value = found.get((kpi_id, place)), expected.get(kpi_id)
            if result is None:
                assert not value, (kpi_id, place, value)
                continue
            if kpi_id not in expected:
                continue  # it asks for a brand, or refuses one
            compared += bool(value)
            wanted = None if value is None else pytest.approx(value, abs=1e-12)
            assert result.value == wanted, (kpi_id, tables, result.message)
    assert compared > CASES // 4


def test_no_case_of_returns_tells_the_kpi_from_the_oracle():
    """The mean return on investment, month by month: negative ones, huge ones, NaN, none."""
    pick = random.Random("roi")
    rows = some_rows(pick, 0, TABLES["business_metrics"])
    for case in range(1, 40):
        rows += some_rows(pick, case, TABLES["business_metrics"])
    data = {"business_metrics": pd.DataFrame(rows, dtype=object)}

    report = Workspace(data, cache="off").compute("WS3-BI-010", as_of=AS_OF, by="case")

    for result in report:
        mine = pd.DataFrame([r for r in rows if r["case"] == result.slice["case"]], dtype=object)
        tables = {"business_metrics": mine, "agent_activities": pd.DataFrame()}
        oracle = Oracle({**tables, "hcp_profiles": pd.DataFrame()}, AS_OF)
        value, _ = oracle.roi(NOON - dt.timedelta(days=30), NOON)
        assert result.value == (None if value is None else pytest.approx(value, rel=1e-12))
