"""What the model sees and says: features, contributions, probabilities and outcomes of a cell.

A patient is scored every 30th night, five minutes before ``end`` on the clock, so that the nights
of the last 30 days are the newest version's, whichever way that window is drawn.
"""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_demo.people import MEDICAID, Cell, severity_and_engagement
from kpisdk_demo.plan import Plan
from kpisdk_demo.unit_effects import uniforms

CYCLE: Final = 30
"""Nights between two scores of a patient."""
SCORES: Final = 6
"""Scores that are kept of a patient, the newest first."""

VERSIONS: Final = ("5.2.0", "5.1.0", "5.0.1", "5.0.0")
"""Newest first."""
DEPLOYED: Final = (30, 75, 130, 200)
"""Age in days of each version's deployment: version k has the nights from DEPLOYED[k − 1] on."""

FEATURES: Final = (
    "claims_per_quarter",
    "disease_severity",
    "engagement_score",
    "months_since_diagnosis",
    "social_risk_index",
)
_WEIGHTS: Final = np.array(
    (
        (0.55, 1.00, 0.95, -0.45, -0.35),
        (0.55, 1.00, 0.70, -0.45, 0.00),
        (0.25, 1.10, 0.45, 0.00, 0.00),
        (0.00, 1.20, 0.15, 0.00, 0.00),
    )
)
"""Log odds per standard deviation of each feature, shape (versions, features): the newest version
weighs them as they matter, older ones knew less."""
_DECIMALS: Final = (2, 2, 1, 1, 3)
_CLAIMS_DRIFT: Final = 1.33
"""Claims per quarter of the newest version's nights, relative to its training data."""
_INTERCEPT: Final = -0.85
_OVERCONFIDENCE: Final = 0.89
"""Slope of the true log odds on the newest version's: under 1, it is too sure of itself."""
_UNDERRATED: Final = 0.21
"""Log odds by which the model underrates patients on Medicaid."""

_OUTCOME_NIGHTS: Final = 10
"""Nights until an outcome can be known."""
_TRAINING_ROWS: Final = 20_000
_BINS: Final = 10


@attrs.frozen(eq=False)
class Reference:
    """The features' distribution in training.

    Attributes:
        mean: of each feature, shape (features,).
        spread: standard deviation of each feature, shape (features,).
        edges: the nine inner edges of ten bins, shape (features, 9).
        proportions: share of each bin, shape (features, 10).
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    edges: NDArray[np.float64]
    proportions: NDArray[np.float64]


@attrs.frozen(eq=False)
class Scored:
    """Scores of a cell, ordered by patient, newest first; all arrays of one length.

    Attributes:
        patient: place of the patient in the cell.
        rank: 0 for the patient's newest score.
        night: age of the night in days.
        version: code in :data:`VERSIONS`.
        features: shape (rows, features).
        contributions: each feature's share of the log odds, shape (rows, features).
        probability: what the model says, four decimals.
        outcome: 0 or 1, NaN where it is not known yet.
    """

    patient: NDArray[np.int64]
    rank: NDArray[np.int64]
    night: NDArray[np.int64]
    version: NDArray[np.int64]
    features: NDArray[np.float64]
    contributions: NDArray[np.float64]
    probability: NDArray[np.float64]
    outcome: NDArray[np.float64]


def reference(plan: Plan) -> Reference:
    """The training distribution, from a sample of its own: same process, other patients."""
    rng = plan.rng("training")
    academic = (rng.random(_TRAINING_ROWS) < 0.3).astype(np.int64)
    severity, engagement = severity_and_engagement(rng, academic)
    months = rng.random(_TRAINING_ROWS) * 35
    trait = rng.standard_normal(_TRAINING_ROWS)
    features = _features(_claims(rng, _TRAINING_ROWS), severity, engagement, months, trait)
    levels = np.arange(1, _BINS) / _BINS
    edges = np.round(np.quantile(features, levels, axis=0).T, 4)
    return Reference(
        mean=features.mean(axis=0),
        spread=features.std(axis=0),
        edges=edges,
        proportions=binned(features, edges) / _TRAINING_ROWS,
    )


def binned(features: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows in each bin, shape (features, bins); a bin holds its left edge.

    Args:
        features: shape (rows, features).
        edges: inner edges of the bins, ascending, shape (features, bins - 1).
    """
    counts = [
        np.bincount(np.searchsorted(inner, column, side="right"), minlength=inner.size + 1)
        for column, inner in zip(features.T, edges, strict=True)
    ]
    return np.array(counts)


def scored(cell: Cell, training: Reference) -> Scored:
    """Every score of a cell's patients.

    Args:
        cell: the people.
        training: the features' distribution in training.
    """
    patients, rng = cell.patients, cell.rng("scores")
    first = rng.integers(0, CYCLE, patients.number.size)
    nights = first[:, None] + CYCLE * np.arange(SCORES)
    patient, rank = np.nonzero(nights < patients.diagnosed[:, None] - 1)
    night = nights[patient, rank]
    version = np.searchsorted(DEPLOYED, night, side="right")
    count = patient.size
    features = _features(
        _claims(rng, count) * np.where(version == 0, _CLAIMS_DRIFT, 1.0),
        patients.severity[patient],
        patients.engagement[patient],
        (patients.diagnosed[patient] - night) / 30.4,
        patients.trait[patient],
    )
    standard = (features - training.mean) / training.spread
    contributions = np.round(standard * _WEIGHTS[version], 4)
    odds = _INTERCEPT + contributions.sum(axis=1)
    truth = _OVERCONFIDENCE * (_INTERCEPT + standard @ _WEIGHTS[0])
    underrated = (patients.insurance[patient] == MEDICAID) * _UNDERRATED
    probability = np.clip(np.round(_logistic(odds - underrated), 4), 0.0005, 0.9995)
    positive = uniforms(rng, patient) < _logistic(truth)
    known = (night >= _OUTCOME_NIGHTS) & (rng.random(count) < 0.85)
    return Scored(
        patient=patient,
        rank=rank,
        night=night,
        version=version,
        features=features,
        contributions=contributions,
        probability=probability,
        outcome=np.where(known, positive, np.nan),
    )


def _claims(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Claims per quarter, log-normal."""
    claims: NDArray[np.float64] = np.exp(1.2 + 0.5 * rng.standard_normal(count))
    return claims


def _features(*columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shape (rows, features); one column per feature, in the order of :data:`FEATURES`."""
    return np.stack(
        [np.round(column, places) for column, places in zip(columns, _DECIMALS, strict=True)],
        axis=1,
    )


def _logistic(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-odds))
