"""Results as rows: of a pandas frame, and of the table that a notebook shows."""

from __future__ import annotations

from html import escape
from typing import Any

import attrs

from kpisdk.contracts.interval_text import ends_apart
from kpisdk.contracts.results import Report, Result, filters_of, parameters_of, plain


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


def html_table(report: Report) -> str:
    """A table of one row per result, with a caption where the data are synthetic."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(result)) + "</tr>"
        for result in report.results
    )
    head = "".join(f"<th>{name}</th>" for name in _TITLES)
    marks = {True: "Synthetic data.", None: "Perhaps synthetic data: the mark is unreadable."}
    mark = marks.get(False if report.source is None else report.source.synthetic)
    caption = "" if mark is None else f"<caption>{mark}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


_TITLES = (
    *("KPI", "name", "slice", "value", "unit", "interval", "status", "decided", "target", "n"),
    *("window", "data through", "warnings"),
)


def _cells(result: Result) -> tuple[str, ...]:
    bounds = result.thresholds
    return (
        result.kpi_id,
        result.name,
        _narrowed(result),
        "" if result.value is None else f"{result.value:.4g}",
        result.unit.value,
        _interval(result),
        result.status.value + (f" ({result.reason.value})" if result.reason else ""),
        {True: "yes", False: "no", None: ""}[result.decided],
        "" if bounds is None else f"{bounds.target:.4g} ({bounds.direction.value} is better)",
        "" if result.n is None else f"{result.n:,}",
        "" if result.window is None else result.window.label,
        plain(result.data_through) or "",
        ", ".join([*(note.code for note in result.warnings), *["stale"] * result.stale]),
    )


def _interval(result: Result) -> str:
    """Both ends and what they take for independent, or why there are none."""
    interval, why = result.interval, result.interval_reason
    if interval is None:
        return "" if why is None else why.value.replace("_", " ")
    low, high = ends_apart(interval, lambda end, more: f"{end:.{4 + more}g}")
    return f"[{low}, {high}] by {interval.unit}"


def _narrowed(result: Result) -> str:
    slices = (f"{name}={value}" for name, value in result.slice.items())
    return ", ".join((*slices, *filters_of(result), *parameters_of(result)))
