"""A table of records in its format, to stdout or a file; fitted to the terminal that it goes to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from kpisdk.builtin.reports.fitting import kept_columns, output_width
from kpisdk.cli.installation import Installation
from kpisdk.cli.output import deliver
from kpisdk.cli.record_tables import GAP, Row, render, shown, width
from kpisdk.cli.terminal import is_watched


def show(
    here: Installation,
    rows: Sequence[Row],
    columns: Sequence[str],
    form: str,
    output: Path | None = None,
    document: Any = None,
    *,
    left_out_first: Sequence[str] = (),
    wide: bool = False,
) -> None:
    """Deliver records in a format; a table on a terminal fits its width.

    Args:
        here: the installation.
        rows: the records.
        columns: the keys to show, in order; what stands in the first one is never broken.
        form: the format.
        output: the file to write to, instead of standard output.
        document: what ``json`` holds instead of the list of records.
        left_out_first: the columns that a narrow table does without, the first to go first.
        wide: leave no column out, and break no line.
    """
    room = 0 if wide or form != "table" or output is not None else output_width(here.environ)
    if not room:
        deliver(render(rows, columns, form, document), output)
        return
    widest = {
        column: max(width(title(column)), *(width(shown(row.get(column))) for row in rows), 0)
        for column in columns
    }
    kept = kept_columns(widest, left_out_first, room, len(GAP))
    fits = sum(widest[each] for each in kept) + len(GAP) * (len(kept) - 1) <= room
    # Lines are broken for eyes alone: what reads a pipe wants a record in each.
    if fits or not is_watched(sys.stdout, here.environ):
        deliver(render(rows, kept, form), None)
    else:
        deliver(_folded(rows, kept, widest, room), None)
    missing = ", ".join(title(each) for each in columns if each not in kept)
    if missing:
        here.say(f"Left out for want of room: {missing} (--wide shows them).")


def title(column: str) -> str:
    """How a column of a table is called."""
    return column.replace("_", " ")


def _folded(rows: Sequence[Row], columns: Sequence[str], widest: dict[str, int], room: int) -> str:
    """A table whose cells are broken over lines, but for those of the first column."""
    # Only here, because rich costs as much to import as the whole of `kpisdk list`.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, len(GAP), 0, 0))
    for place, column in enumerate(columns):
        least = widest[column] if place == 0 else None
        table.add_column(title(column), min_width=least, no_wrap=place == 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(row.get(column))) for column in columns))
    out = StringIO()
    need = widest[columns[0]] + sum(len(GAP) + 1 for _ in columns[1:])
    Console(file=out, width=max(room, need), no_color=True, _environ={}).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())
