"""Predictions and paths with holes in them, and how results are compared with plain loops."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.datasets import CAUSAL_PATHS, ML_PREDICTIONS

AS_OF = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


DATASETS = (ML_PREDICTIONS, CAUSAL_PATHS)


SEGMENTS = ("high", "low", "middle", None)


KINDS = ("ads", "calls", "coupons", "visits", None)


def _instants(generator, count):
    """Instants around the window of 30 days, its two edges and one in the future among them."""
    start, end = AS_OF - dt.timedelta(days=30), AS_OF
    seconds = generator.integers(-20 * 86400, 33 * 86400, count)
    found = [start + dt.timedelta(seconds=int(each)) for each in seconds]
    found[:4] = [start, end, end - dt.timedelta(microseconds=1), end + dt.timedelta(days=9)]
    return [each.replace(tzinfo=None) for each in found]


def _holes(generator, values, share=0.2):
    return [None if generator.random() < share else value for value in values]


def tables(seed: int, count: int = 150) -> dict[str, pd.DataFrame]:
    """Predictions and paths with NULLs everywhere but in the keys."""
    g = np.random.default_rng(seed)
    numbers = lambda: _holes(g, [round(float(v), 6) for v in g.standard_normal(count)])  # noqa: E731  # short
    picks = lambda names: [names[int(i)] for i in g.integers(0, len(names), count)]  # noqa: E731  # short
    predictions = pd.DataFrame(
        {
            "prediction_id": [f"p{number:04d}" for number in range(count)],
            "prediction_timestamp": _instants(g, count),
            "patient_id": picks(["ann", "bob", "cleo", None]),
            "actual_outcome": _holes(g, [float(v) for v in g.integers(0, 2, count)]),
            "treatment_effect_estimate": numbers(),
            "heterogeneous_effect": numbers(),
            "segment_assignment": picks(SEGMENTS),
            "counterfactual_outcome": numbers(),
            "treatment_received": picks(["A", "B", None]),
            "counterfactual_treatment": picks(["A", "B", None]),
        }
    )
    paths = pd.DataFrame(
        {
            "path_id": [f"c{number:04d}" for number in range(count)],
            "intervention_name": picks(KINDS),
            "treatment": picks(["email", "visit", None]),
            "outcome": picks(["sale", "call"]),
            "validated": pd.array(_holes(g, picks([True, False])), dtype="boolean"),
            "causal_effect_size": numbers(),
            "confidence_level": numbers(),
            "mediators_identified": picks(['["intent"]', "[]", None]),
            "indirect_effect": numbers(),
            "direct_effect": numbers(),
            "total_effect": numbers(),
            "created_at": _instants(g, count),
        }
    )
    return {"ml_predictions": predictions, "causal_paths": paths}


def rows_of(frame):
    """Rows as plain dictionaries; every kind of missing value is None."""
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


def recent(rows):
    """Those of the 30 days before AS_OF."""
    start = (AS_OF - dt.timedelta(days=30)).replace(tzinfo=None)
    return [r for r in rows if start <= r["prediction_timestamp"] < AS_OF.replace(tzinfo=None)]


def close_to(value):
    """The number, but for the rounding of sums in another order."""
    return pytest.approx(value, rel=1e-9, abs=1e-12)
