"""``ml_predictions`` of a cell, and the tables that describe the model's features."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from kpisdk_demo import columns as col
from kpisdk_demo.evaluation import Figures, Tally
from kpisdk_demo.people import Cell
from kpisdk_demo.plan import Plan
from kpisdk_demo.scoring import DEPLOYED, FEATURES, VERSIONS, Reference, Scored
from kpisdk_demo.unit_effects import uniforms

_PROPENSITY, _UNSCORED = "conversion_propensity", "next_best_action"
_SEGMENTS: Final = ("early_adopter", "high_severity", "low_engagement", "steady")
_EFFECTS: Final = (0.14, 0.11, 0.02, 0.06)
"""What a representative's visit adds to each segment's chance of conversion."""
_ARMS: Final = ("rep_visit", "none")
_SCORED_AT: Final = 5 / 1440
"""Days before ``end`` on the clock at which a night's scores are made."""
_DRIFT_DAYS: Final = 60
_RARELY_UNEXPLAINED: Final = 0.35
"""Latent share between patients: so rare an event needs more of it for the same correlation."""


def ml_predictions(cell: Cell, scores: Scored, figures: Sequence[Figures]) -> dict[str, Any]:
    """One row per score: most for conversion, some for the next best action.

    Only the conversion model is evaluated: the other has neither outcomes nor stored metrics.

    Args:
        cell: the people.
        scores: theirs.
        figures: what each version of the model stores, newest first.
    """
    plan, patients, rng = cell.plan, cell.patients, cell.rng("predictions")
    extra = np.flatnonzero(rng.random(scores.patient.size) < 0.15)
    row = np.concatenate([np.arange(scores.patient.size), extra])
    main = np.arange(row.size) < scores.patient.size
    who, version = scores.patient[row], scores.version[row]
    at = plan.instants(scores.night[row] + _SCORED_AT)
    kind = np.where(main, 0, 1)
    written = rng.integers(1, 240, row.size).astype("timedelta64[s]")
    names = (_PROPENSITY, _UNSCORED)
    identity = col.keys("X", patients.number[who], scores.rank[row] + 100 * kind)

    def stored(field: str) -> Any:
        values = np.array([getattr(each, field) for each in figures], float)
        return col.values(values[version], main)

    def stored_json(field: str) -> Any:
        return col.names(version, [getattr(each, field) for each in figures], main)

    return {
        "prediction_id": identity,
        "model_type": col.names(kind, names),
        "model_version": col.names(version, VERSIONS),
        "prediction_timestamp": col.values(at),
        "created_at": col.values(at + written),
        "patient_id": col.keys("P", patients.number[who]),
        "hcp_id": col.keys("H", cell.hcps.number[patients.hcp[who]]),
        "prediction_value": col.values(scores.probability[row]),
        "actual_outcome": col.values(scores.outcome[row], main),
        "shap_values": col.objects(
            dict(zip(FEATURES, scores.contributions[row].T, strict=True)),
            uniforms(rng, who, _RARELY_UNEXPLAINED) > 0.03,
        ),
        "model_auc": stored("roc_auc"),
        "model_pr_auc": stored("average_precision"),
        "model_precision": stored("precision"),
        "model_recall": stored("recall"),
        "rank_metrics": stored_json("recall_at"),
        "brier_score": stored("brier"),
        "calibration_score": stored("slope"),
        "fairness_metrics": stored_json("fairness"),
        # Kept with the conversion model only: a score that both made is one observation of drift.
        "features": col.objects(dict(zip(FEATURES, scores.features[row].T, strict=True)), main),
        **_effects(cell, scores, rng, row, main),
    }


def _effects(
    cell: Cell, scores: Scored, rng: np.random.Generator, row: Any, main: Any
) -> dict[str, Any]:
    """Causal estimates beside a score: the visit's effect, and the outcome without or with it."""
    patients = cell.patients
    severe = patients.severity > 6.2
    remote = patients.engagement < 42
    early = patients.trait > 0.8
    segment = np.select([early, severe, remote], [0, 1, 2], 3)[scores.patient[row]]
    effect = np.array(_EFFECTS)[segment]
    visited = rng.random(row.size) < 0.5
    estimate = np.round(effect + 0.05 * rng.standard_normal(row.size), 4)
    shifted = scores.probability[row] + np.where(visited, -estimate, estimate)
    return {
        "treatment_effect_estimate": col.values(estimate, main),
        "heterogeneous_effect": col.values(
            np.round(effect + 0.01 * rng.standard_normal(row.size), 4), main
        ),
        "segment_assignment": col.names(segment, _SEGMENTS, main & (rng.random(row.size) > 0.02)),
        "counterfactual_outcome": col.values(np.round(np.clip(shifted, 0, 1), 4), main),
        "treatment_received": col.names(np.where(visited, 0, 1), _ARMS, main),
        "counterfactual_treatment": col.names(np.where(visited, 1, 0), _ARMS, main),
    }


def ml_preprocessing_metadata(plan: Plan, training: Reference) -> dict[str, Any]:
    """The features' training distribution, written the day before a version was deployed.

    Args:
        plan: what is generated.
        training: the distribution.
    """
    distributions = {
        name: {"edges": edges.tolist(), "proportions": proportions.tolist()}
        for name, edges, proportions in zip(
            FEATURES, training.edges, training.proportions, strict=True
        )
    }
    version = np.arange(len(VERSIONS))
    return {
        "metadata_id": col.keys("D", version),
        "model_version": col.names(version, VERSIONS),
        "computed_at": col.values(plan.instants(np.array(DEPLOYED) + 1.0)),
        "feature_distributions": col.same(json.dumps(distributions), version.size),
    }


def feature_drift_metrics(plan: Plan, counts: Tally) -> dict[str, Any]:
    """One measurement per night and feature; those of older versions found little drift.

    Args:
        plan: what is generated.
        counts: the tally over all cells, which knows the drift of the newest version.
    """
    rng = plan.rng("drift")
    night = np.repeat(np.arange(_DRIFT_DAYS), len(FEATURES))
    feature = np.tile(np.arange(len(FEATURES)), _DRIFT_DAYS)
    version = np.searchsorted(DEPLOYED, night, side="right")
    calm = 0.003 + 0.01 * rng.random(night.size)
    noise = 1 + 0.02 * rng.standard_normal(night.size)
    index = np.where(version == 0, counts.drift()[feature] * noise, calm)
    return {
        "drift_id": col.keys("F", np.arange(night.size)),
        "model_version": col.names(version, VERSIONS),
        "feature_name": col.names(feature, FEATURES),
        "psi_value": col.values(np.round(index, 6)),
        "measured_at": col.values(plan.instants(night + _SCORED_AT)),
    }
