"""Reports as OpenMetrics text, for Prometheus and whatever else scrapes.

Slices and windows are labels, and so are the filters and parameters that were requested
(``where_brand``, ``parameter_k``): answers to different questions are different series. A label
without a value is, to a scraper, no label at all; a slice of rows that have no value therefore says
``brand_is="null"``, and one of empty texts ``brand_is="empty"``. Values of a filter are joined by
``or``, in their own order whatever the order of the question; one that could be taken for something
else (it holds `` or ``, or reads ``(null)``) stands in quotes, as JSON has it. A period that the
window cuts, and a window that its words do not tell, have their days beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from kpisdk.builtin.reports.escaping import EMPTY, NULL, encodable, slice_value
from kpisdk.builtin.reports.figure_text import instant
from kpisdk.builtin.reports.json_texts import json_text
from kpisdk.builtin.reports.scorecard import slice_names
from kpisdk.contracts.results import Report, Result, plain
from kpisdk.contracts.time_windows import Window, utc
from kpisdk.contracts.vocabulary import Status
from kpisdk.errors import KpisdkError
from kpisdk.windows import could_yield, parse_window

_OWN = ("kpi", "workstream", "unit", "period", "window", "synthetic", "reason", "bound", "repeat")
_STATUS = "kpisdk_kpi_status"
_THROUGH = "kpisdk_kpi_data_through_timestamp_seconds"

Labels = Mapping[str, str]
Samples = Iterator[tuple[Labels, float]]


@attrs.frozen
class _Family:
    """A metric family: its name, type, help, and the samples of one result under its labels."""

    name: str
    type: str
    help: str
    samples: Callable[[Result, Labels], Samples]


def render(report: Report, colour: bool = False) -> str:
    """Families of gauges and a state set, a sample a result; absent values are no numbers."""
    del colour
    labelled = list(zip(report.results, _labels(report), strict=True))
    lines: list[str] = []
    for family in _FAMILIES:
        lines.append(f"# TYPE {family.name} {family.type}")
        if family.name.endswith("_seconds"):
            lines.append(f"# UNIT {family.name} seconds")
        lines.append(f"# HELP {family.name} {_escaped(family.help)}")
        for result, labels in labelled:
            lines += [_line(family.name, *sample) for sample in family.samples(result, labels)]
    lines += _source(report)
    return "\n".join([*lines, "# EOF"]) + "\n"


def _value(result: Result, labels: Labels) -> Samples:
    if plain(result.value) is not None:
        yield labels, float(result.value or 0.0)


def _unknown(result: Result, labels: Labels) -> Samples:
    if plain(result.value) is None:
        reason = "unspecified" if result.reason is None else result.reason.value
        yield {**labels, "reason": reason}, 1


def _status(result: Result, labels: Labels) -> Samples:
    for status in Status:
        yield {**labels, _STATUS: status.value}, float(status is result.status)


def _interval(result: Result, labels: Labels) -> Samples:
    if result.interval is not None:
        yield {**labels, "bound": "low"}, result.interval.low
        yield {**labels, "bound": "high"}, result.interval.high


def _rows(result: Result, labels: Labels) -> Samples:
    if result.n is not None:
        yield labels, float(result.n)


def _decided(result: Result, labels: Labels) -> Samples:
    if result.decided is not None:
        yield labels, float(result.decided)


def _threshold(result: Result, labels: Labels) -> Samples:
    if result.thresholds is not None:
        for name in ("target", "warning", "critical"):
            yield {**labels, "bound": name}, float(getattr(result.thresholds, name))


def _through(result: Result, labels: Labels) -> Samples:
    if result.data_through is not None:
        yield labels, utc(result.data_through).timestamp()


def _stale(result: Result, labels: Labels) -> Samples:
    yield labels, float(result.stale)


_FAMILIES = (
    _Family("kpisdk_kpi_value", "gauge", "Value of a KPI in its unit.", _value),
    _Family("kpisdk_kpi_unknown", "gauge", "1 for a KPI without a value, by reason.", _unknown),
    _Family(_STATUS, "stateset", "Status of a KPI against its thresholds.", _status),
    _Family("kpisdk_kpi_interval", "gauge", "Confidence interval of a KPI's value.", _interval),
    _Family("kpisdk_kpi_threshold", "gauge", "Bounds that a KPI is judged by.", _threshold),
    _Family("kpisdk_kpi_decided", "gauge", "1 where the whole interval has the status.", _decided),
    _Family("kpisdk_kpi_rows", "gauge", "How many rows or units stand behind a KPI.", _rows),
    _Family(_THROUGH, "gauge", "Newest instant of the data behind a KPI.", _through),
    _Family("kpisdk_kpi_stale", "gauge", "1 where the data are older than expected.", _stale),
)


def _labels(report: Report) -> Iterator[dict[str, str]]:
    """The labels of each result; sets that would be equal are told apart by ``repeat``."""
    asked = dict.fromkeys(
        name
        for result in report.results
        for name in (
            *((_WHERE, column) for column in result.where),
            *((_PARAMETER, parameter) for parameter in result.parameters),
        )
    )
    names = _label_names((*((_SLICE, name) for name in slice_names(report)), *asked))
    synthetic = _synthetic(report)
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for result in report.results:
        labels = {
            "kpi": result.kpi_id,
            "workstream": result.workstream,
            "unit": result.unit.value,
        }
        labels |= _time(result)
        if synthetic != "false":
            labels["synthetic"] = synthetic
        for name, value in result.slice.items():
            label = names[_SLICE, name]
            if plain(value) is None:
                labels[f"{label}_is"] = "null"
            elif value == "":
                labels[f"{label}_is"] = "empty"
            else:
                labels[label] = slice_value(value)
        for column, values in result.where.items():
            labels[names[_WHERE, column]] = _alternatives(values)
        for name, value in result.parameters.items():
            labels[names[_PARAMETER, name]] = _exact(value)
        key = tuple(sorted(labels.items()))
        times = seen[key] = seen.get(key, 0) + 1
        yield labels if times == 1 else {**labels, "repeat": str(times)}


_SLICE, _WHERE, _PARAMETER = "", "where ", "parameter "
_OR = " or "


def _time(result: Result) -> dict[str, str]:
    """The labels of the period or window that a result is of."""
    window = result.window
    if result.period is not None:
        is_cut = any(note.code == "partial_period" for note in result.warnings)
        days = {"window": _days(window)} if is_cut and window is not None else {}
        return {"period": result.period, **days}
    if window is None:
        return {}
    try:
        says_it = could_yield(parse_window(window.label), window)
    except KpisdkError:
        says_it = True  # a label of its maker's own
    label = window.label if says_it else f"{window.label} ({_days(window)})"
    return {"window": label or _days(window)}


def _days(window: Window) -> str:
    start = "" if window.start is None else instant(window.start)
    end = "" if window.end is None else instant(window.end)
    return f"{start}..{end}"


def _alternatives(values: Any) -> str:
    """The values of a filter in their own order, those of no value last."""
    texts = {_exact(value): plain(value) is None for value in values}
    return _OR.join(sorted(texts, key=lambda text: (texts[text], text)))


def _exact(value: Any) -> str:
    """A value of a filter or parameter that no other one is written as."""
    text = slice_value(value)
    if not isinstance(value, str) or not value:
        return text
    is_doubtful = text in (NULL, EMPTY) or _OR in text or text.startswith('"')
    return json_text(text) if is_doubtful else text


def _label_names(columns: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], str]:
    """A valid label for each slice column; no two are alike, and none is one of ours."""
    taken, names = {*_OWN, _STATUS}, dict[tuple[str, str], str]()
    for column in columns:
        label = re.sub(r"[^a-zA-Z0-9_]", "_", "".join(column))
        if label in taken or not re.match(r"(?!__)[a-zA-Z_]", label):
            label = f"slice_{label}"
        while {label, f"{label}_is"} & taken:
            label = f"{label}_2"
        taken |= {label, f"{label}_is"}
        names[column] = label
    return names


def _synthetic(report: Report) -> str:
    mark = False if report.source is None else report.source.synthetic
    return "unknown" if mark is None else "true" if mark else "false"


def _source(report: Report) -> list[str]:
    if report.source is None:
        return []
    labels = {
        "name": report.source.name,
        "kind": report.source.kind,
        "synthetic": _synthetic(report),
    }
    head = ["# TYPE kpisdk_source info", "# HELP kpisdk_source The source that answered."]
    return [*head, _line("kpisdk_source_info", labels, 1)]


def _line(name: str, labels: Labels, value: float) -> str:
    pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    number = repr(int(value)) if value in (0, 1) else repr(float(value))
    return f"{name}{{{pairs}}} {number}"


def _escaped(text: str) -> str:
    escaped = encodable(text).replace("\\", "\\\\").replace("\n", "\\n")
    return escaped.replace('"', '\\"')
