"""Which columns people see of a report, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from kpisdk.builtin.reports import figure_text as figures
from kpisdk.builtin.reports.escaping import slice_value, visible
from kpisdk.contracts.results import Comparison, Report, Result
from kpisdk.contracts.translations import ENGLISH, Language
from kpisdk.contracts.vocabulary import Unit

STATUS = "status"
"""Title of the column that formats colour."""

WINDOW = "window"
"""Title of the column that formats may say more about."""

THROUGH = "data through (UTC)"
"""Title of the column of the newest instants."""


_FIGURES = ("value", "interval", "target", "change")


@attrs.frozen
class Column:
    """A column: its title, the text of a result in it, and how it is set.

    ``whole`` cells are never broken over lines; ``right`` ones are numbers. ``short`` is what
    stands in a cell where room is scarce, without what another column says too. ``heading`` is the
    title in the language that people are answered in.
    """

    title: str
    cell: Callable[[Result], str]
    whole: bool = False
    right: bool = False
    short: Callable[[Result], str] | None = None
    heading: str = attrs.field(default=attrs.Factory(lambda self: self.title, takes_self=True))


def columns(report: Report, language: Language = ENGLISH) -> tuple[Column, ...]:
    """The columns of a report; slices, periods and comparisons have one where there are any.

    Args:
        report: what is shown.
        language: that of headings, words and figures; names and slices are what they are.
    """
    fixed = [
        Column("value", _value, whole=True, right=True),
        Column("interval", _interval, whole=True, short=_ends),
        Column(STATUS, _status, whole=True),
        Column("target", _target, whole=True),
        Column(WINDOW, _window),
        Column(THROUGH, _data_through),
    ]
    if any(result.period is not None for result in report.results):
        fixed.insert(0, Column("period", _period, whole=True))
    if any(result.comparison is not None for result in report.results):
        fixed.append(Column("change", _change, whole=True))
    first = [Column("id", _id, whole=True), Column("name", _name)]
    taken = {column.title for column in (*first, *fixed)}
    slices = [_slice_column(name, taken) for name in slice_names(report)]
    if language.is_own:
        return (*first, *slices, *fixed)
    named = (attrs.evolve(each, heading=language.word(each.title)) for each in first)
    return (*named, *slices, *(_in_language(each, language) for each in fixed))


def _in_language(column: Column, language: Language) -> Column:
    def told(cell: Callable[[Result], str]) -> Callable[[Result], str]:
        if column.title not in _FIGURES:
            return lambda result: language.word(cell(result))
        return lambda result: language.figures(language.word(cell(result)))

    short = None if column.short is None else told(column.short)
    heading = language.word(column.title)
    return attrs.evolve(column, heading=heading, cell=told(column.cell), short=short)


def slice_names(report: Report) -> tuple[str, ...]:
    """The slice columns that occur in a report, in order of appearance."""
    return tuple(dict.fromkeys(name for result in report.results for name in result.slice))


def subject(result: Result) -> str:
    """Which result it is: ``WS2-TR-004 brand=Kisqali 2026-02``."""
    pairs = (f"{name}={slice_value(value)}" for name, value in result.slice.items())
    parts = (result.kpi_id, ", ".join(pairs), result.period or "")
    return visible(" ".join(part for part in parts if part))


def _slice_column(name: str, taken: set[str]) -> Column:
    def cell(result: Result) -> str:
        return visible(slice_value(result.slice[name])) if name in result.slice else ""

    return Column(visible(f"slice {name}" if name in taken else name), cell)


def _id(result: Result) -> str:
    return visible(result.kpi_id)


def _name(result: Result) -> str:
    return visible(result.name)


def _period(result: Result) -> str:
    return visible(result.period or "")


def _value(result: Result) -> str:
    if result.value is None:
        return "absent"
    return figures.figure(result.value, result.unit, figures.bounds_of(result.thresholds))


def _interval(result: Result) -> str:
    if result.interval is None:
        reason = result.interval_reason
        return "" if reason is None else reason.value.replace("_", " ")
    return figures.span(result.interval, result.unit, figures.bounds_of(result.thresholds))


def _ends(result: Result) -> str:
    """The interval without its unit, which stands behind the value."""
    if result.interval is None:
        return _interval(result)
    return figures.ends(result.interval, result.unit, figures.bounds_of(result.thresholds))


def _status(result: Result) -> str:
    return f"{result.status.value}{' (undecided)' if result.decided is False else ''}"


def _target(result: Result) -> str:
    return "" if result.thresholds is None else figures.target(result.thresholds, result.unit)


def _window(result: Result) -> str:
    return "not applicable" if result.window is None else visible(result.window.label)


def _data_through(result: Result) -> str:
    through = "" if result.data_through is None else figures.instant(result.data_through)
    return f"{through} (stale)".strip() if result.stale else through


def _change(result: Result) -> str:
    return "" if result.comparison is None else compared(result.comparison, result.unit)


def compared(comparison: Comparison, unit: Unit) -> str:
    """A change against another period: amount, share, interval, and whether its sign is open."""
    since = visible(comparison.period or comparison.window.label)
    amount: Any = comparison.change
    if amount is None:
        return f"no change known from {since}"
    share = "" if comparison.relative is None else f" ({figures.percent(comparison.relative)})"
    ends = (
        "" if comparison.interval is None else f" {figures.change_span(comparison.interval, unit)}"
    )
    open_sign = " (undecided)" if comparison.decided is False else ""
    return f"{figures.change(amount, unit)}{share}{ends}{open_sign} from {since}"
