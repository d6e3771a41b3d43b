"""``triggers`` of a cell, with what became of each: decision, action, outcome, change."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_demo import columns as col
from kpisdk_demo.contract import BRANDS
from kpisdk_demo.grouping import ranks
from kpisdk_demo.people import Cell
from kpisdk_demo.plan import HISTORY
from kpisdk_demo.unit_effects import normals, uniforms

_RATE: Final = 0.93 / 30
"""Triggers per day of a targeted patient."""

_TYPES: Final = ("new_diagnosis", "therapy_switch", "refill_gap", "lab_result", "risk_alert")
_PRIORITIES: Final = ("critical", "high", "medium", "low")
_CHANNELS: Final = ("rep_visit", "email", "portal", "phone")
_DECISIONS: Final = ("accepted", "rejected", "pending", None, "overridden")
"""From what agreeable HCPs decide to what contrary ones do."""
_DECISION_SHARES: Final = (0.48, 0.23, 0.10, 0.08, 0.11)
_ACTION_AFTER: Final = np.array([0.78, 0.28, 0.20, 0.0, 0.42])
"""Chance of an action after each decision, outside the control group."""
_CONTROL_FACTOR: Final = 0.65
_ACTIONS: Final = ("hcp_call", "patient_outreach", "sample_request", "prior_authorization")
_CHANGES: Final = ("threshold", "timing", "channel", "content")


@attrs.frozen(eq=False)
class Triggers:
    """The triggers of a cell, ordered by patient and time.

    Attributes:
        patient: place of the patient in the cell.
        fired: the instant.
        rank: 0 for the patient's first trigger.
        succeeded: whether a positive outcome has followed.
        outcome_age: age in days of that outcome (only where ``succeeded``).
        rows: the columns of the table, by name.
    """

    patient: NDArray[np.int64]
    fired: NDArray[np.datetime64]
    rank: NDArray[np.int64]
    succeeded: NDArray[np.bool_]
    outcome_age: NDArray[np.int64]
    rows: dict[str, Any]


def triggers(cell: Cell) -> Triggers:
    """All triggers of a cell."""
    plan, patients, rng = cell.plan, cell.patients, cell.rng("triggers")
    exposure = np.minimum(patients.diagnosed - 1, HISTORY) * patients.targeted
    patient = np.repeat(np.arange(exposure.size), rng.poisson(_RATE * exposure))
    count = patient.size
    # Never under a minute old, so that no trigger touches `end`.
    fired = plan.instants(0.001 + rng.random(count) * (exposure[patient] - 0.001))
    order = np.lexsort((fired, patient))
    fired = fired[order]
    rank = ranks(patient)
    rows = {
        "trigger_id": col.keys("T", patients.number[patient], rank),
        "patient_id": col.keys("P", patients.number[patient]),
        "hcp_id": col.keys("H", cell.hcps.number[patients.hcp[patient]]),
        "brand": col.names(patients.brand[patient], BRANDS),
        "trigger_timestamp": col.values(fired),
        "trigger_type": col.names(rng.integers(0, len(_TYPES), count), _TYPES),
        "priority": col.names(rng.choice(4, count, p=(0.1, 0.3, 0.4, 0.2)), _PRIORITIES),
        "delivery_channel": col.names(rng.integers(0, len(_CHANNELS), count), _CHANNELS),
    }
    hcp = patients.hcp[patient]
    rows |= _decisions(rng, hcp)
    false_alert = uniforms(rng, hcp) < 0.145
    rows["false_positive_flag"] = col.values(false_alert, rng.random(count) > 0.03)
    succeeded, outcome_age, outcomes = _outcomes(cell, rng, patient, fired, false_alert)
    rows |= outcomes
    rows |= _changes(cell, rng, patient, fired, rank)
    return Triggers(patient, fired, rank, succeeded, outcome_age, rows)


def _decisions(rng: np.random.Generator, hcp: NDArray[np.int64]) -> dict[str, Any]:
    """What an HCP's representative decides and does: some accept, override and act more often."""
    count = hcp.size
    decision = np.searchsorted(np.cumsum(_DECISION_SHARES[:-1]), uniforms(rng, hcp))
    control = rng.random(count) < 0.25
    chance = _ACTION_AFTER[decision] * np.where(control, _CONTROL_FACTOR, 1.0)
    acted = uniforms(rng, hcp) < chance
    # No action is written in two ways in practice: NULL, and an empty text.
    idle = np.where(rng.random(count) < 0.7, len(_ACTIONS), len(_ACTIONS) + 1)
    action = np.where(acted, rng.integers(0, len(_ACTIONS), count), idle)
    return {
        "acceptance_status": col.names(decision, _DECISIONS),
        "action_taken": col.names(action, (*_ACTIONS, None, "")),
        "control_group_flag": col.values(control, rng.random(count) > 0.02),
    }


def _outcomes(
    cell: Cell,
    rng: np.random.Generator,
    patient: NDArray[np.int64],
    fired: NDArray[np.datetime64],
    false_alert: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], NDArray[np.int64], dict[str, Any]]:
    """An outcome is known only where its day has come; a false alert has no positive one."""
    count = fired.size
    lead = np.clip(np.rint(19 + 5 * normals(rng, patient)), 3, 45).astype(np.int64)
    age = (cell.plan.last_day - fired.astype("datetime64[D]")).astype(np.int64)
    tracked = (rng.random(count) < 0.6) & (age >= lead)
    succeeded = tracked & ~false_alert & (uniforms(rng, patient) < 0.9)
    gain = np.round(0.05 + rng.gamma(2.0, 0.5, count), 3)
    loss = np.where(rng.random(count) < 0.6, 0.0, -np.round(rng.gamma(1.5, 0.3, count), 3))
    written = tracked & (succeeded | (rng.random(count) > 0.08))
    return (
        succeeded,
        age - lead,
        {
            "outcome_tracked": col.values(tracked, tracked | (rng.random(count) > 0.02)),
            "outcome_value": col.values(np.where(succeeded, gain, loss), written),
            "lead_time_days": col.values(lead, succeeded),
        },
    )


def _changes(
    cell: Cell,
    rng: np.random.Generator,
    patient: NDArray[np.int64],
    fired: NDArray[np.datetime64],
    rank: NDArray[np.int64],
) -> dict[str, Any]:
    """Some triggers replace the same patient's one before; the change lies between the two."""
    count = fired.size
    changed = (rank > 0) & (rng.random(count) < 0.16)
    failed = uniforms(rng, cell.patients.hcp[patient]) < 0.27
    size = np.round(0.01 + rng.gamma(1.5, 0.1, count), 3)
    waited = np.zeros(count)
    waited[1:] = (fired[1:] - fired[:-1]) / np.timedelta64(1, "s")
    before = np.where(changed, waited * (0.1 + 0.8 * rng.random(count)), 0).astype(np.int64)
    return {
        "previous_trigger_id": col.keys(
            "T", cell.patients.number[patient], np.maximum(rank - 1, 0), changed
        ),
        "change_type": col.names(rng.integers(0, len(_CHANGES), count), _CHANGES, changed),
        "change_timestamp": col.values(fired - before.astype("timedelta64[s]"), changed),
        "change_failed": col.values(failed, changed & (rng.random(count) > 0.04)),
        "change_outcome_delta": col.values(np.where(failed, -size, size), changed),
    }
