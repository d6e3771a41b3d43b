"""``kpisdk plugin list``: the plugins that were found, and how they stand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, table_format
from kpisdk.cli.showing import show

COLUMNS = ("name", "distribution", "version", "state", "kpis", "error")


@click.group("plugin")
def group() -> None:
    """Plugins, and how they stand."""


@group.command("list")
@table_format()
@output_option
@click.pass_obj
def plugins(here: Installation, form: str, output: Path | None) -> None:
    """All plugins, also those that failed, with their errors."""
    registry = here.registry
    registry.complete()
    here.warn()
    counts = Counter(registry.owner(kpi_id).name for kpi_id in registry.kpis)
    rows = [
        {
            "name": each.name,
            "distribution": each.distribution,
            "version": each.version,
            "state": str(each.state),
            "kpis": counts[each.name],
            "error": None if each.error is None else here.redact(each.error),
        }
        for each in registry.plugins
    ]
    show(here, rows, COLUMNS, form, output)
