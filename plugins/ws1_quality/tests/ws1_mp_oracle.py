"""The nine model-performance KPIs once more, from their definitions: plain Python, scikit-learn."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, roc_auc_score

Row = dict[str, Any]
Window = tuple[dt.datetime, dt.datetime]


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """The rows with ``None`` for everything missing."""
    rows = frame.astype(object).to_dict("records")
    return [{key: None if pd.isna(each) else each for key, each in row.items()} for row in rows]


def within(rows: list[Row], column: str, window: Window) -> list[Row]:
    """Rows of a half-open window; those without an instant are in none."""
    start, end = window
    return [row for row in rows if row[column] is not None and start <= row[column] < end]


def newest_version(rows: list[Row]) -> list[Row]:
    """The rows of the version of the newest row that has one."""
    known = [row for row in rows if row["model_version"] is not None]
    if not known:
        return []
    last = max(known, key=lambda row: (row["prediction_timestamp"], row["model_version"]))
    return [row for row in known if row["model_version"] == last["model_version"]]


def average(values: list[float | None]) -> float | None:
    """The mean of what is there."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def parsed(text: str | None) -> Any:
    """A JSON document, strictly; ``None`` for junk."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        return json.loads(text or "", parse_constant=refuse)
    except ValueError:
        return None


def is_number(value: object) -> bool:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def stored(kpi: str, rows: list[Row], k: int, attribute: str) -> float | None:
    """The stored figure over the rows of the newest version."""
    mine = newest_version(rows)
    plain = {
        "WS1-MP-001": "model_auc",
        "WS1-MP-002": "model_pr_auc",
        "WS1-MP-005": "brier_score",
        "WS1-MP-006": "calibration_score",
    }
    if kpi in plain:
        return average([row[plain[kpi]] for row in mine])
    if kpi == "WS1-MP-003":
        p = average([row["model_precision"] for row in mine])
        r = average([row["model_recall"] for row in mine])
        return None if p is None or r is None or p + r == 0 else 2 * p * r / (p + r)
    found: list[float | None] = []
    for row in mine:
        document = parsed(row["rank_metrics" if kpi == "WS1-MP-004" else "fairness_metrics"])
        if not isinstance(document, dict):
            continue
        if kpi == "WS1-MP-004":
            value = document.get(f"recall_at_{k}")
            found.append(value if is_number(value) else None)
            continue
        groups = document["recall_by_group"].get(attribute, {})
        recalls = [each for each in groups.values() if is_number(each)]
        found.append(max(recalls) - min(recalls) if len(recalls) > 1 else None)
    return average(found)


def computed(
    kpi: str, rows: list[Row], k: int, attribute: str, journeys: list[Row], as_of: dt.datetime
) -> float | None:
    """The figure from predictions and outcomes."""
    known = [
        row
        for row in rows
        if row["prediction_value"] is not None and row["actual_outcome"] in (0.0, 1.0)
    ]
    y = np.array([row["actual_outcome"] for row in known])
    p = np.array([row["prediction_value"] for row in known])
    if len(set(y)) < 2:
        return None
    if kpi == "WS1-MP-004":
        ranked = sorted(known, key=lambda row: (-row["prediction_value"], row["prediction_id"]))
        return sum(row["actual_outcome"] for row in ranked[:k]) / sum(y)
    if kpi == "WS1-MP-006":
        return slope(p, y)
    if kpi == "WS1-MP-008":
        return gap(known, journeys, attribute, as_of)
    functions: dict[str, Callable[[], float]] = {
        "WS1-MP-001": lambda: roc_auc_score(y, p),
        "WS1-MP-002": lambda: average_precision_score(y, p),
        "WS1-MP-003": lambda: f1_score(y, p >= 0.5),
        "WS1-MP-005": lambda: brier_score_loss(y, p),
    }
    return float(functions[kpi]())


def slope(p: np.ndarray, y: np.ndarray) -> float | None:
    """Maximum likelihood by a general optimiser, polished by a root finder on the score."""
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    x = np.log(clipped / (1 - clipped))
    if y[x > x[y == 0].min()].all() and x[y == 0].max() <= x[y == 1].min():
        return None
    if x[y == 1].max() <= x[y == 0].min() or x[y == 0].max() <= x[y == 1].min():
        return None

    def loss(line: np.ndarray) -> float:
        eta = line[0] + line[1] * x
        return float(np.sum(np.logaddexp(0, eta) - y * eta))

    def score(line: np.ndarray) -> np.ndarray:
        miss = 1 / (1 + np.exp(-(line[0] + line[1] * x))) - y
        return np.array([miss.sum(), (miss * x).sum()])

    from scipy.optimize import root

    start = minimize(loss, np.zeros(2), jac=score).x
    return float(root(score, start, tol=1e-14).x[1])


def gap(known: list[Row], journeys: list[Row], attribute: str, as_of: dt.datetime) -> float | None:
    """The largest minus the smallest recall over groups with a positive."""
    group: dict[str, Any] = {}
    dated = [row for row in journeys if row["created_at"] is not None and row["patient_id"]]
    for row in sorted(dated, key=lambda row: (row["created_at"], row["patient_journey_id"])):
        if row["created_at"] < as_of:
            group[row["patient_id"]] = row[attribute]
    hits: dict[Any, list[bool]] = {}
    for row in known:
        member = group.get(row["patient_id"])
        if member is not None and row["actual_outcome"] == 1:
            hits.setdefault(member, []).append(row["prediction_value"] >= 0.5)
    recalls = [sum(each) / len(each) for each in hits.values()]
    return max(recalls) - min(recalls) if len(recalls) > 1 else None


def coverage(rows: list[Row]) -> float | None:
    """The share of rows with a SHAP document that is neither empty nor junk."""
    there = [parsed(row["shap_values"]) not in (None, {}, []) for row in rows]
    return sum(there) / len(there) if there else None


def drift(rows: list[Row], runs: list[Row], as_of: dt.datetime) -> float | None:
    """The mean index over features that are in training and in production."""
    readable = [
        run
        for run in runs
        if run["computed_at"] < as_of and isinstance(parsed(run["feature_distributions"]), dict)
    ]
    reference = parsed(max(readable, key=lambda run: run["computed_at"])["feature_distributions"])
    documents = [parsed(row["features"]) for row in rows]
    found = []
    for name, entry in reference.items():
        values = [
            document[name]
            for document in documents
            if isinstance(document, dict) and is_number(document.get(name))
        ]
        edges = [-np.inf, *entry["edges"], np.inf]
        if not values or edges != sorted(edges):
            continue
        index = 0.0
        for low, high, share in zip(edges[:-1], edges[1:], entry["proportions"], strict=True):
            count = sum(low <= value < high for value in values)
            q, p = (count + 1) / (len(values) + len(edges) - 1), max(share, 1e-6)
            index += (q - p) * np.log(q / p)
        found.append(index)
    return sum(found) / len(found) if found else None
