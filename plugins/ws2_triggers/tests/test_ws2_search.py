"""A search for tables on which the KPIs and an independent implementation differ.

Each case is a few hostile rows with ids of their own; all cases lie in one table and are asked for
as the groups of a column, so that hundreds cost one question.
"""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd
import pytest
from ws2_data import AS_OF, EDGES
from ws2_oracle import values

from kpisdk import Workspace

CASES = 120
NOON = AS_OF.replace(tzinfo=None)
DAYS = [NOON.date() - dt.timedelta(days=n) for n in (-1, 0, 1, 29, 30, 31, 60, 61)]
MOMENTS = [dt.datetime.combine(day, dt.time(hour)) for day in DAYS for hour in (0, 23)]
PATIENTS = ["a", "A", "a ", "", "ä", "a\u0308", None]
TRIGGER = {
    "patient_id": PATIENTS,
    "brand": ["K", "k", "K ", "", None],
    "trigger_timestamp": [*EDGES, *MOMENTS, None],
    "acceptance_status": ["accepted", "Accepted", "accepted ", "overridden", "", None],
    "action_taken": ["", " ", "call", None],
    "control_group_flag": [True, False, None],
    "false_positive_flag": [True, False, None],
    "outcome_tracked": [True, True, False, None],
    "outcome_value": [0.0, -0.0, 1e-300, -1.0, 2.0, float("nan"), float("inf"), None],
    "lead_time_days": [-3, 0, 1, 2, 10**6, None],
    "previous_trigger_id": ["", "T", None],
    "change_failed": [True, False, None],
}
EVENT = {
    "patient_id": PATIENTS,
    "event_date": [*DAYS, None],
    "event_type": ["prescription", "conversion", "Prescription", "prescription ", "", None],
    "brand": ["K", "k", "K ", "", None],
}


def some_rows(pick, case, columns):
    """Up to seven rows of a case, the first of them perhaps twice; ids are the case's own."""
    made = []
    for _ in range(pick.randrange(1, 8)):
        row = {name: pick.choice(choices) for name, choices in columns.items()}
        if row["patient_id"] is not None:
            row["patient_id"] = f"{case}/{row['patient_id']}"
        made.append({**row, "hcp_id": None, "case": case})
    return made + made[: pick.randrange(2)]


def frame(rows):
    """Rows as a table that keeps what each cell is."""
    made = pd.DataFrame(rows, dtype=object)
    made.insert(0, "trigger_id", [f"T{i}" for i in range(len(rows))])
    return made


@pytest.mark.parametrize("brand", [None, "K", "K "])
def test_no_case_tells_the_kpis_from_the_oracle(brand):
    """Letters of both cases, blanks, infinities, days at the edges, rows twice."""
    pick = random.Random(f"ws2 {brand}")
    triggers = {case: some_rows(pick, case, TRIGGER) for case in range(CASES)}
    events = {case: some_rows(pick, case, EVENT) for case in range(CASES)}
    data = {
        "triggers": frame([row for rows in triggers.values() for row in rows]),
        "treatment_events": frame([row for rows in events.values() for row in rows]),
    }
    where = {} if brand is None else {"brand": brand}

    report = Workspace(data, cache="off").compute(
        workstream="ws2_triggers", as_of=AS_OF, by="case", where=where
    )

    found = {(result.kpi_id, result.slice["case"]): result for result in report}
    compared = 0
    for case in range(CASES):
        expected = values(frame(triggers[case]), frame(events[case]), AS_OF, brand)
        for kpi_id, value in expected.items():
            result = found.get((kpi_id, case))
            if result is None:
                assert value is None, (kpi_id, case)
                continue
            compared += value is not None
            wanted = None if value is None else pytest.approx(value, abs=1e-12)
            assert result.value == wanted, (kpi_id, triggers[case], events[case], result.message)
    assert compared > CASES // 4
