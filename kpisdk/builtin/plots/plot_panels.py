"""What a report is drawn as: a panel for each KPI, of lines over periods or of bars by slice."""

from __future__ import annotations

import math

import attrs

from kpisdk.builtin.reports import figure_text as figures
from kpisdk.builtin.reports.escaping import slice_value, visible
from kpisdk.builtin.reports.trend_series import Series, series_of
from kpisdk.contracts.results import Report, Result, filters_of, parameters_of
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.vocabulary import Unit

LARGEST = 1e200
"""Larger numbers are not drawn: the scale of a picture around them would overflow."""

LONGEST_LABEL = 60
"""Characters of a text of the data that a picture shows."""


@attrs.frozen
class Panel:
    """One KPI: its results by series or by slice, and what stands around them.

    ``series`` is empty where there are no periods, ``bars`` where there are; ``absent`` says why
    there is neither.
    """

    title: str
    unit: Unit
    thresholds: Thresholds | None
    series: tuple[tuple[str, Series], ...] = ()
    bars: tuple[tuple[str, Result], ...] = ()
    absent: str = ""


def panels_of(report: Report) -> tuple[Panel, ...]:
    """The panels of a report, one for each KPI in order of appearance."""
    found: dict[str, list[Result]] = {}
    for result in report.results:
        found.setdefault(result.kpi_id, []).append(result)
    return tuple(_panel(results) for results in found.values())


def drawable(result: Result) -> bool:
    """Whether there is a value that a picture has room for."""
    return result.value is not None and math.isfinite(result.value) and abs(result.value) < LARGEST


def ends_of(result: Result) -> tuple[float, float] | None:
    """The ends of the interval, where a picture has room for both."""
    interval = result.interval
    if interval is None or max(abs(interval.low), abs(interval.high)) >= LARGEST:
        return None
    return interval.low, interval.high


def short(text: str) -> str:
    """A text of the data as a picture shows it: on one line, and not longer than it can be read."""
    told = visible(text)
    return told if len(told) <= LONGEST_LABEL else f"{told[: LONGEST_LABEL - 1]}…"


def _panel(results: list[Result]) -> Panel:
    first = results[0]
    bounds = next((each.thresholds for each in results if each.thresholds is not None), None)
    told = dict.fromkeys(each for result in results for each in _narrowed(result))
    title = short(f"{first.name} ({first.kpi_id})")
    if told:
        title = f"{title}\n{short(', '.join(told))}"
    there = [each for each in results if drawable(each)]
    if not there:
        return Panel(title, first.unit, bounds, absent=_why(first))
    series = series_of(Report(tuple(results)))
    if series:
        kept = [each for each in series if any(map(drawable, each.results))]
        lines = tuple((_label(each.newest), each) for each in kept)
        return Panel(title, first.unit, bounds, series=lines)
    # The largest on top, as a reader looks for it; equal ones by name.
    ordered = sorted(there, key=lambda each: (-(each.value or 0.0), _label(each)))
    return Panel(title, first.unit, bounds, bars=tuple((_label(each), each) for each in ordered))


def _label(result: Result) -> str:
    if not result.slice:
        return "all" if result.window is None else short(result.window.label)
    if len(result.slice) == 1:
        return short(slice_value(next(iter(result.slice.values()))))
    pairs = (f"{name}={slice_value(value)}" for name, value in result.slice.items())
    return short(", ".join(pairs))


def _narrowed(result: Result) -> tuple[str, ...]:
    return (*filters_of(result), *parameters_of(result))


def _why(result: Result) -> str:
    if result.value is not None:
        return f"{figures.figure(result.value, result.unit)} is too large to be drawn"
    code = "absent" if result.reason is None else result.reason.value
    return f"{visible(code)}: {visible(result.message or 'No more is known.')}"
