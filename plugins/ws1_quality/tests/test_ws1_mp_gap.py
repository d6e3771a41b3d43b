"""The interval of the fairness gap: groups of patients, compared all at once."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kpisdk import IntervalReason, Workspace

AS_OF = dt.datetime(2025, 2, 1, tzinfo=dt.UTC)


def _tables(recalls, patients=40, each=5, *, alike=True):
    """Positives of patients in groups; a patient's are found together, or one by one."""
    generator = np.random.default_rng(5)
    rows, journeys = [], []
    for group, recall in recalls.items():
        for number in range(patients):
            name, found = f"{group}{number}", generator.random(each) < recall
            journeys.append((f"j{name}", name, dt.datetime(2025, 1, 1), group))
            if alike:
                found = np.full(each, number < recall * patients)
            rows += [(f"{name}-{i}", name, 0.9 if hit else 0.1, 1.0) for i, hit in enumerate(found)]
            rows.append((f"{name}-no", name, 0.1, 0.0))
    predictions = pd.DataFrame(
        rows, columns=["prediction_id", "patient_id", "prediction_value", "actual_outcome"]
    ).assign(prediction_timestamp=dt.datetime(2025, 1, 20), model_version="v1")
    columns = ["patient_journey_id", "patient_id", "created_at", "insurance_type"]
    return {
        "ml_predictions": predictions,
        "patient_journeys": pd.DataFrame(journeys, columns=columns),
    }


def _gap(tables):
    with Workspace(tables, cache="off") as workspace:
        (result,) = workspace.compute("WS1-MP-008", as_of=AS_OF, parameters={"source": "computed"})
        return result


def test_patients_found_as_a_whole_count_once():
    """20 of 40 and 30 of 40 patients: ±0.21 at least, where 200 rows a group would give ±0.09."""
    result = _gap(_tables({"a": 0.5, "b": 0.75}))

    assert result.value == pytest.approx(0.25)
    assert result.interval.unit == "patient_id"
    assert result.interval.low < 0.06
    assert 0.38 < result.interval.high < 0.55


def test_groups_that_are_alike_have_no_gap_for_certain():
    """Four groups of one recall: the largest difference seen is no proof of one."""
    result = _gap(_tables(dict.fromkeys("abcd", 0.7), alike=False))

    assert result.value > 0
    assert result.interval.low == 0.0


def test_a_group_of_one_patient_leaves_the_gap_without_an_interval():
    tables = _tables({"a": 0.5, "b": 0.75})
    journeys = tables["patient_journeys"]
    lone = journeys["patient_id"].ne("a0") & journeys["insurance_type"].eq("a")
    tables["patient_journeys"] = journeys[~lone]

    result = _gap(tables)

    assert result.value == pytest.approx(0.25)
    assert (result.interval, result.interval_reason) == (None, IntervalReason.TOO_FEW_UNITS)
