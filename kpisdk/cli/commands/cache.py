"""``kpisdk cache``: what is kept of earlier computations."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, table_format
from kpisdk.cli.table_output import show
from kpisdk.contracts.results import plain

OFF = "The cache is off: no results are kept. Settings: [cache] backend and enabled."


@click.group("cache")
def group() -> None:
    """Results that are kept to be served again."""


@group.command("info")
@table_format("table", "json")
@output_option
@click.pass_obj
def info(here: Installation, form: str, output: Path | None) -> None:
    """Where results are kept, how many, and how much room they take."""
    with here.workspace() as workspace:
        here.warn(workspace.registry)
        if workspace.cache is None:
            here.note(OFF)
            return
        told = {str(name): value for name, value in workspace.cache.info(datetime.now(UTC)).items()}
    rows = [{"fact": name, "value": plain(value)} for name, value in told.items()]
    show(here, rows, ("fact", "value"), form, output, told)


@group.command("clear")
@click.argument("kpi", required=False)
@click.pass_obj
def clear(here: Installation, kpi: str | None) -> None:
    """Drop the kept results of one KPI, or of all."""
    with here.workspace() as workspace:
        here.warn(workspace.registry)
        if workspace.cache is None:
            here.note(OFF)
            return
        kpi_id = None if kpi is None else workspace.registry.kpi(kpi).id
        dropped = workspace.cache.clear(kpi_id)
    what = "all KPIs" if kpi_id is None else kpi_id
    click.echo(f"{dropped} kept results of {what} dropped.")
