"""Reports as OpenMetrics text, for Prometheus and whatever else scrapes.

Slices and windows are labels, and so are the filters and parameters that were asked for
(``where_brand``, ``parameter_k``): answers to different questions are different series. A label
without a value is, to a scraper, no label at all; a slice of rows that have no value therefore says
``brand_is="null"``, and one of empty texts ``brand_is="empty"``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import attrs

from kpisdk.builtin.reports.escaping import encodable, slice_value
from kpisdk.builtin.reports.scorecard import slice_names
from kpisdk.contracts.results import Report, Result, plain
from kpisdk.contracts.vocabulary import Status
from kpisdk.contracts.windows import utc

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
    _Family(_THROUGH, "gauge", "Newest instant of the data behind a KPI.", _through),
    _Family("kpisdk_kpi_stale", "gauge", "1 where the data are older than expected.", _stale),
)


def _labels(report: Report) -> Iterator[dict[str, str]]:
    """The labels of each result; sets that would be equal are told apart by ``repeat``."""
    asked = dict.fromkeys(
        name
        for result in report.results
        for name in (
            *(f"where {column}" for column in result.where),
            *(f"parameter {parameter}" for parameter in result.parameters),
        )
    )
    names = _label_names((*slice_names(report), *asked))
    synthetic = report.source is not None and report.source.synthetic
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for result in report.results:
        labels = {
            "kpi": result.kpi_id,
            "workstream": result.workstream,
            "unit": result.unit.value,
        }
        if result.period is not None:
            labels["period"] = result.period
        elif result.window is not None:
            labels["window"] = result.window.label
        if synthetic:
            labels["synthetic"] = "true"
        for name, value in result.slice.items():
            if plain(value) is None:
                labels[f"{names[name]}_is"] = "null"
            elif value == "":
                labels[f"{names[name]}_is"] = "empty"
            else:
                labels[names[name]] = slice_value(value)
        for column, values in result.where.items():
            labels[names[f"where {column}"]] = " or ".join(map(slice_value, values))
        for name, value in result.parameters.items():
            labels[names[f"parameter {name}"]] = str(value)
        key = tuple(sorted(labels.items()))
        times = seen[key] = seen.get(key, 0) + 1
        yield labels if times == 1 else {**labels, "repeat": str(times)}


def _label_names(columns: tuple[str, ...]) -> dict[str, str]:
    """A valid label for each slice column; no two are alike, and none is one of ours."""
    taken, names = {*_OWN, _STATUS}, dict[str, str]()
    for column in columns:
        label = re.sub(r"[^a-zA-Z0-9_]", "_", column)
        if label in taken or not re.match(r"(?!__)[a-zA-Z_]", label):
            label = f"slice_{label}"
        while {label, f"{label}_is"} & taken:
            label = f"{label}_2"
        taken |= {label, f"{label}_is"}
        names[column] = label
    return names


def _source(report: Report) -> list[str]:
    if report.source is None:
        return []
    labels = {
        "name": report.source.name,
        "kind": report.source.kind,
        "synthetic": "true" if report.source.synthetic else "false",
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
