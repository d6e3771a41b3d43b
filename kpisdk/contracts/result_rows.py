"""Results as rows of a pandas frame."""

from __future__ import annotations

from typing import Any

import attrs

from kpisdk.contracts.results import Result, filters_of, parameters_of


def frame_row(result: Result) -> dict[str, Any]:
    """A result by column; slice columns stand under their own names.

    One that is called like a column here, or a field of a result, gets the prefix ``slice.``.
    """
    interval, window = result.interval, result.window
    why, bounds = result.interval_reason, result.thresholds
    facts = {
        "where": ", ".join(filters_of(result)) or None,
        "parameters": ", ".join(parameters_of(result)) or None,
        "period": result.period,
        "value": result.value,
        "unit": result.unit.value,
        "status": result.status.value,
        "reason": None if result.reason is None else result.reason.value,
        "decided": result.decided,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "level": None if interval is None else interval.level,
        "method": None if interval is None else interval.method,
        "interval_unit": None if interval is None else interval.unit,
        "interval_reason": None if why is None else why.value,
        "n": result.n,
        "target": None if bounds is None else bounds.target,
        "warning": None if bounds is None else bounds.warning,
        "critical": None if bounds is None else bounds.critical,
        "direction": None if bounds is None else bounds.direction.value,
        "window_start": None if window is None else window.start,
        "window_end": None if window is None else window.end,
        "data_through": result.data_through,
        "stale": result.stale,
        "answered_by": result.answered_by,
        "definition_version": result.definition_version,
        "message": result.message,
    }
    own = {*facts, *(field.name for field in attrs.fields(Result))}
    slices = {
        f"slice.{name}" if name in own else name: value for name, value in result.slice.items()
    }
    return {"kpi_id": result.kpi_id, "name": result.name, **slices, **facts}
