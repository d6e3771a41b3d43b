"""Each model-performance KPI on tables small enough to be worked out by hand."""

from __future__ import annotations

import datetime as dt
import json
import math
from itertools import chain

import pandas as pd
import pytest
from ws1_mp_data import DATASETS, IDS

from kpisdk import Workspace
from kpisdk.testing import ENGINES

AS_OF = dt.datetime(2025, 2, 1)
JANUARY = dt.datetime(2025, 1, 20)
COLUMNS = (
    "model_auc",
    "model_pr_auc",
    "model_precision",
    "model_recall",
    "brier_score",
    "calibration_score",
)
JUDGED = (
    ("a", 0.9, 1.0, "P1"),
    ("b", 0.8, 0.0, "P2"),
    ("c", 0.8, 1.0, "P1"),
    ("d", 0.4, 0.0, "P2"),
    ("e", 0.4, 1.0, "P2"),
    ("f", 0.1, 0.0, "P3"),
)
"""Three positives and three negatives, with a tie across the classes at 0.8 and at 0.4."""


def row(name, p, y, patient=None, kind="rank", version="v1", at=JANUARY, **more):
    """A prediction with no stored figures unless they are given."""
    empty = dict.fromkeys((*COLUMNS, "hcp_id", "rank_metrics", "fairness_metrics", "features"))
    return {
        "prediction_id": name,
        "model_type": kind,
        "model_version": version,
        "prediction_timestamp": at,
        "created_at": at,
        "patient_id": patient,
        "prediction_value": p,
        "actual_outcome": y,
        "shap_values": None,
        **empty,
        **more,
    }


def tables():
    """Predictions of several kinds of model, each made for one KPI."""
    levels = [(0.2, 1.0), (0.2, 0.0), (0.2, 0.0), (0.2, 0.0)]
    levels += [(0.8, 0.0), (0.8, 1.0), (0.8, 1.0), (0.8, 1.0)]
    old = {"model_auc": 0.1, "brier_score": 0.9}
    fair = {"recall_by_group": {"gender": {"f": 0.5, "m": 0.75}}}
    rows = [
        *(row(*each) for each in JUDGED),
        *(row(f"s{i}", p, y, kind="slope") for i, (p, y) in enumerate(levels)),
        row("n1", None, None, kind="shap", shap_values='{"x": 0.1}'),
        row("n2", None, None, kind="shap", shap_values="{}"),
        row("n3", None, None, kind="shap", shap_values='{"x"'),
        row("n4", None, None, kind="shap", shap_values="[0.2]"),
        *(
            row(f"f{value}", None, None, kind="drift", features=json.dumps({"age": value}))
            for value in (-3, -2, -1, 0, 1, 2, 3, 4)
        ),
        row("t1", None, None, kind="stored", version="v1", at=JANUARY, **old),
        row(
            "t2",
            None,
            None,
            kind="stored",
            version="v2",
            at=JANUARY + dt.timedelta(hours=1),
            model_auc=0.7,
            model_pr_auc=0.5,
            model_precision=0.5,
            model_recall=0.2,
            brier_score=0.2,
            calibration_score=1.0,
            rank_metrics='{"recall_at_3": 0.25}',
            fairness_metrics=json.dumps(fair),
        ),
        row(
            "t3",
            None,
            None,
            kind="stored",
            version="v2",
            at=JANUARY,
            model_auc=0.9,
            model_recall=0.4,
            calibration_score=1.6,
        ),
        row("t4", None, None, kind="stored", version="v3", at=AS_OF, model_auc=0.0),
    ]
    journeys = [
        ("j1", "P1", JANUARY, "private"),
        ("j2", "P2", JANUARY, "private"),
        ("j3", "P2", JANUARY + dt.timedelta(days=1), "public"),
        ("j4", "P2", AS_OF, "private"),
    ]
    distribution = {"age": {"edges": [0], "proportions": [0.5, 0.5]}}
    return {
        "ml_predictions": pd.DataFrame(rows),
        "patient_journeys": pd.DataFrame(
            journeys, columns=["patient_journey_id", "patient_id", "created_at", "insurance_type"]
        ),
        "ml_preprocessing_metadata": pd.DataFrame(
            [{"computed_at": JANUARY, "feature_distributions": json.dumps(distribution)}]
        ),
        "feature_drift_metrics": pd.DataFrame(
            [
                {"psi_value": 0.1, "measured_at": AS_OF - dt.timedelta(days=7)},
                {"psi_value": 0.4, "measured_at": AS_OF - dt.timedelta(days=1)},
                {"psi_value": 0.9, "measured_at": AS_OF},
            ]
        ),
    }


COMPUTED = {
    # 0.9 beats three negatives, 0.8 two and a half, 0.4 one and a half, of nine pairs.
    "WS1-MP-001": ("rank", 7 / 9),
    # Precision from each level up: 1/1, 2/3, 3/5; each is worth a third of the recall.
    "WS1-MP-002": ("rank", (1 + 2 / 3 + 3 / 5) / 3),
    # Three say yes, two of them rightly; one positive is missed.
    "WS1-MP-003": ("rank", 4 / 6),
    # The three highest are a, b and c.
    "WS1-MP-004": ("rank", 2 / 3),
    "WS1-MP-005": ("rank", (0.01 + 0.64 + 0.04 + 0.16 + 0.36 + 0.01) / 6),
    # The observed log-odds are -ln 3 and ln 3 where -ln 4 and ln 4 were predicted.
    "WS1-MP-006": ("slope", math.log(3) / math.log(4)),
    "WS1-MP-007": ("shap", 2 / 4),
    # P1 (private) finds 2 of 2, P2 (public since its newest journey before as_of) 0 of 1.
    "WS1-MP-008": ("rank", 1.0),
    # Production shares (3 + 1) / 10 and (5 + 1) / 10 against one half each.
    "WS1-MP-009": ("drift", 0.1 * math.log(1.5)),
}
STORED = {
    # The newest version before as_of is v2: t2 and t3.
    "WS1-MP-001": ("stored", 0.8),
    "WS1-MP-002": ("stored", 0.5),
    "WS1-MP-003": ("stored", 2 * 0.5 * 0.3 / 0.8),
    "WS1-MP-004": ("stored", 0.25),
    "WS1-MP-005": ("stored", 0.2),
    "WS1-MP-006": ("stored", 1.3),
    "WS1-MP-008": ("stored", 0.25),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_kpi_has_the_value_worked_out_by_hand(source_on, engine):
    """Stored and computed figures equal those worked out beside the rows, on every engine."""
    workspace = Workspace(source_on(engine, tables(), DATASETS), cache="off", clock=lambda: AS_OF)
    found = {}
    for source, wanted in (("stored", STORED), ("computed", COMPUTED)):
        for kpi, (kind, _) in wanted.items():
            parameters = {} if kpi == "WS1-MP-007" else {"source": source}
            if kpi == "WS1-MP-004":
                parameters["k"] = 3
            if kpi == "WS1-MP-008" and source == "stored":
                parameters["attribute"] = "gender"
            (result,) = workspace.compute(
                kpi, as_of=AS_OF, where={"model_type": kind}, parameters=parameters
            )
            found[source, kpi] = result.value
    (drift,) = workspace.compute("WS1-MP-009", as_of=AS_OF)

    wanted = chain(
        ((("stored", kpi), value) for kpi, (_, value) in STORED.items()),
        ((("computed", kpi), value) for kpi, (_, value) in COMPUTED.items()),
    )
    assert found == {key: pytest.approx(value, rel=1e-12) for key, value in wanted}
    assert (drift.value, drift.answered_by) == (pytest.approx(0.25), "stored")


def test_the_hand_made_values_cover_all_nine_kpis():
    """Every KPI of the family stands in the tables above."""
    assert set(IDS) == set(COMPUTED)
