"""CM-003 and CM-005 from stored paths: what earlier analyses found and somebody validated."""

from __future__ import annotations

import json
import math
from typing import Any

import attrs

from kpisdk import Estimate, Inputs, Interval, IntervalReason, Reason
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

PATHS = "paths"
DETAILS_ONLY = ("confidence_level", "direct_effect", "mediators_identified")
"""Columns of paths that stand in the details of a result, and that no value depends on."""

TOP = 10
"""How many interventions the details list."""

ROUNDING = 1e-12
"""A spread below this share of the mean is that of rounding."""


def causal_impact(inputs: Inputs) -> Estimate:
    """CM-003: mean causal_effect_size per intervention of the validated paths."""
    frame = _validated(inputs.frames[PATHS])
    frame = frame[frame["causal_effect_size"].notna() & frame["intervention_name"].notna()]
    groups = {str(name): rows for name, rows in frame.groupby("intervention_name", sort=True)}
    wanted = inputs.parameters.get("intervention")
    if wanted is not None and wanted not in groups:
        return no_rows(
            f"no validated path has an effect size for the intervention {wanted!r}; "
            f"there is: {listed(groups) or 'none'}"
        )
    if not groups:
        return no_rows("no validated path has an intervention_name and a causal_effect_size")
    lines = []
    for name, rows in groups.items():
        line = _line(name, known(rows, "causal_effect_size"))
        confidence = known(rows, "confidence_level")
        line["confidence_level"] = mean_and_spread(confidence)[0] if confidence else None
        lines.append(line)
    # One without a finite mean comes first, so that the answer says so instead of passing it over.
    lines.sort(key=lambda line: (math.isfinite(line["mean"]), -line["mean"], line["intervention"]))
    chosen = next(line for line in lines if wanted in (None, line["intervention"]))
    details = {"path": "stored", **chosen}
    if wanted is None:
        details |= {"top_interventions": lines[:TOP], "n_interventions": len(lines)}
        # The largest of many is not one of many: the intervals of the lines are not its own.
        return _with_bounds(chosen, IntervalReason.UNDEFINED, details)
    values = known(groups[chosen["intervention"]], "causal_effect_size")
    return _with_bounds(chosen, _interval_by_path(values), details)


def mediation_effect(inputs: Inputs) -> Estimate:
    """CM-005: indirect / total of the newest validated path of a treatment and an outcome."""
    frame = _validated(inputs.frames[PATHS])
    asked = {name: inputs.parameters.get(name) for name in ("treatment", "outcome")}
    for name, wanted in asked.items():
        if wanted is not None:
            present = sorted({str(each) for each in frame[name].dropna()})
            frame = frame[frame[name] == wanted]
            if frame.empty:
                there = listed(present) or "none"
                return no_rows(f"no validated path has the {name} {wanted!r}; there is: {there}")
    frame = frame[frame["indirect_effect"].notna() & frame["total_effect"].notna()]
    if frame.empty:
        return no_rows("no such validated path has both an indirect_effect and a total_effect")
    newest = newest_row(frame, "created_at", "path_id")
    indirect, total = float(newest["indirect_effect"]), float(newest["total_effect"])
    details = {
        "path": "stored",
        "path_id": newest["path_id"],
        "treatment": text(newest["treatment"]),
        "outcome": text(newest["outcome"]),
        "indirect_effect": indirect,
        "direct_effect": number(newest["direct_effect"]),
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
    return stored(
        share,
        n=1,
        numerator=indirect,
        denominator=total,
        details={**details, "proportion_mediated": share},
    )


def _with_bounds(
    line: dict[str, Any], bounds: Interval | IntervalReason, details: dict[str, Any]
) -> Estimate:
    """The mean of an intervention with its interval, or with the reason why it has none."""
    made = Estimate.of(line["mean"], n=line["n"], details=details)
    if made.value is None:
        return made
    if isinstance(bounds, Interval):
        return attrs.evolve(made, interval=bounds)
    return attrs.evolve(made, interval_reason=bounds)


def _interval_by_path(values: list[float]) -> Interval | IntervalReason:
    """Student's t interval of the mean effect of paths, or why there is none."""
    from kpisdk_causal.inference.intervals import interval

    mean, spread = mean_and_spread(values)
    if spread is None:
        return IntervalReason.TOO_FEW_UNITS
    if spread <= ROUNDING * abs(mean):  # copies of one figure
        return IntervalReason.UNDEFINED
    low, high = interval(mean, spread / math.sqrt(len(values)), 0.95, len(values) - 1)
    return Interval(low, high, 0.95, "t", "path_id")


def _line(intervention: str, values: list[float]) -> dict[str, Any]:
    mean, spread = mean_and_spread(values)
    bounds = _interval_by_path(values)
    span = bounds if isinstance(bounds, Interval) else None
    return {
        "intervention": intervention,
        "mean": mean,
        "std": spread,
        "n": len(values),
        "ci_lower": None if span is None else span.low,
        "ci_upper": None if span is None else span.high,
    }


def _validated(frame: Any) -> Any:
    frame = frame.reindex(columns=[*frame, *(name for name in DETAILS_ONLY if name not in frame)])
    # A NULL is not a validation; SQLite hands truth values over as 0 and 1.
    kept = frame["validated"].map(lambda value: value in (True, 1)).astype(bool)
    return frame[kept]


def _mediators(value: Any) -> list[str]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    return [str(each) for each in value] if isinstance(value, list | tuple) else []
