"""One KPI as its page shows it: trend, slices, comparison, guardrails, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import attrs

from kpisdk.builtin.pages.cards import Card, cards
from kpisdk.builtin.pages.change_drawing import ChangeDrawing, change_of
from kpisdk.builtin.pages.publishing import published
from kpisdk.builtin.pages.slice_bars import SliceBars, slice_bars
from kpisdk.builtin.pages.trend_drawing import LARGE, TrendDrawing, drawing_of
from kpisdk.builtin.pages.trend_points import Trend
from kpisdk.builtin.reports import figure_text as figures
from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.required_columns import required_columns
from kpisdk.contracts.results import Report, Result

Fact = tuple[str, str]
"""A label, and what stands beside it."""


class Statement(Protocol):
    """A statement of ``Workspace.explain``: its text, the KPIs that it answers, its reason."""

    @property
    def sql(self) -> str:
        """The text for the engine."""
        ...

    @property
    def kpis(self) -> tuple[str, ...]:
        """The ids of the KPIs that it answers."""
        ...

    @property
    def why(self) -> str:
        """What set it apart from the others."""
        ...


@attrs.frozen
class Guarded:
    """A guardrail: its KPI, how much worse it may become, and its card where it was computed."""

    kpi_id: str
    name: str
    rule: str
    card: Card | None


@attrs.frozen
class ReadTable:
    """A table that a KPI reads: its columns with their types."""

    name: str
    columns: tuple[Fact, ...]


@attrs.frozen
class Event:
    """Something remembered of a KPI: an older definition, a restated value, an alert.

    ``at`` is when it became known, ``period`` the label of the period that it concerns, if any.
    """

    kind: str
    at: str
    text: str
    period: str = ""


@attrs.frozen
class KpiView:
    """Everything that the template of a KPI's page shows."""

    card: Card
    trend: TrendDrawing | None
    slices: tuple[SliceBars, ...]
    change: ChangeDrawing | None
    guardrails: tuple[Guarded, ...]
    meaning: tuple[Fact, ...]
    governance: tuple[Fact, ...]
    tables: tuple[ReadTable, ...]
    statements: tuple[Statement, ...]
    events: tuple[Event, ...]


def kpi_view(
    kpi_id: str,
    report: Report,
    kpis: Mapping[str, Kpi],
    *,
    trends: Report | None = None,
    slices: Sequence[Report] = (),
    statements: Iterable[Statement] = (),
    events: Iterable[Event] = (),
) -> KpiView:
    """The view of one KPI.

    Args:
        kpi_id: which.
        report: its result, and those of its guardrails.
        kpis: the KPIs by id.
        trends: results by period.
        slices: reports by one or more columns each.
        statements: those that compute it, and perhaps others.
        events: what is remembered of it.

    Raises:
        KeyError: the report has no result of the KPI.
    """
    report = published(report)
    own = Report(tuple(each for each in report.results if each.kpi_id == kpi_id), report.source)
    if not own.results:
        raise KeyError(kpi_id)
    kpi = kpis.get(kpi_id)
    periods = [] if trends is None else _of(trends, kpi_id)
    trend = Trend.of(periods or [each for each in own.results if each.period is not None])
    remembered = tuple(events)
    return KpiView(
        card=cards(own, trends, kpis)[0],
        trend=None if trend is None else _drawn(trend, remembered),
        slices=tuple(found for each in slices if (found := slice_bars(_of(each, kpi_id)))),
        change=change_of(own.results[0]),
        guardrails=() if kpi is None else tuple(_guardrails(kpi, report, kpis)),
        meaning=() if kpi is None else tuple(_meaning(kpi)),
        governance=() if kpi is None else tuple(_governance(kpi)),
        tables=() if kpi is None else tuple(_tables(kpi)),
        statements=tuple(each for each in statements if kpi_id in each.kpis),
        events=remembered,
    )


def _drawn(trend: Trend, events: Sequence[Event]) -> TrendDrawing | None:
    marked: dict[str, list[str]] = {}
    for event in events:
        if event.period:
            marked.setdefault(event.period, []).append(f"{event.kind}: {event.text}")
    return drawing_of(trend, LARGE, with_thresholds=True, marked=marked)


def _of(report: Report, kpi_id: str) -> list[Result]:
    return [each for each in report.results if each.kpi_id == kpi_id]


def _guardrails(kpi: Kpi, report: Report, kpis: Mapping[str, Kpi]) -> Iterable[Guarded]:
    for each in kpi.guardrails:
        other = kpis.get(each.kpi_id)
        found = cards(Report(tuple(_of(report, each.kpi_id))), kpis=kpis)
        margin = figures.percent(each.margin).removeprefix("+")
        yield Guarded(
            kpi_id=each.kpi_id,
            name=each.kpi_id if other is None else other.name,
            rule=f"may become at most {margin} worse",
            card=found[0] if found else None,
        )


def _meaning(kpi: Kpi) -> Iterable[Fact]:
    yield "Definition", kpi.definition
    yield "Formula", kpi.formula
    yield "Unit", kpi.unit.value
    yield "Better is", kpi.direction.value
    if kpi.thresholds is not None:
        bounds = kpi.thresholds
        yield "Target", figures.target(bounds, kpi.unit)
        yield "Warning", f"{bounds.warning:,.15g}"
        yield "Critical", f"{bounds.critical:,.15g}"
    window = kpi.default_window
    yield "Window", "no time filter" if window is None else window.label
    yield "Refreshed", kpi.frequency.value.replace("_", " ")
    options = options_of(kpi.calculation)
    yield "Sample of", ", ".join(dict.fromkeys(str(kpi.sampling_of(each)) for each in options))
    yield "Workstream", kpi.workstream


def _governance(kpi: Kpi) -> Iterable[Fact]:
    for field in attrs.fields(type(kpi.governance)):
        text = getattr(kpi.governance, field.name)
        if text:
            yield field.name.replace("_", " ").capitalize(), text


def _tables(kpi: Kpi) -> Iterable[ReadTable]:
    read = _columns_read(kpi)
    for dataset in kpi.datasets:
        columns = tuple(
            (column.name, column.type.value)
            for column in dataset.columns
            if read is None or column.name in read.get(dataset.name, ())
        )
        if columns:
            yield ReadTable(dataset.name, columns)


def _columns_read(kpi: Kpi) -> Mapping[str, set[str]] | None:
    """The columns that the options read, by table; none where parameters decide what is read."""
    found: dict[str, set[str]] = {}
    for option in options_of(kpi.calculation):
        calculation = option.calculation
        inputs = calculation.inputs if isinstance(calculation, Calculator) else ()
        if callable(inputs):
            return None
        windowed = kpi.default_window is not None
        for table, columns in required_columns(calculation, inputs, windowed=windowed).items():
            found.setdefault(table, set()).update(columns)
        unit = kpi.sampling_of(option).unit
        for dataset in kpi.datasets:
            if dataset.name in found and unit in {column.name for column in dataset.columns}:
                found[dataset.name].add(str(unit))
    return found
