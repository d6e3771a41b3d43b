"""CM-001, CM-002 and CM-004 from stored predictions: effects that a model wrote beside each row."""

from __future__ import annotations

import math
from typing import Any

from kpisdk import Estimate, Inputs, Reason
from kpisdk_causal.kpi.stored_figures import (
    known,
    listed,
    mean_and_spread,
    newest_row,
    no_rows,
    number,
    stored,
    text,
)

PREDICTIONS = "predictions"
SPREAD = "mean ± z · sd / √n: the spread of predictions, which leaves out their own error"


def average_effect(inputs: Inputs) -> Estimate:
    """CM-001: mean treatment_effect_estimate, with sd and interval in the details."""
    values = known(inputs.frames[PREDICTIONS], "treatment_effect_estimate")
    if not values:
        return no_rows("no prediction of the window has a treatment_effect_estimate")
    mean, spread = mean_and_spread(values)
    details: dict[str, Any] = {"path": "stored", "ate_std": spread, "n_samples": len(values)}
    if spread is not None:
        from kpisdk_causal.inference.intervals import quantile

        half = quantile(0.95) * spread / math.sqrt(len(values))
        details |= {"ci_lower": mean - half, "ci_upper": mean + half, "ci_method": SPREAD}
    else:
        details |= {"ci_lower": None, "ci_upper": None, "ci_method": SPREAD}
    return stored(mean, n=len(values), details=details)


def conditional_effect(inputs: Inputs) -> Estimate:
    """CM-002: mean heterogeneous_effect of a segment; of all rows, with a breakdown, without."""
    frame = inputs.frames[PREDICTIONS]
    frame = frame[frame["heterogeneous_effect"].notna()]
    named = frame[frame["segment_assignment"].notna()]
    groups = {
        str(segment): known(rows, "heterogeneous_effect")
        for segment, rows in named.groupby("segment_assignment", sort=True)
    }
    wanted = inputs.parameters.get("segment")
    if wanted is not None and wanted not in groups:
        return no_rows(
            f"no prediction of the window has a heterogeneous_effect and the segment {wanted!r}; "
            f"there is: {listed(groups) or 'no segment'}"
        )
    breakdown = [_line(segment, values) for segment, values in groups.items()]
    values = known(frame, "heterogeneous_effect") if wanted is None else groups[wanted]
    if not values:
        return no_rows("no prediction of the window has a heterogeneous_effect")
    mean, spread = mean_and_spread(values)
    details: dict[str, Any] = {"path": "stored", "cate_std": spread, "n_samples": len(values)}
    if wanted is None:
        details |= {"segment_breakdown": breakdown, "n_without_segment": len(frame) - len(named)}
    else:
        details["segment"] = wanted
    return stored(mean, n=len(values), details=details)


def counterfactual_outcome(inputs: Inputs) -> Estimate:
    """CM-004: the newest counterfactual_outcome of a patient."""
    patient = inputs.parameters.get("patient_id")
    if patient is None:
        return Estimate.absent(
            Reason.MISSING_PARAMETER,
            "CM-004 is about one patient: give the parameter patient_id.",
        )
    frame = inputs.frames[PREDICTIONS]
    mine = frame[(frame["patient_id"] == patient) & frame["counterfactual_outcome"].notna()]
    if mine.empty:
        # Who the other patients are is nobody's business: how many there are says enough.
        known = frame["patient_id"].nunique()
        return no_rows(
            f"no prediction of patient {patient!r} has a counterfactual_outcome "
            f"(the window and slice hold predictions of {known} patients)"
        )
    newest = newest_row(mine, "prediction_timestamp", "prediction_id")
    value, actual = float(newest["counterfactual_outcome"]), number(newest["actual_outcome"])
    return stored(
        value,
        n=1,
        details={
            "path": "stored",
            "patient_id": patient,
            "prediction_id": newest["prediction_id"],
            "actual_outcome": actual,
            "treatment_received": text(newest["treatment_received"]),
            "counterfactual_treatment": text(newest["counterfactual_treatment"]),
            "outcome_delta": None if actual is None else value - actual,
        },
    )


def _line(segment: str, values: list[float]) -> dict[str, Any]:
    mean, spread = mean_and_spread(values)
    return {"segment": segment, "mean": mean, "std": spread, "n": len(values)}
