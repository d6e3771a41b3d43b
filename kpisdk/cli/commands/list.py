"""``kpisdk list``: the registered KPIs."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.kpi_description import in_short, in_words
from kpisdk.cli.options import (
    language_option,
    output_option,
    table_format,
    wide_option,
    workstream_option,
)
from kpisdk.cli.record_tables import FOR_PEOPLE
from kpisdk.cli.table_output import show
from kpisdk.registry.offers import nothing_installed

COLUMNS = (
    "id",
    "name",
    "workstream",
    "unit",
    "direction",
    "target",
    "warning",
    "critical",
    "window",
)

LEFT_OUT_FIRST = ("window", "critical", "warning", "direction", "workstream", "target", "unit")
"""What a narrow list does without, the first to go first: ids stay, whole, one KPI a line."""


@click.command("list")
@workstream_option
@table_format()
@wide_option
@language_option
@output_option
@click.pass_obj
def command(
    here: Installation, workstream: str | None, form: str, wide: bool, output: Path | None
) -> None:
    """Registered KPIs, by workstream and id."""
    registry = here.registry
    here.warn()
    if not registry.kpis:
        here.note(nothing_installed())
    wanted = None if workstream is None else registry.workstream(workstream)
    rows = [
        in_short(kpi, registry) | (in_words(kpi, here.language) if form in FOR_PEOPLE else {})
        for kpi in registry.kpis.values()
        if wanted in (None, kpi.workstream)
    ]
    show(
        *(here, rows, COLUMNS, form, output),
        left_out_first=LEFT_OUT_FIRST,
        wide=wide,
        language=here.language,
    )
