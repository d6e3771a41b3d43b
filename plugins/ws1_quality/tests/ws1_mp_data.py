"""Random tables for the model-performance KPIs, with holes, made by the tests themselves."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Any

import pandas as pd

from kpisdk_ws1_quality.prediction_datasets import (
    DRIFT_METRICS,
    HCP_PROFILES,
    PREDICTIONS,
    PREPROCESSING,
    journeys_with,
)

IDS = tuple(f"WS1-MP-00{number}" for number in range(1, 10))
AS_OF = dt.datetime(2025, 4, 15, 10, 30)
START = AS_OF - dt.timedelta(days=30)
JOURNEYS = journeys_with("insurance_type")
DATASETS = (PREDICTIONS, DRIFT_METRICS, PREPROCESSING, HCP_PROFILES, JOURNEYS)

SHAP = (
    None,
    "{}",
    "[]",
    "null",
    " { } ",
    "[\n]",
    '{"a": 1}',
    '{"a": {}}',
    "[0]",
    "5",
    '"{}"',
    "{broken",
    "",
    """{"it's; DROP TABLE x -- %s :p": 0.5}""",
)
"""What the column of explanations may hold; the sixth and later are there, but for the junk."""

IDENTIFIERS = ("p-{}", "P-{}", "p_{}", "é{}", " {}", "p'{}")


def json_cell(pick: random.Random, document: Any) -> str | None:
    """The document as text; sometimes nothing, sometimes junk."""
    chance = pick.random()
    if chance < 0.1:
        return None
    if chance < 0.2:
        return pick.choice(["{oops", "[1, 2]", "null", '"text"', "NaN"])
    return json.dumps(document)


def instant(pick: random.Random, number: int) -> dt.datetime:
    """An instant of the ninety days around as_of; some on a window's edge, some in the future."""
    if number % 40 == 0:
        return START
    if number % 40 == 1:
        return AS_OF
    if number % 40 == 2:
        return START - dt.timedelta(microseconds=1)
    if number % 40 == 3:
        return AS_OF - dt.timedelta(microseconds=1)
    seconds = pick.randrange(-5 * 86_400, 80 * 86_400)
    return AS_OF - dt.timedelta(seconds=seconds, microseconds=pick.randrange(10**6))


def prediction(pick: random.Random, number: int) -> dict[str, Any]:
    """One row, any of whose columns but the key may be empty."""

    def maybe(value: Any) -> Any:
        return value if pick.random() > 0.12 else None

    at = instant(pick, number)
    # New versions come with time; the rows of the future have one that must never be chosen.
    version = "v9" if at >= AS_OF else pick.choice(["v1", "v2", "V2"])
    value = round(pick.random(), 2)
    outcome = float(pick.random() < value) if pick.random() < 0.8 else pick.choice([0.0, 1.0])
    figure = {name: maybe(round(pick.random(), 3)) for name in ("auc", "pr", "p", "r", "b", "c")}
    recalls = {"insurance_type": {group: pick.random() for group in "abc"[: pick.randrange(4)]}}
    recalls["insurance_type"]["text"] = "high"
    return {
        "prediction_id": pick.choice(IDENTIFIERS).format(number),
        "model_type": pick.choice(["churn", "propensity", None, "o'hara"]),
        "model_version": maybe(version),
        "prediction_timestamp": maybe(at),
        "created_at": maybe(at),
        "patient_id": maybe(f"P{pick.randrange(60)}"),
        "hcp_id": maybe(f"H{pick.randrange(12)}"),
        "prediction_value": maybe(value),
        "actual_outcome": pick.choice([outcome] * 12 + [None, None, 0.5, 2.0]),
        "shap_values": pick.choice(SHAP),
        "model_auc": figure["auc"],
        "model_pr_auc": figure["pr"],
        "model_precision": figure["p"],
        "model_recall": figure["r"],
        "rank_metrics": json_cell(pick, {"recall_at_5": pick.random(), "recall_at_100": "much"}),
        "brier_score": figure["b"],
        "calibration_score": figure["c"],
        "fairness_metrics": json_cell(pick, {"recall_by_group": recalls}),
        "features": json_cell(pick, features(pick)),
    }


def features(pick: random.Random) -> dict[str, Any]:
    """A feature vector with a missing feature, a text, an integer and one unknown in training."""
    found: dict[str, Any] = {"age": pick.gauss(50, 9), "visits": pick.randrange(6), "new": 1}
    if pick.random() < 0.2:
        found["age"] = None
    if pick.random() < 0.1:
        found["visits"] = "many"
    return found


def distributions(pick: random.Random) -> list[dict[str, Any]]:
    """Training runs: an old one, the newest, junk that is newer, one of the future."""

    def run(days: float, document: Any, version: str) -> dict[str, Any]:
        at = AS_OF - dt.timedelta(days=days)
        text = document if isinstance(document, str) else json.dumps(document)
        return {"computed_at": at, "model_version": version, "feature_distributions": text}

    old = {"age": {"edges": [40], "proportions": [0.5, 0.5]}}
    good = {
        "age": {"edges": [40, 50.5, 60], "proportions": [0.15, 0.37, 0.33, 0.15]},
        "visits": {"edges": [1, 3, 9], "proportions": [0.2, 0.5, 0.3, 0.0]},
        "gone": {"edges": [0], "proportions": [0.5, 0.5]},
        "faulty": {"edges": [2, 1], "proportions": [0.2, 0.3, 0.5]},
    }
    runs = [
        run(60, old, "v1"),
        run(20, good, "v2"),
        run(10, "{junk", "v2"),
        run(5, "null", "v2"),
        run(0, old, "v3"),
        run(-3, old, "v3"),
    ]
    pick.shuffle(runs)
    return runs


def journey(pick: random.Random, number: int) -> dict[str, Any]:
    """One journey; a patient has several, some at the same instant, some of the future."""
    days = pick.choice([1, 1, 2, 5, 9, 20, -2, 0])
    return {
        "patient_journey_id": f"{pick.choice('aB_')}{number}",
        "patient_id": pick.choice([f"P{pick.randrange(60)}"] * 9 + [None]),
        "created_at": pick.choice([AS_OF - dt.timedelta(days=days)] * 9 + [None]),
        "insurance_type": pick.choice(["a", "A", "b", "c", None]),
        "gender": pick.choice(["f", "m", None]),
    }


def tables(seed: int, rows: int = 320) -> dict[str, pd.DataFrame]:
    """All tables that the nine KPIs read."""
    pick = random.Random(seed)
    hcps = [
        {"hcp_id": f"H{number}", "specialty": pick.choice(["onc", "derm", None])}
        for number in range(9)
    ]
    drift = [
        {
            "psi_value": pick.choice([None, round(pick.random() / 3, 4)]),
            "measured_at": AS_OF - dt.timedelta(hours=pick.randrange(-20, 24 * 12)),
            "feature_name": pick.choice(["age", "visits", None]),
        }
        for _ in range(60)
    ]
    drift += [{"psi_value": 5.0, "measured_at": AS_OF, "feature_name": "age"}]
    return {
        "ml_predictions": pd.DataFrame([prediction(pick, number) for number in range(rows)]),
        "feature_drift_metrics": pd.DataFrame(drift),
        "ml_preprocessing_metadata": pd.DataFrame(distributions(pick)),
        "hcp_profiles": pd.DataFrame(hcps),
        "patient_journeys": pd.DataFrame([journey(pick, number) for number in range(200)]),
    }
