"""The scorecard on a terminal or in a pipe."""

from __future__ import annotations

import shutil
from io import StringIO
from typing import TYPE_CHECKING

from kpisdk.builtin.reports.explanations import explanations, summary
from kpisdk.builtin.reports.scorecard import STATUS, Column, columns
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


def render(report: Report, colour: bool, width: int | None = None) -> str:
    """A table of the results, the explanations below it, and a summary.

    Args:
        report: what to show.
        colour: whether terminal sequences may be used; a status is a word in any case.
        width: columns to fit; without one the terminal's, or as many as needed (120 or more)
            where there is no terminal. Ids, values and statuses are never cut or broken: where
            they need more room, the table is wider.
    """
    parts = [_table(report, colour, width)] if report.results else []
    notes = explanations(report)
    if notes:
        parts.append("".join(f"- {note}\n" for note in notes))
    parts.append("".join(f"{line}\n" for line in summary(report)))
    return "\n".join(parts)


def _table(report: Report, colour: bool, width: int | None) -> str:
    from rich.measure import Measurement

    table = _laid_out(report)
    wide = _console(colour, _UNBOUNDED)
    need = Measurement.get(wide, wide.options, table)
    wanted = width or shutil.get_terminal_size(fallback=(0, 0)).columns
    console = _console(colour, max(need.minimum, wanted or max(_PIPED, need.maximum)))
    console.print(table)
    drawn = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO, made below
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines() if line.strip())


def _laid_out(report: Report) -> Table:
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    shown = columns(report)
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    for column in shown:
        texts = [column.title, *(column.cell(result) for result in report.results)]
        table.add_column(
            column.title,
            # rich takes a cell's longest word for the least that it needs, no_wrap or not.
            min_width=max(map(cell_len, texts)) if column.whole else None,
            justify="right" if column.right else "left",
            no_wrap=column.whole,
            overflow="fold",
        )
    for result in report.results:
        table.add_row(*(Text(each.cell(result), _style(each, result)) for each in shown))
    return table


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
