"""``kpisdk show``: one KPI, everything its record holds."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.kpi_description import flat, in_full
from kpisdk.cli.options import output_option, table_format
from kpisdk.cli.table_output import show


@click.command("show")
@click.argument("kpi")
@table_format()
@output_option
@click.pass_obj
def command(here: Installation, kpi: str, form: str, output: Path | None) -> None:
    """One KPI: everything its record holds."""
    registry = here.registry
    here.warn()
    whole = in_full(registry.kpi(kpi), registry)
    # A record is one document in JSON, and a list of its fields everywhere else.
    rows = [{"field": field, "value": value} for field, value in flat(whole)]
    show(here, [whole] if form == "jsonl" else rows, ("field", "value"), form, output, whole)
