"""The scorecard on a terminal or in a pipe: fitted to a width, or with nothing left out."""

from __future__ import annotations

import os
from io import StringIO
from typing import TYPE_CHECKING

import attrs

from kpisdk.builtin.reports.absent_lines import absent_kpis, absent_lines
from kpisdk.builtin.reports.explanations import explanations, summary
from kpisdk.builtin.reports.fitting import folded, hanging, kept_columns, longest_part, output_width
from kpisdk.builtin.reports.period_notes import period_notes
from kpisdk.builtin.reports.scorecard import STATUS, THROUGH, WINDOW, Column, columns
from kpisdk.builtin.reports.trend_series import LONGEST, Series, marked_spark, series_of
from kpisdk.contracts.results import Report, Result
from kpisdk.contracts.vocabulary import Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_STYLES = {
    Status.GOOD: "green",
    Status.WARNING: "yellow",
    Status.CRITICAL: "bold red",
    Status.UNKNOWN: "magenta",
}
_PIPED = 120  # the least width where there is no terminal to fit
_UNBOUNDED = 100_000
_GAP, _NARROW_GAP = 3, 2

LEFT_OUT_FIRST = (THROUGH, WINDOW, "target", "name", "interval", "change", "trend")
"""The columns that a narrow table does without, the first to go first.

Ids, slices, periods, values and statuses stay.
"""

_FLOOR = 13  # a longer word is broken where room is scarce


def render(report: Report, colour: bool, width: int | None = None) -> str:
    """A table of the results, the explanations below it, and a summary.

    KPIs that are wholly absent are listed below the table by reason. Results of calendar buckets
    are shown as one row for each trend.

    Args:
        report: what to show.
        colour: whether terminal sequences may be used; a status is a word in any case.
        width: columns to fit; without one those of ``COLUMNS`` or of the terminal, or as many as
            needed (120 or more) where there is neither. Columns are then left out in the order of
            :data:`LEFT_OUT_FIRST`. Ids, values and statuses are never cut or broken: where they
            alone need more room, the table is wider.
    """
    limit = width or output_width(os.environ)
    absent = absent_kpis(report)
    trends = series_of(report)
    rows, extra, remarks = _chosen(report, absent, trends)
    parts = []
    if rows:
        shown = _with_trend(columns(attrs.evolve(report, results=rows)), extra)
        table, left_out = _fitted(shown, rows, colour, limit)
        parts.append(table)
        if left_out:
            remarks = (
                f"Left out for want of room: {', '.join(left_out)} (--wide shows them).",
                *remarks,
            )
    groups = [f"- {group}" for group in absent_lines(report)]
    parts += _paragraph(["Absent, by reason:", *groups] if groups else [], limit, "  ")
    noted = _noted(report, absent, rows)
    parts += _paragraph([f"- {note}" for note in period_notes(noted)], limit, "  ")
    parts += _paragraph([*remarks, *summary(report)], limit, "")
    return "\n".join(parts)


def render_wide(report: Report, colour: bool) -> str:
    """The same with nothing left out: all columns, a row per result, as wide as they need."""
    parts = []
    if report.results:
        parts.append(_drawn(_laid_out(columns(report), report.results, _GAP), colour, _PIPED))
    parts += _paragraph([f"- {note}" for note in explanations(report)], 0, "")
    parts += _paragraph(summary(report), 0, "")
    return "\n".join(parts)


def _chosen(
    report: Report, absent: frozenset[str], trends: tuple[Series, ...]
) -> tuple[tuple[Result, ...], dict[int, str], tuple[str, ...]]:
    """The results that have a row, the sparkline of each that has one, and what to say of it."""
    there = [result for result in report.results if result.kpi_id not in absent]
    ends = {id(each.newest): each for each in trends}
    rows = tuple(result for result in there if result.period is None or id(result) in ends)
    sparks = {key: marked_spark(each.values) for key, each in ends.items()}
    if len(rows) == len(there):
        return rows, {}, ()
    remark = "Each trend has one row, that of its newest period; --wide has a row for each period."
    longest = max(len(each.results) for each in trends)
    more = (f"A sparkline shows the last {LONGEST} periods.",) if longest > LONGEST else ()
    return rows, sparks, (remark, *more)


def _with_trend(shown: tuple[Column, ...], sparks: dict[int, str]) -> tuple[Column, ...]:
    if not sparks:
        return shown
    trend = Column("trend", lambda result: sparks.get(id(result), ""), whole=True)
    place = next(place for place, each in enumerate(shown) if each.title == "value")
    return (*shown[:place], trend, *shown[place:])


def _noted(report: Report, absent: frozenset[str], rows: tuple[Result, ...]) -> Report:
    """What is explained one by one: rows and gaps; why whole KPIs are absent is said already."""
    here = {id(result) for result in rows}
    results = [
        attrs.evolve(result, reason=None, message=None) if result.kpi_id in absent else result
        for result in report.results
        if id(result) in here or not result.ok
    ]
    return attrs.evolve(report, results=tuple(results))


def _paragraph(lines: list[str] | tuple[str, ...], limit: int, indent: str) -> list[str]:
    return [hanging(lines, limit or None, indent)] if lines else []


def _fitted(
    shown: tuple[Column, ...], rows: tuple[Result, ...], colour: bool, limit: int
) -> tuple[str, tuple[str, ...]]:
    """The table in at most ``limit`` columns where that can be, and the titles it left out."""
    whole = _laid_out(shown, rows, _GAP)
    if not limit or _needed(whole) <= limit:
        return _drawn(whole, colour, limit or _PIPED), ()
    short = tuple(
        each if each.short is None else attrs.evolve(each, cell=each.short) for each in shown
    )
    wants = {each.title: _widest(each, rows) for each in short}
    least = {
        each.title: wants[each.title] if each.whole else min(_longest(each, rows), _FLOOR)
        for each in short
    }
    kept = kept_columns(least, LEFT_OUT_FIRST, limit, _NARROW_GAP)
    room = limit - sum(least[title] for title in kept) - _NARROW_GAP * (len(kept) - 1)
    widths = {title: least[title] for title in kept}
    for title in kept:  # what is left goes to what is folded, from the left
        more = max(min(room, wants[title] - widths[title]), 0)
        widths[title] += more
        room -= more
    left = tuple(each for each in short if each.title in widths)
    table = _laid_out(left, rows, _NARROW_GAP, widths)
    told = tuple(each.title for each in shown if each.title not in widths)
    return _drawn(table, colour, limit), told


def _widest(column: Column, rows: tuple[Result, ...]) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, (column.title, *(column.cell(result) for result in rows))))


def _longest(column: Column, rows: tuple[Result, ...]) -> int:
    texts = (column.title, *(column.cell(result) for result in rows))
    return max(longest_part(text, _breaks_at_hyphens(column)) for text in texts)


def _breaks_at_hyphens(column: Column) -> bool:
    return column.title == "name"


def _needed(table: Table) -> int:
    from rich.measure import Measurement

    wide = _console(False, _UNBOUNDED)
    return Measurement.get(wide, wide.options, table).maximum


def _drawn(table: Table, colour: bool, width: int) -> str:
    console = _console(colour, max(width, _needed(table)))
    console.print(table)
    drawn = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO, made below
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines() if line.strip())


def _laid_out(
    shown: tuple[Column, ...],
    rows: tuple[Result, ...],
    gap: int,
    widths: dict[str, int] | None = None,
) -> Table:
    """The table; each column in its width where one is given, else in what it needs."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE,
        show_edge=False,
        pad_edge=False,
        header_style="bold",
        # One more column parts two columns: that of the rule below the head.
        padding=(0, 1, 0, gap - _NARROW_GAP),
    )
    for column in shown:
        wide = (widths or {}).get(column.title) or _widest(column, rows)
        table.add_column(
            "\n".join(folded(column.title, wide)),
            # rich takes a cell's longest word for the least that it needs, no_wrap or not.
            min_width=wide,
            max_width=wide,
            justify="right" if column.right else "left",
            no_wrap=column.whole,
            overflow="fold",
        )
    for result in rows:
        cells = (
            Text("\n".join(_lines(each, result, widths)), _style(each, result)) for each in shown
        )
        table.add_row(*cells)
    return table


def _lines(column: Column, result: Result, widths: dict[str, int] | None) -> list[str]:
    text = column.cell(result)
    if column.whole or widths is None:
        return [text]
    return folded(text, widths[column.title], at_hyphens=_breaks_at_hyphens(column))


def _style(column: Column, result: Result) -> str:
    return _STYLES[result.status] if column.title == STATUS else ""


def _console(colour: bool, width: int) -> Console:
    from rich.console import Console

    # Everything is said here, so that no variable of the environment changes a report.
    return Console(
        file=StringIO(),
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
