"""A table of records in its format, to stdout or a file; wrapped on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kpisdk.cli.installation import Installation
from kpisdk.cli.output import deliver
from kpisdk.cli.record_tables import Row, render, shown
from kpisdk.cli.terminal import has_colour, is_watched


def show(
    here: Installation,
    rows: Sequence[Row],
    columns: Sequence[str],
    form: str,
    output: Path | None = None,
    document: Any = None,
) -> None:
    """Deliver records in a format; a table on a watched terminal is wrapped to its width."""
    if form == "table" and output is None and is_watched(sys.stdout, here.environ):
        deliver(_wrapped(here, rows, columns), None)
    else:
        deliver(render(rows, columns, form, document), output)


def _wrapped(here: Installation, rows: Sequence[Row], columns: Sequence[str]) -> str:
    # Only here, because rich costs as much to import as the whole of `kpisdk list`.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(row.get(column))) for column in columns))
    console = Console(file=sys.stdout, no_color=not has_colour(sys.stdout, here.environ))
    with console.capture() as captured:
        console.print(table)
    return captured.get()
