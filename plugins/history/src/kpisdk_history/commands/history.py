"""``kpisdk history``: what was recorded of a KPI, and what of it was restated since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpisdk import Grain
from kpisdk.command_line import (
    Installation,
    output_option,
    pairs,
    show,
    table_format,
    wide_option,
)
from kpisdk.reporting import instant

if TYPE_CHECKING:
    from kpisdk_history.timeline import History


@click.command("history")
@click.argument("kpi", metavar="KPI")
@click.option("--by", multiple=True, metavar="COLUMN", help="As recorded by that column.")
@click.option(
    "--where",
    multiple=True,
    callback=pairs,
    metavar="COLUMN=VALUE",
    help="As recorded with that filter, or only that slice of --by.",
)
@click.option("--since", metavar="T", help="Windows that end after it: 2026-03-01, or 90d.")
@click.option("--known-at", metavar="T", help="What was known then, and nothing recorded later.")
@click.option(
    "--grain", type=click.Choice([each.value for each in Grain]), help="As recorded with it."
)
@click.option("--window", metavar="W", help="As recorded with that moving window.")
@click.option("--restated", is_flag=True, help="Only the figures that were restated: old and new.")
@click.option("--store", metavar="URL|FILE", help="Where runs are kept; by default the settings'.")
@table_format()
@wide_option
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    kpi: str,
    by: Sequence[str],
    where: Mapping[str, Sequence[str]],
    since: str | None,
    known_at: str | None,
    grain: str | None,
    window: str | None,
    restated: bool,
    store: str | None,
    form: str,
    wide: bool,
    output: Path | None,
) -> None:
    """What the periods of a KPI are worth, as recorded; nothing is computed.

    A table shows one line a period, with --by one line a slice with its trend; json, jsonl and csv
    hold every point. A period that nobody recorded is told as missing. A figure that was restated
    and a definition that changed are marked.
    """
    from kpisdk_history.timeline import history

    here = ctx.ensure_object(Installation)
    with here.workspace() as workspace:
        here.warn(workspace.registry)
        found = history(
            workspace,
            kpi,
            by=by,
            where=where,
            since=since,
            known_at=known_at,
            grain=grain,
            window=window,
            store=store,
        )
    _tell(here, found)
    if restated:
        _show_restated(here, found, form, output, wide)
    else:
        _show(here, found, form, output, wide)


def _show(here: Installation, found: History, form: str, output: Path | None, wide: bool) -> None:
    from kpisdk_history.timeline import history_tables as tables

    if form in ("json", "jsonl", "csv"):
        rows = found.rows()
        columns = list(dict.fromkeys(name for row in rows for name in row))
        show(here, rows, columns, form, output, wide=wide, document=found.to_dict())
        return
    if len(found.series) == 1:
        (series,) = found.series
        here.note(f"{found.kpi_id} {found.name}, {found.cut.words}: {tables.trend(series)}")
        show(here, tables.point_table(found, series), tables.POINT_COLUMNS, form, output, wide=wide)
        return
    here.note(f"{found.kpi_id} {found.name}, {found.cut.words}")
    show(here, tables.series_table(found), tables.SERIES_COLUMNS, form, output, wide=wide)


def _show_restated(
    here: Installation, found: History, form: str, output: Path | None, wide: bool
) -> None:
    from kpisdk_history.timeline import history_tables as tables

    if form in ("json", "jsonl", "csv"):
        rows = found.restated_rows()
        columns = list(dict.fromkeys(name for row in rows for name in row))
        show(here, rows, columns or ["kpi_id"], form, output, wide=wide)
        return
    if not found.restatements:
        here.note(f"Nothing of {found.kpi_id}, {found.cut.words}, was restated.")
    show(here, tables.restated_table(found), tables.RESTATED_COLUMNS, form, output, wide=wide)


def _tell(here: Installation, found: History) -> None:
    if not found.is_installed:
        here.note(f"{found.kpi_id} is not installed any more; this is what was recorded of it.")
    for each in found.outages[-5:]:
        here.note(f"The source was away when it was recorded at {instant(each)}.")
    if found.others:
        words = "; ".join(each.words for each in found.others[:5])
        here.note(f"Also recorded: {words}. Choose with --by, --where, --grain or --window.")
