"""The stored path: what models and analyses wrote, summarised as the reference says."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from kpisdk import Estimate, Inputs, Interval, Reason

PREDICTIONS = "predictions"
TOLD = ("confidence_level", "direct_effect", "mediators_identified")
"""Columns of paths that stand in the details of a result, and that no value depends on."""

PATHS = "paths"
TOP = 10
SPREAD = "mean ± z · sd / √n: the spread of predictions, which leaves out their own error"


def average_effect(inputs: Inputs) -> Estimate:
    """CM-001: mean treatment_effect_estimate, with sd and interval in the details."""
    values = _known(inputs.frames[PREDICTIONS], "treatment_effect_estimate")
    if not values:
        return _no_rows("no prediction of the window has a treatment_effect_estimate")
    mean, spread = _mean_sd(values)
    details: dict[str, Any] = {"path": "stored", "ate_std": spread, "n_samples": len(values)}
    if spread is not None:
        from kpisdk_causal.inference.intervals import quantile

        half = quantile(0.95) * spread / math.sqrt(len(values))
        details |= {"ci_lower": mean - half, "ci_upper": mean + half, "ci_method": SPREAD}
    else:
        details |= {"ci_lower": None, "ci_upper": None, "ci_method": SPREAD}
    return Estimate.of(mean, interval=_t_interval(values), n=len(values), details=details)


def conditional_effect(inputs: Inputs) -> Estimate:
    """CM-002: mean heterogeneous_effect of a segment; of all rows, with a breakdown, without."""
    frame = inputs.frames[PREDICTIONS]
    frame = frame[frame["heterogeneous_effect"].notna()]
    named = frame[frame["segment_assignment"].notna()]
    groups = {
        str(segment): _known(rows, "heterogeneous_effect")
        for segment, rows in named.groupby("segment_assignment", sort=True)
    }
    wanted = inputs.parameters.get("segment")
    if wanted is not None and wanted not in groups:
        return _no_rows(
            f"no prediction of the window has a heterogeneous_effect and the segment {wanted!r}; "
            f"there is: {_listed(groups) or 'no segment'}"
        )
    breakdown = [_line("segment", segment, values) for segment, values in groups.items()]
    values = _known(frame, "heterogeneous_effect") if wanted is None else groups[wanted]
    if not values:
        return _no_rows("no prediction of the window has a heterogeneous_effect")
    mean, spread = _mean_sd(values)
    details: dict[str, Any] = {"path": "stored", "cate_std": spread, "n_samples": len(values)}
    if wanted is None:
        details |= {"segment_breakdown": breakdown, "n_without_segment": len(frame) - len(named)}
    else:
        details["segment"] = wanted
    return Estimate.of(mean, interval=_t_interval(values), n=len(values), details=details)


def causal_impact(inputs: Inputs) -> Estimate:
    """CM-003: mean causal_effect_size per intervention of the validated paths."""
    frame = _validated(inputs.frames[PATHS])
    frame = frame[frame["causal_effect_size"].notna() & frame["intervention_name"].notna()]
    groups = {str(name): rows for name, rows in frame.groupby("intervention_name", sort=True)}
    wanted = inputs.parameters.get("intervention")
    if wanted is not None and wanted not in groups:
        return _no_rows(
            f"no validated path has an effect size for the intervention {wanted!r}; "
            f"there is: {_listed(groups) or 'none'}"
        )
    if not groups:
        return _no_rows("no validated path has an intervention_name and a causal_effect_size")
    lines = []
    for name, rows in groups.items():
        line = _line("intervention", name, _known(rows, "causal_effect_size"))
        confidence = _known(rows, "confidence_level")
        line["confidence_level"] = _mean_sd(confidence)[0] if confidence else None
        lines.append(line)
    # One without a finite mean comes first, so that the answer says so instead of passing it over.
    lines.sort(key=lambda line: (math.isfinite(line["mean"]), -line["mean"], line["intervention"]))
    chosen = next(line for line in lines if wanted in (None, line["intervention"]))
    values = _known(groups[chosen["intervention"]], "causal_effect_size")
    details = {"path": "stored", **chosen}
    if wanted is None:
        details |= {"top_interventions": lines[:TOP], "n_interventions": len(lines)}
    return Estimate.of(chosen["mean"], interval=_t_interval(values), n=len(values), details=details)


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
        return _no_rows(
            f"no prediction of patient {patient!r} has a counterfactual_outcome "
            f"(the window and slice hold predictions of {known} patients)"
        )
    newest = _newest(mine, "prediction_timestamp", "prediction_id")
    value, actual = float(newest["counterfactual_outcome"]), _number(newest["actual_outcome"])
    return Estimate.of(
        value,
        n=1,
        details={
            "path": "stored",
            "patient_id": patient,
            "prediction_id": newest["prediction_id"],
            "actual_outcome": actual,
            "treatment_received": _text(newest["treatment_received"]),
            "counterfactual_treatment": _text(newest["counterfactual_treatment"]),
            "outcome_delta": None if actual is None else value - actual,
        },
    )


def mediation_effect(inputs: Inputs) -> Estimate:
    """CM-005: indirect / total of the newest validated path of a treatment and an outcome."""
    frame = _validated(inputs.frames[PATHS])
    asked = {name: inputs.parameters.get(name) for name in ("treatment", "outcome")}
    for name, wanted in asked.items():
        if wanted is not None:
            known = sorted({str(each) for each in frame[name].dropna()})
            frame = frame[frame[name] == wanted]
            if frame.empty:
                there = _listed(known) or "none"
                return _no_rows(f"no validated path has the {name} {wanted!r}; there is: {there}")
    frame = frame[frame["indirect_effect"].notna() & frame["total_effect"].notna()]
    if frame.empty:
        return _no_rows("no such validated path has both an indirect_effect and a total_effect")
    newest = _newest(frame, "created_at", "path_id")
    indirect, total = float(newest["indirect_effect"]), float(newest["total_effect"])
    details = {
        "path": "stored",
        "path_id": newest["path_id"],
        "treatment": _text(newest["treatment"]),
        "outcome": _text(newest["outcome"]),
        "indirect_effect": indirect,
        "direct_effect": _number(newest["direct_effect"]),
        "total_effect": total,
        "mediators": _mediators(newest["mediators_identified"]),
    }
    if total == 0:
        return Estimate.absent(
            Reason.ZERO_DENOMINATOR,
            f"The total effect of path {newest['path_id']!r} is 0: there is nothing to mediate.",
            n=1,
            details=details,
        )
    share = indirect / total
    return Estimate.of(
        share,
        n=1,
        numerator=indirect,
        denominator=total,
        details={**details, "proportion_mediated": share},
    )


def _known(frame: Any, column: str) -> list[float]:
    return [float(value) for value in frame[column].dropna()]


def _mean_sd(values: list[float]) -> tuple[float, float | None]:
    """Mean and sample standard deviation (``None`` for one value), correctly rounded sums.

    Infinities among the values leave a mean that is not finite, and no deviation.
    """
    if not all(map(math.isfinite, values)):
        return sum(values), None
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return mean, None
    squares = math.fsum((value - mean) ** 2 for value in values)
    return mean, math.sqrt(squares / (len(values) - 1))


def _t_interval(values: list[float]) -> Interval | None:
    from kpisdk_causal.inference.intervals import interval

    mean, spread = _mean_sd(values)
    if spread is None:
        return None
    low, high = interval(mean, spread / math.sqrt(len(values)), 0.95, len(values) - 1)
    return Interval(low, high, 0.95, "t")


def _line(kind: str, name: str, values: list[float]) -> dict[str, Any]:
    mean, spread = _mean_sd(values)
    span = _t_interval(values)
    return {
        kind: name,
        "mean": mean,
        "std": spread,
        "n": len(values),
        "ci_lower": None if span is None else span.low,
        "ci_upper": None if span is None else span.high,
    }


def _validated(frame: Any) -> Any:
    frame = frame.reindex(columns=[*frame, *(name for name in TOLD if name not in frame)])
    # A NULL is not a validation; SQLite hands truth values over as 0 and 1.
    kept = frame["validated"].map(lambda value: value in (True, 1)).astype(bool)
    return frame[kept]


def _newest(frame: Any, time: str, key: str) -> Mapping[str, Any]:
    """The newest row; of several of one instant the one with the largest key; no instant is old."""
    ordered = frame.sort_values([time, key], na_position="first", kind="stable")
    row: Mapping[str, Any] = ordered.iloc[-1].to_dict()
    return row


def _mediators(value: Any) -> list[str]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    return [str(each) for each in value] if isinstance(value, list | tuple) else []


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)  # noqa: PLR0124  # a nan


def _text(value: Any) -> str | None:
    return None if value is None or value != value else str(value)  # noqa: PLR0124  # a nan


def _listed(names: Any, limit: int = 10) -> str:
    shown = [repr(name) for name in list(names)[:limit]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _no_rows(why: str) -> Estimate:
    return Estimate.absent(Reason.NO_ROWS, f"{why[0].upper()}{why[1:]}.")
