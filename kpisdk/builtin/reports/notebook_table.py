"""What a notebook shows of a report: the scorecard as a table of HTML, styled where it stands."""

from __future__ import annotations

from collections import Counter
from html import escape

from kpisdk.builtin.reports import figure_text as figures
from kpisdk.builtin.reports.absent_lines import absent_kpis, absent_lines
from kpisdk.builtin.reports.escaping import slice_value, visible
from kpisdk.builtin.reports.trend_series import marked_spark, series_of
from kpisdk.contracts.results import Report, Result, filters_of, parameters_of
from kpisdk.contracts.vocabulary import Status

_MARKS = {True: "Synthetic data.", None: "Perhaps synthetic data: the mark is unreadable."}
_TITLES = (
    *("KPI", "name", "slice", "trend", "value", "unit", "interval", "status", "target", "n"),
    *("window", "data through (UTC)", "warnings"),
)
_ORDER = (Status.CRITICAL, Status.WARNING, Status.GOOD, Status.UNKNOWN)

# A border in the status's colour beside its word is read on light and on dark pages alike.
_COLOURS = {
    Status.CRITICAL: "#d1242f",
    Status.WARNING: "#bf8700",
    Status.GOOD: "#1a7f64",
    Status.UNKNOWN: "#8250df",
}


def html_table(report: Report) -> str:
    """A table of one row per result (per trend, where there are periods), critical ones first.

    Above it stand the counts by status and, where the data are synthetic, a mark; below it the
    KPIs without any value, by reason.
    """
    absent = absent_kpis(report)
    trends = {id(each.newest): marked_spark(each.values) for each in series_of(report)}
    rows = [
        result
        for result in report.results
        if result.kpi_id not in absent and (result.period is None or id(result) in trends)
    ]
    # Slices and periods keep their order among those of one status.
    rows.sort(key=lambda result: (_ORDER.index(result.status), result.decided is not False))
    parts = [f"<p>{_counts(report)}{_mark(report)}</p>"]
    if rows:
        cells = [_cells(result, trends.get(id(result), "")) for result in rows]
        filled = [any(line[place] for line in cells) for place in range(len(_TITLES))]
        head = "".join(
            f"<th>{each}</th>" for each, is_in in zip(_TITLES, filled, strict=True) if is_in
        )
        body = "".join(f"<tr>{_row(line, filled)}</tr>" for line in cells)
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    lines = absent_lines(report)
    if lines:
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        parts.append(f"<p>Absent, by reason:</p><ul>{items}</ul>")
    return f"<div>{''.join(parts)}</div>"


def _counts(report: Report) -> str:
    counts = Counter(result.status for result in report.results)
    total = len(report.results)
    told = [f"{_badge(each, each.value)} {counts[each]}" for each in _ORDER if counts[each]]
    return f"{total} result{'' if total == 1 else 's'}{': ' if told else ''}{' '.join(told)}"


def _mark(report: Report) -> str:
    mark = _MARKS.get(False if report.source is None else report.source.synthetic)
    return "" if mark is None else f" <strong>{mark}</strong>"


def _row(cells: tuple[str, ...], filled: list[bool]) -> str:
    return "".join(f"<td>{cell}</td>" for cell, is_in in zip(cells, filled, strict=True) if is_in)


def _cells(result: Result, trend: str) -> tuple[str, ...]:
    bounds = figures.bounds_of(result.thresholds)
    value = result.value
    texts = {
        "KPI": visible(result.kpi_id),
        "name": visible(result.name),
        "slice": _narrowed(result),
        "trend": trend,
        "value": "absent" if value is None else figures.figure(value, result.unit, bounds),
        "unit": result.unit.value,
        "interval": _interval(result),
        "target": _target(result),
        "n": "" if result.n is None else f"{result.n:,}",
        "window": "" if result.window is None else visible(result.window.label),
        "data through (UTC)": _through(result),
        "warnings": ", ".join(visible(note.code) for note in result.warnings),
    }
    return tuple(
        _status(result) if title == "status" else escape(texts[title]) for title in _TITLES
    )


def _status(result: Result) -> str:
    reason = f" ({result.reason.value})" if result.reason is not None else ""
    open_sign = " (undecided)" if result.decided is False else ""
    return f"{_badge(result.status, result.status.value)}{escape(f'{open_sign}{reason}')}"


def _badge(status: Status, text: str) -> str:
    style = f"border-left:.35em solid {_COLOURS[status]};padding-left:.4em;white-space:nowrap"
    return f'<span style="{style}">{escape(text)}</span>'


def _interval(result: Result) -> str:
    """Both ends and what they take for independent, or why there are none."""
    if result.interval is None:
        why = result.interval_reason
        return "" if why is None else why.value.replace("_", " ")
    bounds = figures.bounds_of(result.thresholds)
    return (
        f"{figures.ends(result.interval, result.unit, bounds)} by {visible(result.interval.unit)}"
    )


def _target(result: Result) -> str:
    return "" if result.thresholds is None else figures.target(result.thresholds, result.unit)


def _through(result: Result) -> str:
    told = "" if result.data_through is None else figures.instant(result.data_through)
    return f"{told} (stale)".strip() if result.stale else told


def _narrowed(result: Result) -> str:
    slices = (f"{name}={slice_value(value)}" for name, value in result.slice.items())
    return visible(", ".join((*slices, *filters_of(result), *parameters_of(result))))
